"""Cadence in plain words: what is understood, on which dates it falls, and one instant for each of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import cadence
from newsletter.cadence import Cadence, instant, parse
from newsletter.errors import ConfigError

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)


def dates(words: str, first: str, last: str) -> list[str]:
    """The dates of a span on which a cadence falls."""
    found, start, end = parse(words), date.fromisoformat(first), date.fromisoformat(last)
    days = (start + DAY * n for n in range((end - start).days + 1))
    return [day.isoformat() for day in days if found.falls_on(day)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("daily at 07:15", ["10-01", "10-02", "10-03", "10-04", "10-05", "10-06", "10-07", "10-08"]),
        ("daily on weekdays", ["10-01", "10-02", "10-05", "10-06", "10-07", "10-08"]),
        ("weekly on thursday at 09:00", ["10-01", "10-08"]),
        ("weekly on monday, tuesday and thursday", ["10-01", "10-05", "10-06", "10-08"]),
        ("monthly on the first tuesday at 09:00", ["10-06"]),
        ("monthly on day 8", ["10-08"]),
        ("monthly on days 1 and 7", ["10-01", "10-07"]),
    ],
)
def test_the_first_days_of_october(words: str, found: list[str]) -> None:
    assert dates(words, "2026-10-01", "2026-10-08") == [f"2026-{day}" for day in found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("monthly on the last friday", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("monthly on the fourth friday", ["2026-01-23", "2026-02-27", "2026-03-27"]),
        ("monthly on the second and last monday", [
            "2026-01-12", "2026-01-26", "2026-02-09", "2026-02-23", "2026-03-09", "2026-03-30",
        ]),
        ("monthly on day 31", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("monthly on days 30 and 31", ["2026-01-30", "2026-01-31", "2026-02-28", "2026-03-30", "2026-03-31"]),
        ("monthly on the last day", ["2026-01-31", "2026-02-28", "2026-03-31"]),
    ],
)  # fmt: skip
def test_months_of_every_length_have_their_dates(words: str, found: list[str]) -> None:
    assert dates(words, "2026-01-01", "2026-03-31") == found


def test_every_second_week_goes_on_over_new_year() -> None:
    # 2026 has 53 ISO weeks: by the parity of their numbers two weeks in a row would count.
    found = dates("every two weeks on thursday", "2026-12-01", "2027-01-31")
    assert found == ["2026-12-10", "2026-12-24", "2027-01-07", "2027-01-21"]
    other = dates("every two weeks on thursday from 2026-12-02", "2026-11-01", "2027-01-31")
    assert other == ["2026-12-03", "2026-12-17", "2026-12-31", "2027-01-14", "2027-01-28"]


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("daily", time(9)),
        ("daily at 7", time(7)),
        ("daily at 07:05", time(7, 5)),
        ("daily at 23:59", time(23, 59)),
        ("chaque jour à 9 h", time(9)),
        ("chaque jour à 9 h 30", time(9, 30)),
        ("chaque jour à 9h30", time(9, 30)),
        ("chaque jour a 18:05", time(18, 5)),
    ],
)
def test_the_time_of_the_day(words: str, clock: time) -> None:
    assert parse(words).clock == clock


def test_capitals_accents_and_spaces_do_not_matter() -> None:
    assert parse("  Le Premier  MARDI du mois à\N{NO-BREAK SPACE}9\N{NO-BREAK SPACE}h ") == Cadence(
        time(9), weekdays=frozenset({1}), places=frozenset({1})
    )
    assert parse("le deuxième jeudi du mois") == parse("LE DEUXIEME JEUDI DU MOIS")


@pytest.mark.parametrize(
    ("words", "understood", "rest"),
    [
        ("weekly on thirsday at 09:00", "weekly on", "thirsday at 09:00"),
        ("weekly on monday and thirsday", "weekly on monday", "and thirsday"),
        ("weekly on thursday at 25:00", "weekly on thursday", "at 25:00"),
        ("weekly on thursday at 9am", "weekly on thursday", "at 9am"),
        ("weekly on thursday at 09:60", "weekly on thursday at 09", ":60"),
        ("monthly on the fifth tuesday", "monthly on the", "fifth tuesday"),
        ("monthly on day 32", "monthly on day", "32"),
        ("daily on weekends", "daily", "on weekends"),
        ("le premier mardi à 9 h", "le premier mardi", "a 9 h"),
        ("dailyish", "", ""),
        ("", "", ""),
    ],
)
def test_what_is_not_understood_is_told_with_examples(words: str, understood: str, rest: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(words)
    said = str(caught.value)
    told = f'"{understood}" is understood, but not "{rest}"' if understood else f'"{words}" is not understood'
    assert said == f"{told}; write one such as {cadence.EXAMPLES}"


def test_what_is_missing_at_the_end_is_told() -> None:
    with pytest.raises(ConfigError, match='"monthly on the" is understood, but something is missing after it; write'):
        parse("monthly on the")
    with pytest.raises(ConfigError, match='"2026-13-01" is no date'):
        parse("every two weeks on thursday from 2026-13-01")


def test_the_examples_are_understood() -> None:
    assert [parse(words) for words in cadence.EXAMPLES.split('"')[1::2]]


# --- instants -------------------------------------------------------------------------------------------------------


def at(day: str, clock: time, zone: str = "Europe/Paris") -> str:
    return instant(date.fromisoformat(day), clock, ZoneInfo(zone)).isoformat()


def test_a_time_that_the_clocks_go_over_is_the_moment_when_they_do() -> None:
    assert at("2026-03-28", time(2, 30)) == "2026-03-28T01:30:00+00:00"
    assert at("2026-03-29", time(2, 0)) == "2026-03-29T01:00:00+00:00"  # 03:00 in summer time
    assert at("2026-03-29", time(2, 30)) == "2026-03-29T01:00:00+00:00"
    assert at("2026-03-29", time(3, 0)) == "2026-03-29T01:00:00+00:00"
    assert at("2026-03-30", time(2, 30)) == "2026-03-30T00:30:00+00:00"


def test_a_time_that_there_is_twice_is_the_first() -> None:
    assert at("2026-10-25", time(2, 30)) == "2026-10-25T00:30:00+00:00"
    assert at("2026-10-25", time(3, 0)) == "2026-10-25T02:00:00+00:00"


def test_odd_zones() -> None:
    # Lord Howe goes on by half an hour, Beirut and Cairo at midnight; Samoa left a whole day out.
    assert at("2026-10-04", time(2, 15), "Australia/Lord_Howe") == "2026-10-03T15:30:00+00:00"
    assert at("2024-04-26", time(0, 30), "Africa/Cairo") == "2024-04-25T22:00:00+00:00"
    assert at("2011-12-30", time(9), "Pacific/Apia") == "2011-12-30T10:00:00+00:00"
    assert at("2011-12-31", time(9), "Pacific/Apia") == "2011-12-30T19:00:00+00:00"


ZONES = [
    "Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "Pacific/Noumea", "Pacific/Apia", "Australia/Lord_Howe",
    "America/St_Johns", "Africa/Cairo", "Asia/Beirut", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran", "UTC",
]  # fmt: skip


def exists(day: date, clock: time, zone: ZoneInfo) -> bool:
    there = datetime.combine(day, clock, zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == there.replace(tzinfo=None)


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.dates(date(1990, 1, 1), date(2037, 12, 1)),
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
def test_an_instant_is_at_its_time_or_the_first_there_is_after_it(zone: ZoneInfo, day: date, clock: time) -> None:
    found = instant(day, clock, zone)
    wall, wanted = found.astimezone(zone).replace(tzinfo=None, fold=0), datetime.combine(day, clock)
    just_before = (found - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None, fold=0)
    if exists(day, clock, zone):
        assert wall == wanted
        earlier = (found - timedelta(hours=1)).astimezone(zone).replace(tzinfo=None, fold=0)
        assert earlier != wanted, "there was an earlier one"
    else:
        assert just_before < wanted < wall, "the clocks went over it at this moment"


@given(st.sampled_from(ZONES).map(ZoneInfo), st.dates(date(1990, 1, 1), date(2037, 12, 1)), st.times())
def test_instants_come_in_the_order_of_their_dates(zone: ZoneInfo, day: date, clock: time) -> None:
    assert instant(day, clock, zone) <= instant(day + DAY, clock, zone)
