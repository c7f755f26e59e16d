"""The ledger as it is read: how many rows stand where, what is due, what is in doubt. Nothing here changes a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import Books
from newsletter.model import DeliveryState as State
from newsletter.store.moves import OPEN
from newsletter.store.schema import delivery, issue, sender, subscriber, subscription


@dataclass(frozen=True, slots=True)
class Doubt:
    """A letter of which nobody knows whether it arrived; its Message-ID is what to look for in the relay's log."""

    message_id: str
    address: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Makings:
    """What the letter of a row is made from; readers with the same share their letter."""

    picks: bytes
    repeats: bytes
    corrections: bytes
    language: str
    light: bool


def makings(connection: sa.Connection, issue_id: int, most: int) -> list[Makings]:
    """Return what different letters of an issue are made from: about ``most``, as many of each language and form."""
    mine = delivery.c.issue == issue_id
    kinds = sa.select(delivery.c.language, delivery.c.light).where(mine).distinct()
    found: list[Makings] = []
    rows = sorted(map(tuple, connection.execute(kinds)))
    for language, light in rows:
        these = (mine, delivery.c.language == language, delivery.c.light.is_(light))
        different = sa.select(delivery.c.picks, delivery.c.repeats, delivery.c.corrections).where(*these).distinct()
        some = connection.execute(different.limit(-(-most // len(rows))))
        found += (Makings(*row, language, light) for row in some)
    return found


def books(connection: sa.Connection, issue_id: int) -> Books:
    """Count the rows of an issue by state against its audience."""
    audience = connection.scalar(sa.select(issue.c.audience).where(issue.c.id == issue_id)) or 0
    rows = sa.select(delivery.c.state, sa.func.count()).where(delivery.c.issue == issue_id).group_by(delivery.c.state)
    return Books(audience=audience, **dict(map(tuple, connection.execute(rows))))


def is_owed(connection: sa.Connection, subscription_id: int) -> bool:
    """Tell whether a reader is owed a letter: the row of an earlier one was folded, or is when the list runs again."""
    owed = sa.select(subscription.c.owed).where(subscription.c.id == subscription_id)
    folded = (
        sa.select(delivery.c.id)
        .join(issue, issue.c.id == delivery.c.issue)
        .where(delivery.c.subscription == subscription_id, delivery.c.doubted.is_(False), delivery.c.state.in_(OPEN))
        .where(issue.c.run.is_not(None), issue.c.state != "settled")
    )
    return bool(connection.scalar(owed)) or connection.scalar(folded.limit(1)) is not None


def holders(connection: sa.Connection, issue_id: int) -> list[int]:
    """Return the senders that hold rows of an issue which are not settled."""
    held = (delivery.c.issue == issue_id, delivery.c.state.in_((State.PLANNED, State.HANDED)))
    return list(
        connection.scalars(sa.select(delivery.c.sender).where(*held, delivery.c.sender.is_not(None)).distinct())
    )


def never_tried(connection: sa.Connection, issue_id: int) -> bool:
    """Tell whether an issue has rows that no sender has attempted."""
    where = (delivery.c.issue == issue_id, delivery.c.state == State.PLANNED, delivery.c.tries == 0)
    return connection.scalar(sa.select(delivery.c.id).where(*where).limit(1)) is not None


def has_rows(connection: sa.Connection, issue_id: int, subscriptions: Sequence[int]) -> bool:
    """Tell whether an issue has rows of any of these subscriptions."""
    where = (delivery.c.issue == issue_id, delivery.c.subscription.in_(subscriptions))
    return connection.scalar(sa.select(delivery.c.id).where(*where).limit(1)) is not None


def ready(connection: sa.Connection, issue_id: int, now: datetime) -> bool:
    """Tell whether an issue has rows that a pass would attempt now."""
    due = (delivery.c.state == State.PLANNED) | ((delivery.c.state == State.DEFERRED) & (delivery.c.due <= now))
    return connection.scalar(sa.select(delivery.c.id).where(delivery.c.issue == issue_id, due).limit(1)) is not None


def next_due(connection: sa.Connection, issue_id: int) -> datetime | None:
    """Return when the next deferred row of an issue is due."""
    where = (delivery.c.issue == issue_id, delivery.c.state == State.DEFERRED)
    due: datetime | None = connection.scalar(sa.select(sa.func.min(delivery.c.due)).where(*where))
    return due


def outcomes(connection: sa.Connection, issue_id: int) -> list[tuple[str, str, int]]:
    """Return state, reason and number of rows that were not simply sent, most frequent first."""
    columns = (delivery.c.state, delivery.c.reason, sa.func.count().label("rows"))
    query = sa.select(*columns).where(delivery.c.issue == issue_id, delivery.c.state != State.SENT)
    grouped = query.group_by(delivery.c.state, delivery.c.reason).order_by(sa.desc("rows"), delivery.c.state)
    return [(row.state, row.reason, row.rows) for row in connection.execute(grouped)]


def doubts(connection: sa.Connection, issue_id: int) -> list[Doubt]:
    """Return the letters of an issue that are in doubt."""
    query = (
        sa.select(delivery.c.message_id, subscriber.c.address, delivery.c.at)
        .join(subscription, subscription.c.id == delivery.c.subscription)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber)
        .where(delivery.c.issue == issue_id, delivery.c.state == State.UNCERTAIN)
    )
    return [Doubt(*row) for row in connection.execute(query.order_by(delivery.c.id))]


def doubtful(connection: sa.Connection, list_slug: str) -> dict[str, int]:
    """Return the issues of a list with letters in doubt, and how many."""
    query = (
        sa.select(issue.c.name, sa.func.count())
        .join(delivery, delivery.c.issue == issue.c.id)
        .where(issue.c.list == list_slug, delivery.c.state == State.UNCERTAIN)
    )
    return dict(map(tuple, connection.execute(query.group_by(issue.c.id, issue.c.name).order_by(issue.c.id))))


def handed_between(connection: sa.Connection, issue_id: int) -> tuple[datetime, datetime]:
    """Return the span of time in which the letters of an issue that are in doubt can have been handed over.

    It ends with their leases, which a row in doubt keeps; those whose lease nobody knows were doubted afterwards.
    """
    began = sa.func.min(sa.func.coalesce(sender.c.started, issue.c.at))
    query = sa.select(began, sa.func.max(delivery.c.lease), sa.func.max(delivery.c.at))
    joined = query.join(issue, issue.c.id == delivery.c.issue).outerjoin(sender, sender.c.id == delivery.c.sender)
    doubted = (delivery.c.issue == issue_id, delivery.c.state == State.UNCERTAIN)
    start, *ends = connection.execute(joined.where(*doubted)).one()
    return start, max(end for end in ends if end)


def witnesses(connection: sa.Connection, issue_id: int, since: datetime, limit: int) -> list[str]:
    """Return Message-IDs that the relay is known to have taken, since an instant, beside those that are in doubt."""
    mine = delivery.c.issue == issue_id
    edge = sa.select(sa.func.min(delivery.c.id)).where(mine, delivery.c.state == State.UNCERTAIN).scalar_subquery()
    taken = (mine, delivery.c.state == State.SENT, delivery.c.doubted.is_(False), delivery.c.at >= since)
    before = sa.select(delivery.c.message_id).where(*taken, delivery.c.id < edge).order_by(delivery.c.id.desc())
    after = sa.select(delivery.c.message_id).where(*taken, delivery.c.id > edge).order_by(delivery.c.id)
    return [each for side in (before, after) for each in connection.scalars(side.limit(limit))]
