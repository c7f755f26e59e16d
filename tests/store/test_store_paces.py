"""Paces in the books: what one worker was given, another is not; on both dialects."""

from __future__ import annotations

import threading

from newsletter.store import paces
from newsletter.store.engine import Store
from newsletter.store.paces import WHOLE, Pace


def given(store: Store, count: int, name: str = "route default") -> int:
    """Take so many slots of one each; returns the first."""
    with store.write() as connection:
        return paces.change(connection, name, lambda pace: (pace.free, Pace(pace.free + count, pace.share, pace.since)))


def known(store: Store) -> dict[str, Pace]:
    with store.read() as connection:
        return paces.known(connection)


def test_a_pace_is_there_once_it_was_changed(store: Store) -> None:
    assert known(store) == {}
    assert [given(store, 5), given(store, 2), given(store, 1, "group gmail")] == [0, 5, 0]
    assert known(store) == {"route default": Pace(7, WHOLE, 0), "group gmail": Pace(1, WHOLE, 0)}


def test_a_pace_survives_a_restart(store: Store) -> None:
    written = Pace(1_712_041_200_000_000, 125, 1_712_041_199_000_000)
    with store.write() as connection:
        assert paces.change(connection, "route default", lambda _: ("told", written)) == "told"
    again = Store.open(store.engine.url.render_as_string(hide_password=False))
    assert known(again) == {"route default": written}
    again.close()


def test_two_workers_are_never_given_the_same_slots(store: Store) -> None:
    start, taken = threading.Barrier(4), []

    def work() -> None:
        start.wait(30)
        taken.extend(given(store, 3) for _ in range(25))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == list(range(0, 300, 3))


def test_two_workers_may_be_the_first_at_once(store: Store) -> None:
    other: list[int] = []
    thread = threading.Thread(target=lambda: other.append(given(store, 4)), daemon=True)

    def rule(pace: Pace) -> tuple[int, Pace]:
        thread.start()
        thread.join(0.2)
        assert not other
        return pace.free, Pace(9)

    with store.write() as connection:
        assert paces.change(connection, "route default", rule) == 0
    thread.join(30)
    assert other == [9]
    assert known(store) == {"route default": Pace(13)}
