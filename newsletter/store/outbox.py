"""The outbox: notices that are owed, and what became of each. The only code that changes a notice's state.

``handed`` is on disk before the final dot is written; whoever finds it and holds the lock of the outbox knows that
nobody is alive who waits for the answer: then it is ``uncertain``, and is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from newsletter.store.schema import notice


class State(StrEnum):
    """How a notice stands: it waits, it is on its way, or it is settled."""

    PLANNED = "planned"
    DEFERRED = "deferred"
    HANDED = "handed"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    EXPIRED = "expired"


WAITING = (State.PLANNED, State.DEFERRED)
UNSETTLED = (*WAITING, State.HANDED)
FAILED = (State.REFUSED, State.UNCERTAIN, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice to be written: ``about`` and ``mark`` say what it tells of and how that stood, where that is known."""

    kind: str
    list: str
    recipient: str
    message_id: str
    message: bytes
    expires: datetime
    about: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits; ``tries`` were made before."""

    id: int
    list: str
    recipient: str
    message: bytes
    created: datetime
    expires: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A notice that did not arrive for all that we know."""

    kind: str
    recipient: str
    state: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the outbox stands: how many notices wait, since when the oldest, its last words, and what failed lately."""

    waiting: int
    since: datetime | None
    reason: str
    failed: tuple[Failed, ...]


def owe(connection: sa.Connection, owed: Owed, now: datetime) -> None:
    """Write a notice, in the transaction of what it tells of: neither is kept without the other."""
    values = {name: getattr(owed, name) for name in Owed.__slots__}
    start = {"state": State.PLANNED.value, "created": now, "at": now, "due": now, "tries": 0, "reason": ""}
    connection.execute(notice.insert().values(values | start))


def told(connection: sa.Connection, about: str, mark: str = "", since: datetime | None = None) -> bool:
    """Tell whether a notice was written about something: how that stood does not matter where no mark is given."""
    where = [notice.c.about == about]
    if mark:
        where.append(notice.c.mark == mark)
    if since:
        where.append(notice.c.created > since)
    return connection.scalar(sa.select(notice.c.id).where(*where).limit(1)) is not None


def stirs(connection: sa.Connection, now: datetime) -> bool:
    """Tell whether anything in the outbox wants to be looked at now."""
    where = (notice.c.state.in_(UNSETTLED), notice.c.due <= now)
    return connection.scalar(sa.select(notice.c.id).where(*where).limit(1)) is not None


def due(connection: sa.Connection, now: datetime) -> list[Waiting]:
    """Return the notices whose time has come, the oldest first."""
    columns = [notice.c[name] for name in Waiting.__slots__]
    where = (notice.c.state.in_(WAITING), notice.c.due <= now, notice.c.expires > now)
    return [Waiting(*row) for row in connection.execute(sa.select(*columns).where(*where).order_by("id"))]


def hand(connection: sa.Connection, waiting: Waiting, now: datetime) -> bool:
    """Mark a notice as handed over; False, and nothing changed, when it waits no longer or another had it meanwhile."""
    mine = (notice.c.id == waiting.id, notice.c.tries == waiting.tries, notice.c.state.in_(WAITING))
    values = {"state": State.HANDED.value, "at": now, "tries": waiting.tries + 1}
    return connection.execute(notice.update().where(*mine).values(values)).rowcount == 1


def settle(connection: sa.Connection, waiting: Waiting, to: State, reason: str, now: datetime) -> None:
    """Write what became of a notice, handed over or not; its words are kept no longer."""
    # A late answer to what was buried meanwhile still counts: its own sender saw it.
    where = (*_mine(waiting), notice.c.state.in_((*UNSETTLED, State.UNCERTAIN)))
    connection.execute(notice.update().where(*where).values(_settled(to, reason, now)))


def defer(connection: sa.Connection, waiting: Waiting, until: datetime, reason: str, now: datetime) -> None:
    """Let a notice wait after a try that failed for now, though not beyond its end."""
    values = {
        "state": State.DEFERRED.value,
        "at": now,
        "due": min(until, waiting.expires),
        "tries": waiting.tries + 1,
        "reason": reason,
    }
    connection.execute(notice.update().where(*_mine(waiting), notice.c.state.in_(UNSETTLED)).values(values))


def postpone(connection: sa.Connection, some: Sequence[Waiting], until: datetime, reason: str, now: datetime) -> None:
    """Let notices wait that could not be tried: the relay was not there for them."""
    mine = notice.c.id.in_([waiting.id for waiting in some])
    where = (mine, notice.c.state.in_(WAITING), notice.c.due <= now)
    connection.execute(notice.update().where(*where).values(due=until, reason=reason, at=now))


def bury(connection: sa.Connection, now: datetime) -> None:
    """Say of what was handed over that nobody knows: only for who holds the lock of the outbox."""
    reason = "the sender died before the relay's answer; it may have been accepted"
    handed = notice.c.state == State.HANDED
    connection.execute(notice.update().where(handed).values(_settled(State.UNCERTAIN, reason, now)))


def expire(connection: sa.Connection, now: datetime) -> None:
    """Give up what came to its end while it waited."""
    over = (notice.c.state.in_(WAITING), notice.c.expires <= now)
    last = sa.case((notice.c.reason == "", "it waited too long"), else_="it waited too long: " + notice.c.reason)
    values = {"state": State.EXPIRED.value, "at": now, "message": b"", "reason": last}
    connection.execute(notice.update().where(*over).values(values))


def supersede(connection: sa.Connection, kind: str, list_slug: str) -> None:
    """Drop what waits of a kind for a list: newer ones take its place, and what it says is no longer so."""
    where = (notice.c.kind == kind, notice.c.list == list_slug, notice.c.state.in_(WAITING))
    connection.execute(notice.delete().where(*where))


def forget(connection: sa.Connection, before: datetime) -> None:
    """Forget settled notices of long ago: who was written to is nobody's business for ever."""
    connection.execute(notice.delete().where(notice.c.state.not_in(UNSETTLED), notice.c.at < before))


def standing(connection: sa.Connection, since: datetime) -> Standing:
    """Return how the outbox stands, with what failed since an instant."""
    count, oldest = connection.execute(
        sa.select(sa.func.count(), sa.func.min(notice.c.created)).where(notice.c.state.in_(UNSETTLED))
    ).one()
    words = sa.select(notice.c.reason).where(notice.c.state.in_(UNSETTLED)).order_by(notice.c.at.desc()).limit(1)
    columns = [notice.c[name] for name in Failed.__slots__]
    failed = sa.select(*columns).where(notice.c.state.in_(FAILED), notice.c.at > since).order_by(notice.c.id)
    found = tuple(Failed(*row) for row in connection.execute(failed))
    return Standing(count, oldest, connection.scalar(words) or "", found)


def _mine(waiting: Waiting) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether this is still the try that was begun: before it was handed over, or after."""
    return notice.c.id == waiting.id, notice.c.tries.in_((waiting.tries, waiting.tries + 1))


def _settled(to: State, reason: str, now: datetime) -> dict[str, object]:
    return {"state": to.value, "reason": reason, "at": now, "message": b""}
