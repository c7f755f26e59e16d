"""Copies of what articles name elsewhere, so that it is not fetched again each time: by its address, what became of it.

What could not be had is remembered too, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from newsletter.model import Media
from newsletter.store.arrivals import chunks
from newsletter.store.schema import copy


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of an address when it was last asked: a file of ours, or why there is none.

    ``etag`` and ``modified`` are what its server said of it, to be given back at the next visit.
    """

    url: str
    found: Media | str
    at: datetime
    etag: str = ""
    modified: str = ""

    @property
    def media(self) -> Media | None:
        """The file of ours, where there is one."""
        return self.found if isinstance(self.found, Media) else None


_found = msgspec.json.Decoder(Media | str)


def held(connection: sa.Connection, urls: Iterable[str]) -> dict[str, Copy]:
    """Return what is known of these addresses."""
    known: dict[str, Copy] = {}
    for some in chunks(dict.fromkeys(urls)):
        for row in connection.execute(sa.select(copy).where(copy.c.url.in_(some))):
            known[row.url] = Copy(row.url, _found.decode(row.media), row.at, row.etag, row.modified)
    return known


def missed(connection: sa.Connection, since: datetime, before: datetime) -> set[str]:
    """Return the addresses of which nothing could be had when they were last asked, between two instants."""
    asked = sa.select(copy.c.url).where(copy.c.at >= since, copy.c.at <= before, copy.c.media.startswith('"'))
    return set(connection.scalars(asked))


def keep(connection: sa.Connection, copies: Iterable[Copy]) -> None:
    """Remember what became of addresses, in the place of what was known of them."""
    given = {each.url: each for each in copies}
    for some in chunks(given):
        connection.execute(copy.delete().where(copy.c.url.in_(some)))
    if given:
        connection.execute(copy.insert(), [_row(each) for each in given.values()])


def _row(given: Copy) -> dict[str, object]:
    media = msgspec.json.encode(given.found).decode()
    return {"url": given.url, "media": media, "etag": given.etag, "modified": given.modified, "at": given.at}
