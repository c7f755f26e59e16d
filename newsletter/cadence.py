"""Cadence: on which dates a list runs and at what time, read from plain words in English or French."""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.errors import ConfigError
from newsletter.terms import fold

CLOCK = time(9)
"""When a list runs whose words name no time."""

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
MONDAY = date(1970, 1, 5)
"""The week from which every second one is counted where the words name no date."""

LAST = -1
EXAMPLES = '"weekly on thursday at 09:00", "monthly on the first tuesday at 09:00" or "daily on weekdays at 08:30"'


@dataclass(frozen=True, slots=True)
class Cadence:
    """The dates on which a list runs, and the time of the day; what is narrowed in several ways is so in all of them.

    ``weekdays`` count from Monday, 0; ``weeks`` is 2 for every second week, counted from that of ``start``, before
    which nothing runs; ``places`` say which of these weekdays in a month, LAST the last; ``days`` which days of it.
    """

    clock: time = CLOCK
    weekdays: frozenset[int] = EVERY_DAY
    weeks: int = 1
    start: date = MONDAY
    places: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()

    def falls_on(self, day: date) -> bool:
        """Tell whether the list runs on a date; a day that a month is too short for is its last."""
        length = monthrange(day.year, day.month)[1]
        place = {(day.day - 1) // 7 + 1, LAST if day.day + 7 > length else 0}
        return (
            day >= self.start
            and day.weekday() in self.weekdays
            and (not self.places or bool(self.places & place))
            and (not self.days or day.day in {min(wanted, length) for wanted in self.days})
            and _weeks_between(self.start, day) % self.weeks == 0
        )


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a time of the day on a date, in UTC: of two the first, of none the next that there is."""
    first, second = (datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first
    # The clocks go over this time: between the two readings lies the moment at which they do.
    after = first.astimezone(zone).utcoffset()
    seconds = range(int((first - second).total_seconds()))

    def jumped(passed: int) -> bool:
        return (second + timedelta(seconds=passed)).astimezone(zone).utcoffset() == after

    return second + timedelta(seconds=bisect_left(seconds, True, key=jumped))


def parse(words: str) -> Cadence:
    """Read a cadence.

    Raises:
        ConfigError: with what was understood and what one may write.
    """
    text = fold(words)
    for form in _FORMS:
        if found := re.fullmatch("".join([*form, _TIME]), text):
            return _made({name: value for name, value in found.groupdict().items() if value})
    understood = text[: max(_reach(form, text) for form in _FORMS)].strip()
    rest = text[len(understood) :].strip()
    lacks = f'not "{rest}"' if rest else "something is missing after it"
    what = f'"{understood}" is understood, but {lacks}' if understood else f'"{words}" is not understood'
    raise ConfigError(f"{what}; write one such as {EXAMPLES}")


_DAYS = {
    name: number
    for week in (
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    )
    for number, name in enumerate(week)
}
_PLACES = {
    name: place
    for names in (
        ("first", "second", "third", "fourth", "last"),
        ("premier", "deuxieme", "troisieme", "quatrieme", "dernier"),
    )
    for name, place in zip(names, (1, 2, 3, 4, LAST), strict=True)
}


def _several(one: str, name: str) -> str:
    return f"(?P<{name}>{one}(?:(?:,| and| et| et le) {one})*)"


_WEEKDAYS = " " + _several(rf"(?:{'|'.join(_DAYS)})s?\b", "weekdays")
_NTH = " " + _several(rf"(?:{'|'.join(_PLACES)})\b", "places")
_NUMBERS = " " + _several(r"(?:3[01]|[12]\d|0?[1-9])(?:er)?\b", "days")
_FROM = r"(?: (?:from|a partir du) (?P<start>\d{4}-\d\d-\d\d))?"
_TIME = r"(?: (?:at|a) (?P<hour>[01]?\d|2[0-3])(?: ?[:h] ?(?P<minute>[0-5]\d)?)?)?"
_WORKDAYS, _FORTNIGHT, _END = "(?P<workdays>", "(?P<fortnight>", "(?P<end>"

_FORMS = (
    ("daily",),
    ("daily", f" on {_WORKDAYS}weekdays)"),
    ("weekly", " on", _WEEKDAYS),
    ("every", f" {_FORTNIGHT}two weeks)", " on", _WEEKDAYS, _FROM),
    ("every", _WEEKDAYS),
    ("monthly", " on", " the", _NTH, _WEEKDAYS),
    ("monthly", " on", " the", f" {_END}last day)"),
    ("monthly", " on", " days?", _NUMBERS),
    ("chaque", " jour"),
    ("tous les", " jours"),
    (f"{_WORKDAYS}du lundi au vendredi)",),
    ("chaque", _WEEKDAYS),
    ("tous les", _WEEKDAYS),
    ("un", _WEEKDAYS, f" {_FORTNIGHT}sur deux)", _FROM),
    ("le", _NTH, _WEEKDAYS, " du mois"),
    ("le", f" {_END}dernier jour)", " du mois"),
    ("le", _NUMBERS, " du mois"),
)
"""What staff may write, in pieces, so that a wrong phrase can be told as far as it is understood."""


def _reach(form: tuple[str, ...], text: str) -> int:
    """Return how many characters of a text are the beginning of a form, or all of it and a time."""
    tried = (re.match("".join([*form, _TIME][:count]) + r"(?!\w)", text) for count in range(len(form) + 1, 0, -1))
    return next((found.end() for found in tried if found), 0)


def _made(found: dict[str, str]) -> Cadence:
    weekdays = frozenset(_DAYS[word.removesuffix("s")] for word in _words(found, "weekdays") if word not in _JOINTS)
    return Cadence(
        clock=time(int(found["hour"]), int(found.get("minute", 0))) if "hour" in found else CLOCK,
        weekdays=weekdays or (WEEKDAYS if "workdays" in found else EVERY_DAY),
        weeks=2 if "fortnight" in found else 1,
        start=_date(found["start"]) if "start" in found else MONDAY,
        places=frozenset(_PLACES[word] for word in _words(found, "places") if word not in _JOINTS),
        days=frozenset({31}) if "end" in found else frozenset(map(int, re.findall(r"\d+", found.get("days", "")))),
    )


_JOINTS = frozenset({"and", "et", "le"})


def _words(found: dict[str, str], name: str) -> list[str]:
    return found.get(name, "").replace(",", "").split()


def _date(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ConfigError(f'"{written}" is no date; write one such as 2026-10-01') from None


def _weeks_between(first: date, second: date) -> int:
    return ((second - timedelta(second.weekday())) - (first - timedelta(first.weekday()))).days // 7
