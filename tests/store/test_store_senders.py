"""Whether a sender lives: its lock says so, at once; on both dialects."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from newsletter.store import senders
from newsletter.store.engine import Store
from tests.store.sample import NOW, sender

LIVE = """
import sys, threading
from datetime import UTC, datetime
from newsletter.store.engine import Store
from newsletter.store.senders import sender_of
store = Store.open(sys.argv[1])
with sender_of(store, datetime(2024, 4, 2, tzinfo=UTC)) as number:
    print(number, flush=True)
    sys.stdin.read()
"""


def test_a_sender_lives_as_long_as_its_block(store: Store) -> None:
    with senders.sender_of(store, NOW) as first, senders.sender_of(store, NOW) as second:
        assert first != second
        assert senders.dead(store, [first, second]) == []
    assert senders.dead(store, [first, second]) == [first, second]


def test_a_sender_that_fails_is_dead(store: Store) -> None:
    with pytest.raises(RuntimeError), senders.sender_of(store, NOW) as number:
        raise RuntimeError
    assert senders.dead(store, [number]) == [number]


def test_who_never_held_a_lock_is_dead(store: Store) -> None:
    number = sender(store)
    assert senders.dead(store, [number]) == [number]
    assert senders.dead(store, []) == []


def test_asking_does_not_take_the_lock(store: Store) -> None:
    with senders.sender_of(store, NOW) as number:
        for _ in range(3):
            assert senders.dead(store, [number]) == []
        other = Store.open(store.engine.url.render_as_string(hide_password=False))
        assert senders.dead(other, [number]) == []
        other.close()


@contextmanager
def asking(store: Store, number: int) -> Iterator[None]:
    """Stand where another process stands that asks for the same sender at this moment."""
    if store.sqlite:
        path = senders._lock_path(store, number)
        path.parent.mkdir()
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield
        return
    with store.engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock_shared(senders.ADVISORY, number)))
        yield
        connection.execute(sa.select(sa.func.pg_advisory_unlock_shared(senders.ADVISORY, number)))


def test_two_who_ask_at_once_do_not_take_each_other_for_the_sender(store: Store) -> None:
    number = sender(store)
    with asking(store, number):
        assert senders.dead(store, [number]) == [number]


@pytest.mark.crash
def test_a_killed_process_is_dead_at_once(store: Store, url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LIVE, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        assert senders.dead(store, [number]) == []
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        # PostgreSQL sees the closed socket when it next looks, which is as soon as the lock is asked for in vain.
        for _ in range(1000):
            if senders.dead(store, [number]):
                break
        assert senders.dead(store, [number]) == [number]
    finally:
        process.kill()
        process.communicate()
