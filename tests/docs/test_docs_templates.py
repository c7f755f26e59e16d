"""docs/reference/templates.md names what templates are really given: pieces, variables, slots, placeholders."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import pytest
from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_NAMESPACE

from newsletter.brand import Brand, palette
from newsletter.catalogue import words
from newsletter.configfile import parse
from newsletter.digest import master as mastering
from newsletter.digest import press, subject
from newsletter.digest.facts import Download, Facts, Picture
from newsletter.digest.letter import Contents
from newsletter.digest.pieces import BLOCKS
from newsletter.feeds.tree import Feed
from newsletter.pages import Pages
from newsletter.pages.approval import Approval
from newsletter.pages.following import Offer, Way
from newsletter.phrases import Leaf
from newsletter.shipped import templates as shipped
from tests.docs.pages import blocks, codes, read, sections
from tests.letters import ARTICLES, CONTENTS, NONCE, at, templates

PAGE = read("docs/reference/templates.md")
Printed = dict[str, dict[str, object]]


def rows(heading: str) -> list[list[str]]:
    return next(section.rows() for section in sections(PAGE) if section.heading == heading)


def first_column(heading: str) -> list[str]:
    return [row[0].strip("`") for row in rows(heading)]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What an issue's pieces are given when it is printed, by their file."""
    given: Printed = {}
    really = press.printed

    def spy(environment: Any, name: str, variables: Mapping[str, object]) -> str:
        given[name] = {**variables}
        return really(environment, name, variables)

    monkeypatch.setattr(press, "printed", spy)
    mastering.master(CONTENTS, "fr", NONCE, templates())
    return given


def test_pieces_with_their_variables_and_slots(printed: Printed) -> None:
    constant = set(first_column("What every piece knows"))
    told = {row[0].strip("`"): (set(codes(row[2])), set(codes(row[3]))) for row in rows("The letter is made of pieces")}
    for kind in ("html", "txt"):
        really = {}
        for name, given in printed.items():
            if name.endswith(kind):
                slots = {key for key, value in given.items() if isinstance(value, press.Slot)}
                really[name.partition(".")[0]] = (set(given) - slots - constant, slots)
        assert {name: told[name] for name in told if kind == "html" or name != "light"} == really


def test_what_every_piece_knows(printed: Printed) -> None:
    always = set.intersection(*(set(given) for given in printed.values()))
    assert set(first_column("What every piece knows")) == always


def test_facts_of_the_issue(printed: Printed) -> None:
    assert first_column("Of the issue") == [f"issue.{key}" for key in printed["page.html"]["issue"]]


def test_facts_of_an_article() -> None:
    told = rows("Of an article")
    assert [row[0].strip("`") for row in told] == [f"article.{field.name}" for field in dataclasses.fields(Facts)]
    by_name = {row[0].strip("`"): set(codes(row[1])) for row in told}
    assert by_name["article.picture"] == {field.name for field in dataclasses.fields(Picture)}
    assert by_name["article.leaf"] == {field.name for field in dataclasses.fields(Leaf)}
    assert by_name["article.files"] == {field.name for field in dataclasses.fields(Download)}


def test_the_palette_of_style_sheets() -> None:
    told = {name.removeprefix("--") for name in first_column("The style sheet")}
    assert {name.removeprefix("dark-") for name in palette(Brand())} == told
    style = templates()["style.css"]
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) >= set(palette(Brand()))
    assert "#" not in re.sub(r"#ffffff|/\*.*?\*/", "", style, flags=re.DOTALL), "a colour beside the palette"


def test_words_that_are_named_exist() -> None:
    named = {code.partition(".")[2] for code in codes(PAGE) if code.startswith("words.")}
    assert named
    assert {name for name in named if name not in words("letter", "fr")} == set()


def test_filters_of_our_own() -> None:
    assert set(first_column("Filters")) == set(press.environment({}).filters) - set(DEFAULT_FILTERS)


def test_slots_that_must_be_printed(printed: Printed) -> None:
    slots = {key for given in printed.values() for key, value in given.items() if isinstance(value, press.Slot)}
    often = {row[0].strip("`"): row[1] for row in rows("Slots")}
    assert set(often) == slots
    assert {slot for slot, how in often.items() if how == "once"} == set(BLOCKS)
    assert {slot for slot, how in often.items() if how == "at least once"} == set(mastering.NEEDED)


def test_selectors_that_are_not_allowed() -> None:
    line = PAGE.partition("look at neighbours: ")[2].partition("\n  They")[0].partition("They")[0]
    named = codes(line)
    assert len(named) > 5
    assert [name for name in named if not press.stylesheet.structural(f".a{name}.b {{ margin: 0 }}")] == []


class Everything(str):
    """A pattern that names every placeholder there is."""

    __slots__ = ()

    def __contains__(self, _: object) -> bool:
        return True


def test_placeholders_of_the_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(subject, "printed", lambda made, name, values: given.extend(values) or "")
    contents: Contents = dataclasses.replace(CONTENTS, subject=Everything("x"))
    subject.subject(contents, ARTICLES, 3, "fr", templates())
    assert sorted(first_column("The subject")) == sorted(given)


def test_pages_of_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, set[str]] = {}

    def spy(pages: Pages, template: str, root: str, **values: object) -> str:
        given[f"{template}.html"] = {*values}
        return ""

    monkeypatch.setattr(Pages, "_printed", spy)
    pages = Pages(parse({"site": {"name": "Centre de ressources", "url": "https://www.example.org"}}), [])
    pages.article(ARTICLES[0])
    pages.index([], [])
    pages.topic(Feed("all", "Toutes les publications"), [], [])
    pages.issue("La lettre", "lettre/2024-04-02", at(2024, 4, 2), [])
    pages.approval(Approval("", "", "", False, None, False, 0, "", "", "", "", (), ()), "")
    pages._templates.globals["card"](ARTICLES[0], "")
    assert {row[0].strip("`"): set(codes(row[2])) for row in rows("The pages of the web")} == given
    known = {code.partition("(")[0] for code in first_column("What every page knows")}
    assert known == {*pages._templates.globals, "root"} - set(DEFAULT_NAMESPACE)


def test_facts_of_the_web() -> None:
    unsaid = {"filters", "archived", "name", "page"}
    for heading, given, but in (
        ("Of a topic", Feed, unsaid),
        ("Of a draft", Approval, set()),
        ("Of a document that programs read", Way, set()),
        ("Of a letter", Offer, set()),
    ):
        told = {name.rpartition(".")[2] for name in first_column(heading)}
        really = {field.name for field in dataclasses.fields(given)}
        really |= {name for name, value in vars(given).items() if isinstance(value, property)}
        assert told == really - but


def test_colours_of_the_pages() -> None:
    page = read("docs/howto/pages.md")
    style = (shipped() / "web/style.css").read_text(encoding="utf-8")
    told = {row[0].strip("`") for section in sections(page) for row in section.rows()}
    assert told == set(re.findall(r"(--\w+):", style))
    for example in blocks(page, "css"):
        assert set(re.findall(r"(--\w+):", example)) <= told
