"""Pacing: what any window of time holds at most, how a pace falls and grows, all on a clock that is a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery import pacing
from newsletter.delivery.pacing import MINUTE, REACH, SECOND, Portion, asks_for_less, limit, portion, share, slowed
from newsletter.delivery.reply import reply
from newsletter.store.paces import WHOLE, Pace

START = 1_712_041_200 * SECOND
HOUR = 60 * MINUTE


class Worker:
    """What a sender does with slots: as soon as it looks, it begins each message that it may."""

    def __init__(self, books: dict[str, Pace], limits: Mapping[int, int]) -> None:
        self.books = books
        self.limit = limit(limits)
        assert self.limit
        self.portion: Portion | None = None

    def look(self, now: int) -> int:
        """Begin what may begin now; returns how many."""
        begun = 0
        while True:
            if self.portion is None or self.portion.spent(now):
                self.portion, self.books["pace"] = portion(self.books.get("pace", Pace()), self.limit, now)
            if self.portion is None or self.portion.next > now:
                return begun
            self.portion.begin(now)
            begun += 1


def broken(times: list[int], limits: Mapping[int, int]) -> list[int]:
    """The limits that some window breaks, its end excluded: one message more than allowed, less than a window apart."""
    return [
        seconds
        for seconds, letters in limits.items()
        if any(later - sooner < seconds * SECOND for sooner, later in zip(times, times[letters:], strict=False))
    ]


LIMITS = st.dictionaries(st.sampled_from([1, 60, 3600]), st.integers(1, 400), min_size=1)


@given(LIMITS, st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5 * SECOND)), min_size=50, max_size=400))
def test_no_window_holds_more_than_its_limit(limits: dict[int, int], looks: list[tuple[int, int]]) -> None:
    """Three workers that look when they like, and are busy with something else for up to seconds."""
    books: dict[str, Pace] = {}
    workers = [Worker(books, limits) for _ in range(3)]
    now, times = START, []
    for who, pause in looks:
        now += pause
        times += [now] * workers[who].look(now)
    assert times
    assert broken(times, limits) == []


@pytest.mark.parametrize("turn", [500, 3_000, 8_000])
@pytest.mark.parametrize("limits", [{1: 7}, {1: 100}, {1: 2000}, {60: 700}, {3600: 50_000}, {1: 50, 60: 1000}])
def test_a_loop_with_other_things_to_do_has_all_but_a_hundredth(limits: dict[int, int], turn: int) -> None:
    worker, span = Worker({}, limits), 30 * SECOND
    count = sum(worker.look(now) for now in range(START, START + span, turn))
    assert count >= 0.989 * span / SECOND * min(letters / seconds for seconds, letters in limits.items())


def test_a_day_of_a_million_messages() -> None:
    limits = {1: 12, 60: 702, 3600: 42_000}
    worker, times, now = Worker({}, limits), [], START
    while len(times) < 1_000_000:
        times += [now] * worker.look(now)
        assert worker.portion
        now = max(worker.portion.next, now + 1)
    assert broken(times, limits) == []
    assert times[-1] - START <= 1_000_000 / 42_000 * HOUR / 0.99
    assert times[-1] - START <= 24 * HOUR + 3 * MINUTE


@pytest.mark.parametrize(
    ("limits", "gap"),
    [
        ({1: 1}, 1.01), ({1: 10}, 0.101), ({60: 60}, 1.01), ({3600: 600}, 6.06), ({1: 10, 3600: 600}, 6.06),
        ({1: 1, 60: 600}, 1.01), ({60: 30, 3600: 3600}, 2.02),
    ],
)  # fmt: skip
def test_letters_are_spread_evenly_by_the_slowest_limit(limits: dict[int, int], gap: float) -> None:
    found = limit(limits)
    assert found
    assert found.gap == gap * SECOND


def test_no_limit_is_no_arithmetic() -> None:
    assert limit({}) is None


def test_idle_time_is_not_saved_up() -> None:
    worker = Worker({}, {60: 60})
    assert worker.look(START) == 1
    assert worker.look(START + HOUR) <= 2
    assert sum(worker.look(now) for now in range(START + HOUR, START + HOUR + MINUTE, 10_000)) <= 60


def test_a_line_goes_on_where_it_stood_after_a_restart() -> None:
    books: dict[str, Pace] = {}
    limits, now, times = {60: 120}, START, []
    for _ in range(40):  # each lives for a few seconds and dies with what it had
        worker = Worker(books, limits)
        for _ in range(70):
            now += 50_000
            times += [now] * worker.look(now)
    assert broken(times, limits) == []
    assert len(times) > 0.6 * 120 * (now - START) / MINUTE


@pytest.mark.parametrize("back", [SECOND, MINUTE, 24 * HOUR])
@pytest.mark.parametrize("limits", [{1: 50}, {60: 60}, {3600: 60}])
def test_a_clock_that_is_set_back_does_not_stop_the_letters(back: int, limits: dict[int, int]) -> None:
    worker = Worker({}, limits)
    assert sum(worker.look(now) for now in range(START, START + 2 * MINUTE, 10_000))
    now, usual = START + 2 * MINUTE - back, limit(limits).gap
    wait = next(later for later in range(now, now + 10 * HOUR, 10_000) if worker.look(later)) - now
    assert wait <= REACH + max(REACH, usual) + 10_000
    count = sum(worker.look(later) for later in range(now + wait, now + wait + 10 * usual, 10_000))
    assert 8 <= count <= 11


def test_a_clock_that_is_set_back_does_not_leave_a_pace_slow() -> None:
    slow, back, known = slowed(Pace(), START), START - HOUR, limit({60: 60})
    assert known
    assert share(slow, back) == WHOLE // 2
    assert share(slowed(slow, back), back) == WHOLE // 4
    _, steadied = portion(slow, known, back)
    assert share(steadied, back + 10 * MINUTE) == WHOLE


def test_the_next_portion_begins_where_the_last_one_ended_if_that_is_just_past() -> None:
    known = limit({1: 10})
    assert known
    just, _ = portion(Pace(free=START - 9_000), known, START)
    past, _ = portion(Pace(free=START - 30_000), known, START)
    assert just
    assert past
    assert [just.next, past.next] == [START - 9_000, START - known.slack] == [START - 9_000, START - 10_000]


def test_workers_share_a_line_in_turns() -> None:
    books: dict[str, Pace] = {}
    workers = [Worker(books, {1: 20}) for _ in range(2)]
    counts = [0, 0]
    for now in range(START, START + MINUTE, 5_000):
        for who, worker in enumerate(workers):
            counts[who] += worker.look(now)
    assert sum(counts) == pytest.approx(20 * 60 / 1.01, rel=0.01)
    assert counts[0] == pytest.approx(counts[1], rel=0.1)


def test_a_server_that_asks_for_less_halves_the_pace_which_grows_again() -> None:
    pace = slowed(Pace(), START)
    assert share(pace, START) == WHOLE // 2
    assert share(pace, START + 2 * MINUTE) == WHOLE // 2 + WHOLE // 10
    assert share(pace, START + 10 * MINUTE) == WHOLE
    assert share(pace, START + 99 * HOUR) == WHOLE
    again = slowed(pace, START + 2 * MINUTE)
    assert share(again, START + 2 * MINUTE) == 300


def test_complaints_that_come_together_count_once() -> None:
    pace = slowed(Pace(), START)
    assert slowed(pace, START + 1) is pace
    assert slowed(pace, START + pacing.COOLING - 1) is pace
    assert slowed(pace, START + pacing.COOLING) != pace


def test_a_pace_never_falls_to_nothing() -> None:
    pace, now = Pace(), START
    for _ in range(50):
        now += pacing.COOLING
        pace = slowed(pace, now)
    assert share(pace, now) == pacing.SLOWEST > 0
    assert Worker({"pace": replace(pace, free=0)}, {1: 1}).look(now)


@pytest.mark.parametrize("limits", [{1: 40}, {60: 300}])
def test_half_the_pace_is_half_the_letters(limits: dict[int, int]) -> None:
    def count(pace: Pace, start: int) -> int:
        worker = Worker({"pace": pace}, limits)
        return sum(worker.look(now) for now in range(start, start + 30 * SECOND, 2_000))

    slow = slowed(Pace(), START)
    assert count(slow, START) == pytest.approx(count(Pace(), START) / 2, rel=0.05)
    assert count(slow, START + 11 * MINUTE) == count(Pace(), START + 11 * MINUTE)


@pytest.mark.parametrize(
    ("words", "slower"),
    [
        ("421 4.7.0 busy", True), ("421 bye", True), ("450 4.7.1 too fast", True), ("450 later", True),
        ("451 later", True), ("451 4.3.0 later", True), ("452 too many", True), ("452 4.5.3 too many", True),
        ("454 4.7.0 not now", True), ("455 4.7.28 rate", True),
        ("450 4.2.0 mailbox busy", False), ("452 4.2.2 full", False), ("450 4.1.8 who", False), ("454 4.4.0 x", False),
        ("550 5.7.1 blocked", False), ("550 5.1.1 nobody", False), ("250 2.0.0 taken", False),
    ],
)  # fmt: skip
def test_which_replies_ask_for_less(words: str, slower: bool) -> None:
    assert asks_for_less(reply([words.encode()], "RCPT")) is slower


@pytest.mark.parametrize(("portion", "left"), [(1000, 8), (500, 4), (300, 2), (31, 1)])
def test_without_a_limit_there_are_fewer_connections(portion: int, left: int) -> None:
    assert pacing.lines(8, portion) == left
