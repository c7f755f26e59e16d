"""Weeks, months and the dates of events: what the calendar says, without looking at the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from newsletter.config import Taxonomy
from newsletter.model import Article, EventDate, Frequency, Occasion


def period(frequency: Frequency, at: datetime, zone: ZoneInfo) -> tuple[int, int] | None:
    """Return the ISO week or the month in which an instant lies, None for a frequency that has no period."""
    local = at.astimezone(zone)
    if frequency is Frequency.WEEKLY:
        year, week, _ = local.isocalendar()
        return year, week
    return (local.year, local.month) if frequency is Frequency.MONTHLY else None


def first_in_period(frequency: Frequency, last: datetime | None, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a run is the first of a list in the reader's week or month, when the list last ran at ``last``."""
    mine = period(frequency, at, zone)
    return mine is None or last is None or period(frequency, last, zone) != mine


def occasions(article: Article, taxonomies: Mapping[str, Taxonomy]) -> Iterator[EventDate]:
    """Yield the dates of an article that mean an event, and its deadline."""
    yield from events(article, taxonomies)
    if article.deadline:
        yield EventDate(article.deadline)


def events(article: Article, taxonomies: Mapping[str, Taxonomy]) -> Iterator[EventDate]:
    """Yield the dates of an article that mean an event.

    They do only for terms configured as events, or when later than publication (DESIGN §3, Intake).
    """
    is_event = any(article.slugs(slug) & frozenset(taxonomy.events) for slug, taxonomy in taxonomies.items())
    yield from (date for date in article.dates if is_event or date.start > article.published)


def kept(
    held: Sequence[Occasion], dates: Iterable[EventDate], deadline: datetime | None, now: datetime
) -> list[Occasion]:
    """Return all occasions that an article ever had, now that it has these dates.

    A date that is new stands for the nearest one that is not over and went away: it was moved, and keeps its number.
    """
    wanted = dict.fromkeys(dates)
    numbered = [each for each in held if each.number]
    numbers = {each.date: each.number for each in numbered if each.date in wanted}
    movable = [each for each in numbered if each.date not in numbers and not each.gone and over(each.date) > now]
    numbers |= _moved(movable, [date for date in wanted if date not in numbers])
    new = (date for date in wanted if date not in numbers)
    numbers |= {date: number for number, date in enumerate(new, max((each.number for each in held), default=0) + 1)}
    gone = {each.number: replace(each, gone=each.gone or now) for each in held}
    stands = {number: Occasion(number, date) for date, number in numbers.items()}
    last = {0: Occasion(0, EventDate(deadline))} if deadline else {}
    return list((gone | stands | last).values())


def _moved(old: Iterable[Occasion], new: Iterable[EventDate]) -> dict[EventDate, int]:
    """Return the numbers under which dates were held that were moved to others, the nearest ones first."""
    pairs = sorted(product(old, new), key=lambda pair: (abs(pair[0].date.start - pair[1].start), pair[0].number))
    found: dict[EventDate, int] = {}
    for each, date in pairs:
        if date not in found and each.number not in found.values():
            found[date] = each.number
    return found


def over(date: EventDate) -> datetime:
    """Return the moment at which an event is over; without an end, that of its start, or of its day."""
    if date.end:
        return date.end
    return date.start + timedelta(days=1) if date.all_day else date.start


def ends(dates: Iterable[EventDate]) -> datetime | None:
    """Return when the last of the dates is over."""
    return max(map(over, dates), default=None)


def upcoming(dates: Iterable[EventDate], now: datetime, horizon: timedelta) -> datetime | None:
    """Return the start of the next of the dates that is not over and begins inside the horizon."""
    near = (date.start for date in dates if over(date) >= now and date.start <= now + horizon)
    return min(near, default=None)
