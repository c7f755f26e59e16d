"""docs/reference/configuration.md names every key of config.toml with its type and default, and none that is not."""

from __future__ import annotations

import json
import re
import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from newsletter import config
from newsletter.config import Config, Rule, Settings, Text
from newsletter.configfile import parse
from tests.docs.pages import PAGES, ROOT, blocks, codes, read, sections

PAGE = "docs/reference/configuration.md"
Key = tuple[str, str, str, str]

WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Text: "words",
    bool | None: "true, false or nothing",
    tuple[str, ...]: "list of texts",
    tuple[int, ...]: "list of whole numbers",
    dict[str, str]: "table of texts",
    Rule | tuple[Rule, ...]: "filter",
}


def is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Settings)


def keys(kind: type[Settings], where: str = "") -> Iterator[Key]:
    """Yield table, key, type and default of everything that a publication may write."""
    hints = typing.get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        hint, path = hints[field.name], f"{where}.{field.name}".lstrip(".")
        inside = [part for part in typing.get_args(hint) if is_table(part)]
        if (where, field.name) == ("", "root"):
            continue
        if is_table(hint):
            yield from keys(hint, path)
        elif inside:
            where_inside = {dict: f"{path}.NAME", tuple: f"[{path}]"}.get(typing.get_origin(hint), path)
            yield from keys(inside[0], where_inside)
        else:
            yield where, field.name, typed(hint), default(field)


def typed(hint: object) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return " or ".join(f'`"{value}"`' for value in typing.get_args(hint))
    if typing.get_origin(typing.get_args(hint)[0] if typing.get_args(hint) else None) is typing.Literal:
        return "list of texts"
    return WORDS[hint]


def default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default
    if field.default_factory is dict:
        return "–"
    if value in ("", ()) or isinstance(value, types.NoneType):
        return "–"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{str(value).lower()}`"


def documented() -> Iterator[Key]:
    for section in sections(read(PAGE)):
        table = re.fullmatch(r"`\[(.+)\]`", section.heading)
        for key, kind, preset, _ in section.rows() if table else ():
            yield table[1], key.strip("`"), kind, preset


def test_every_key_is_documented_as_it_is() -> None:
    known, told = set(keys(Config)), list(documented())
    assert len(told) == len(set(told)), "a key is documented twice"
    assert sorted(known - set(told)) == [], "missing, or with another type or default"
    assert sorted(set(told) - known) == [], "documented, but not so in newsletter/config.py"


def test_every_key_has_a_meaning() -> None:
    rows = [row for section in sections(read(PAGE)) if section.heading.startswith("`[") for row in section.rows()]
    assert rows
    assert [row for row in rows if len(row) != 4 or len(row[3]) < 10] == []


def test_every_environment_variable_is_documented() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "newsletter").rglob("*.py"))
    told = {name for name in codes(read(PAGE)) if re.fullmatch(r"NEWSLETTER_[A-Z_]+", name)}
    assert told == set(re.findall(r"NEWSLETTER_[A-Z_]+\b", sources))


def test_every_reserved_word_is_documented() -> None:
    told = next(section for section in sections(read(PAGE)) if section.heading == "Names that are taken")
    assert set(codes(told.text)) == config.RESERVED


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page.read_text("utf-8"), "toml")], ids=lambda p: p.name
)
def test_examples_of_configuration_are_accepted(page: Path) -> None:
    written = "\n".join(blocks(page.read_text(encoding="utf-8"), "toml"))
    given = tomllib.loads(written)
    site = {"name": "Centre de ressources", "url": "https://www.example.org"} | given.get("site", {})
    parse(given | {"site": site})
