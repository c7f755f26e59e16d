"""Corrections: articles of which staff say that what was mailed was wrong."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from newsletter.store import arrivals
from newsletter.store.schema import correction


def correct(connection: sa.Connection, key: int, now: datetime) -> None:
    """Note that an article is put right: who was sent it before shall know."""
    forget(connection, key)
    values = {"article": key, "number": arrivals.next_number(connection), "at": now}
    connection.execute(correction.insert().values(values))


def forget(connection: sa.Connection, key: int) -> None:
    """Take a correction back."""
    connection.execute(correction.delete().where(correction.c.article == key))


def since(connection: sa.Connection, after: datetime, upper: int) -> dict[int, int]:
    """Return what was corrected after an instant: the numbers at which, up to one of them, by keys of articles."""
    query = sa.select(correction).where(correction.c.at > after, correction.c.number <= upper)
    return {row.article: row.number for row in connection.execute(query)}
