"""The lines of a page and what each became; the links among their words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from newsletter.intake.identity import path
from newsletter.intake.wording import fold, level
from newsletter.model import Part

LINK = re.compile(r"\[(?P<label>(?:[^\[\]\\]|\\.)*)\]\((?P<href>[^()\s]*)\)(?:\s*\[(?P<number>\d{1,5})\])?")


@dataclass(slots=True)
class Line:
    """One line: ``raw`` as it was written with its end, ``text`` for matching, ``kind`` once it is known."""

    raw: str
    text: str
    kind: str = ""

    @property
    def open(self) -> bool:
        """Whether the line has words and nobody took it yet."""
        return bool(self.text) and not self.kind


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines that belong together: a paragraph, or the part of one that begins with a label."""

    lines: tuple[Line, ...]
    gap: int = 0

    @property
    def text(self) -> str:
        """The words on one line."""
        return " ".join(line.text for line in self.lines)

    def take(self, kind: str) -> None:
        """Say what these lines became."""
        for line in self.lines:
            line.kind = kind


@dataclass(frozen=True, slots=True)
class Link:
    """A link among the words: its label and where it leads, if the page says so."""

    label: str
    url: str

    @property
    def button(self) -> bool:
        """Whether it is part of the site's interface (a bookmark button), no link of the author's."""
        scripted = path(self.url).lstrip("/").lower().startswith("javascript:")
        return scripted or fold(self.label).startswith("favoris")


class Links(dict[str, str]):
    """The table at the end of the page: addresses by number."""

    def of(self, match: re.Match[str]) -> Link:
        """Return the link of a match of ``LINK``; an href that the conversion left there counts without a number."""
        href = match["href"] if re.match(r"https?://|mailto:", match["href"]) else ""
        return Link(re.sub(r"\\(.)", r"\1", match["label"]).strip(), self.get(match["number"] or "", href))

    def all(self, text: str) -> list[Link]:
        """Return the links in some words, in order."""
        return [self.of(match) for match in LINK.finditer(text)]


def split(text: str) -> list[Line]:
    """Return the lines of a decoded page; their raw texts join to exactly that page."""
    raws = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)
    return [Line(raw, level(raw)) for raw in raws]


def units(lines: Iterable[Line], begins: Callable[[str], bool] = lambda _: False) -> list[Unit]:
    """Return the open lines as paragraphs, parted also before each line of which ``begins`` is true."""
    found: list[Unit] = []
    run: list[Line] = []
    gap = before = 0
    for line in (*lines, Line("", "")):
        if run and (not line.open or begins(line.text)):
            found.append(Unit(tuple(run), before))
            run, gap = [], 0
        if line.open:
            before = before if run else gap
            run.append(line)
        else:
            gap += 1
    return found


def parts(lines: Sequence[Line]) -> Iterator[Part]:
    """Yield the runs of lines of one kind; joined, they are the page again."""
    for kind, run in groupby(lines, lambda line: line.kind or ("unparsed" if line.text else "blank")):
        yield Part(kind, "".join(line.raw for line in run))


def plain(text: str) -> str:
    """Return words without links and bold marks."""
    return re.sub(r"\*\*|\^\{([^{}]*)\}", r"\1", LINK.sub(r"\g<label>", text)).strip()


def missing(lines: Iterable[Line], links: Mapping[str, str]) -> list[str]:
    """Return the numbers that the words use and the table lacks."""
    used = (match["number"] for line in lines for match in LINK.finditer(line.text) if match["number"])
    return [number for number in dict.fromkeys(used) if number not in links]
