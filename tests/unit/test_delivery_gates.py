"""Gates: which letters may begin now, for one worker and for two on the same books; on both dialects."""

from __future__ import annotations

from math import inf

import pytest

from newsletter.config import Group, Route
from newsletter.delivery.gates import Gates
from newsletter.delivery.pacing import COOLING, MINUTE, REACH, SECOND
from newsletter.delivery.reply import Reply
from newsletter.store import paces
from newsletter.store.engine import Store

START = 1_712_041_200 * SECOND
BUSY = Reply(450, "4.7.1 too fast", "4.7.1", "RCPT")

FREE = {"default": Route(connections=8)}
SLOW = {"default": Route(per_second=10, connections=8)}
BIG = {"big": Group(domains=("Big.test", "grand.test"), per_second=2)}


def count(gates: Gates, group: str = "", way: str = "default", start: int = START, seconds: float = 10) -> int:
    """How many letters begin in some seconds, looked at each hundredth."""
    begun = 0
    for now in range(start, start + int(seconds * SECOND), 10_000):
        while begun < 100_000 and gates.let(way, group, now):
            begun += 1
    return begun


def names(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(paces.known(connection))


def test_without_limits_every_letter_begins_and_nothing_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = Gates(store, FREE, {})
    monkeypatch.setattr(Store, "write", lambda _: pytest.fail("the books were touched"))
    assert all(gates.let("default", gates.group("lea@big.test"), START) for _ in range(1000))
    assert gates.rest(START) == inf
    monkeypatch.undo()
    assert names(store) == []


def test_a_route_with_a_limit_keeps_it(store: Store) -> None:
    assert 97 <= count(Gates(store, SLOW, {})) <= 100
    assert names(store) == ["route default"]


def test_a_group_keeps_its_own_and_others_go_on(store: Store) -> None:
    gates = Gates(store, FREE, BIG)
    assert [gates.group(who) for who in ("lea@big.test", "bob@GRAND.test", "mia@other.test", "noe@a.big.test")] == [
        "big", "big", "", "",
    ]  # fmt: skip
    assert 19 <= count(gates, "big") <= 21
    assert gates.let("default", "", START)
    assert names(store) == ["group big"]


def test_a_letter_needs_a_slot_of_its_route_and_of_its_group(store: Store) -> None:
    gates = Gates(store, SLOW, BIG)
    assert 19 <= count(gates, "big") <= 21
    assert 76 <= count(Gates(store, SLOW, BIG), start=START + 20 * SECOND, seconds=8) <= 81
    begun = {"big": 0, "": 0}
    for now in range(START + 60 * SECOND, START + 70 * SECOND, 10_000):
        for group in begun:
            begun[group] += gates.let("default", group, now)
    assert 19 <= begun["big"] <= 21
    assert 76 <= begun[""] <= 81


def test_a_shut_gate_says_how_long(store: Store) -> None:
    gates = Gates(store, {"default": Route(per_minute=10)}, {})
    assert gates.rest(START) == inf
    assert gates.let("default", "", START)
    now = START + SECOND
    for _ in range(5):
        assert not gates.let("default", "", now)
        if gates.rest(now) < inf:
            now += int(gates.rest(now) * SECOND)
        if gates.let("default", "", now):
            break
    assert START + 5 * SECOND < now <= START + 6.1 * SECOND


def test_a_gate_that_is_shut_does_not_ask_the_books_each_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    gates, asked = Gates(store, {"default": Route(per_hour=60)}, {}), []
    whole = Store.write
    monkeypatch.setattr(Store, "write", lambda self: asked.append(1) or whole(self))
    assert 9 <= count(gates, seconds=600) <= 11
    assert len(asked) <= 25


def test_workers_share_what_there_is(store: Store) -> None:
    workers = [Gates(store, SLOW, {}) for _ in range(3)]
    begun = [0, 0, 0]
    for now in range(START, START + 30 * SECOND, 10_000):
        for who, gates in enumerate(workers):
            begun[who] += gates.let("default", "", now)
    assert 290 <= sum(begun) <= 301
    assert sorted(begun)[1] > 60


@pytest.mark.parametrize(("killed", "seconds", "least"), [(False, 1, 56), (True, 6, 36)])
def test_a_restart_does_not_begin_anew(store: Store, killed: bool, seconds: int, least: int) -> None:
    begun = 0
    for start in range(START, START + MINUTE, seconds * SECOND):
        gates = Gates(store, {"default": Route(per_minute=60)}, {})
        begun += count(gates, start=start, seconds=seconds)
        if not killed:
            gates.close()
    assert least <= begun <= 60


def test_what_others_follow_is_not_given_back(store: Store) -> None:
    def free() -> float:
        with store.read() as connection:
            return (paces.known(connection)["route default"].free - START) / SECOND

    first, second = Gates(store, SLOW, {}), Gates(store, SLOW, {})
    assert first.let("default", "", START)
    assert not second.let("default", "", START)  # its slots are to come
    assert free() == pytest.approx(4, abs=0.2)
    first.close()
    assert free() == pytest.approx(4, abs=0.2)
    second.close()
    second.close()
    assert free() == pytest.approx(2, abs=0.1)


def test_a_server_that_asks_for_less_gets_half_from_all_workers(store: Store) -> None:
    gates, other = Gates(store, SLOW, {}), Gates(store, SLOW, {})
    gates.heard("default", "", BUSY, START)
    assert 46 <= count(gates) <= 52
    assert 46 <= count(other, start=START + 12 * SECOND) <= 54
    assert 95 <= count(gates, start=START + 15 * MINUTE) <= 100


def test_what_a_worker_had_in_hand_is_not_used_at_full_speed(store: Store) -> None:
    gates = Gates(store, SLOW, {})
    assert gates.let("default", "", START)
    gates.heard("default", "", BUSY, START)
    assert 8 <= count(gates, seconds=2) <= 10


def test_who_finds_nothing_asks_again_when_there_is_something(store: Store) -> None:
    first, second, third = (Gates(store, SLOW, {}) for _ in range(3))
    assert [gates.let("default", "", START) for gates in (first, second, third)] == [True, False, False]
    assert 1.8 < third.rest(START) < second.rest(START) < 2


def test_who_is_slowed_is_the_group_where_there_is_one(store: Store) -> None:
    gates = Gates(store, SLOW, BIG)
    gates.heard("default", "big", Reply(550, "5.7.1 no", "5.7.1", "RCPT"), START)
    gates.heard("default", "big", Reply(452, "4.2.2 full", "4.2.2", "RCPT"), START)
    assert names(store) == []
    gates.heard("default", "big", BUSY, START)
    assert names(store) == ["group big"]
    gates.heard("default", "big", Reply(421, "bye", "", "RCPT"), START)
    assert names(store) == ["group big", "route default"]


def test_without_a_limit_a_slow_route_has_fewer_connections(store: Store) -> None:
    gates, other = Gates(store, FREE, {}), Gates(store, FREE, {})
    assert [gates.lines("default", START), other.lines("default", START)] == [8, 8]
    gates.heard("default", "", BUSY, START)
    assert [gates.lines("default", START), other.lines("default", START)] == [4, 8]
    assert other.lines("default", START + COOLING) == 4
    gates.heard("default", "", BUSY, START + COOLING)
    assert gates.lines("default", START + COOLING) == 2
    assert Gates(store, FREE, {}).lines("default", START + COOLING) == 2
    assert gates.lines("default", START + 20 * MINUTE) == 8
    assert gates.let("default", "", START)


def test_a_clock_that_is_set_back_is_looked_at_again(store: Store) -> None:
    gates, other = Gates(store, FREE, {}), Gates(store, FREE, {})
    assert gates.lines("default", START) == 8
    other.heard("default", "", BUSY, START - MINUTE)
    assert gates.lines("default", START - MINUTE) == 4


def test_with_a_limit_the_connections_stay(store: Store) -> None:
    gates = Gates(store, SLOW, {})
    gates.heard("default", "", BUSY, START)
    assert gates.lines("default", START) == 8


def test_a_clock_that_is_set_back_is_asked_again(store: Store) -> None:
    gates = Gates(store, {"default": Route(per_minute=12)}, {})
    assert count(gates, seconds=20) >= 3
    back = START - 24 * 60 * MINUTE
    assert 10 <= count(gates, start=back + 2 * REACH, seconds=60) <= 12
