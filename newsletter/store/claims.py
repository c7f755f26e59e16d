"""Claims: which sender holds which planned row, and until when.

A claim is a lease; the sender's id is the fencing token. It moves no state: that is the ledger's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import DeliveryState as State
from newsletter.store.schema import delivery, issue, subscriber, subscription


@dataclass(frozen=True, slots=True)
class Claim:
    """A planned row held by a sender, with the address as it stands now; ``tries`` were made before."""

    id: int
    subscription: int
    message_id: str
    address: str
    picks: bytes
    repeats: bytes
    corrections: bytes
    language: str
    light: bool
    tries: int
    first_tried: datetime | None


def claim(
    connection: sa.Connection,
    issue_id: int,
    sender: int,
    limit: int,
    lease: datetime,
    only: Sequence[int] | None = None,
) -> list[Claim]:
    """Take planned rows of an open issue for a sender until an instant of real time, lowest id first.

    With ``only`` those of some subscriptions alone.

    Rows held by another sender are taken only when ``bury`` has freed them. The issue's row is held meanwhile, so that
    nobody can begin to settle it between the look and the claim.
    """
    state = sa.select(issue.c.state).where(issue.c.id == issue_id).with_for_update(read=True)
    if connection.scalar(state) not in ("open", "settled"):
        return []
    some = () if only is None else (delivery.c.subscription.in_(only),)
    free = (
        sa.select(delivery.c.id)
        .where(delivery.c.issue == issue_id, delivery.c.state == State.PLANNED, delivery.c.sender.is_(None), *some)
        .order_by(delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    mine = delivery.update().where(delivery.c.id.in_(sa.select(free.c.id))).values(sender=sender, lease=lease)
    ids = sorted(connection.scalars(mine.returning(delivery.c.id)).all())
    columns = [subscriber.c.address if name == "address" else delivery.c[name] for name in Claim.__slots__]
    query = (
        sa.select(*columns)
        .select_from(delivery)
        .join(subscription, subscription.c.id == delivery.c.subscription)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber)
        .where(delivery.c.id.in_(ids))
        .order_by(delivery.c.id)
    )
    return [Claim(*row) for row in connection.execute(query).all()]


def held(connection: sa.Connection, sender: int) -> set[int]:
    """Return the planned rows that a sender still holds."""
    where = (delivery.c.sender == sender, delivery.c.state == State.PLANNED)
    return set(connection.scalars(sa.select(delivery.c.id).where(*where)))


def renew(connection: sa.Connection, sender: int, lease: datetime) -> None:
    """Prolong everything that a living sender holds."""
    held = delivery.c.state.in_((State.PLANNED, State.HANDED))
    connection.execute(delivery.update().where(delivery.c.sender == sender, held).values(lease=lease))


def release(connection: sa.Connection, sender: int) -> None:
    """Give back every row that a sender claimed and did not hand over."""
    where = (delivery.c.sender == sender, delivery.c.state == State.PLANNED)
    connection.execute(delivery.update().where(*where).values(sender=None, lease=None))
