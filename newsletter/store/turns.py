"""Turns: what became of the planned dates of lists, each taken once, and since when a list is watched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from newsletter.errors import PendingError
from newsletter.store.schema import issue, run, turn, watch

RUN = "run"
DRAFTED = "drafted"
CANCELLED = "cancelled"
BY_HAND = "by hand"
"""What became of a planned date, besides what a timetable judges."""

DECIDED = (RUN, DRAFTED, CANCELLED, BY_HAND)
"""What stays true of a date that is still to come."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a list: when, whether it was skipped, and the name of its issue."""

    at: datetime
    skipped: bool
    issue: str | None


def take(connection: sa.Connection, list_slug: str, day: date, at: datetime, run_id: int) -> None:
    """Let a run be that of a planned date, drafted or not; the caller holds the lock of numbers.

    Raises:
        PendingError: when the date is taken.
    """
    drafted = (turn.c.list == list_slug, turn.c.date == day.isoformat(), turn.c.fate == DRAFTED)
    if connection.execute(turn.update().where(*drafted).values(fate=RUN, run=run_id)).rowcount:
        return
    if not note(connection, list_slug, day, at, RUN, run_id):
        raise PendingError(f"{list_slug}: the run of {day} was taken by another `newsletter run`")


def note(
    connection: sa.Connection, list_slug: str, day: date, at: datetime, fate: str, run_id: int | None = None
) -> bool:
    """Write what became of a planned date, once; False where that was written before. The caller holds that lock."""
    where = (turn.c.list == list_slug, turn.c.date == day.isoformat())
    if connection.scalar(sa.select(turn.c.fate).where(*where)):
        return False
    values = {"list": list_slug, "date": day.isoformat(), "at": at, "fate": fate, "run": run_id}
    connection.execute(turn.insert().values(values))
    return True


def dates(connection: sa.Connection, list_slug: str, since: datetime) -> set[date]:
    """Return the planned dates of a list, of instants later than another, of which it is written what became."""
    query = sa.select(turn.c.date).where(turn.c.list == list_slug, turn.c.at > since)
    return {date.fromisoformat(day) for day in connection.scalars(query)}


def fate(connection: sa.Connection, list_slug: str, day: date) -> tuple[str, datetime] | None:
    """Return what became of a planned date and for which instant it was, None where that is not written."""
    query = sa.select(turn.c.fate, turn.c.at).where(turn.c.list == list_slug, turn.c.date == day.isoformat())
    row = connection.execute(query).first()
    return None if row is None else (row.fate, row.at)


def give_up(connection: sa.Connection, list_slug: str, day: date, fate: str) -> None:
    """Note that the draft of a planned date was dropped, or sent by hand: there will be no run of it."""
    drafted = (turn.c.list == list_slug, turn.c.date == day.isoformat(), turn.c.fate == DRAFTED)
    connection.execute(turn.update().where(*drafted).values(fate=fate))


def of_run(connection: sa.Connection, run_id: int | None) -> tuple[date, datetime] | None:
    """Return the planned date of a run and its instant, None for a run by hand and for no run."""
    query = sa.select(turn.c.date, turn.c.at).where(turn.c.run == run_id, turn.c.run.is_not(None))
    row = connection.execute(query).first()
    return None if row is None else (date.fromisoformat(row.date), row.at)


def missed_ahead(connection: sa.Connection, now: datetime) -> bool:
    """Tell whether a date that is still to come is written down as one without a run."""
    return (
        connection.scalar(sa.select(turn.c.date).where(turn.c.at > now, turn.c.fate.not_in(DECIDED)).limit(1))
        is not None
    )


def tidy(connection: sa.Connection, lists: Collection[str], now: datetime) -> None:
    """Watch only these lists, and forget what was written of dates to come, but for runs that took place."""
    connection.execute(watch.delete().where(watch.c.list.not_in(list(lists))))
    connection.execute(turn.delete().where(turn.c.at > now, turn.c.fate.not_in(DECIDED)))


def last_by_hand(connection: sa.Connection, list_slug: str) -> datetime | None:
    """Return when a person last ran a list."""
    planned = sa.select(turn.c.run).where(turn.c.run.is_not(None))
    where = (run.c.list == list_slug, run.c.id.not_in(planned), run.c.draft.is_(False))
    at: datetime | None = connection.scalar(sa.select(sa.func.max(run.c.at)).where(*where))
    return at


def last_run(connection: sa.Connection, list_slug: str) -> LastRun | None:
    """Return the last run of a list, planned or by hand."""
    query = sa.select(run.c.at, run.c.skipped, issue.c.name).outerjoin(issue, issue.c.run == run.c.id)
    mine = (run.c.list == list_slug, run.c.draft.is_(False))
    row = connection.execute(query.where(*mine).order_by(run.c.id.desc()).limit(1)).first()
    return None if row is None else LastRun(row.at, row.skipped, row.name)


def watched(connection: sa.Connection, list_slug: str) -> tuple[str, datetime] | None:
    """Return under which timetable a list is watched and since when, None where nobody watches it."""
    row = connection.execute(sa.select(watch).where(watch.c.list == list_slug)).first()
    return None if row is None else (row.timetable, row.since)


def watched_lists(connection: sa.Connection) -> set[str]:
    """Return the lists that are watched."""
    return set(connection.scalars(sa.select(watch.c.list)))


def begin(connection: sa.Connection, list_slug: str, timetable: str, since: datetime) -> None:
    """Watch a list from an instant on."""
    values = {"timetable": timetable, "since": since}
    if not connection.execute(watch.update().where(watch.c.list == list_slug).values(values)).rowcount:
        connection.execute(watch.insert().values(list=list_slug, **values))
