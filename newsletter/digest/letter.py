"""What an issue holds and what one reader sees of it, as plain values.

``Contents`` is frozen with the issue; ``plan`` makes a ``Letter`` of it; ``alone`` and ``assemble`` make mail of
a Letter. Articles are named by their position in ``Contents.articles``, so that a set of them is one integer's bits.
What is made anew for each reader is a ``Struct``: a frozen dataclass takes ten times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from newsletter.brand import Brand
from newsletter.config import Mailbox, Text
from newsletter.digest.selection import bitmap, chosen
from newsletter.model import Article

TITLES = -1
"""The heading under which stands what no section took: titles only, after all others."""

CORRECTED = -2
"""The heading under which stands what was corrected since it was sent, after all sections."""

SUMMARISED = 5
"""Articles from which on a letter begins with a summary."""


class Form(StrEnum):
    """How much of an article a letter shows."""

    FULL = "full"
    SHORT = "short"
    TITLE = "title"


SHORTER = {Form.FULL: Form.SHORT, Form.SHORT: Form.TITLE}
"""The next smaller form, while there is one."""


Item = tuple[int, Form]
"""An article of a section: its position, and the form in which it stands there."""


@dataclass(frozen=True)
class Heading:
    """One section of an issue: ``order`` holds the positions of the articles that it takes, in its own order.

    ``upcoming`` sections also take repeats (reminders); ``max`` 0 is no limit; ``layout`` names the article piece.
    """

    title: Text
    order: tuple[int, ...]
    upcoming: bool = False
    form: Form = Form.FULL
    max: int = 0
    layout: str = "article"

    @cached_property
    def takes(self) -> int:
        """The same articles as a bitmap of positions."""
        return bitmap(self.order)

    def items(self, some: int) -> list[Item]:
        """Return some of the articles, a bitmap of positions, in the order and the form of the section.

        Every letter of an issue has the same few items, so they are made once.
        """
        found = chosen(self._items, some)
        if self._places:
            found.sort(key=self._places.__getitem__)
        return found

    @cached_property
    def _items(self) -> list[Item]:
        return [(position, self.form) for position in range(self.takes.bit_length())]

    @cached_property
    def _places(self) -> dict[Item, int]:
        """The place of each item, nothing where the order is that of the positions themselves."""
        distinct = dict.fromkeys(self.order)
        in_order = [*distinct] == sorted(distinct)
        return {} if in_order else {(each, self.form): place for place, each in enumerate(distinct)}


@dataclass(frozen=True, slots=True)
class Intro:
    """What staff write above an issue, in ``lang``: clean HTML without pictures, and the same as text."""

    html: str = ""
    text: str = ""
    lang: str = ""


@dataclass(frozen=True)
class Contents:
    """Everything of an issue from which letters are made; later edits of articles or settings do not reach it.

    ``name`` is ``<list>/<date>``, ``number`` counts the issues of the list from 1, ``opened`` is the instant of the
    Date header in the list's zone, ``base`` the public address of the publication without final slash. ``articles``
    stand newest first; ``pinned`` are positions that staff pinned, ``corrected`` those that they corrected after they
    were sent, ``excluded`` what they kept out; ``subject`` may hold placeholders; ``calendars`` tells whether events
    can be had as calendar files.
    """

    name: str
    list: str
    title: Text
    number: int
    opened: datetime
    base: str
    site: str
    sender: Mailbox
    articles: tuple[Article, ...]
    headings: tuple[Heading, ...] = ()
    pinned: tuple[int, ...] = ()
    subject: Text = ""
    reply_to: str = ""
    contact: str = ""
    description: Text = ""
    intro: Intro = Intro()
    corrected: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    brand: Brand = field(default_factory=Brand)
    calendars: bool = False

    @cached_property
    def pins(self) -> int:
        """What staff pinned, as a bitmap of positions."""
        return bitmap(self.pinned)

    @cached_property
    def put_right(self) -> int:
        """What was corrected after it was sent, as a bitmap of positions."""
        return bitmap(self.corrected)

    @property
    def flash(self) -> bool:
        """Whether this is a letter of one article, which is no numbered issue."""
        return not self.number

    @property
    def archive_url(self) -> str:
        """Where the issue can be read in a browser."""
        return f"{self.base}/issues/{self.name}.html"


def thawed(frozen: str, zone: ZoneInfo) -> Contents:
    """Return contents from the JSON with which an issue was frozen; it keeps but the offset of an instant's zone."""
    found = msgspec.json.decode(frozen, type=Contents)
    return replace(found, opened=found.opened.astimezone(zone))


class Block(msgspec.Struct, frozen=True):
    """One section as one reader sees it: heading (index, CORRECTED or TITLES), position and form of each article."""

    heading: int
    items: tuple[Item, ...]


class Letter(msgspec.Struct, frozen=True):
    """One reader's digest as a pure value; readers with the same choices share it.

    ``count`` is the number of news (not of repeats), ``others`` how many of them stand online only, ``shortened`` how
    many articles the size budget gave a shorter form than their section has.
    """

    language: str
    light: bool
    blocks: tuple[Block, ...]
    count: int
    others: int
    subject: str
    preheader: str
    shortened: int = 0

    @property
    def summarised(self) -> bool:
        """Whether it is long enough to begin with a summary."""
        return len(self.blocks) > 1 and sum(len(block.items) for block in self.blocks) >= SUMMARISED


@dataclass(frozen=True)
class Sizes:
    """Decoded bytes of HTML: the page around everything, each heading around its articles, and these by heading."""

    page: int
    headings: dict[int, int]
    articles: dict[int, dict[Item, int]]

    def most(self, count: int) -> int:
        """Return what no letter of so many articles exceeds."""
        return self.page + count * self._heaviest

    @cached_property
    def _heaviest(self) -> int:
        """The most that an article takes, with a heading of its own."""
        weights = (self.headings[heading] + max(some.values(), default=0) for heading, some in self.articles.items())
        return max(weights, default=0)


class Links(msgspec.Struct, frozen=True):
    """The addresses that differ from reader to reader."""

    unsubscribe: str
    preferences: str
