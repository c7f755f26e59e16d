"""Pieces become one reader's mail by joining: the hot path, the same for words and for encoded bytes.

What depends on the Letter alone is put together once (``bind``) and shared by its readers (``fill``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import AnyStr, Generic, TypeVar

import msgspec

from newsletter.catalogue import counted
from newsletter.digest.letter import Letter, Links
from newsletter.digest.pieces import Piece, Pieces, Sheet

T = TypeVar("T")


class Body(msgspec.Struct, Generic[T], frozen=True):
    """The two parts of a mail that say the same."""

    html: T
    text: T


class Bound(msgspec.Struct, Generic[AnyStr], frozen=True):
    """A page and what is to stand in its slots, each in a row, but for the links of a reader."""

    page: Piece[AnyStr]
    values: dict[str, list[AnyStr]]

    def fill(self, links: Mapping[str, list[AnyStr]]) -> list[AnyStr]:
        """Return the whole part in a row, not joined: it is long, and each join copies it."""
        return self.page.woven({**self.values, **links})


def assemble(pieces: Pieces[str], letter: Letter, links: Links) -> Body[str]:
    """Join the pieces of a letter for one reader, decoded."""
    body = fill(bind(pieces, letter, str), links, str)
    return Body("".join(body.html), "".join(body.text))


def bind(pieces: Pieces[AnyStr], letter: Letter, encode: Callable[[str], AnyStr]) -> Body[Bound[AnyStr]]:
    """Put together what all readers of a letter share; the slots that remain are the reader's links.

    ``encode`` is the encoding with which the pieces were encoded, ``str`` for none.
    """
    return Body(
        _bind(pieces.light if letter.light else pieces.html, letter, lambda value: encode(escape(value))),
        _bind(pieces.text, letter, encode),
    )


def fill(bound: Body[Bound[AnyStr]], links: Links, encode: Callable[[str], AnyStr]) -> Body[list[AnyStr]]:
    """Put one reader's links into a bound letter; both parts in pieces, to be joined."""
    html, text = {}, {}
    for slot, url in (("unsubscribe_url", links.unsubscribe), ("preferences_url", links.preferences)):
        escaped = escape(url)
        text[slot] = [encode(url)]
        html[slot] = text[slot] if escaped == url else [encode(escaped)]
    return Body(bound.html.fill(html), bound.text.fill(text))


def _bind(sheet: Sheet[AnyStr], letter: Letter, encode: Callable[[str], AnyStr]) -> Bound[AnyStr]:
    sections: list[AnyStr] = []
    for block in letter.blocks:
        sections += sheet.section(block)
    others = [encode(counted("letter", "others", letter.others, letter.language))] if letter.others else []
    return Bound(
        sheet.page,
        {
            "header": [sheet.header],
            "summary": _summary(sheet, letter, encode) if letter.summarised else [],
            "sections": sections,
            "others": sheet.others.woven({"count": others}) if others else [],
            "count": [encode(counted("letter", "news", letter.count, letter.language))],
            "preheader": [encode(letter.preheader)] if "preheader" in sheet.page.slots else [],
        },
    )


def _summary(sheet: Sheet[AnyStr], letter: Letter, encode: Callable[[str], AnyStr]) -> list[AnyStr]:
    entries: list[AnyStr] = []
    for block in letter.blocks:
        entries += sheet.entries[block.heading].woven({"count": [encode(str(len(block.items)))]})
    return sheet.summary.woven({"entries": entries})
