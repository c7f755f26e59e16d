"""The lines of a page and what each became; the links among their words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from newsletter.intake.identity import path
from newsletter.intake.wording import fold, level
from newsletter.model import Part

# The bound on the label keeps a page of nothing but brackets from costing the square of its length.
LINK = re.compile(
    r"(?<!\\)\[(?P<label>(?:[^\[\]\\]|\\[\s\S]){0,500})\]"
    r"\((?P<href>(?:[^()\s]|\([^()\s]*\)){0,2000})\)(?:\s*\[(?P<number>\d{1,5})\])?"
)
_MARKS = re.compile(r"\*\*|\^\{([^{}]*)\}")
_BLANK = re.compile(r"\s*")
RULE = re.compile(r"[-_*=─](?:\s?[-_*=─]){2,}")
_BOOKMARK = re.compile(r"(?:ajouter aux |add to )?(?:favoris|favorites|bookmarks?)[\W\d]*")


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
    def words(self) -> str:
        """The label without bold marks."""
        return _MARKS.sub(r"\1", self.label).strip()

    @property
    def button(self) -> bool:
        """Whether it is part of the site's interface (a bookmark button), no link of the author's."""
        scripted = any(place.strip("/ ").lower().startswith("javascript:") for place in (self.url, path(self.url)))
        return scripted or _BOOKMARK.fullmatch(fold(self.label)) is not None


class Links(dict[str, str]):
    """The table at the end of the page: addresses by number."""

    def of(self, match: re.Match[str]) -> Link:
        """Return the link of a match of ``LINK``; an href that the conversion left there counts without a number."""
        href = match["href"] if re.match(r"https?://|mailto:", match["href"]) else ""
        return Link(re.sub(r"\\(.)", r"\1", match["label"]).strip(), self.get(match["number"] or "", href))

    def all(self, text: str) -> list[Link]:
        """Return the links in some words, in order."""
        return [self.of(match) for match in LINK.finditer(text)]

    def plain(self, text: str) -> str:
        """Return words without buttons, the addresses of links, and bold marks."""
        said = LINK.sub(lambda match: "" if self.of(match).button else match["label"], text)
        return _MARKS.sub(r"\1", said).strip()


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


def parts(lines: Sequence[Line], links: Links) -> Iterator[Part]:
    """Yield the runs of lines of one kind, the buttons in them apart; joined, they are the page again.

    The page is what ``decode`` returned: line ends, spaces, accents and control characters as they came, without a
    byte order mark.
    """
    for kind, run in groupby(lines, lambda line: line.kind or ("unparsed" if line.text else "blank")):
        raw = "".join(line.raw for line in run)
        yield from [Part(kind, raw)] if kind in ("file", "links", "ui") else _parted(kind, raw, links)


def _parted(kind: str, raw: str, links: Links) -> Iterator[Part]:
    """Yield a run with its buttons, and the spaces after them, as parts of the interface."""
    start = 0
    for match in LINK.finditer(raw):
        if links.of(match).button:
            if raw[start : match.start()]:
                yield Part(kind, raw[start : match.start()])
            start = _BLANK.match(raw, match.end()).end()  # type: ignore[union-attr]  # it matches nothing, too
            yield Part("ui", raw[match.start() : start])
    if raw[start:]:
        yield Part(kind, raw[start:])


def missing(lines: Iterable[Line], links: Mapping[str, str]) -> list[str]:
    """Return the numbers that the words use and the table lacks."""
    used = (match["number"] for line in lines for match in LINK.finditer(line.text) if match["number"])
    return [number for number in dict.fromkeys(used) if number not in links]
