"""Timetables: exactly one turn a planned date, in any zone and year; what becomes of the turns that came."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import cadence, pauses
from newsletter.cadence import Cadence
from newsletter.configfile import parse
from newsletter.timetable import Fate, Timetable, Turn, judge, timetable
from tests.unit.test_cadence import ZONES

PARIS = ZoneInfo("Europe/Paris")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def table(words: str, *paused: str, zone: str = "Europe/Paris") -> Timetable:
    found = tuple(pauses.parse(each) for each in paused)
    return Timetable("veille", words, cadence.parse(words), found, ZoneInfo(zone))


def local(text: str, zone: ZoneInfo = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def ahead(one: Timetable, moment: str) -> str | None:
    found = one.next(local(moment, one.zone))
    return found and f"{found.at.astimezone(one.zone):%Y-%m-%d %H:%M}"


def test_the_next_turn() -> None:
    weekly = table("weekly on thursday at 09:00")
    assert ahead(weekly, "2026-09-30 12:00") == "2026-10-01 09:00"
    assert ahead(weekly, "2026-10-01 08:59") == "2026-10-01 09:00"
    assert ahead(weekly, "2026-10-01 09:00") == "2026-10-08 09:00"  # its moment has come
    assert ahead(table("monthly on day 31 at 18:00"), "2026-12-31 18:00") == "2027-01-31 18:00"
    assert ahead(table("every two weeks on thursday from 2030-01-03"), "2026-10-01 09:00") == "2030-01-03 09:00"


def test_the_next_turn_lies_in_no_pause() -> None:
    assert ahead(table("weekly on thursday", "august"), "2026-07-30 10:00") == "2026-09-03 09:00"
    assert ahead(table("daily", "12-24/01-02"), "2026-12-23 10:00") == "2027-01-03 09:00"
    assert ahead(table("daily", "01-01/12-31"), "2026-12-23 10:00") is None


def test_turns_in_pauses_are_told_as_such() -> None:
    found = table("weekly on thursday", "2026-10-08").turns(local("2026-10-01 09:00"), local("2026-10-15 09:00"))
    assert [(str(turn.date), turn.pause) for turn in found] == [("2026-10-08", "2026-10-08"), ("2026-10-15", "")]


def test_the_same_time_of_the_day_in_summer_and_in_winter() -> None:
    found = table("weekly on sunday at 09:00").turns(local("2026-03-20 00:00"), local("2026-04-06 00:00"))
    assert [turn.at.isoformat() for turn in found] == [
        "2026-03-22T08:00:00+00:00", "2026-03-29T07:00:00+00:00", "2026-04-05T07:00:00+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), [("2026-03-26", "2026-04-01"), ("2026-10-22", "2026-10-28")])
def test_half_past_two_happens_once_a_night(first: str, last: str) -> None:
    one = table("daily at 02:30")
    moment, found = local(f"{first} 00:00").astimezone(UTC), []
    while moment < local(f"{last} 00:00"):
        found += [turn.date for turn in one.turns(moment, moment + timedelta(minutes=1))]
        moment += timedelta(minutes=1)
    nights = (date.fromisoformat(last) - date.fromisoformat(first)).days
    assert found == [date.fromisoformat(first) + DAY * n for n in range(nights)]


SHAPES = st.builds(
    Cadence,
    clock=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    weeks=st.sampled_from([1, 1, 2]),
    places=st.sampled_from([frozenset(), frozenset({1}), frozenset({-1}), frozenset({2, 4})]),
    days=st.sampled_from([frozenset(), frozenset(), frozenset({15}), frozenset({31}), frozenset({1, 30})]),
)


@given(
    SHAPES,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.dates(date(1990, 1, 1), date(2036, 1, 1)),
    st.lists(st.integers(1, 60 * 24 * 40), max_size=12),
)
def test_looking_at_any_times_finds_every_planned_date_once(
    shape: Cadence, zone: ZoneInfo, start: date, steps: list[int]
) -> None:
    one = Timetable("veille", "", shape, (), zone)
    begin = datetime.combine(start, time(), zone).astimezone(UTC)
    moments = [begin]
    for minutes in steps:
        moments.append(moments[-1] + timedelta(minutes=minutes))
    found = [turn for after, until in pairwise(moments) for turn in one.turns(after, until)]
    days = [turn.date for turn in found]
    assert days == sorted(set(days))
    span = (start - DAY + DAY * n for n in range((moments[-1] - begin).days + 4))
    planned = [day for day in span if shape.falls_on(day)]
    assert days == [day for day in planned if begin < cadence.instant(day, shape.clock, zone) <= moments[-1]]


@given(SHAPES, st.sampled_from(ZONES).map(ZoneInfo), st.datetimes(datetime(1990, 1, 1), datetime(2036, 1, 1)))
def test_the_next_turn_is_the_first_that_comes(shape: Cadence, zone: ZoneInfo, moment: datetime) -> None:
    one, now = Timetable("veille", "", shape, (), zone), moment.replace(tzinfo=UTC)
    found = one.next(now)
    assert found == next(one.turns(now, now + 800 * DAY), None) or found is None


def test_a_list_has_its_own_zone_and_pauses_beside_those_of_the_site() -> None:
    site = {"name": "x", "url": "https://www.example.org", "pauses": ["august"]}
    sender = {"address": "lettre@example.org"}
    lists = {
        "lettre": {
            "title": "L",
            "sender": sender,
            "cadence": "daily",
            "timezone": "Indian/Reunion",
            "pauses": ["05-01"],
        },
        "flash": {"title": "F", "sender": sender},
        "veille": {"title": "V", "sender": sender, "cadence": "daily"},
    }
    config = parse({"site": site, "lists": lists})
    mine, other = timetable(config, "lettre"), timetable(config, "veille")
    assert timetable(config, "flash") is None
    assert mine is not None
    assert other is not None
    assert ([pause.words for pause in mine.pauses], mine.zone.key) == (["august", "05-01"], "Indian/Reunion")
    assert ([pause.words for pause in other.pauses], other.zone.key) == (["august"], "Europe/Paris")
    assert mine.words != other.words


# --- what becomes of turns ------------------------------------------------------------------------------------------


def turn(day: str, pause: str = "") -> Turn:
    return Turn("veille", date.fromisoformat(day), local(f"{day} 09:00"), pause)


def fates(turns: list[Turn], now: str, hours: int = 24, by_hand: str = "") -> list[str]:
    judged = judge(turns, local(now), hours * HOUR, date.fromisoformat(by_hand) if by_hand else None)
    assert [each for each, _ in judged] == turns
    return [fate.value for _, fate in judged]


def test_nothing_came_of_nothing() -> None:
    assert fates([], "2026-10-01 09:00") == []


def test_a_turn_runs_while_it_is_not_late_by_more_than_the_list_allows() -> None:
    thursday = [turn("2026-10-01")]
    assert fates(thursday, "2026-10-01 09:00") == ["run"]
    assert fates(thursday, "2026-10-02 08:59") == ["run"]
    assert fates(thursday, "2026-10-02 09:00") == ["missed"]
    assert fates(thursday, "2026-10-01 11:00", hours=2) == ["missed"]


def test_of_several_that_came_only_the_last_runs() -> None:
    days = [turn("2026-10-01"), turn("2026-10-02"), turn("2026-10-03")]
    assert fates(days, "2026-10-03 10:00") == ["missed", "missed", "run"]
    assert fates(days, "2026-10-03 10:00", hours=1000) == ["missed", "missed", "run"]
    assert fates(days, "2026-10-05 10:00") == ["missed", "missed", "missed"]


def test_a_paused_turn_neither_runs_nor_keeps_the_one_before_from_running() -> None:
    assert fates([turn("2026-10-01"), turn("2026-10-02", "2026-10-02")], "2026-10-02 10:00", hours=48) == [
        "run", "paused",
    ]  # fmt: skip


def test_a_run_by_hand_on_the_day_or_later_is_that_of_the_turn() -> None:
    thursday = [turn("2026-10-01")]
    assert fates(thursday, "2026-10-01 09:00", by_hand="2026-09-30") == ["run"]
    assert fates(thursday, "2026-10-01 09:00", by_hand="2026-10-01") == ["by hand"]
    assert fates(thursday, "2026-10-02 08:00", by_hand="2026-10-02") == ["by hand"]
    assert fates([*thursday, turn("2026-10-02")], "2026-10-02 09:00", by_hand="2026-10-01") == ["by hand", "run"]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.booleans()), unique_by=lambda day: day[0]),
    st.integers(1, 24 * 70), st.integers(1, 24 * 70), st.none() | st.integers(0, 60),
)  # fmt: skip
def test_at_most_one_turn_runs_and_none_that_is_late(
    days: list[tuple[int, bool]], hours: int, patience: int, by_hand: int | None
) -> None:
    start = date(2026, 10, 1)
    turns = [turn((start + DAY * n).isoformat(), "x" * paused) for n, paused in sorted(days)]
    now = local("2026-10-01 09:00") + hours * HOUR
    came = [each for each in turns if each.at <= now]
    judged = judge(came, now, patience * HOUR, None if by_hand is None else start + DAY * by_hand)
    running = [each for each, fate in judged if fate is Fate.RUN]
    assert len(running) <= 1
    assert all(now - each.at < patience * HOUR and not each.pause for each in running)
