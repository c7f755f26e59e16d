"""Sending an issue: claim, offer, hand, end, record. The ledger decides; a sender only does what its rows say.

``handed`` is on disk before the final dot is written, and the answer to one message no later than ``handed`` of the
next on that connection: after any crash at most one message a connection is in doubt (DESIGN §3, Delivery).
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newsletter.config import Route
from newsletter.delivery.composing import Composer
from newsletter.delivery.wire import Connection, Lost, Reply
from newsletter.errors import AudienceError, DeliveryError, NewsletterError, RouteError
from newsletter.model import DeliveryState as State
from newsletter.store import ledger
from newsletter.store.engine import Store, Transaction
from newsletter.store.ledger import Answer, Claim

BATCH = 20
"""Rows claimed at a time by one connection."""

TRIES = 3
"""How often one run offers a row whose connection was lost before the dot."""

LOSSES = 6
"""Connections lost one after the other without an accepted message, after which the relay counts as down."""

RENEWAL_SECONDS = 60.0
PATIENCE_SECONDS = 0.5
LONGEST_PAUSE = timedelta(hours=4)


def pause(tries: int) -> timedelta:
    """Return how long a row waits after its n-th deferral: half an hour, growing (RFC 5321 §4.5.4.1)."""
    doubled: timedelta = timedelta(minutes=30) * 2 ** max(tries - 1, 0)
    return min(doubled, LONGEST_PAUSE)


@dataclass(frozen=True)
class Job:
    """What a sender works on: the issue, its composer, its way out, and the clock of the command."""

    issue: int
    composer: Composer
    route: Route
    secret: str | None
    return_path: str
    now: datetime


class Sender:
    """One process's attempt at an issue, over the connections of its route."""

    def __init__(self, store: Store, number: int, job: Job, progress: Callable[[Counter[State]], None]) -> None:
        self.store = store
        self.number = number
        self.job = job
        self.outcomes: Counter[State] = Counter()
        self._progress = progress
        self.open_lines: set[_Line] = set()
        # SQLite takes one writer at a time and would only make the others poll.
        self.books = threading.Lock()
        self._stop = threading.Event()
        self._again: deque[Claim] = deque()
        self._tries: Counter[int] = Counter()
        self._losses = 0
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Attempt every planned row once; rows that could not be offered stay planned.

        Raises:
            DeliveryError: the relay cannot be used, or refuses everything; the books are in order.
        """
        workers = [threading.Thread(target=self._guarded, daemon=True) for _ in range(self.job.route.connections)]
        try:
            for worker in workers:
                worker.start()
            for worker in workers:
                self._wait_for(worker)
        except KeyboardInterrupt:
            self._stop.set()
            for worker in workers:
                worker.join()
            raise
        finally:
            with self.store.write() as connection:
                ledger.release(connection, self.number)
        if self._failure:
            raise self._failure

    def _wait_for(self, worker: threading.Thread) -> None:
        while worker.is_alive():
            worker.join(RENEWAL_SECONDS)
            with self.books, self.store.write() as connection:
                ledger.renew(connection, self.number, self._lease())

    def _guarded(self) -> None:
        line = _Line(self)
        try:
            while not self._stop.is_set() and (rows := self._claim()):
                for row in rows:
                    if self._stop.is_set():
                        break
                    line.send(row)
            line.close()
        except BaseException as error:
            self._failure = self._failure or error
            self._stop.set()
            with suppress(NewsletterError):
                line.close()

    def _claim(self) -> list[Claim]:
        if self._again:
            return [self._again.popleft()]
        with self.books, self.store.write() as connection:
            return ledger.claim(connection, self.job.issue, self.number, BATCH, self._lease())

    def _lease(self) -> datetime:
        # Long enough to wait for the slowest reply, should this process be too busy to renew.
        return datetime.now(UTC) + timedelta(seconds=self.job.route.reply_seconds + 5 * RENEWAL_SECONDS)

    def once_more(self, row: Claim, error: Lost) -> None:
        """Keep a row whose dot was not written for another try, unless the relay is down."""
        self._tries[row.id] += 1
        if self._tries[row.id] < TRIES:
            self._again.append(row)
        self._bear(error)

    def unconnected(self, row: Claim, error: RouteError) -> None:
        """Keep a row for the connections that there are: a relay may allow fewer than the route."""
        if not self.open_lines:
            raise error
        self._again.append(row)
        self._bear(error)
        self._stop.wait(PATIENCE_SECONDS)

    def _bear(self, error: DeliveryError) -> None:
        self._losses += 1
        if self._losses >= LOSSES:
            raise RouteError(f"{error}; {LOSSES} connections in a row were lost: send again when the relay is well")

    def count(self, state: State) -> None:
        """Count an outcome and show the progress."""
        if state is State.SENT:
            self._losses = 0
        self.outcomes[state] += 1
        self._progress(self.outcomes)


@dataclass(frozen=True)
class _Said:
    """An answer that is not on disk yet: it goes there with the next message's ``handed``."""

    row: Claim
    state: State
    reply: Reply


class _Line:
    """One connection's work: a checklist for each row."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.job = sender.job
        self.connection: Connection | None = None
        self.said: _Said | None = None

    def send(self, row: Claim) -> None:
        """Take one row as far as it goes."""
        try:
            message = self.job.composer.message(row)
            connection = self._connected()
            reply = connection.offer(self.job.return_path, row.address)
        except AudienceError as error:
            self._refused_early(row, State.REFUSED, Reply(0, str(error)))
        except RouteError as error:
            self.sender.unconnected(row, error)
        except Lost as error:
            self._hang_up()
            self.sender.once_more(row, error)
        else:
            if reply.accepted:
                self._hand(connection, row, message)
            else:
                self._not_taken(connection, row, reply)

    def _hand(self, connection: Connection, row: Claim, message: bytes) -> None:
        """From the 354 on: mark, write, end, and remember the answer."""
        if not self._mark(row):
            # Whoever must not be mailed after the 354: the connection is closed without a dot.
            self._hang_up()
            self._write(ledger.withdraw_unreachable, row)
            return
        try:
            connection.body(message)
            reply = connection.dot()
        except Lost as error:
            self._hang_up()
            self._lost(row, error)
            return
        self._answered(connection, row, reply)

    def _mark(self, row: Claim) -> bool:
        with self.sender.books, self.sender.store.write() as books:
            self._flush(books)
            handed = ledger.hand(books, row, self.sender.number, self.job.now, datetime.now(UTC))
        self.said = None
        return handed

    def _answered(self, connection: Connection, row: Claim, reply: Reply) -> None:
        state = State.SENT if reply.accepted else State.DEFERRED if reply.transient else State.REFUSED
        self.said = _Said(row, state, reply)
        self.sender.count(state)
        full = connection.sent >= self.job.route.messages_per_connection
        if reply.code == 421 or full:
            self.close()

    def _lost(self, row: Claim, error: Lost) -> None:
        if error.dotted:
            said = Answer(0, "", str(error))
            self._write(ledger.answer_dot, row, State.UNCERTAIN, said)
            self.sender.count(State.UNCERTAIN)
        else:
            self._write(ledger.take_back, row, Answer(0, "", str(error)))
            self.sender.once_more(row, error)

    def _not_taken(self, connection: Connection, row: Claim, reply: Reply) -> None:
        """The server refused before the message: the connection, the sender, or this one recipient."""
        if reply.code == 421:
            self._hang_up()
            self.sender.once_more(row, Lost(f"{connection.where}: {reply.text}", dotted=False))
        elif reply.stage == "MAIL":
            raise DeliveryError(
                f"{connection.where}: refuses the sender {self.job.return_path}: {reply.code} {reply.text}; "
                "nothing more was sent: check the sender of the list and the user of the route"
            )
        else:
            self._refused_early(row, State.DEFERRED if reply.transient else State.REFUSED, reply)

    def _refused_early(self, row: Claim, state: State, reply: Reply) -> None:
        answer = Answer(reply.code, reply.enhanced, reply.text)
        due = self.job.now + pause(row.tries + 1) if state is State.DEFERRED else None
        self._write(ledger.answer_early, row, state, answer, due=due)
        self.sender.count(state)

    def _connected(self) -> Connection:
        if self.connection is None:
            self.connection = Connection.open(self.job.route, self.job.secret)
            self.sender.open_lines.add(self)
        return self.connection

    def _write(self, change: Callable[..., object], row: Claim, *values: object, **named: object) -> None:
        with self.sender.books, self.sender.store.write() as books:
            self._flush(books)
            change(books, row, self.sender.number, *values, self.job.now, **named)
        self.said = None

    def _flush(self, books: Transaction) -> None:
        if self.said is None:
            return
        row, state, reply = self.said.row, self.said.state, self.said.reply
        answer = Answer(reply.code, reply.enhanced, reply.text)
        due = self.job.now + pause(row.tries + 1) if state is State.DEFERRED else None
        ledger.answer_dot(books, row, self.sender.number, state, answer, self.job.now, due)

    def close(self) -> None:
        """Put the last answer on disk and take leave of the server."""
        if self.said:
            with self.sender.books, self.sender.store.write() as books:
                self._flush(books)
            self.said = None
        if self.connection:
            self.connection.quit()
            self._forget()

    def _hang_up(self) -> None:
        if self.connection:
            self.connection.drop()
            self._forget()

    def _forget(self) -> None:
        self.connection = None
        self.sender.open_lines.discard(self)
