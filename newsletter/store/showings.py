"""Showings: what each document of a feed showed last, and the instant that it told as its own.

A document is as new as its articles when it is made first, and never becomes older: what it showed says whether it
changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store.arrivals import chunks
from newsletter.store.schema import showing

Document = tuple[int, int]
"""The key of a feed, and the number of its volume; 0 is its own document."""


@dataclass(frozen=True, slots=True)
class Showing:
    """Which articles a document shows and when each was changed, as a hash; and when the document was."""

    content: str
    updated: datetime


def of(connection: sa.Connection, documents: Iterable[Document]) -> dict[Document, Showing]:
    """Return what documents showed last; those that were never made have nothing."""
    found: dict[Document, Showing] = {}
    for some in chunks(documents):
        query = sa.select(showing).where(sa.tuple_(showing.c.feed, showing.c.volume).in_(some))
        for row in connection.execute(query):
            found[row.feed, row.volume] = Showing(row.content, row.updated)
    return found


def keep(connection: sa.Connection, shown: Mapping[Document, Showing]) -> None:
    """Write what documents show now."""
    for some in chunks(shown):
        connection.execute(showing.delete().where(sa.tuple_(showing.c.feed, showing.c.volume).in_(some)))
        rows = [{"feed": key, "volume": number} for key, number in some]
        facts = [{"content": shown[each].content, "updated": shown[each].updated} for each in some]
        connection.execute(showing.insert(), [row | fact for row, fact in zip(rows, facts, strict=True)])
