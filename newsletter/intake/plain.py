"""The words of clean HTML alone, laid out as plain text: paragraphs, lists and tables as a mail shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import count, repeat

# Clean HTML escapes < and > in words and attributes: what looks like a tag is one.
INSIDE = r"</?(?:a|abbr|b|cite|code|del|em|i|img|ins|kbd|mark|q|s|samp|small|strong|sub|sup|time|u|var)(?: [^>]*)?>"
"""A pattern of the tags that stand inside a line."""

_INSIDE = re.compile(INSIDE)
_TAG = re.compile(r"<([^> ]*)([^>]*)>([^<]*)")
_APART = frozenset(
    [
        "p",
        "/p",
        "h2",
        "/h2",
        "h3",
        "/h3",
        "h4",
        "/h4",
        "blockquote",
        "/blockquote",
        "dl",
        "/dl",
        "figure",
        "/figure",
        "hr",
    ]
)
_LISTS = frozenset({"ul", "ol", "/ul", "/ol"})
_TABLE = frozenset(["table", "/table", "tr", "td", "/td", "th", "/th", "caption", "/caption"])
_BULLETS = "*+o-"
_STEP = 4  # columns that a list is moved in
_DEEPEST = 12  # lists inside each other that are moved in: a line keeps room for its words
_WIDEST = 30  # characters of a table's cell that the column below and above is widened for


def inlined(html: str) -> str:
    """Return the HTML without the tags of what stands inside a line: the tags that stay part lines."""
    return _INSIDE.sub("", re.sub(r"</?q\b[^>]*>", '"', html) if "<q" in html else html)


def level(words: str) -> str:
    """Return words on one line, as HTML means them: breaks and spaces run together, those that do not break stay."""
    spaced = words.replace("\n", " ").replace("\r", " ").replace("\t", " ").strip(" ")
    return re.sub(" {2,}", " ", spaced) if "  " in spaced else spaced


def text(html: str) -> str:
    """Return the words of clean HTML, paragraphs parted by blank lines."""
    parted = inlined(html)
    layout = _Layout()
    flow = layout.flow
    flow.put(parted.partition("<")[0])
    for tag, attributes, words in _TAG.findall(parted):
        if tag in _APART:
            flow.owed = 2
        elif tag == "li":
            flow.item()
        elif tag == "/li":
            flow.owed = flow.owed or 1
        else:
            flow = layout.turn(tag, attributes)
        if words and not words.isspace():
            flow.put(words)
    return layout.flows[0].shown()


@dataclass(slots=True)
class _Flow:
    """Words below one another: of the whole, or of one cell of a table."""

    pieces: list[str] = field(default_factory=list)
    owed: int = 0
    lists: list[Iterator[str]] = field(default_factory=list)
    mark: str = ""
    kept: bool = False

    def put(self, words: str) -> None:
        """Add a line of words; spaces run together, but for those of ``pre``."""
        shown = words.strip("\r\n") if self.kept else level(words)
        self.lay(unescape(shown) if "&" in shown else shown)

    def lay(self, block: str) -> None:
        """Add lines as they are, moved in by the lists around them and marked as their item."""
        if not block:
            return
        if self.pieces:
            self.pieces.append("\n" * max(self.owed, 1))
        self.pieces.append(self._margined(block) if self.lists or self.mark else block)
        self.owed, self.mark = 0, ""

    def _margined(self, block: str) -> str:
        margin = " " * (_STEP * min(len(self.lists), _DEEPEST))
        mark = self.mark.rjust(_STEP) if self.mark else ""
        return margin[len(mark) :] + mark + block.replace("\n", f"\n{margin}")

    def enlist(self, tag: str, attributes: str) -> None:
        """Begin or end a list; the outermost stands apart."""
        self.mark = ""
        if tag.startswith("/"):
            del self.lists[-1:]
        self.owed = max(self.owed, 1 if self.lists else 2)
        if tag == "ul":
            self.lists.append(repeat(f"{_BULLETS[len(self.lists) % len(_BULLETS)]} "))
        elif tag == "ol":
            first = re.search(r'start="(\d{1,4})"', attributes)
            self.lists.append(f"{number}. " for number in count(int(first[1]) if first else 1))

    def item(self) -> None:
        """Have the next words begin an item of the innermost list."""
        self.mark = next(self.lists[-1]) if self.lists else "* "
        self.owed = self.owed or 1

    def shown(self) -> str:
        return "\n".join([line.rstrip(" \t") for line in "".join(self.pieces).split("\n")]).rstrip("\n")


@dataclass(slots=True)
class _Layout:
    """What is open while the tags are walked through: the cells, the innermost last, and the tables they belong to."""

    flows: list[_Flow] = field(default_factory=lambda: [_Flow()])
    tables: list[list[list[str]]] = field(default_factory=list)

    @property
    def flow(self) -> _Flow:
        return self.flows[-1]

    def turn(self, tag: str, attributes: str) -> _Flow:
        """Take notice of a tag that parts lines, and return where the words behind it go."""
        if tag in _TABLE:
            self._tabulate(tag)
        flow = self.flow
        if tag in _LISTS:
            flow.enlist(tag, attributes)
        elif tag == "br":
            flow.owed = min(flow.owed + 1, 2)
        elif tag in ("pre", "/pre"):
            flow.owed, flow.kept = 2, tag == "pre"
        flow.owed = flow.owed or 1
        return flow

    def _tabulate(self, tag: str) -> None:
        if tag == "table":
            self.tables.append([])
            self.flow.owed = 2
        elif tag == "/table" and self.tables:
            self.flow.lay(_table(self.tables.pop()))
            self.flow.owed = 2
        elif tag in ("td", "th", "caption"):
            self.flows.append(_Flow())
        elif tag in ("/td", "/th", "/caption") and len(self.flows) > 1:
            self._cell(self.flows.pop().shown())
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])

    def _cell(self, words: str) -> None:
        if not self.tables:
            return self.flow.lay(words)
        rows = self.tables[-1]
        if not rows:
            rows.append([])
        return rows[-1].append(words)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows in columns; cells of several lines one below the other, a blank line after each row."""
    if any("\n" in cell for row in rows for cell in row):
        return "\n\n".join("\n".join(filter(None, row)) for row in rows if any(row))
    widths: list[int] = []
    for row in rows:
        widths += [0] * (len(row) - len(widths))
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], min(len(cell), _WIDEST))
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip(" ") for row in rows if any(row))
    return "\n".join(lines)
