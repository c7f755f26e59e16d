"""The project's Markdown as the tests read it: pages, headings, tables, links and blocks of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it, down to the next heading of any level."""

    heading: str
    text: str

    def rows(self) -> list[list[str]]:
        """The body rows of the section's tables, a list of cells each."""
        lines = [line for line in self.text.splitlines() if line.startswith("|")]
        split = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
        rules = [index for index, cells in enumerate(split) if set("".join(cells)) <= set("-: ")]
        return [cells for index, cells in enumerate(split) if index not in rules and index + 1 not in rules]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """The blocks of code of one language."""
    return [body for name, body in _FENCED.findall(text) if name == language]


def links(text: str) -> list[str]:
    """Where the links of a page lead, as they are written."""
    return _LINK.findall(prose(text))


def sections(text: str) -> Iterator[Section]:
    found = list(_HEADING.finditer(bare := prose(text)))
    ends = [match.start() for match in found[1:]] + [len(bare)]
    for match, end in zip(found, ends, strict=True):
        yield Section(match[2].strip(), bare[match.end() : end])


def anchors(text: str) -> set[str]:
    """The fragments that a page's headings can be reached by, as GitHub makes them."""
    words = (re.sub(r"[^\w\- ]", "", section.heading.lower()) for section in sections(text))
    return {word.replace(" ", "-") for word in words}


def codes(text: str) -> list[str]:
    """What stands between single backticks, outside blocks of code."""
    return re.findall(r"`([^`\n]+)`", prose(text))
