"""Pauses: times in which a list does not run, as staff write them: a month, a day, or from one day to another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from newsletter.errors import ConfigError
from newsletter.terms import fold

EXAMPLES = '"august", "12-24/01-02" (each year), "2026-12-24/2027-01-02" or "05-01"'

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "janvier"),
            ("february", "fevrier"),
            ("march", "mars"),
            ("april", "avril"),
            ("may", "mai"),
            ("june", "juin"),
            ("july", "juillet"),
            ("august", "aout"),
            ("september", "septembre"),
            ("october", "octobre"),
            ("november", "novembre"),
            ("december", "decembre"),
        ),
        1,
    )
    for name in names
}
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")

Day = tuple[int, ...]
"""Month and day, of each year, or year, month and day: they compare as dates do."""


@dataclass(frozen=True, slots=True)
class Pause:
    """From one day to another, both included, of each year or of one; ``words`` are those of the configuration."""

    words: str
    first: Day
    last: Day

    def covers(self, day: date) -> bool:
        """Tell whether a date lies in the pause."""
        here = (day.year, day.month, day.day)[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last  # over New Year


def parse(words: str) -> Pause:
    """Read a pause.

    Raises:
        ConfigError: with what one may write.
    """
    if month := _MONTHS.get(fold(words)):
        return Pause(words, (month, 1), (month, 31))
    ends = [_day(end) for end in words.split("/")]
    first, last = ends[0], ends[-1]
    if len(ends) > 2 or first is None or last is None or len(first) != len(last):
        raise ConfigError(f"{words!r} is not understood; write one such as {EXAMPLES}")
    if len(first) == 3 and last < first:
        raise ConfigError(f"{words!r} ends before it begins; write the earlier date first")
    return Pause(words, first, last)


def _day(written: str) -> Day | None:
    """Return a day as it is written, None where there is no such day."""
    found = _DAY.fullmatch(written.strip())
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        date(year or 2024, month or 0, day or 0)  # a leap year: each has its 29 February, if it has one
    except ValueError:
        return None
    return tuple(part for part in (year, month, day) if part is not None)
