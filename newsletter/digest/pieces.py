"""Fragments of mail with named gaps: what is rendered once and joined for many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, AnyStr, Generic

import msgspec

from newsletter.digest.letter import Form, Sizes

ROOM = {"preheader": 900, "unsubscribe_url": 400, "preferences_url": 400}
"""Bytes of HTML that a slot may take at most; others are short phrases."""

PHRASE = 100


@dataclass(frozen=True, slots=True)
class Piece(Generic[AnyStr]):
    """Text with slots: the slots stand between the chunks, so there is one chunk more than slots."""

    chunks: tuple[AnyStr, ...]
    slots: tuple[str, ...] = ()

    def bind(self, values: Mapping[str, AnyStr]) -> Piece[AnyStr]:
        """Fill the slots that ``values`` names and keep the others."""
        blank = self.chunks[0][:0]
        run: list[AnyStr] = [self.chunks[0]]
        done: list[AnyStr] = []
        left: list[str] = []
        for slot, chunk in zip(self.slots, self.chunks[1:], strict=True):
            if slot in values:
                run += (values[slot], chunk)
            else:
                done.append(blank.join(run))
                left.append(slot)
                run = [chunk]
        done.append(blank.join(run))
        return Piece(tuple(done), tuple(left))

    def fill(self, values: Mapping[str, AnyStr]) -> AnyStr:
        """Return the whole text, every slot filled."""
        parts = [self.chunks[0]]
        for slot, chunk in zip(self.slots, self.chunks[1:], strict=True):
            parts += (values[slot], chunk)
        return self.chunks[0][:0].join(parts)

    def encode(self, encoder: Callable[[AnyStr], bytes]) -> Piece[bytes]:
        """Return the same piece with encoded chunks."""
        return Piece(tuple(map(encoder, self.chunks)), self.slots)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[AnyStr]):
    """All pieces of one part of a mail; articles are named by heading, position and form."""

    page: Piece[AnyStr]
    others: Piece[AnyStr]
    headings: dict[int, Piece[AnyStr]]
    articles: dict[tuple[int, int, Form], AnyStr]

    def encode(self, encoder: Callable[[AnyStr], bytes]) -> Sheet[bytes]:
        """Return the same sheet with encoded chunks."""
        return Sheet(
            self.page.encode(encoder),
            self.others.encode(encoder),
            {index: piece.encode(encoder) for index, piece in self.headings.items()},
            {name: encoder(text) for name, text in self.articles.items()},
        )


@dataclass(frozen=True, slots=True)
class Pieces(Generic[AnyStr]):
    """The fragments of one issue in one language, in both parts of the mail."""

    html: Sheet[AnyStr]
    text: Sheet[AnyStr]

    def encode(self, encoder: Callable[[AnyStr], bytes]) -> Pieces[bytes]:
        """Return the same pieces as bytes that may be joined; ``encoder`` is the transfer encoding."""
        return Pieces(self.html.encode(encoder), self.text.encode(encoder))


def sizes(pieces: Pieces[str]) -> Sizes:
    """Weigh the HTML of an issue's pieces, decoded; slots count with the most that they may take."""
    sheet = pieces.html
    return Sizes(
        page=_weigh(sheet.page) + _weigh(sheet.others),
        headings={index: _weigh(piece) for index, piece in sheet.headings.items()},
        articles={name: len(text.encode()) for name, text in sheet.articles.items()},
    )


def _weigh(piece: Piece[str]) -> int:
    blocks = ("sections", "others", "articles")
    room = sum(ROOM.get(slot, PHRASE) for slot in piece.slots if slot not in blocks)
    return sum(len(chunk.encode()) for chunk in piece.chunks) + room


def dump(pieces: Pieces[str]) -> bytes:
    """Write pieces as JSON, to be stored with their issue."""
    return msgspec.json.encode({"html": _rows(pieces.html), "text": _rows(pieces.text)})


def load(stored: bytes) -> Pieces[str]:
    """Read what ``dump`` wrote."""
    document = msgspec.json.decode(stored, type=dict[str, _Rows])
    return Pieces(_sheet(document["html"]), _sheet(document["text"]))


class _Rows(msgspec.Struct, frozen=True):
    """A sheet as JSON can hold it: no tuple is a key there."""

    page: Piece[str]
    others: Piece[str]
    headings: dict[int, Piece[str]]
    articles: list[tuple[int, int, Form, str]]


def _rows(sheet: Sheet[str]) -> _Rows:
    return _Rows(sheet.page, sheet.others, sheet.headings, [(*name, text) for name, text in sheet.articles.items()])


def _sheet(rows: _Rows) -> Sheet[str]:
    articles: dict[Any, str] = {(index, position, form): text for index, position, form, text in rows.articles}
    return Sheet(rows.page, rows.others, rows.headings, articles)
