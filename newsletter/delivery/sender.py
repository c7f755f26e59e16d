"""Sending an issue: claim, offer, hand, end, record. The ledger decides; a sender only does what its rows say.

``handed`` is on disk before the final dot is written, and the answer to one message no later than ``handed`` of the
next on that connection: after any crash at most one message a connection is in doubt (DESIGN §3, Delivery).
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newsletter.config import Route
from newsletter.delivery.composing import Composer
from newsletter.delivery.line import Line
from newsletter.delivery.wire import Lost
from newsletter.errors import DeliveryError, NewsletterError, RouteError
from newsletter.model import DeliveryState as State
from newsletter.store import claims, tally
from newsletter.store.claims import Claim
from newsletter.store.engine import Store, Transaction

BATCH = 20
"""Rows claimed at a time, for all connections."""

TRIES = 3
"""How often one run offers a row whose connection was lost before the dot."""

LOSSES = 6
"""Connections lost one after the other without an accepted message, beside one a line, until a relay counts as down."""

REFUSALS = 10
"""Readers refused for good without one who was served, after which the relay counts as refusing everyone."""

RENEWAL_SECONDS = 60.0
PATIENCE_SECONDS = 2.0
"""How long a line that was turned away leaves the work to the others."""


@dataclass(frozen=True)
class Job:
    """What a sender works on: the issue, its composer, its way out, and the clock of the command.

    ``only`` are the subscriptions whose letters go out now, None for all.
    """

    issue: int
    composer: Composer
    route: Route
    secret: str | None
    return_path: str
    now: datetime
    only: Sequence[int] | None = None


class Sender:
    """One process's attempt at an issue, over the connections of its route."""

    def __init__(self, store: Store, number: int, job: Job, progress: Callable[[Counter[State]], None]) -> None:
        self.store = store
        self.number = number
        self.job = job
        self.outcomes: Counter[State] = Counter()
        self._progress = progress
        self.lines = {Line(self) for _ in range(job.route.connections)}
        """The lines that have a connection, or may get one."""
        # SQLite takes one writer at a time and would only make the others poll.
        self.books = threading.Lock()
        self._stop = threading.Event()
        self._taking = threading.Lock()
        self._counting = threading.Lock()
        self._rows: deque[Claim] = deque()
        self._tries: Counter[int] = Counter()
        self._losses = 0
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Attempt every planned row once; rows that could not be offered stay planned.

        Raises:
            DeliveryError: the relay cannot be used, or refuses everything; the books are in order.
        """
        workers = [threading.Thread(target=self._work, args=(line,), daemon=True) for line in self.lines]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                self._wait_for(worker)
        except BaseException:
            self._stop.set()
            for worker in filter(threading.Thread.is_alive, workers):
                worker.join()
            raise
        finally:
            with self.store.write() as connection:
                claims.release(connection, self.number)
        if self._failure:
            raise self._failure

    def _wait_for(self, worker: threading.Thread) -> None:
        while worker.is_alive():
            worker.join(RENEWAL_SECONDS)
            with self.books, self.store.write() as connection:
                claims.renew(connection, self.number, self._lease())

    def _work(self, line: Line) -> None:
        try:
            while row := self._next():
                line.send(row)
            line.close()
        except BaseException as error:
            self._failure = self._failure or error
            self._stop.set()
            with suppress(NewsletterError):
                line.close()
        finally:
            self.lines.discard(line)

    def _next(self) -> Claim | None:
        with self._taking:
            if self._stop.is_set():
                return None
            if not self._rows:
                with self.books, self.store.write() as connection:
                    self._rows.extend(self._claim(connection))
            return self._rows.popleft() if self._rows else None

    def _claim(self, connection: Transaction) -> list[Claim]:
        return claims.claim(connection, self.job.issue, self.number, BATCH, self._lease(), self.job.only)

    def _lease(self) -> datetime:
        # Long enough to wait for the slowest reply, should this process be too busy to renew.
        return datetime.now(UTC) + timedelta(seconds=self.job.route.reply_seconds + 5 * RENEWAL_SECONDS)

    def once_more(self, row: Claim, error: Lost) -> None:
        """Keep a row whose dot was not written for another try, unless the relay is down."""
        self._tries[row.id] += 1
        if self._tries[row.id] < TRIES:
            self._rows.append(row)
        self.bear(error)

    def bear(self, error: Lost) -> None:
        """Count a lost connection; after some in a row the relay is down, on whichever side of the dot they were."""
        self._losses += 1
        if self._losses >= LOSSES + self.job.route.connections:
            raise RouteError(
                f"{error}; {self._losses} connections in a row were lost: send again when the relay is well"
            )

    def unconnected(self, line: Line, row: Claim, error: RouteError) -> None:
        """Leave a row to the connections that there are: a relay may allow fewer than the route."""
        self._rows.appendleft(row)
        self.lines.discard(line)
        # Once it has served us, a relay may only be slow to notice that our last connection has ended.
        if line.alone and (line.waited or not self.outcomes):
            raise error
        line.waited = line.alone
        self._stop.wait(PATIENCE_SECONDS)

    def count(self, state: State, reply: str = "") -> None:
        """Count an outcome and show the progress."""
        with self._counting:
            if state is State.SENT:
                self._losses = 0
            self.outcomes[state] += 1
            self._progress(self.outcomes)
            if self.outcomes[State.REFUSED] >= REFUSALS and not self.outcomes[State.SENT]:
                self._suspect(reply)

    def _suspect(self, reply: str) -> None:
        """Stop before a relay that takes nothing from us has used up the letters of everyone."""
        with self.store.read() as connection:
            served = tally.books(connection, self.job.issue).sent
        if not served:
            raise DeliveryError(f"the relay refuses everyone: {reply}; the rest was not sent: check the route")
