"""Counters: single numbers of the books, each under a name."""

from __future__ import annotations

import sqlalchemy as sa

from newsletter.store.schema import counter


def value(connection: sa.Connection, name: str) -> int:
    """Return a number."""
    found: int = connection.execute(sa.select(counter.c.value).where(counter.c.name == name)).scalar_one()
    return found


def put(connection: sa.Connection, name: str, value: int) -> None:
    """Write another number in its place."""
    connection.execute(counter.update().where(counter.c.name == name).values(value=value))
