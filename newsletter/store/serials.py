"""Articles as they were serialised for feeds; a revision deletes what was made of the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.errors import StoreError
from newsletter.store.arrivals import chunks
from newsletter.store.schema import serial


@dataclass(frozen=True, slots=True)
class Serial:
    """An article in one format: the instant that it shows as updated, and its bytes."""

    updated: datetime
    body: bytes


def missing(connection: sa.Connection, keys: Iterable[int], form: str, context: str) -> list[int]:
    """Return the keys of the articles that are not serialised in a format, or were in another context."""
    wanted = list(keys)
    held: set[int] = set()
    for some in chunks(wanted):
        query = sa.select(serial.c.article).where(serial.c.form == form, serial.c.context == context)
        held |= set(connection.scalars(query.where(serial.c.article.in_(some))))
    return [key for key in wanted if key not in held]


def keep(connection: sa.Connection, made: Sequence[tuple[int, Serial]], form: str, context: str) -> None:
    """Keep articles as they were serialised in a format, in the place of what is held of them."""
    for some in chunks(key for key, _ in made):
        connection.execute(serial.delete().where(serial.c.form == form, serial.c.article.in_(some)))
    rows = [{"article": key, "updated": each.updated, "body": each.body} for key, each in made]
    if rows:
        connection.execute(serial.insert().values(form=form, context=context), rows)


def some(connection: sa.Connection, keys: Iterable[int], form: str) -> list[Serial]:
    """Return articles as they were serialised in a format, in the order of their keys given.

    Raises:
        StoreError: when one is missing: another build has seen a revision of it meanwhile.
    """
    wanted = list(keys)
    found = {row.article: Serial(row.updated, row.body) for row in _rows(connection, wanted, form, serial.c.body)}
    return [found[key] for key in wanted]


def updated(connection: sa.Connection, keys: Iterable[int], form: str) -> dict[int, datetime]:
    """Return the instants that articles show as updated in a format, by their keys.

    Raises:
        StoreError: as ``some`` does.
    """
    return {row.article: row.updated for row in _rows(connection, keys, form)}


def forget(connection: sa.Connection) -> None:
    """Forget all that was serialised."""
    connection.execute(serial.delete())


def _rows(
    connection: sa.Connection, keys: Iterable[int], form: str, *more: sa.Column[bytes]
) -> Iterator[sa.Row[tuple[object, ...]]]:
    wanted, found = set(keys), 0
    for chunk in chunks(wanted):
        query = sa.select(serial.c.article, serial.c.updated, *more)
        rows = connection.execute(query.where(serial.c.form == form, serial.c.article.in_(chunk))).all()
        found += len(rows)
        yield from rows
    if found < len(wanted):
        raise StoreError("another build of these books was under way; build again")
