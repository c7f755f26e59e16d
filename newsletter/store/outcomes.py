"""The outcomes of an issue, row by row: to whom, how it stands, what the server said last. Nothing changes a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.store.schema import attempt, delivery, subscriber, subscription

BATCH = 1000
"""Rows that are held at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One letter: ``code``, ``enhanced`` and ``said`` are the last answer to it, ``reason`` is why it stands so."""

    address: str
    state: str
    at: datetime
    tries: int
    code: int | None
    enhanced: str
    said: str
    reason: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which outcomes are wanted: all that meet everything that is given here.

    ``code`` is a reply code or an enhanced one, ``domain`` and ``address`` are folded.
    """

    states: Sequence[str] = ()
    code: str = ""
    domain: str = ""
    address: str = ""


def outcomes(connection: sa.Connection, issue_id: int, sieve: Sieve) -> Iterator[Outcome]:
    """Yield the outcomes of an issue in the order of its rows, however many they are."""
    later = attempt.alias()
    newest = sa.select(sa.func.max(later.c.id)).where(later.c.delivery == delivery.c.id).scalar_subquery()
    rows = delivery.join(subscription, subscription.c.id == delivery.c.subscription)
    rows = rows.join(subscriber, subscriber.c.id == subscription.c.subscriber)
    empty = sa.literal("")
    query = (
        sa.select(
            subscriber.c.address,
            delivery.c.state,
            delivery.c.at,
            delivery.c.tries,
            attempt.c.code,
            sa.func.coalesce(attempt.c.enhanced, empty),
            sa.func.coalesce(attempt.c.text, empty),
            delivery.c.reason,
            delivery.c.message_id,
        )
        .select_from(rows.outerjoin(attempt, attempt.c.id == newest))
        .where(delivery.c.issue == issue_id, *_conditions(sieve))
        .order_by(delivery.c.id)
    )
    for row in connection.execution_options(yield_per=BATCH).execute(query):
        yield Outcome(*row)


def _conditions(sieve: Sieve) -> Iterator[sa.ColumnElement[bool]]:
    if sieve.states:
        yield delivery.c.state.in_(sieve.states)
    if sieve.code:
        number = int(sieve.code) if sieve.code.isdecimal() else -1
        yield (attempt.c.enhanced == sieve.code) | (attempt.c.code == number)
    if sieve.domain:
        yield subscriber.c.folded.endswith("@" + sieve.domain, autoescape=True)
    if sieve.address:
        yield subscriber.c.folded == sieve.address
