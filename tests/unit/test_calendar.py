"""Weeks, months and the dates of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter import calendar
from newsletter.config import Taxonomy
from newsletter.model import EventDate, Frequency, Term
from tests.letters import article

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
NOW = datetime(2024, 4, 2, 9, tzinfo=PARIS)


def at(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), PARIS) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2020-12-31", (2020, 53)),
        ("2021-01-01", (2020, 53)),
        ("2021-01-03", (2020, 53)),
        ("2021-01-04", (2021, 1)),
        ("2024-12-29", (2024, 52)),
        ("2024-12-30", (2025, 1)),
    ],
)
def test_iso_weeks_around_new_year(day: str, week: tuple[int, int]) -> None:
    assert calendar.period(Frequency.WEEKLY, at(day), PARIS) == week


def test_months_are_told_apart_by_their_year() -> None:
    assert calendar.period(Frequency.MONTHLY, at("2024-01-31"), PARIS) == (2024, 1)
    assert calendar.period(Frequency.MONTHLY, at("2023-01-31"), PARIS) == (2023, 1)


def test_the_lists_zone_says_which_day_it_is() -> None:
    late = datetime(2024, 3, 31, 22, 30, tzinfo=UTC)
    assert calendar.period(Frequency.MONTHLY, late, PARIS) == (2024, 4)
    assert calendar.period(Frequency.MONTHLY, late, ZoneInfo("UTC")) == (2024, 3)
    assert calendar.period(Frequency.WEEKLY, late, PARIS) == (2024, 14)
    assert calendar.period(Frequency.WEEKLY, late, ZoneInfo("America/Montreal")) == (2024, 13)


def test_who_reads_each_issue_has_no_period() -> None:
    assert calendar.period(Frequency.EACH, NOW, PARIS) is None


@pytest.mark.parametrize(
    ("frequency", "last", "now", "due"),
    [
        (Frequency.EACH, "2024-04-02", "2024-04-02", True),
        (Frequency.WEEKLY, None, "2024-04-02", True),
        (Frequency.WEEKLY, "2024-04-01", "2024-04-07", False),
        (Frequency.WEEKLY, "2024-04-07", "2024-04-08", True),
        (Frequency.WEEKLY, "2023-04-03", "2024-04-02", True),
        (Frequency.WEEKLY, "2020-12-31", "2021-01-01", False),
        (Frequency.MONTHLY, "2024-04-01", "2024-04-30", False),
        (Frequency.MONTHLY, "2024-04-30", "2024-05-01", True),
        (Frequency.MONTHLY, "2023-04-30", "2024-04-01", True),
    ],
)
def test_the_first_run_of_a_week_or_month(frequency: Frequency, last: str | None, now: str, due: bool) -> None:
    assert calendar.first_in_period(frequency, at(last) if last else None, at(now), PARIS) is due


# --- dates ----------------------------------------------------------------------------------------------------------

EVENTS = {"type": Taxonomy(label="Type", events=("agenda",)), "theme": Taxonomy(label="Thème")}
PAST, LATER = EventDate(at("2024-03-01")), EventDate(at("2024-04-20"))


def test_dates_mean_an_event_for_types_configured_so_or_when_later_than_publication() -> None:
    plain = article(1, "Compte rendu", dates=(PAST, LATER))
    assert list(calendar.occasions(plain, EVENTS)) == [LATER]
    event = replace(plain, terms=(Term("type", "agenda", "Agenda"),))
    assert list(calendar.occasions(event, EVENTS)) == [PAST, LATER]
    elsewhere = replace(plain, terms=(Term("theme", "agenda", "Agenda"),))
    assert list(calendar.occasions(elsewhere, EVENTS)) == [LATER]


def test_a_deadline_is_an_occasion() -> None:
    call = article(1, "Appel à projets", deadline=at("2024-05-01"))
    assert list(calendar.occasions(call, EVENTS)) == [EventDate(at("2024-05-01"))]


@pytest.mark.parametrize(
    ("date", "over"),
    [
        (EventDate(at("2024-04-02", 14)), at("2024-04-02", 14)),
        (EventDate(at("2024-04-02", 14), at("2024-04-02", 17)), at("2024-04-02", 17)),
        (EventDate(at("2024-04-02", 0), all_day=True), at("2024-04-03", 0)),
        (EventDate(at("2024-04-02", 0), at("2024-04-05", 0), all_day=True), at("2024-04-05", 0)),
    ],
)
def test_when_a_date_is_over(date: EventDate, over: datetime) -> None:
    assert calendar.over(date) == over


def test_the_last_of_the_dates_ends_them() -> None:
    long = EventDate(at("2024-04-01"), at("2024-06-01"))
    assert calendar.ends([long, LATER]) == at("2024-06-01")
    assert calendar.ends([]) is None


def upcoming(*dates: EventDate, horizon: int = 30) -> datetime | None:
    return calendar.upcoming(dates, NOW, horizon * DAY)


def test_upcoming_is_the_next_that_is_not_over_inside_the_horizon() -> None:
    soon, far = EventDate(NOW + 2 * DAY), EventDate(NOW + 31 * DAY)
    assert upcoming(PAST, far, LATER, soon) == soon.start
    assert upcoming(PAST, far) is None
    assert upcoming(far, horizon=31) == far.start
    assert upcoming() is None


def test_what_goes_on_is_upcoming_until_it_is_over() -> None:
    assert upcoming(EventDate(NOW - DAY, NOW)) == NOW - DAY
    assert upcoming(EventDate(NOW - DAY, NOW - timedelta(minutes=1))) is None
    assert upcoming(EventDate(at("2024-04-02", 0), all_day=True)) == at("2024-04-02", 0)
    assert upcoming(EventDate(at("2024-04-01", 0), all_day=True)) is None
