"""The outbox: what becomes of a notice, on both dialects."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from newsletter.store import outbox, schema, senders
from newsletter.store.engine import Store
from newsletter.store.outbox import Owed, State, Waiting
from tests.store.sample import DAY, NOW

OWED = Owed("alarm", "lettre", "ada@example.org", "1@example.org", b"Bonjour", NOW + DAY, "lettre/failed", "RouteError")
HOUR = timedelta(hours=1)


def owe(store: Store, now: datetime = NOW, **facts: object) -> None:
    with store.write() as connection:
        outbox.owe(connection, replace(OWED, **facts), now)


def due(store: Store, now: datetime = NOW) -> list[Waiting]:
    with store.read() as connection:
        return outbox.due(connection, now)


def row(store: Store) -> sa.Row[tuple[object, ...]]:
    with store.read() as connection:
        return connection.execute(sa.select(schema.notice)).one()


def test_what_is_owed_is_lost_with_what_it_tells_of(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        outbox.owe(connection, OWED, NOW)
        raise RuntimeError
    assert due(store) == []


def test_a_notice_is_handed_over_once_and_its_words_are_not_kept(store: Store) -> None:
    owe(store)
    [waiting] = due(store)
    with store.write() as connection:
        assert outbox.hand(connection, waiting, NOW)
        assert not outbox.hand(connection, waiting, NOW)
    assert due(store) == []
    with store.write() as connection:
        outbox.settle(connection, waiting, State.SENT, "250 ok", NOW)
        assert not outbox.stirs(connection, NOW + 9 * DAY)
    assert (row(store).state, row(store).message, row(store).tries) == ("sent", b"", 1)


def test_who_died_with_a_notice_leaves_doubt_and_a_late_answer_still_counts(store: Store) -> None:
    owe(store)
    [waiting] = due(store)
    with store.write() as connection:
        outbox.hand(connection, waiting, NOW)
        outbox.bury(connection, NOW)
    assert (row(store).state, due(store, NOW + HOUR)) == ("uncertain", [])
    with store.write() as connection:
        outbox.defer(connection, waiting, NOW + HOUR, "451 later", NOW)
    assert row(store).state == "uncertain", "a doubt is not sent again"
    with store.write() as connection:
        outbox.settle(connection, waiting, State.SENT, "250 ok", NOW)
    assert row(store).state == "sent"


def test_a_deferred_notice_waits_and_a_former_try_says_nothing_of_a_later_one(store: Store) -> None:
    owe(store)
    [first] = due(store)
    with store.write() as connection:
        outbox.defer(connection, first, NOW + HOUR, "451 later", NOW)
    assert due(store, NOW + HOUR - timedelta(seconds=1)) == []
    [second] = due(store, NOW + HOUR)
    assert (second.tries, row(store).reason) == (1, "451 later")
    with store.write() as connection:
        assert not outbox.hand(connection, first, NOW)
        assert outbox.hand(connection, second, NOW)
        outbox.defer(connection, replace(first, tries=-1), NOW + HOUR, "451 later", NOW)
    assert row(store).state == "handed"


def test_what_waits_too_long_is_given_up_and_later_forgotten(store: Store) -> None:
    owe(store)
    [waiting] = due(store)
    with store.write() as connection:
        outbox.defer(connection, waiting, NOW + 9 * DAY, "451 later", NOW)
        assert outbox.stirs(connection, NOW + DAY), "it waits no longer than to its end"
        outbox.expire(connection, NOW + DAY - HOUR)
    assert row(store).state == "deferred"
    with store.write() as connection:
        outbox.expire(connection, NOW + DAY)
        standing = outbox.standing(connection, NOW)
    assert (row(store).message, standing.waiting) == (b"", 0)
    assert [(failed.state, failed.reason) for failed in standing.failed] == [
        ("expired", "it waited too long: 451 later")
    ]
    with store.write() as connection:
        outbox.forget(connection, NOW + DAY)
        assert outbox.told(connection, "lettre/failed")
        outbox.forget(connection, NOW + DAY + HOUR)
        assert not outbox.told(connection, "lettre/failed")


def test_what_could_not_be_tried_waits_without_a_try(store: Store) -> None:
    owe(store)
    owe(store, now=NOW, recipient="bea@example.org")
    first, second = due(store)
    with store.write() as connection:
        outbox.defer(connection, first, NOW + HOUR, "lost", NOW)
        outbox.postpone(connection, [first, second], NOW + timedelta(minutes=1), "down", NOW)
    assert [(w.recipient, w.tries) for w in due(store, NOW + timedelta(minutes=1))] == [("bea@example.org", 0)]
    assert [w.tries for w in due(store, NOW + HOUR)] == [1, 0]


def test_what_was_told_is_known_by_how_it_stood_and_when(store: Store) -> None:
    owe(store)
    with store.read() as connection:
        assert outbox.told(connection, "lettre/failed", "RouteError", NOW - HOUR)
        assert not outbox.told(connection, "lettre/failed", "RouteError", NOW)
        assert not outbox.told(connection, "lettre/failed", "StoreError")
        assert not outbox.told(connection, "veille/failed")


def test_newer_ones_take_the_place_of_what_waits(store: Store) -> None:
    owe(store)
    with store.write() as connection:
        outbox.supersede(connection, "alarm", "veille")
        outbox.supersede(connection, "invitation", "lettre")
        assert len(outbox.due(connection, NOW)) == 1
        outbox.supersede(connection, "alarm", "lettre")
        assert outbox.due(connection, NOW) == []


def test_one_at_a_time_empties_the_outbox(store: Store) -> None:
    other = Store.open(store.engine.url.render_as_string(hide_password=False))
    with senders.alone(store) as first, senders.alone(other) as second, senders.alone(store) as third:
        assert (first, second, third) == (True, False, False)
    with senders.alone(other) as mine:
        assert mine
    other.close()
