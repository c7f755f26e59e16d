"""Cursors: up to which arrival number each subscription was served, and who is owed a letter."""

from __future__ import annotations

import sqlalchemy as sa

from newsletter.model import SubscriptionState
from newsletter.store.ledger import received
from newsletter.store.schema import delivery, subscriber, subscription, suppression


def settle(connection: sa.Connection, issue_id: int, upper: int, after: int, limit: int) -> int:
    """Move the cursors of up to ``limit`` readers whom the issue reached, or whose row is or was in doubt.

    Returns the last subscription looked at, 0 when there was none after ``after``.
    """
    mine = (delivery.c.issue == issue_id, delivery.c.subscription > after)
    order = sa.select(delivery.c.subscription).where(*mine).order_by(delivery.c.subscription)
    some: list[int] = list(connection.scalars(order.limit(limit)))
    if not some:
        return 0
    mine = (delivery.c.issue == issue_id, delivery.c.subscription.between(some[0], some[-1]))
    reached = sa.select(delivery.c.subscription).where(*mine, received())
    where = (subscription.c.id.in_(reached), subscription.c.cursor < upper)
    connection.execute(subscription.update().where(*where).values(cursor=upper))
    return some[-1]


def advance(connection: sa.Connection, ids: list[int], upper: int) -> None:
    """Move the cursors of readers who were due and had nothing new, or whose letter is reached."""
    if ids:
        where = (subscription.c.id.in_(ids), subscription.c.cursor < upper)
        connection.execute(subscription.update().where(*where).values(cursor=upper))


def served(connection: sa.Connection, ids: list[int]) -> None:
    """Note that these readers took part in a run, so nothing is owed to them."""
    if ids:
        connection.execute(subscription.update().where(subscription.c.id.in_(ids)).values(owed=False))


def lowest(connection: sa.Connection, list_slug: str) -> int:
    """Return the smallest cursor of the list's active subscriptions."""
    # The first one of the index that is not suppressed, and who is suppressed is looked up once: a look at each reader
    # would hold the write lock for seconds where an issue of a long list begins.
    never = sa.select(subscriber.c.id).where(subscriber.c.folded.in_(sa.select(suppression.c.folded)))
    active = (subscription.c.list == list_slug, subscription.c.state == SubscriptionState.ACTIVE)
    query = sa.select(sa.func.min(subscription.c.cursor)).where(*active, subscription.c.subscriber.not_in(never))
    return connection.scalar(query) or 0
