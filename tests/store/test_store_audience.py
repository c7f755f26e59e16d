"""Subscribers and their subscriptions: joining, choosing, leaving, coming back; on both dialects."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from newsletter.errors import NotFoundError
from newsletter.model import DeliveryState, Frequency, SubscriptionState
from newsletter.store import audience, claims, cursors, ledger, schema
from newsletter.store.engine import Store
from tests.store.sample import (
    DAY,
    FAR,
    NOW,
    cursor,
    join,
    leave,
    look,
    opened,
    owed,
    run,
    sender,
    state,
    subscription,
    wanted,
)


def members(store: Store, name: str = "lettre", after: int = 0, limit: int | None = None) -> list[int]:
    with store.read() as connection:
        return [reader.id for reader, _ in audience.members(connection, name, after, limit)]


def test_a_new_reader_is_stored_as_they_chose(store: Store) -> None:
    choices = {"theme": frozenset({"sante", "education"}), "type": frozenset()}
    id = join(
        store, "Anne@Example.org", choices=choices, frequency=Frequency.MONTHLY, language="en", light=True
    )  # fmt: skip
    found = subscription(store, id)
    assert (found.address, found.list, found.state) == ("Anne@Example.org", "lettre", SubscriptionState.ACTIVE)
    assert found.choices == {"theme": frozenset({"sante", "education"})}
    assert (found.frequency, found.language, found.light) == (Frequency.MONTHLY, "en", True)
    assert (found.consent, found.since) == ("formulaire papier", NOW)


def test_a_reader_starts_at_the_lists_last_run(store: Store) -> None:
    assert cursor(store, join(store, "a@example.org")) == 0
    run(store, upper=7)
    run(store, upper=12)
    run(store, upper=90, name="veille")
    assert cursor(store, join(store, "b@example.org")) == 12
    with store.read() as connection:
        assert [audience.last_upper(connection, name) for name in ("lettre", "veille", "flash")] == [12, 90, 0]


def test_one_address_written_two_ways_is_one_reader(store: Store) -> None:
    assert join(store, "Anne@example.org") == join(store, "anne@example.org")
    with store.read() as connection:
        assert [reader.address for reader in audience.everyone(connection)] == ["Anne@example.org"]


def test_who_is_active_keeps_the_cursor_and_what_is_owed(store: Store) -> None:
    id = join(store, "a@example.org")
    with store.write() as connection:
        connection.execute(schema.subscription.update().values(cursor=3, owed=True))
    run(store, upper=50)
    assert join(store, "a@example.org", now=NOW + DAY, language="en") == id
    found = subscription(store, id)
    assert (found.cursor, found.since, found.language) == (3, NOW, "en")
    assert owed(store, id)


def test_who_comes_back_starts_anew(store: Store) -> None:
    id = join(store, "a@example.org")
    issue = opened(store, [id], upper=4)
    with store.write() as connection:
        ledger.fold(connection, issue, NOW, 10)
    assert owed(store, id)
    leave(store, id)
    assert subscription(store, id).state is SubscriptionState.ENDED
    run(store, upper=50)
    assert cursor(store, id) == 0
    assert join(store, "a@example.org", now=NOW + DAY) == id
    found = subscription(store, id)
    assert (found.state, found.cursor, found.since) == (SubscriptionState.ACTIVE, 50, NOW + DAY)
    assert not owed(store, id)


def test_new_choices_leave_the_cursor(store: Store) -> None:
    id = join(store, "a@example.org")
    with store.write() as connection:
        cursors.advance(connection, [id], 5)
        new = wanted(id=id, choices={"theme": frozenset({"sante"})}, frequency=Frequency.WEEKLY, light=True)
        audience.choose(connection, new, NOW)
    found = subscription(store, id)
    assert (found.cursor, found.frequency, found.light) == (5, Frequency.WEEKLY, True)
    assert found.choices == {"theme": frozenset({"sante"})}
    assert found.consent == "formulaire papier"


def test_who_leaves_has_no_open_row_left(store: Store) -> None:
    id, other = join(store, "a@example.org"), join(store, "b@example.org")
    opened(store, [id, other])
    leave(store, id)
    row = look(store, 1)
    assert (row.state, row.reason, row.sender) == ("withdrawn", "left", None)
    assert state(store, 2) == "planned"


def test_leaving_twice_is_leaving_once(store: Store) -> None:
    id = join(store, "a@example.org")
    for _ in range(2):
        leave(store, id)
    with store.read() as connection:
        assert audience.history(connection, id) == [
            (NOW, "subscribed", "formulaire papier"),
            (NOW, "left", "un clic"),
        ]


def test_a_message_on_its_way_is_not_withdrawn_by_leaving(store: Store) -> None:
    id = join(store, "a@example.org")
    issue, me = opened(store, [id]), sender(store)
    with store.write() as connection:
        claim = claims.claim(connection, issue, me, 1, FAR)[0]
        assert ledger.hand(connection, claim, me, NOW, NOW)
    leave(store, id)
    assert state(store, claim.id) == DeliveryState.HANDED


def test_history_tells_what_happened_in_order(store: Store) -> None:
    id = join(store, "a@example.org")
    with store.write() as connection:
        audience.choose(connection, wanted(id=id, choices={"theme": frozenset({"sante"})}), NOW + DAY)
        audience.note(connection, id, "asked", "where are my data", NOW + 2 * DAY)
        audience.note(connection, None, "erased", "1 address", NOW)
    join(store, "a@example.org", now=NOW + 3 * DAY)
    with store.read() as connection:
        assert [(at - NOW, what, detail) for at, what, detail in audience.history(connection, id)] == [
            (0 * DAY, "subscribed", "formulaire papier"),
            (DAY, "chosen", '{"theme":["sante"]}'),
            (2 * DAY, "asked", "where are my data"),
            (3 * DAY, "set", "formulaire papier"),
        ]


def test_members_are_active_not_suppressed_and_by_id(store: Store) -> None:
    ids = [join(store, f"{name}@example.org") for name in "dcba"]
    join(store, "a@example.org", "veille")
    leave(store, ids[1])
    with store.write() as connection:
        audience.suppress(connection, "b@example.org", "hard bounce", NOW)
    assert members(store) == [ids[0], ids[3]]
    assert members(store, after=ids[0]) == [ids[3]]
    assert members(store, limit=1) == [ids[0]]


def test_members_say_who_is_owed_a_letter(store: Store) -> None:
    ids = [join(store, f"{name}@example.org") for name in "ab"]
    issue = opened(store, ids[:1])
    with store.write() as connection:
        ledger.fold(connection, issue, NOW, 10)
        assert [owed for _, owed in audience.members(connection, "lettre")] == [True, False]
        cursors.served(connection, ids)
        cursors.served(connection, [])
        assert [owed for _, owed in audience.members(connection, "lettre")] == [False, False]


def test_a_suppression_keeps_its_first_reason(store: Store) -> None:
    with store.write() as connection:
        audience.suppress(connection, "a@example.org", "complaint", NOW)
        audience.suppress(connection, "a@example.org", "hard bounce", NOW + DAY)
        assert [tuple(row) for row in connection.execute(sa.select(schema.suppression))] == [
            ("a@example.org", "complaint", NOW)
        ]


def test_an_address_is_known_by_all_its_lists(store: Store) -> None:
    join(store, "a@example.org", "veille")
    join(store, "a@example.org", "lettre")
    with store.read() as connection:
        assert [found.list for found in audience.of_address(connection, "a@example.org")] == ["lettre", "veille"]
        with pytest.raises(NotFoundError, match=r"b@example\.org: no such subscriber"):
            audience.of_address(connection, "b@example.org")


def test_everyone_comes_by_address_of_one_list_or_all(store: Store) -> None:
    for name, list_slug in (("b", "veille"), ("a", "veille"), ("a", "lettre")):
        join(store, f"{name}@example.org", list_slug)
    with store.read() as connection:
        everyone = [(found.address[0], found.list) for found in audience.everyone(connection)]
        assert everyone == [("a", "lettre"), ("a", "veille"), ("b", "veille")]
        assert [found.address[0] for found in audience.everyone(connection, "veille")] == ["a", "b"]


def test_cursors_only_move_forward(store: Store) -> None:
    ids = [join(store, f"{name}@example.org") for name in "abc"]
    with store.write() as connection:
        cursors.advance(connection, ids[:2], 9)
        cursors.advance(connection, ids, 4)
        cursors.advance(connection, [], 99)
        assert [audience.get(connection, id).cursor for id in ids] == [9, 9, 4]
        assert cursors.lowest(connection, "lettre") == 4
        assert cursors.lowest(connection, "veille") == 0
    leave(store, ids[2])
    with store.read() as connection:
        assert cursors.lowest(connection, "lettre") == 9


def test_the_lowest_cursor_is_found_without_looking_at_everyone(store: Store) -> None:
    with store.write() as connection:
        people = [{"id": id, "address": f"{id}@example.org", "folded": f"{id}@example.org"} for id in range(1, 5001)]
        connection.execute(schema.subscriber.insert(), [person | {"created": NOW} for person in people])
        chosen = {"choices": "{}", "frequency": "each", "language": "fr", "light": False, "consent": "", "since": NOW}
        member = chosen | {"list": "lettre", "state": "active", "owed": False}
        rows = [member | {"subscriber": id, "cursor": 10 + id} for id in range(1, 5001)]
        connection.execute(schema.subscription.insert(), rows)
        audience.suppress(connection, "1@example.org", "bounced", NOW)
    steps = []
    with store.read() as connection:
        if connection.dialect.name == "sqlite":  # which counts its steps, in hundreds
            connection.connection.driver_connection.set_progress_handler(lambda: steps.append(1) and None, 100)
        assert cursors.lowest(connection, "lettre") == 12
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.set_progress_handler(None, 0)
    assert len(steps) < 10
