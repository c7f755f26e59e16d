"""The ledger: one row per issue and subscription, and all that can happen to one; ``moves`` changes its state.

A row is claimed by a sender for a time; the sender's id is the fencing token: whoever lost the claim cannot move the
row any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import DeliveryState as State
from newsletter.store.claims import Claim
from newsletter.store.columns import Id, Instant
from newsletter.store.moves import (
    MOMENT,
    MOVES,
    OPEN,
    Answer,
    keep_attempt,
    move,
    moving,
    present,
    return_to_planned,
    tried,
)
from newsletter.store.schema import attempt, delivery, subscriber, subscription


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery to be planned: everything that is frozen about it."""

    subscription: int
    message_id: str
    lower: int
    picks: bytes
    repeats: bytes
    corrections: bytes
    language: str
    light: bool


def plan(connection: sa.Connection, issue_id: int, rows: Sequence[Row], now: datetime) -> None:
    """Write the rows of an issue's audience; a row that is already there stays as it is."""
    if not rows:
        return
    known = sa.select(delivery.c.subscription).where(
        delivery.c.issue == issue_id, delivery.c.subscription.in_([row.subscription for row in rows])
    )
    there = set(connection.scalars(known))
    start = {"issue": issue_id, "state": State.PLANNED.value, "at": now, "tries": 0, "doubted": False, "reason": ""}
    values = [start | _columns(row) for row in rows if row.subscription not in there]
    if values:
        connection.execute(delivery.insert(), values)


def hand(connection: sa.Connection, row: Claim, sender: int, now: datetime, real_now: datetime) -> bool:
    """Mark a row as handed over, which must be on disk before the final dot is written.

    Returns False, and changes nothing, when the claim was lost, or the person left, is suppressed or has another
    address by now: then the message must not be ended by a dot.
    """
    values = {"row": row.id, "me": sender, "mailed": row.address, "moment": now, "instant": real_now}
    return connection.execute(handing(), values).rowcount == 1


def handing() -> sa.Update:
    """Return the statement of ``hand``, with the names that it takes."""
    there = present(subscriber.c.address == sa.bindparam("mailed", None, sa.Text))
    where = (*_claimed(), delivery.c.lease > sa.bindparam("instant", None, Instant), there)
    return moving(State.HANDED, MOMENT, *where, came_from=(State.PLANNED,))


def accepting() -> sa.Update:
    """Return the statement that writes that a message was accepted, with the names that it takes."""
    late = (State.HANDED, State.UNCERTAIN)
    return moving(
        State.SENT, MOMENT, *_claimed(), came_from=late, reason=sa.bindparam("words", None, sa.Text), **tried(MOMENT)
    )


def trying() -> sa.Insert:
    """Return the statement that keeps the reply by which a message was accepted, with the names that it takes."""
    text = {name: sa.bindparam(name, None, sa.Text) for name in ("class", "words")}
    values = {"delivery": sa.bindparam("row", None, Id), "at": MOMENT, "outcome": State.SENT.value}
    said = {"code": sa.bindparam("number", None, sa.Integer), "enhanced": text["class"], "text": text["words"]}
    return attempt.insert().inline().values(**values, **said)


def answer_dot(
    connection: sa.Connection,
    row: Claim,
    sender: int,
    to: State,
    answer: Answer,
    now: datetime,
    due: datetime | None = None,
) -> bool:
    """Write the server's reply to the final dot: sent, deferred or refused; a lost reply is uncertain.

    A reply that comes after the row was taken for uncertain still counts when its own sender saw it.
    """
    late = tuple(state for state in (State.HANDED, State.UNCERTAIN) if to in MOVES[state])
    return _answered(connection, row, sender, to, answer, now, due, late)


def answer_early(
    connection: sa.Connection,
    row: Claim,
    sender: int,
    to: State,
    answer: Answer,
    now: datetime,
    due: datetime | None = None,
) -> bool:
    """Write a refusal that came before the message was handed over: deferred or refused."""
    return _answered(connection, row, sender, to, answer, now, due, (State.PLANNED,))


def take_back(connection: sa.Connection, row: Claim, sender: int, answer: Answer, now: datetime) -> None:
    """Return a row whose dot was provably not written: to planned, or withdrawn when the person has left.

    The sender keeps its claim, to try again or to release the row when it ends.
    """
    mine = (delivery.c.id == row.id, delivery.c.sender == sender)
    held = {"sender": delivery.c.sender, "lease": delivery.c.lease}
    return_to_planned(connection, now, *mine, came_from=(State.HANDED,), **held)
    keep_attempt(connection, row.id, "not handed over", answer, now)


def withdraw_unreachable(connection: sa.Connection, row: Claim, sender: int, now: datetime) -> None:
    """Settle a claimed row that ``hand`` would not take: withdrawn if the person is gone, else free again."""
    mine = (delivery.c.id == row.id, delivery.c.sender == sender)
    move(connection, State.WITHDRAWN, now, *mine, ~present(), came_from=(State.PLANNED,), reason="left")
    still = (*mine, delivery.c.state == State.PLANNED)
    connection.execute(delivery.update().where(*still).values(sender=None, lease=None))


def bury(connection: sa.Connection, issue_id: int, dead: Iterable[int], now: datetime, real_now: datetime) -> int:
    """Settle what dead senders, or leases that ran out, left behind; returns how many rows are in doubt by it.

    Handed rows become uncertain: nobody knows whether the dot was written. Planned ones are free again.
    """
    mine = delivery.c.issue == issue_id
    ended = delivery.c.sender.in_(list(dead)) | (delivery.c.lease < real_now)
    why = "the sender died before the reply"
    doubted = move(connection, State.UNCERTAIN, now, mine, ended, came_from=(State.HANDED,), reason=why)
    held = (mine, delivery.c.state == State.PLANNED, delivery.c.sender.is_not(None), ended)
    connection.execute(delivery.update().where(*held).values(sender=None, lease=None))
    return doubted


def wake(connection: sa.Connection, issue_id: int, due_by: datetime | None, now: datetime) -> int:
    """Bring deferred rows of an issue back to planned: those due by an instant, or all where that is None."""
    mine = (delivery.c.issue == issue_id,)
    due = mine if due_by is None else (*mine, delivery.c.due <= due_by)
    return return_to_planned(connection, now, *due, came_from=(State.DEFERRED,))


def give_up(connection: sa.Connection, issue_id: int, before: datetime, now: datetime) -> int:
    """Refuse deferred rows that were first tried before an instant."""
    where = (delivery.c.issue == issue_id, delivery.c.first_tried < before)
    return move(connection, State.REFUSED, now, *where, came_from=(State.DEFERRED,))


def withdraw_subscription(connection: sa.Connection, subscription_id: int, reason: str, now: datetime) -> int:
    """Withdraw the open rows of one subscription."""
    mine = delivery.c.subscription == subscription_id
    return move(connection, State.WITHDRAWN, now, mine, came_from=OPEN, reason=reason)


def fold(connection: sa.Connection, issue_id: int, now: datetime, limit: int) -> int:
    """Withdraw up to ``limit`` open rows of an issue, for the next letter offers their articles again.

    Their readers are owed a letter. A row that was once in doubt is never folded: it counts as received.
    """
    mine = (delivery.c.issue == issue_id, delivery.c.doubted.is_(False))
    return _withdraw_some(connection, now, limit, "in the next letter", *mine)


def cancel(connection: sa.Connection, issue_id: int, now: datetime, limit: int) -> int:
    """Withdraw up to ``limit`` open rows of an issue for good: their readers are owed a letter."""
    return _withdraw_some(connection, now, limit, "cancelled", delivery.c.issue == issue_id)


def resolve(connection: sa.Connection, issue_id: int, to: State, reason: str, now: datetime) -> int:
    """Settle an issue's uncertain rows as a person decided: sent, refused, or planned to be sent again."""
    mine = delivery.c.issue == issue_id
    if to is State.PLANNED:
        return return_to_planned(connection, now, mine, came_from=(State.UNCERTAIN,))
    return move(connection, to, now, mine, came_from=(State.UNCERTAIN,), reason=reason)


def prove_sent(
    connection: sa.Connection, issue_id: int, message_id: str, ended: str, answer: Answer, now: datetime
) -> None:
    """Settle a letter in doubt that the relay's log knows: the relay took it, however it ``ended`` behind it."""
    mine = (delivery.c.issue == issue_id, delivery.c.message_id == message_id)
    for key in list(connection.scalars(sa.select(delivery.c.id).where(*mine, delivery.c.state == State.UNCERTAIN))):
        move(connection, State.SENT, now, *mine, came_from=(State.UNCERTAIN,), reason=answer.text)
        keep_attempt(connection, key, ended, answer, now)


def doubt(connection: sa.Connection, issue_id: int, reason: str, now: datetime) -> int:
    """Put the open rows of an issue in doubt: another copy of the books may have sent them since."""
    wake(connection, issue_id, None, now)
    mine = delivery.c.issue == issue_id
    move(connection, State.HANDED, now, mine, came_from=(State.PLANNED,))
    return move(connection, State.UNCERTAIN, now, mine, came_from=(State.HANDED,), reason=reason)


def received() -> sa.ColumnElement[bool]:
    """Return the condition that a row's picks count as received: sent, in doubt, or once in doubt."""
    return delivery.c.state.in_((State.SENT, State.UNCERTAIN, State.HANDED)) | delivery.c.doubted


def _withdraw_some(
    connection: sa.Connection, now: datetime, limit: int, reason: str, *mine: sa.ColumnElement[bool]
) -> int:
    is_open = (*mine, delivery.c.state.in_(OPEN))
    some = list(connection.scalars(sa.select(delivery.c.id).where(*is_open).order_by(delivery.c.id).limit(limit)))
    if some:
        between = (*is_open, delivery.c.id.between(some[0], some[-1]))
        owed = sa.select(delivery.c.subscription).where(*between)
        connection.execute(subscription.update().where(subscription.c.id.in_(owed)).values(owed=True))
        move(connection, State.WITHDRAWN, now, *between, came_from=OPEN, reason=reason)
    return len(some)


def _answered(
    connection: sa.Connection,
    row: Claim,
    sender: int,
    to: State,
    answer: Answer,
    now: datetime,
    due: datetime | None,
    came_from: tuple[State, ...],
) -> bool:
    mine = (delivery.c.id == row.id, delivery.c.sender == sender)
    moved = move(connection, to, now, *mine, came_from=came_from, due=due, reason=answer.text, **tried(now))
    keep_attempt(connection, row.id, to.value, answer, now)
    return moved == 1


def _columns(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in Row.__slots__}


def _claimed() -> tuple[sa.ColumnElement[bool], ...]:
    return (delivery.c.id == sa.bindparam("row", None, Id), delivery.c.sender == sa.bindparam("me", None, Id))
