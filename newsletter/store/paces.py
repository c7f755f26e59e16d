"""Paces: how far the slots of each way out are given away, and how much of its speed it has; shared by all workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TypeVar

import sqlalchemy as sa

from newsletter.store.schema import pace

WHOLE = 1000
"""A full share."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """The first moment that nobody has, the ``share`` of full speed in thousandths, and ``since`` when it was so."""

    free: int = 0
    share: int = WHOLE
    since: int = 0


def known(connection: sa.Connection) -> dict[str, Pace]:
    """Return every pace that there is, by name."""
    return {row.name: Pace(row.free, row.share, row.since) for row in connection.execute(sa.select(pace))}


def change(connection: sa.Connection, name: str, rule: Callable[[Pace], tuple[T, Pace]]) -> T:
    """Change a pace by a rule, which sees what all others wrote; returns what the rule returns beside it."""
    before = _held(connection, name)
    result, after = rule(before)
    if after != before:
        connection.execute(pace.update().where(pace.c.name == name).values(asdict(after)))
    return result


def _held(connection: sa.Connection, name: str) -> Pace:
    mine = sa.select(pace.c.free, pace.c.share, pace.c.since).where(pace.c.name == name).with_for_update()
    row = connection.execute(mine).first()
    if row is None:
        # Two workers may be the first at once.
        with suppress(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(pace.insert().values(name=name, **asdict(Pace())))
        row = connection.execute(mine).one()
    return Pace(*row)
