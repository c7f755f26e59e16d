"""The pages hang together: every link, file, module and table that they name is there, and every page can be found."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from newsletter.store.schema import metadata
from tests.docs.pages import PAGES, ROOT, anchors, codes, links, prose, read, sections

page_by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def targets(page: Path) -> list[tuple[Path, str]]:
    """The files of the project, and places in them, to which a page links."""
    inside = [link for link in links(page.read_text(encoding="utf-8")) if "://" not in link]
    parts = [link.partition("#") for link in inside]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in parts]


@page_by_page
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in targets(page):
        assert target.is_relative_to(ROOT), target
        assert target.exists(), target
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{target}#{anchor}"


@page_by_page
def test_files_and_modules_that_are_named_are_there(page: Path) -> None:
    named = [code for code in codes(page.read_text(encoding="utf-8")) if re.fullmatch(r"[\w./-]+", code)]
    for path in (code for code in named if re.match(r"(?:newsletter|tests|docs|examples|benchmarks)/", code)):
        assert (ROOT / path).exists(), path
    for dotted in (code for code in named if re.match(r"newsletter\.\w", code) and not code.endswith(".db")):
        assert _is_there(dotted), dotted


def _is_there(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    try:
        return hasattr(import_module(module), name) or bool(import_module(dotted))
    except ModuleNotFoundError:
        return False


@page_by_page
def test_no_path_of_a_machine(page: Path) -> None:
    assert (
        re.findall(r"(?<![\w.])(?:/(?:home|root|work|tmp|Users|var|opt)/|[A-Z]:\\|~/)\S*", page.read_text("utf-8"))
        == []
    )


@page_by_page
def test_addresses_are_nobody_s(page: Path) -> None:
    hosts = re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", page.read_text(encoding="utf-8"))
    assert [host for host in hosts if not re.search(r"(?:^|\.)example\.(?:org|com)$|\.(?:test|invalid)$", host)] == []


@page_by_page
def test_a_page_has_one_title_and_no_level_is_skipped(page: Path) -> None:
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(page.read_text(encoding="utf-8")), re.MULTILINE)]
    assert levels.count(1) == 1
    assert [after for before, after in pairwise(levels) if after > before + 1] == []


def test_every_page_is_linked_from_an_index() -> None:
    indexes = [ROOT / "README.md", ROOT / "docs/README.md", ROOT / "docs/adr/README.md"]
    linked = {target for index in indexes for target, _ in targets(index)}
    assert [page for page in PAGES if page not in linked and page != ROOT / "README.md"] == []


def test_pages_that_the_program_names_are_there() -> None:
    for path in (ROOT / "newsletter").rglob("*.py"):
        for named in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / named).exists(), f"{path}: {named}"


def test_decisions_are_numbered_short_and_say_context_decision_and_consequence() -> None:
    pages = sorted((ROOT / "docs/adr").glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    index = {row[0]: row[1] for section in sections(read("docs/adr/README.md")) for row in section.rows()}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        title, *rest = [section.heading for section in sections(text)]
        assert rest == ["Context", "Decision", "Consequence"], page
        assert title == f"{page.name[:4]}. {index[f'[{page.name[:4]}]({page.name})']}"
        assert 15 <= len(text.splitlines()) <= 40, page


def test_the_glossary_names_every_table() -> None:
    rows = [row for section in sections(read("docs/glossary.md")) for row in section.rows()]
    assert {name for row in rows for name in codes(row[3])} == set(metadata.tables)
    assert [row[0] for row in rows if not codes(row[2])] == []
