"""The moves of a delivery from state to state, and the one statement of the program that makes them.

``MOVES`` is the whole state machine (docs/state-machine.md is drawn from it). Every change names the states that it may
start from in its WHERE clause, so that a late or repeated answer changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import DeliveryState as State
from newsletter.model import SubscriptionState
from newsletter.store.columns import Instant
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

MOMENT = sa.bindparam("moment", None, Instant)

OPEN = (State.PLANNED, State.DEFERRED)
"""States from which a row may still go out by itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, or what happened instead (``code`` 0)."""

    code: int
    enhanced: str
    text: str


def tried(now: Moment) -> dict[str, object]:
    """Return the values by which a row remembers a try."""
    first = sa.func.coalesce(
        delivery.c.first_tried, now if isinstance(now, sa.BindParameter) else sa.literal(now, Instant)
    )
    return {"tries": delivery.c.tries + 1, "first_tried": first}


def present(*also: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition that the person of a row may be mailed: still a member, and not suppressed."""
    person = (subscription.c.id == delivery.c.subscription, subscriber.c.id == subscription.c.subscriber)
    suppressed = sa.exists().where(suppression.c.folded == subscriber.c.folded)
    return sa.exists().where(*person, subscription.c.state == SubscriptionState.ACTIVE, *also, ~suppressed)


def return_to_planned(
    connection: sa.Connection,
    now: datetime,
    *where: sa.ColumnElement[bool],
    came_from: tuple[State, ...],
    **values: object,
) -> int:
    """Every way back to planned asks first whether the person is still there."""
    move(connection, State.WITHDRAWN, now, *where, ~present(), came_from=came_from, reason="left")
    return move(connection, State.PLANNED, now, *where, came_from=came_from, due=None, **values)


def move(
    connection: sa.Connection,
    to: State,
    now: datetime,
    *where: sa.ColumnElement[bool],
    came_from: tuple[State, ...],
    **values: object,
) -> int:
    """Change the state of rows."""
    return connection.execute(moving(to, now, *where, came_from=came_from, **values)).rowcount


def moving(
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


def keep_attempt(connection: sa.Connection, delivery_id: int, outcome: str, answer: Answer, now: datetime) -> None:
    """Keep what came of a try, with the words of the server."""
    said = {"code": answer.code, "enhanced": answer.enhanced, "text": answer.text}
    connection.execute(attempt.insert().values(delivery=delivery_id, at=now, outcome=outcome, **said))
