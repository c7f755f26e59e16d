"""Occasions: an event keeps its number through every change of its dates, and is kept when it was given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter import calendar
from newsletter.model import ArticleState, EventDate, Occasion, Term
from newsletter.store import articles, entries, incoming, occasions, placing, revising
from newsletter.store.engine import Store
from newsletter.store.rules import Wanted
from tests.store.sample import DAY, HEALTH, NOW, SCHOOL, TAXONOMIES, numbering, record, staff_say

ALL = Wanted("all", (), True)
HEALTHY = Wanted("theme/sante", ({"theme": frozenset({"sante"})},), False)
SCHOOLS = Wanted("theme/education", ({"theme": frozenset({"education"})},), False)
FEEDS = (ALL, HEALTHY, SCHOOLS)
MONDAY, TUESDAY, WEDNESDAY = (EventDate(NOW + number * DAY) for number in (6, 7, 8))


def put(store: Store, number: int, *dates: EventDate, had: Term = HEALTH, **facts: object) -> int:
    given = record(number, terms=(had,), dates=dates, **facts)
    with store.write() as connection:
        incoming.save(connection, given, lambda each: calendar.ends(each.dates), TAXONOMIES, numbering())
        return articles.find(connection, given.identity)


def settle(store: Store, now: datetime = NOW) -> int:
    with store.write() as connection:
        newest = placing.place(connection, FEEDS, 30, now)
        occasions.settle(connection, lambda each: each.dates, now)
        return newest


def held(store: Store, key: int) -> dict[int, tuple[EventDate, datetime | None]]:
    with store.read() as connection:
        return {each.number: (each.date, each.gone) for each in occasions.of(connection, [key])[key]}


def stale(store: Store, since: int) -> set[str]:
    with store.read() as connection:
        return set(entries.dated(connection, since))


def latest(store: Store, path: str = "all", most: int = 10) -> list[int]:
    with store.read() as connection:
        return occasions.latest(connection, entries.standings(connection)[path], most)


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_dates_are_numbered_once(store: Store) -> None:
    key = put(store, 1, MONDAY, TUESDAY, deadline=NOW + DAY)
    settle(store)
    before = held(store, key)
    assert before == {0: (EventDate(NOW + DAY), None), 1: (MONDAY, None), 2: (TUESDAY, None)}
    put(store, 1, TUESDAY, MONDAY, deadline=NOW + DAY, title="Autre titre")
    settle(store, NOW + DAY)
    assert held(store, key) == before


def test_a_date_that_was_moved_keeps_its_number(store: Store) -> None:
    key = put(store, 1, MONDAY)
    settle(store)
    put(store, 1, WEDNESDAY)
    settle(store)
    assert held(store, key) == {1: (WEDNESDAY, None)}


def test_what_is_withdrawn_is_gone_and_comes_back_as_it_was(store: Store) -> None:
    key = put(store, 1, MONDAY)
    settle(store)
    with store.write() as connection:
        revising.withdraw(connection, key, TAXONOMIES, numbering())
    settle(store, NOW + DAY)
    assert held(store, key) == {1: (MONDAY, NOW + DAY)}
    put(store, 1, MONDAY)
    settle(store, NOW + 2 * DAY)
    assert held(store, key) == {1: (MONDAY, None)}


def test_what_staff_hide_is_gone(store: Store) -> None:
    key = put(store, 1, MONDAY)
    settle(store)
    with store.write() as connection:
        staff_say(connection, key, ArticleState.HIDDEN)
    settle(store)
    assert held(store, key) == {1: (MONDAY, NOW)}


def test_what_nobody_saw_yet_has_no_numbers(store: Store) -> None:
    key = put(store, 1, MONDAY, state=ArticleState.DRAFT)
    settle(store)
    assert held(store, key) == {}
    put(store, 1, TUESDAY, state=ArticleState.READY)
    settle(store)
    assert held(store, key) == {1: (TUESDAY, None)}


def test_an_article_that_lost_its_dates_is_remembered(store: Store) -> None:
    key = put(store, 1, MONDAY)
    settle(store)
    put(store, 1)
    settle(store, NOW + DAY)
    assert held(store, key) == {1: (MONDAY, NOW + DAY)}
    assert latest(store) == [key]


def test_changes_are_counted_and_never_less(store: Store) -> None:
    key = put(store, 1, MONDAY)
    found = []
    for act in (lambda: None, lambda: put(store, 1, TUESDAY), lambda: put(store, 1, MONDAY)):
        act()
        with store.read() as connection:
            found.append(occasions.changes(connection, [key])[key])
    counts = [each.number for each in found]
    assert counts == sorted(set(counts))
    assert [each.last for each in found] == [None, NOW, NOW]
    assert counts[0] == 0


# --- which calendars --------------------------------------------------------------------------------------------------


def test_an_event_touches_the_calendars_in_which_it_stands(store: Store) -> None:
    put(store, 1, MONDAY)
    put(store, 2, had=SCHOOL)
    before = settle(store)
    put(store, 1, TUESDAY)
    settle(store)
    assert stale(store, before) == {"all", "theme/sante"}


def test_an_article_without_events_touches_none(store: Store) -> None:
    put(store, 1, MONDAY)
    before = settle(store)
    put(store, 2)
    settle(store)
    assert stale(store, before) == set()


def test_an_event_that_changes_its_topic_touches_both(store: Store) -> None:
    key = put(store, 1, MONDAY)
    before = settle(store)
    put(store, 1, MONDAY, had=SCHOOL)
    settle(store)
    assert stale(store, before) == {"all", "theme/sante", "theme/education"}
    assert (latest(store, "theme/sante"), latest(store, "theme/education")) == ([], [key])


def test_a_calendar_has_the_events_that_end_last(store: Store) -> None:
    first, second = put(store, 1, MONDAY), put(store, 2, TUESDAY)
    both = put(store, 3, WEDNESDAY, EventDate(NOW + DAY))
    settle(store)
    assert latest(store) == [both, second, first]
    assert latest(store, most=2) == [both, second]
    assert latest(store, "theme/education") == []


def test_a_small_calendar_has_its_events_however_many_end_later_elsewhere(store: Store) -> None:
    early = put(store, 1, MONDAY, had=SCHOOL)
    for number in range(2, 6):
        put(store, number, WEDNESDAY)
    settle(store)
    assert latest(store, "theme/education", most=1) == [early]


def test_what_was_over_when_it_went_leaves_the_calendar_and_what_was_not_stays(store: Store) -> None:
    over, soon = put(store, 1, MONDAY), put(store, 2, WEDNESDAY)
    settle(store)
    with store.write() as connection:
        for key in (over, soon):
            revising.withdraw(connection, key, TAXONOMIES, numbering(TUESDAY.start))
    settle(store, TUESDAY.start)
    assert latest(store) == [soon]


# --- how dates are told from each other -------------------------------------------------------------------------------


def kept(old: list[Occasion], *dates: EventDate, now: datetime = NOW) -> list[Occasion]:
    return sorted(calendar.kept(old, dates, None, now), key=lambda each: each.number)


def test_the_nearest_date_is_the_one_that_was_moved() -> None:
    old = [Occasion(1, MONDAY), Occasion(2, WEDNESDAY)]
    longer = replace(WEDNESDAY, end=WEDNESDAY.start + timedelta(hours=2))
    assert kept(old, longer) == [Occasion(1, MONDAY, NOW), Occasion(2, longer)]
    assert kept(old, longer, TUESDAY) == [Occasion(1, TUESDAY), Occasion(2, longer)]


def test_a_date_that_is_over_is_not_moved_by_the_next_one() -> None:
    assert kept([Occasion(1, MONDAY)], WEDNESDAY, now=TUESDAY.start) == [
        Occasion(1, MONDAY, TUESDAY.start),
        Occasion(2, WEDNESDAY),
    ]


def test_a_number_is_given_once_whatever_went() -> None:
    old = [Occasion(1, MONDAY), Occasion(2, TUESDAY, NOW)]
    assert kept(old, MONDAY, WEDNESDAY) == [*old, Occasion(3, WEDNESDAY)]


def test_a_date_that_comes_back_has_its_number_again() -> None:
    assert kept([Occasion(1, MONDAY, NOW), Occasion(2, TUESDAY)], MONDAY, TUESDAY) == [
        Occasion(1, MONDAY),
        Occasion(2, TUESDAY),
    ]


def test_what_went_earlier_went_then() -> None:
    [found] = kept([Occasion(1, MONDAY, NOW)], now=NOW + DAY)
    assert found.gone == NOW


def test_a_date_that_is_written_twice_is_one() -> None:
    assert kept([], MONDAY, MONDAY) == [Occasion(1, MONDAY)]


@pytest.mark.parametrize("moved", [True, False])
def test_a_deadline_has_one_number(moved: bool) -> None:
    old = [Occasion(0, MONDAY), Occasion(1, MONDAY)]
    deadline = TUESDAY.start if moved else None
    found = calendar.kept(old, [MONDAY], deadline, NOW)
    assert found == [Occasion(0, TUESDAY) if moved else Occasion(0, MONDAY, NOW), Occasion(1, MONDAY)]
