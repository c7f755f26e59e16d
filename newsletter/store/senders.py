"""Senders and whether they live: each holds a lock of the operating system, or of PostgreSQL, while it runs.

A free lock means dead, at once: the system frees it when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from newsletter.store.engine import Store
from newsletter.store.schema import sender

ADVISORY = 0x4E57
"""The first key of our advisory locks in PostgreSQL; the second is the sender's id."""

OUTBOX = 0
"""The second key of the lock of the outbox; ids of senders begin at 1."""


@contextmanager
def sender_of(store: Store, now: datetime) -> Iterator[int]:
    """Register this process as a sender and hold its lock while the block runs; gives the sender's id."""
    with store.write() as connection:
        values = {"host": socket.gethostname(), "process": os.getpid(), "started": now}
        number: int = connection.execute(sender.insert().values(values).returning(sender.c.id)).scalar_one()
    with _file_lock(store, number) if store.sqlite else _advisory_lock(store, number):
        yield number


@contextmanager
def alone(store: Store) -> Iterator[bool]:
    """Be the only one who empties the outbox while the block runs; gives False where another is, without waiting."""
    with _whole_file(store) if store.sqlite else _whole_advisory(store) as mine:
        yield mine


def last_started(connection: sa.Connection) -> datetime | None:
    """Return when a sender began last."""
    started: datetime | None = connection.scalar(sa.select(sa.func.max(sender.c.started)))
    return started


def dead(store: Store, senders: Iterable[int]) -> list[int]:
    """Return those of the senders whose lock is free."""
    # Asking takes a shared lock for a moment, so that two who ask at once do not take each other for the sender.
    free = _file_is_free if store.sqlite else _advisory_is_free
    return [number for number in senders if free(store, number)]


def _lock_path(store: Store, number: int) -> Path:
    return Path(f"{store.path}.senders") / f"{number}.lock"


@contextmanager
def _file_lock(store: Store, number: int) -> Iterator[None]:
    path = _lock_path(store, number)
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _file_is_free(store: Store, number: int) -> bool:
    try:
        with _lock_path(store, number).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(store: Store, number: int) -> Iterator[None]:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(ADVISORY, number)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(ADVISORY, number)))


def _advisory_is_free(store: Store, number: int) -> bool:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        free = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock_shared(ADVISORY, number))))
        if free:
            connection.execute(sa.select(sa.func.pg_advisory_unlock_shared(ADVISORY, number)))
        return free


@contextmanager
def _whole_file(store: Store) -> Iterator[bool]:
    path = Path(f"{store.path}.senders") / "outbox.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:  # it stays: who removes a lock file lets two hold it
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _whole_advisory(store: Store) -> Iterator[bool]:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(ADVISORY, OUTBOX))))
        try:
            yield mine
        finally:
            if mine:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(ADVISORY, OUTBOX)))
