"""Weeks, months and the dates of events: what the calendar says, without looking at the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.config import Taxonomy
from newsletter.model import Article, EventDate, Frequency


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
    """Yield the dates of an article that mean an event, and its deadline.

    ``dates`` mean one only for terms configured as events, or when later than publication (DESIGN §3, Intake).
    """
    is_event = any(article.slugs(slug) & frozenset(taxonomy.events) for slug, taxonomy in taxonomies.items())
    for date in article.dates:
        if is_event or date.start > article.published:
            yield date
    if article.deadline:
        yield EventDate(article.deadline)


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
