"""Corrections: articles of which staff say that what was mailed was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store import arrivals
from newsletter.store.schema import correction


@dataclass(frozen=True, slots=True)
class Correction:
    """The number at which an article was corrected, of the same counter as arrivals, and when that was."""

    number: int
    at: datetime


def correct(connection: sa.Connection, key: int, now: datetime) -> None:
    """Note that an article is put right: who was sent it before shall know."""
    forget(connection, key)
    values = {"article": key, "number": arrivals.next_number(connection), "at": now}
    connection.execute(correction.insert().values(values))


def forget(connection: sa.Connection, key: int) -> None:
    """Take a correction back."""
    connection.execute(correction.delete().where(correction.c.article == key))


def since(connection: sa.Connection, after: datetime, upper: int) -> dict[int, Correction]:
    """Return what was corrected after an instant, by a number, by the keys of the articles."""
    query = sa.select(correction).where(correction.c.at > after, correction.c.number <= upper)
    return {row.article: Correction(row.number, row.at) for row in connection.execute(query)}
