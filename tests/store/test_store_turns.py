"""Turns: a planned date of a list is written once, whoever writes it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from newsletter.errors import PendingError, StoreError
from newsletter.store import schema, turns
from newsletter.store.engine import Store
from tests.store.sample import DAY, NOW, run

TODAY = date(2024, 4, 2)


def noted(store: Store, fate: str = "missed", day: date = TODAY, name: str = "lettre") -> bool:
    with store.write() as connection:
        return turns.note(connection, name, day, NOW + (day - TODAY), fate)


def taken(store: Store, number: int, day: date = TODAY) -> None:
    with store.write() as connection:
        turns.take(connection, "lettre", day, NOW + (day - TODAY), number)


def test_a_date_is_taken_once_by_one_run(store: Store) -> None:
    first, second = run(store), run(store)
    taken(store, first)
    with pytest.raises(PendingError, match="the run of 2024-04-02 was taken by another `newsletter run`"):
        taken(store, second)
    assert not noted(store)
    assert noted(store, day=TODAY + DAY)  # a date without a run is not that of no run
    with store.read() as connection:
        assert turns.of_run(connection, first) == (TODAY, NOW)
        assert turns.of_run(connection, second) is turns.of_run(connection, None) is None


@pytest.mark.parametrize("changed", [{"run": 2}, {"date": "2024-04-03", "run": 1}])
def test_the_database_itself_refuses_a_second_run_of_a_date_and_a_second_date_of_a_run(
    store: Store, changed: dict[str, object]
) -> None:
    run(store), run(store)
    taken(store, 1)
    values = {"list": "lettre", "date": "2024-04-02", "at": NOW, "fate": "run"} | changed
    with pytest.raises(StoreError, match="the database refuses"), store.write() as connection:
        connection.execute(schema.turn.insert().values(values))


def test_a_fate_is_written_once_a_list_and_date(store: Store) -> None:
    assert noted(store)
    assert not noted(store, "paused")
    assert noted(store, day=TODAY + DAY)
    assert noted(store, name="veille")
    with store.read() as connection:
        assert turns.dates(connection, "lettre", NOW - DAY) == {TODAY, TODAY + DAY}
        assert turns.dates(connection, "lettre", NOW) == {TODAY + DAY}


def test_dates_to_come_are_forgotten_but_for_runs(store: Store) -> None:
    noted(store)
    noted(store, day=TODAY + DAY)
    taken(store, run(store), TODAY + 2 * DAY)
    with store.write() as connection:
        turns.begin(connection, "lettre", "daily", NOW)
        turns.begin(connection, "veille", "daily", NOW)
        assert turns.missed_ahead(connection, NOW)
        turns.tidy(connection, ["lettre"], NOW)
        assert not turns.missed_ahead(connection, NOW)
        assert turns.watched_lists(connection) == {"lettre"}
        assert turns.dates(connection, "lettre", NOW - DAY) == {TODAY, TODAY + 2 * DAY}


def test_a_list_is_watched_under_its_last_words(store: Store) -> None:
    with store.write() as connection:
        assert turns.watched(connection, "lettre") is None
        turns.begin(connection, "lettre", "daily", NOW)
        turns.begin(connection, "lettre", "weekly", NOW + DAY)
        assert turns.watched(connection, "lettre") == ("weekly", NOW + DAY)
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.watch)) == 1


def test_runs_by_hand_are_those_without_a_date(store: Store) -> None:
    with store.read() as connection:
        assert turns.last_by_hand(connection, "lettre") is None
        assert turns.last_run(connection, "lettre") is None
    run(store, at=NOW)
    taken(store, run(store, at=NOW + DAY), TODAY + DAY)
    run(store, name="veille", at=NOW + timedelta(days=9))
    with store.read() as connection:
        assert turns.last_by_hand(connection, "lettre") == NOW
        assert turns.last_run(connection, "lettre") == turns.LastRun(NOW + DAY, True, None)
