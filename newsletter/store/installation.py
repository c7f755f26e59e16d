"""From where the books are used, and what they say of issues that a logbook knows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import DeliveryState
from newsletter.store.moves import OPEN
from newsletter.store.schema import delivery, installation, issue


@dataclass(frozen=True, slots=True)
class Adopted:
    """A place from which the books are used, since when; host and path are for people."""

    place: str
    host: str
    path: str
    at: datetime


def places(connection: sa.Connection) -> list[Adopted]:
    """Return the places from which the books are used, the latest last."""
    query = sa.select(installation).order_by(installation.c.at, installation.c.place)
    return [Adopted(row.place, row.host, row.path, row.at) for row in connection.execute(query)]


def add(connection: sa.Connection, adopted: Adopted) -> None:
    """Let the books be used from a place."""
    connection.execute(installation.insert().values({name: getattr(adopted, name) for name in Adopted.__slots__}))


def clear(connection: sa.Connection) -> None:
    """Let the books be used from nowhere."""
    connection.execute(installation.delete())


def nonces(connection: sa.Connection, names: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return id and nonce of those issues that the books know."""
    query = sa.select(issue.c.name, issue.c.id, issue.c.nonce)
    return {row.name: (row.id, row.nonce) for row in connection.execute(query) if row.name in names}


def sent_of_open(connection: sa.Connection, issue_id: int) -> int | None:
    """Return how many letters of an issue were sent, None where nothing of it can go out any more."""
    mine = delivery.c.issue == issue_id
    waiting = sa.select(delivery.c.id).where(mine, delivery.c.state.in_((*OPEN, DeliveryState.HANDED))).limit(1)
    if connection.scalar(waiting) is None:
        return None
    return connection.scalar(sa.select(sa.func.count()).where(mine, delivery.c.state == DeliveryState.SENT))
