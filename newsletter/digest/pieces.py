"""Fragments of mail with named gaps: what is rendered once and joined for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import AnyStr, Generic, TypeVar

import msgspec

from newsletter.digest.letter import Block, Form, Item, Sizes

T = TypeVar("T")
U = TypeVar("U")

ROOM = {"preheader": 900, "unsubscribe_url": 400, "preferences_url": 400}
"""Bytes of HTML that a slot may take at most; others are short phrases."""

PHRASE = 100

BLOCKS = ("header", "summary", "entries", "sections", "articles", "others")
"""Slots for other pieces, which are weighed themselves; each stands once in its piece."""

Name = tuple[int, int, Form]
"""An article as it is printed: heading, position, form."""


@dataclass(frozen=True, slots=True)
class Piece(Generic[AnyStr]):
    """Text with slots: the slots stand between the chunks, so there is one chunk more than slots."""

    chunks: tuple[AnyStr, ...]
    slots: tuple[str, ...] = ()

    def woven(self, values: Mapping[str, Sequence[AnyStr]]) -> list[AnyStr]:
        """Return the whole text in pieces that are not joined yet: letters are long, and each join copies them."""
        run = [self.chunks[0]]
        for slot, chunk in zip(self.slots, self.chunks[1:], strict=True):
            run += values[slot]
            run.append(chunk)
        return run

    def fill(self, values: Mapping[str, AnyStr]) -> AnyStr:
        """Return the whole text, every slot filled."""
        return self.chunks[0][:0].join(self.woven({slot: [values[slot]] for slot in self.slots}))

    def encode(self, encoder: Callable[[AnyStr], bytes]) -> Piece[bytes]:
        """Return the same piece with encoded chunks."""
        return Piece(tuple(map(encoder, self.chunks)), self.slots)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[AnyStr]):
    """All pieces of one part of a mail; sections and the summary's entries are named by heading."""

    page: Piece[AnyStr]
    header: AnyStr
    summary: Piece[AnyStr]
    others: Piece[AnyStr]
    sections: dict[int, Piece[AnyStr]]
    entries: dict[int, Piece[AnyStr]]
    articles: dict[int, dict[Item, AnyStr]]

    def section(self, block: Block) -> list[AnyStr]:
        """Return a section as one reader sees it, in a row."""
        return self.sections[block.heading].woven({"articles": self._told(block)})

    def _told(self, block: Block) -> list[AnyStr]:
        return list(map(self.articles[block.heading].__getitem__, block.items))

    def encode(self, encoder: Callable[[AnyStr], bytes]) -> Sheet[bytes]:
        """Return the same sheet with encoded chunks."""
        return Sheet(
            self.page.encode(encoder),
            encoder(self.header),
            self.summary.encode(encoder),
            self.others.encode(encoder),
            {index: piece.encode(encoder) for index, piece in self.sections.items()},
            {index: piece.encode(encoder) for index, piece in self.entries.items()},
            _each(encoder, self.articles),
        )


@dataclass(frozen=True, slots=True)
class Pieces(Generic[AnyStr]):
    """The fragments of one issue in one language: of HTML, of the HTML of light letters, and of the text part."""

    html: Sheet[AnyStr]
    light: Sheet[AnyStr]
    text: Sheet[AnyStr]

    def encode(self, encoder: Callable[[AnyStr], bytes]) -> Pieces[bytes]:
        """Return the same pieces as bytes that may be joined; ``encoder`` is the transfer encoding."""
        return Pieces(self.html.encode(encoder), self.light.encode(encoder), self.text.encode(encoder))


def sizes(sheet: Sheet[str]) -> Sizes:
    """Weigh the pieces of an issue, decoded; slots count with the most that they may take."""
    return Sizes(
        page=sum(map(_weigh, (sheet.page, sheet.summary, sheet.others))) + len(sheet.header.encode()),
        headings={index: _weigh(piece) + _weigh(sheet.entries[index]) for index, piece in sheet.sections.items()},
        articles=_each(lambda text: len(text.encode()), sheet.articles),
    )


def by_heading(named: Iterable[tuple[Name, T]]) -> dict[int, dict[Item, T]]:
    """Return what was made of articles, by heading and then by position and form."""
    found: dict[int, dict[Item, T]] = {}
    for (heading, position, form), made in named:
        found.setdefault(heading, {})[position, form] = made
    return found


def _each(change: Callable[[T], U], articles: Mapping[int, Mapping[Item, T]]) -> dict[int, dict[Item, U]]:
    return {heading: {item: change(one) for item, one in some.items()} for heading, some in articles.items()}


def _weigh(piece: Piece[str]) -> int:
    room = sum(ROOM.get(slot, PHRASE) for slot in piece.slots if slot not in BLOCKS)
    return sum(len(chunk.encode()) for chunk in piece.chunks) + room


def dump(pieces: Pieces[str]) -> bytes:
    """Write pieces as MessagePack, to be stored with their issue."""
    return msgspec.msgpack.encode(pieces)


def load(stored: bytes) -> Pieces[str]:
    """Read what ``dump`` wrote."""
    return msgspec.msgpack.decode(stored, type=Pieces[str])
