"""Timetables: when each list is to run, and what becomes of a planned date. No clock and no books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from newsletter import cadence, pauses
from newsletter.cadence import Cadence
from newsletter.config import Config
from newsletter.pauses import Pause

DAY = timedelta(days=1)
AHEAD = 800
"""Days within which the next run of a list is looked for."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A date on which a list is to run, and the instant; ``pause`` holds the words of one in which it lies."""

    list: str
    date: date
    at: datetime
    pause: str = ""


class Fate(StrEnum):
    """What becomes of a turn: a run, or why there is none."""

    RUN = "run"
    BY_HAND = "by hand"
    PAUSED = "paused"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a list is to run: its cadence in the zone where its readers live, but for pauses."""

    list: str
    words: str
    cadence: Cadence
    pauses: tuple[Pause, ...]
    zone: ZoneInfo

    def turns(self, after: datetime, until: datetime) -> Iterator[Turn]:
        """Yield the turns later than an instant, up to another one, with those that are paused."""
        # A day more on both sides: where the clocks go over midnight a date begins early, late or twice.
        day, last = self._local(after) - DAY, self._local(until) + DAY
        while day <= last:
            if self.cadence.falls_on(day):
                turn = self._turn(day)
                if after < turn.at <= until:
                    yield turn
            day += DAY

    def next(self, after: datetime) -> Turn | None:
        """Return the next turn that takes place, None where none is in sight."""
        start = max(self._local(after) - DAY, self.cadence.start)
        days = (start + DAY * number for number in range(AHEAD))
        turns = (self._turn(day) for day in days if self.cadence.falls_on(day))
        return next((turn for turn in turns if turn.at > after and not turn.pause), None)

    def _turn(self, day: date) -> Turn:
        pause = next((pause.words for pause in self.pauses if pause.covers(day)), "")
        return Turn(self.list, day, cadence.instant(day, self.cadence.clock, self.zone), pause)

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def timetable(config: Config, list_slug: str) -> Timetable | None:
    """Return the timetable of a list, None where it runs by hand only."""
    settings, zone = config.lists[list_slug], config.zone(list_slug)
    if not settings.cadence:
        return None
    paused = tuple(pauses.parse(words) for words in (*config.site.pauses, *settings.pauses))
    words = f"{settings.cadence.strip()}, {zone.key}"
    return Timetable(list_slug, words, cadence.parse(settings.cadence), paused, zone)


def judge(turns: Iterable[Turn], now: datetime, patience: timedelta, by_hand: date | None) -> list[tuple[Turn, Fate]]:
    """Decide what becomes of turns whose time has come: at most the last one is a run, if it is not too late by now.

    ``by_hand`` is the local date on which a person last ran the list: that was the run of this date and of all before.
    """
    found = list(turns)
    last = next((turn for turn in reversed(found) if not turn.pause), None)

    def fate(turn: Turn) -> Fate:
        if turn.pause:
            return Fate.PAUSED
        if by_hand and turn.date <= by_hand:
            return Fate.BY_HAND
        return Fate.RUN if turn is last and now - turn.at < patience else Fate.MISSED

    return [(turn, fate(turn)) for turn in found]
