"""Dates as French and English pages write them, day by day and from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from newsletter.intake.wording import fold
from newsletter.model import EventDate

YEARS = range(1900, 2200)
"""What lies outside is a slip of the pen or an attack, no date of an article."""

_MONTHS = (
    "jan janv janvier january",
    "fev fevr fevrier feb february",
    "mar mars march",
    "avr avril apr april",
    "mai may",
    "juin jun june",
    "juil juillet jul july",
    "aou aout aug august",
    "sep sept septembre september",
    "oct octobre october",
    "nov novembre november",
    "dec decembre december",
)
_WEEKDAYS = (
    "lun lundi mon monday",
    "mar mardi tue tues tuesday",
    "mer mercredi wed wednesday",
    "jeu jeudi thu thur thurs thursday",
    "ven vendredi fri friday",
    "sam samedi sat saturday",
    "dim dimanche sun sunday",
)
MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}

_CLOCK = (
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|\s?h\s?(?P<past>\d{2})?)(?:\s?(?P<half>[ap]m))?"
)
_TIME = rf"(?:\s*[-–,]?\s*(?:(?:a|at|de|from)\s)?\s*{_CLOCK})?"
_WEEK = rf"(?:(?P<weekday>{'|'.join(sorted(WEEKDAY, key=len, reverse=True))})\.?,?\s+)?(?:le\s+|the\s+)?"
_NAMES = "|".join(sorted(MONTH, key=len, reverse=True))
_NAME = rf"(?P<name>{_NAMES})\.?"
_YEAR = r"(?P<year>\d{4})"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"{_WEEK}(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?,?\s+(?:of\s+)?{_NAME},?\s+{_YEAR}{_TIME}",
        rf"{_WEEK}{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}{_TIME}",
        rf"{_WEEK}(?P<one>\d{{1,2}})(?P<sep>[/.-])(?P<two>\d{{1,2}})(?P=sep){_YEAR}{_TIME}",
        rf"{_YEAR}(?P<sep>[/-])(?P<month>\d{{2}})(?P=sep)(?P<day>\d{{2}})(?:t|{_TIME.removesuffix('?')})?",
    )
)
_PARTIAL = rf"{_WEEK}(?:\d{{1,2}}(?:er|st|nd|rd|th)?(?:\s+(?:{_NAMES}))?|(?:{_NAMES})\s+\d{{1,2}})"
_LONGEST = 120  # characters that a span needs at most
_BETWEEN = re.compile(r"\s+(?:au|a|to|until|jusqu'au|-|–)\s+|(?<=\d)[-–](?=\d)")
_ALL_DAY = re.compile(r"\s*\((?:toute la journee|all day)\)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and perhaps a time; ``other`` is the day meant if day and month are the other way round."""

    day: date
    time: time | None = None
    zone: tzinfo | None = None
    other: date | None = None

    def at(self, zone: tzinfo) -> datetime:
        """Return the instant; a time that names no zone is one of ``zone``, a day begins at midnight there."""
        return datetime.combine(self.day, self.time or time(), self.zone or zone)

    def since(self, floor: date) -> Moment:
        """Return the reading that is not before ``floor``, where only one of the two is."""
        if self.other is None or (self.day < floor) == (self.other < floor):
            return self
        return replace(self, day=max(self.day, self.other), other=None)


def shaped(text: str) -> bool:
    """Tell whether the words have the shape of a date or a span, even if no calendar knows that day."""
    folded = _folded(text)
    return _match(folded) is not None or any(_spans(left, right) for left, right in _halves(folded))


def moment(text: str, day_first: bool = True) -> Moment | None:
    """Read one date, with or without time; nothing if it is none, impossible or outside ``YEARS``."""
    exact = _iso(text.strip())
    if exact:
        return exact
    match = _match(_folded(text))
    if match is None:
        return None
    try:
        return _moment(match.groupdict(), day_first)
    except ValueError:
        return None


def span(text: str, day_first: bool = True) -> tuple[Moment, Moment | None] | None:
    """Read a date or a span such as "du 26 au 28 mars 2024" or "26/03/2024 - 14:00 à 17:00"."""
    single = moment(text, day_first)
    if single:
        return single, None
    for left, right in _halves(_folded(text)):
        end = moment(right, day_first) or _later(left, right, day_first) or moment(_lent(left, right), day_first)
        start = moment(left, day_first) or _shared(left, right, day_first)
        if start and end:
            return start, end
    return None


def event(start: Moment, end: Moment | None, zone: tzinfo) -> EventDate | None:
    """Return when something takes place; whole days end at the midnight after the last. None if it ends first."""
    begins = start.at(zone)
    if start.time is None and (end is None or end.time is None):
        last = (end or start).day + timedelta(days=1)
        over = datetime.combine(last, time(), zone)
        return EventDate(begins, over, all_day=True) if over > begins else None
    if end is None:
        return EventDate(begins)
    closes = end.at(zone)
    return EventDate(begins, closes) if closes >= begins else None


def _halves(folded: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to part the words of a span in two."""
    if len(folded) > _LONGEST:
        return
    opened = re.sub(r"^(?:du|de|from|le)\s+", "", folded)
    for gap in _BETWEEN.finditer(opened):
        yield opened[: gap.start()], opened[gap.end() :]


def _spans(left: str, right: str) -> bool:
    if _match(left):
        return _match(right) is not None or re.fullmatch(_CLOCK, right) is not None
    return (_match(right) or _match(_lent(left, right))) is not None and re.fullmatch(_PARTIAL, left) is not None


def _lent(left: str, right: str) -> str:
    """Return the end of a span with the month that only its start names: "March 26 - 28, 2024"."""
    month = re.match(rf"{_WEEK}(?P<lent>{_NAMES})\b", left)
    return f"{month['lent']} {right}" if month and right[:1].isdigit() else ""


def _folded(text: str) -> str:
    return _ALL_DAY.sub("", fold(text))


def _match(folded: str) -> re.Match[str] | None:
    return next((found for shape in _SHAPES if (found := shape.fullmatch(folded))), None)


def _iso(text: str) -> Moment | None:
    if not re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:", text):
        return None
    try:
        exact = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return Moment(exact.date(), exact.time(), exact.tzinfo) if exact.year in YEARS else None


def _moment(found: dict[str, str | None], day_first: bool) -> Moment:
    days = _days(found, day_first)
    week = WEEKDAY.get(found.get("weekday") or "")
    fitting = [day for day in days if week is None or day.weekday() == week] or days
    other = fitting[1] if len(fitting) > 1 and fitting[1] != fitting[0] else None
    return Moment(fitting[0], _time(found), other=other)


def _days(found: dict[str, str | None], day_first: bool) -> list[date]:
    """Return the readings of a day, the likelier first, leaving out those that no calendar has."""
    year = int(found["year"] or 0)
    if year not in YEARS:
        raise ValueError(year)
    if not found.get("one"):
        month = MONTH.get(found.get("name") or "") or int(found.get("month") or 0)
        return [date(year, month, int(found["day"] or 0))]
    one, two = int(found["one"] or 0), int(found["two"] or 0)
    orders = [(two, one), (one, two)] if day_first else [(one, two), (two, one)]
    days = [date(year, month, day) for month, day in orders if 1 <= month <= 12 and 1 <= day <= _length(year, month)]
    if not days:
        raise ValueError(orders)
    return days


def _length(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _time(found: dict[str, str | None]) -> time | None:
    if not found.get("hour"):
        return None
    hour, minute = int(found["hour"] or 0), int(found["minute"] or found["past"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    return time(hour, minute, int(found["second"] or 0))


def _later(left: str, right: str, day_first: bool) -> Moment | None:
    """Read the end of a span that only says its time: it is the day of its start."""
    begin, clock = moment(left, day_first), re.fullmatch(_CLOCK, right)
    try:
        return replace(begin, time=_time(clock.groupdict()), other=None) if begin and clock else None
    except ValueError:
        return None


def _shared(left: str, right: str, day_first: bool) -> Moment | None:
    """Read the start of a span that leaves month and year to its end: "26 au 28 mars 2024"."""
    whole = right if _match(right) else _lent(left, right)
    end = _match(whole)
    if end is None or not end.groupdict().get("name"):
        return None
    tail = whole[end.start("name") :] if end.start("day") < end.start("name") else whole[end.start("year") :]
    tail = re.sub(r"(?<=\d{4}).*$", "", tail)
    return moment(f"{left} {tail}", day_first) or moment(f"{left} {end['year']}", day_first)
