"""One connection's work on an issue: a checklist for each row, from the offer to the answer in the books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.delivery.wire import Connection, Lost, Reply
from newsletter.errors import AudienceError, DeliveryError, RouteError
from newsletter.model import DeliveryState as State
from newsletter.store import ledger
from newsletter.store.claims import Claim
from newsletter.store.engine import Transaction
from newsletter.store.ledger import Answer

if TYPE_CHECKING:
    from newsletter.delivery.sender import Sender

LONGEST_PAUSE = timedelta(hours=4)


def pause(tries: int) -> timedelta:
    """Return how long a row waits after its n-th deferral: half an hour, growing (RFC 5321 §4.5.4.1)."""
    doubled: timedelta = timedelta(minutes=30) * 2 ** max(tries - 1, 0)
    return min(doubled, LONGEST_PAUSE)


@dataclass(frozen=True)
class _Said:
    """An answer that is not on disk yet: it goes there with the next message's ``handed``."""

    row: Claim
    state: State
    reply: Reply


class Line:
    """One connection at a time.

    ``alone`` tells whether no other line had hope when it last tried to connect, ``waited`` that it failed so before.
    """

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.job = sender.job
        self.alone = self.waited = False
        self.connection: Connection | None = None
        self.said: _Said | None = None

    def send(self, row: Claim) -> None:
        """Take one row as far as it goes."""
        try:
            message = self.job.composer.message(row)
            connection = self._connected()
            reply = connection.offer(self.job.composer.return_path(row), row.address)
        except AudienceError as error:
            self._refused_early(row, State.REFUSED, Reply(0, str(error)))
        except RouteError as error:
            self.sender.unconnected(self, row, error)
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
        full = connection.sent >= self.job.route.messages_per_connection
        if connection.closed:
            self._hang_up()
        elif reply.code == 421 or full:
            self.close()
        self.sender.count(state, f"{reply.code} {reply.text}")

    def _lost(self, row: Claim, error: Lost) -> None:
        if error.dotted:
            said = Answer(0, "", str(error))
            self._write(ledger.answer_dot, row, State.UNCERTAIN, said)
            self.sender.count(State.UNCERTAIN)
            self.sender.bear(error)
        else:
            self._write(ledger.take_back, row, Answer(0, "", str(error)))
            self.sender.once_more(row, error)

    def _not_taken(self, connection: Connection, row: Claim, reply: Reply) -> None:
        """The server refused before the message: the connection, the sender, or this one recipient."""
        if reply.code == 421:
            self._hang_up()
            self.sender.once_more(row, Lost(f"{connection.where}: {reply.text}", dotted=False))
        elif reply.stage == "MAIL":
            sender = self.job.composer.return_path(row)
            raise DeliveryError(
                f"{connection.where}: refuses the sender {sender}: {reply.code} {reply.text}; "
                "nothing more was sent: check the sender of the list and the user of the route"
            )
        else:
            self._refused_early(row, State.DEFERRED if reply.transient else State.REFUSED, reply)

    def _refused_early(self, row: Claim, state: State, reply: Reply) -> None:
        answer = Answer(reply.code, reply.enhanced, reply.text)
        due = self.job.now + pause(row.tries + 1) if state is State.DEFERRED else None
        self._write(ledger.answer_early, row, state, answer, due=due)
        self.sender.count(state, f"{reply.code} {reply.text}")

    def _connected(self) -> Connection:
        if self.connection is None:
            self.alone = self.sender.lines <= {self}
            self.connection = Connection.open(self.job.route, self.job.secret)
            self.sender.lines.add(self)
            self.waited = False
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
            self.connection = None

    def _hang_up(self) -> None:
        if self.connection:
            self.connection.drop()
            self.connection = None
