"""Judging: which planned dates of a list have come, and what becomes of each."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.pipeline.publication import Publication
from newsletter.store import turns
from newsletter.timetable import Fate, Timetable, Turn, judge

MEMORY = timedelta(days=366)
"""How far back planned dates are looked at."""


def since(publication: Publication, table: Timetable) -> datetime | None:
    """Return since when a list is watched under this timetable, None where that begins now.

    What was planned before is nobody's: neither a first start nor another cadence sends a letter out of turn.
    """
    with publication.store.read() as connection:
        words, begun = turns.watched(connection, table.list) or ("", publication.now)
    return max(begun, publication.now - MEMORY) if words == table.words and begun <= publication.now else None


def judged(publication: Publication, table: Timetable, start: datetime) -> list[tuple[Turn, Fate]]:
    """Return the planned dates since an instant of which nobody wrote what became, each with its fate."""
    with publication.store.read() as connection:
        known = turns.dates(connection, table.list, start)
        by_hand = turns.last_by_hand(connection, table.list)
    waiting = [turn for turn in table.turns(start, publication.now) if turn.date not in known]
    day = by_hand.astimezone(table.zone).date() if by_hand else None
    return judge(waiting, publication.now, patience(publication, table.list), day)


def missing(publication: Publication, table: Timetable) -> list[Turn]:
    """Return the planned dates that passed without a run and without a scheduler that would have told."""
    start = since(publication, table)
    found = judged(publication, table, start) if start else []
    return [turn for turn, fate in found if fate is Fate.MISSED]


def patience(publication: Publication, list_slug: str) -> timedelta:
    """Return how late a run of a list may be."""
    return timedelta(hours=publication.list(list_slug).missed_hours)
