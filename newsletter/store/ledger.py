"""The ledger: one row per issue and subscription, and the only code that changes a row's state.

``MOVES`` is the whole state machine (docs/state-machine.md is drawn from it). Every change names the states that it
may start from in its WHERE clause, so that a late or repeated answer changes nothing. A row is claimed by a sender for
a time; the sender's id is the fencing token: whoever lost the claim cannot move the row any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import DeliveryState as State
from newsletter.model import SubscriptionState
from newsletter.store.claims import Claim
from newsletter.store.columns import Id, Instant
from newsletter.store.schema import attempt, delivery, subscriber, subscription, suppression

MOVES: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.DEFERRED, State.REFUSED, State.WITHDRAWN, State.HANDED}),
    State.HANDED: frozenset(
        {State.SENT, State.DEFERRED, State.REFUSED, State.PLANNED, State.WITHDRAWN, State.UNCERTAIN}
    ),
    State.DEFERRED: frozenset({State.PLANNED, State.WITHDRAWN, State.REFUSED}),
    State.UNCERTAIN: frozenset({State.SENT, State.REFUSED, State.PLANNED, State.WITHDRAWN}),
    State.SENT: frozenset(),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

Moment = datetime | sa.BindParameter[datetime]
"""An instant, or the name under which a statement takes one."""

_MOMENT = sa.bindparam("moment", None, Instant)

OPEN = (State.PLANNED, State.DEFERRED)
"""States from which a row may still go out by itself."""


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, or what happened instead (``code`` 0)."""

    code: int
    enhanced: str
    text: str


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
    present = _present(subscriber.c.address == sa.bindparam("mailed", None, sa.Text))
    where = (*_mine(), delivery.c.lease > sa.bindparam("instant", None, Instant), present)
    return _moving(State.HANDED, _MOMENT, *where, came_from=(State.PLANNED,))


def accepting() -> sa.Update:
    """Return the statement that writes that a message was accepted, with the names that it takes."""
    late = (State.HANDED, State.UNCERTAIN)
    return _moving(
        State.SENT, _MOMENT, *_mine(), came_from=late, reason=sa.bindparam("words", None, sa.Text), **_tried(_MOMENT)
    )


def trying() -> sa.Insert:
    """Return the statement that keeps the reply by which a message was accepted, with the names that it takes."""
    text = {name: sa.bindparam(name, None, sa.Text) for name in ("class", "words")}
    values = {"delivery": sa.bindparam("row", None, Id), "at": _MOMENT, "outcome": State.SENT.value}
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
    _return_to_planned(connection, now, *mine, came_from=(State.HANDED,), **held)
    _attempt(connection, row.id, "not handed over", answer, now)


def withdraw_unreachable(connection: sa.Connection, row: Claim, sender: int, now: datetime) -> None:
    """Settle a claimed row that ``hand`` would not take: withdrawn if the person is gone, else free again."""
    mine = (delivery.c.id == row.id, delivery.c.sender == sender)
    _move(connection, State.WITHDRAWN, now, *mine, ~_present(), came_from=(State.PLANNED,), reason="left")
    still = (*mine, delivery.c.state == State.PLANNED)
    connection.execute(delivery.update().where(*still).values(sender=None, lease=None))


def bury(connection: sa.Connection, issue_id: int, dead: Iterable[int], now: datetime, real_now: datetime) -> int:
    """Settle what dead senders, or leases that ran out, left behind; returns how many rows are in doubt by it.

    Handed rows become uncertain: nobody knows whether the dot was written. Planned ones are free again.
    """
    mine = delivery.c.issue == issue_id
    ended = delivery.c.sender.in_(list(dead)) | (delivery.c.lease < real_now)
    why = "the sender died before the reply"
    doubted = _move(connection, State.UNCERTAIN, now, mine, ended, came_from=(State.HANDED,), reason=why)
    held = (mine, delivery.c.state == State.PLANNED, delivery.c.sender.is_not(None), ended)
    connection.execute(delivery.update().where(*held).values(sender=None, lease=None))
    return doubted


def wake(connection: sa.Connection, issue_id: int, due_by: datetime | None, now: datetime) -> int:
    """Bring deferred rows of an issue back to planned: those due by an instant, or all where that is None."""
    mine = (delivery.c.issue == issue_id,)
    due = mine if due_by is None else (*mine, delivery.c.due <= due_by)
    return _return_to_planned(connection, now, *due, came_from=(State.DEFERRED,))


def give_up(connection: sa.Connection, issue_id: int, before: datetime, now: datetime) -> int:
    """Refuse deferred rows that were first tried before an instant."""
    where = (delivery.c.issue == issue_id, delivery.c.first_tried < before)
    return _move(connection, State.REFUSED, now, *where, came_from=(State.DEFERRED,))


def withdraw_subscription(connection: sa.Connection, subscription_id: int, reason: str, now: datetime) -> int:
    """Withdraw the open rows of one subscription."""
    mine = delivery.c.subscription == subscription_id
    return _move(connection, State.WITHDRAWN, now, mine, came_from=OPEN, reason=reason)


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
        return _return_to_planned(connection, now, mine, came_from=(State.UNCERTAIN,))
    return _move(connection, to, now, mine, came_from=(State.UNCERTAIN,), reason=reason)


def prove_sent(
    connection: sa.Connection, issue_id: int, message_id: str, ended: str, answer: Answer, now: datetime
) -> None:
    """Settle a letter in doubt that the relay's log knows: the relay took it, however it ``ended`` behind it."""
    mine = (delivery.c.issue == issue_id, delivery.c.message_id == message_id)
    for key in list(connection.scalars(sa.select(delivery.c.id).where(*mine, delivery.c.state == State.UNCERTAIN))):
        _move(connection, State.SENT, now, *mine, came_from=(State.UNCERTAIN,), reason=answer.text)
        _attempt(connection, key, ended, answer, now)


def doubt(connection: sa.Connection, issue_id: int, reason: str, now: datetime) -> int:
    """Put the open rows of an issue in doubt: another copy of the books may have sent them since."""
    wake(connection, issue_id, None, now)
    mine = delivery.c.issue == issue_id
    _move(connection, State.HANDED, now, mine, came_from=(State.PLANNED,))
    return _move(connection, State.UNCERTAIN, now, mine, came_from=(State.HANDED,), reason=reason)


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
        _move(connection, State.WITHDRAWN, now, *between, came_from=OPEN, reason=reason)
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
    moved = _move(connection, to, now, *mine, came_from=came_from, due=due, reason=answer.text, **_tried(now))
    _attempt(connection, row.id, to.value, answer, now)
    return moved == 1


def _columns(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in Row.__slots__}


def _mine() -> tuple[sa.ColumnElement[bool], ...]:
    return (delivery.c.id == sa.bindparam("row", None, Id), delivery.c.sender == sa.bindparam("me", None, Id))


def _tried(now: Moment) -> dict[str, object]:
    first = sa.func.coalesce(
        delivery.c.first_tried, now if isinstance(now, sa.BindParameter) else sa.literal(now, Instant)
    )
    return {"tries": delivery.c.tries + 1, "first_tried": first}


def _present(*also: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition that the person of a row may be mailed: still a member, and not suppressed."""
    person = (subscription.c.id == delivery.c.subscription, subscriber.c.id == subscription.c.subscriber)
    suppressed = sa.exists().where(suppression.c.folded == subscriber.c.folded)
    return sa.exists().where(*person, subscription.c.state == SubscriptionState.ACTIVE, *also, ~suppressed)


def _return_to_planned(
    connection: sa.Connection,
    now: datetime,
    *where: sa.ColumnElement[bool],
    came_from: tuple[State, ...],
    **values: object,
) -> int:
    """Every way back to planned asks first whether the person is still there."""
    _move(connection, State.WITHDRAWN, now, *where, ~_present(), came_from=came_from, reason="left")
    return _move(connection, State.PLANNED, now, *where, came_from=came_from, due=None, **values)


def _move(
    connection: sa.Connection,
    to: State,
    now: datetime,
    *where: sa.ColumnElement[bool],
    came_from: tuple[State, ...],
    **values: object,
) -> int:
    """Change the state of rows."""
    return connection.execute(_moving(to, now, *where, came_from=came_from, **values)).rowcount


def _moving(
    to: State,
    now: Moment,
    *where: sa.ColumnElement[bool],
    came_from: tuple[State, ...],
    **values: object,
) -> sa.Update:
    """Return what changes the state of rows: the only such statement of the program."""
    for state in came_from:
        if to not in MOVES[state]:
            raise ValueError(f"a row never goes from {state} to {to}")
    values["at"] = now
    if to not in (State.HANDED, State.UNCERTAIN):
        values = {"sender": None, "lease": None} | values
    if to is State.UNCERTAIN:
        values["doubted"] = True
    return delivery.update().where(delivery.c.state.in_(came_from), *where).values(state=to.value, **values)


def _attempt(connection: sa.Connection, delivery_id: int, outcome: str, answer: Answer, now: datetime) -> None:
    said = {"code": answer.code, "enhanced": answer.enhanced, "text": answer.text}
    connection.execute(attempt.insert().values(delivery=delivery_id, at=now, outcome=outcome, **said))
