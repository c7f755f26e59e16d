"""The stock: the rows that a sender holds and has not begun yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from newsletter.delivery.gates import Gates
from newsletter.store import claims
from newsletter.store.claims import Claim
from newsletter.store.engine import Store

BATCH = 200
"""Rows claimed at a time, for all connections."""

MOST = 5000
"""Rows held at a time, where most of them wait for a slow group of domains."""

RENEWAL_SECONDS = 60.0


class Stock:
    """Rows of an issue, claimed as they are needed and given back at the end; each waits for one of its ways out.

    ``gates`` say when a row may begin. ``seconds`` is how long the slowest reply may take, so that no claim runs out
    while a server thinks; ``only`` are the subscriptions whose rows are taken, None for all; ``ways`` tells the ways of
    an address, best first.
    """

    def __init__(
        self,
        store: Store,
        number: int,
        issue: int,
        only: Sequence[int] | None,
        seconds: float,
        ways: Callable[[str], Sequence[str]],
        gates: Gates,
    ) -> None:
        self._store = store
        self._number = number
        self._issue = issue
        self._only = only
        self._seconds = seconds
        self._ways = ways
        self._gates = gates
        self._rows: dict[str, dict[str, deque[Claim]]] = {}
        self._closed: set[str] = set()
        self.stranded: set[int] = set()
        """The rows to which no way out is open."""
        self._dry = False
        self._renewed = time.monotonic()

    def __len__(self) -> int:
        return sum(map(self.waiting, self._rows))

    def waiting(self, way: str) -> int:
        """Return how many rows wait for a way out."""
        return sum(map(len, self._rows.get(way, {}).values()))

    def fill(self, least: int) -> None:
        """Claim further rows if fewer than so many could begin: those of a slow group do not hold up the others."""
        if self._dry or len(self) >= MOST or self._hurried() >= least:
            return
        with self._store.write() as connection:
            found = claims.claim(connection, self._issue, self._number, BATCH, self._lease(), self._only)
        self._dry = not found
        for row in found:
            self.put_back(row)

    def _hurried(self) -> int:
        limited = self._gates.limited
        return sum(
            len(rows) for groups in self._rows.values() for group, rows in groups.items() if group not in limited
        )

    def take(self, way: str) -> Claim | None:
        """Return the next row that waits for a way out and may begin now, None where there is none."""
        for group, rows in self._rows.get(way, {}).items():
            if rows and self._gates.let(way, group, moment()):
                return rows.popleft()
        return None

    def put_back(self, row: Claim) -> None:
        """Let a row wait for the best way that is open to it; one that has none is stranded."""
        for way in self._ways(row.address):
            if way not in self._closed:
                groups = self._rows.setdefault(way, {})
                groups.setdefault(self._gates.group(row.address), deque()).append(row)
                return
        self.stranded.add(row.id)

    def close(self, way: str) -> None:
        """Nothing more goes out this way: its rows wait for their next."""
        self._closed.add(way)
        for rows in self._rows.pop(way, {}).values():
            for row in rows:
                self.put_back(row)

    def renew(self) -> None:
        """Prolong the claims, when it is time."""
        if time.monotonic() - self._renewed < RENEWAL_SECONDS:
            return
        self._renewed = time.monotonic()
        with self._store.write() as connection:
            claims.renew(connection, self._number, self._lease())

    def check(self) -> None:
        """Forget the rows that somebody else took away."""
        with self._store.read() as connection:
            mine = claims.held(connection, self._number)
        for groups in self._rows.values():
            for group, rows in groups.items():
                groups[group] = deque(row for row in rows if row.id in mine)

    def release(self) -> None:
        """Give back all that was not handed over."""
        with self._store.write() as connection:
            claims.release(connection, self._number)

    def _lease(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._seconds + 5 * RENEWAL_SECONDS)


def moment() -> int:
    """Return what the clock says, as the books count: pacing is about real time."""
    return time.time_ns() // 1000
