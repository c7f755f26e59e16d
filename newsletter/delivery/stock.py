"""The stock: the rows that a sender holds and has not begun yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from newsletter.store import claims
from newsletter.store.claims import Claim
from newsletter.store.engine import Store

BATCH = 100
"""Rows claimed at a time, for all connections."""

RENEWAL_SECONDS = 60.0


class Stock:
    """Rows of an issue, claimed as they are needed and given back at the end.

    ``seconds`` is how long the slowest reply may take, so that no claim runs out while a server thinks; ``only`` are
    the subscriptions whose rows are taken, None for all.
    """

    def __init__(self, store: Store, number: int, issue: int, only: Sequence[int] | None, seconds: float) -> None:
        self._store = store
        self._number = number
        self._issue = issue
        self._only = only
        self._seconds = seconds
        self._rows: deque[Claim] = deque()
        self._dry = False
        self._renewed = time.monotonic()

    def __len__(self) -> int:
        return len(self._rows)

    def fill(self, least: int) -> None:
        """Claim further rows if there are fewer than so many."""
        if self._dry or len(self._rows) >= least:
            return
        with self._store.write() as connection:
            found = claims.claim(connection, self._issue, self._number, BATCH, self._lease(), self._only)
        self._dry = not found
        self._rows.extend(found)

    def take(self) -> Claim | None:
        """Return the next row, None where there is none."""
        return self._rows.popleft() if self._rows else None

    def put_back(self, row: Claim) -> None:
        """Take a row again, to be offered after the others."""
        self._rows.append(row)

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
        self._rows = deque(row for row in self._rows if row.id in mine)

    def release(self) -> None:
        """Give back all that was not handed over."""
        with self._store.write() as connection:
            claims.release(connection, self._number)

    def _lease(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._seconds + 5 * RENEWAL_SECONDS)
