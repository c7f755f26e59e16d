"""The sender: takes the planned rows of an issue and hands their messages to a relay, one loop over many connections.

Each turn of the loop reads what the servers said, puts it on disk together with what is about to be handed over, and
only then ends those messages by their dots. So ``handed`` is on disk before the final dot is written, and the answer to
one message no later than ``handed`` of the next on that connection: after any crash at most one message a connection is
in doubt (DESIGN §3, Delivery).
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from newsletter.config import Route
from newsletter.delivery.address import as_bytes
from newsletter.delivery.composing import Composer
from newsletter.delivery.entries import Entries
from newsletter.delivery.line import Line, Parcel
from newsletter.delivery.reply import Reply
from newsletter.delivery.road import Road
from newsletter.delivery.session import ANSWERED, INVITED, LEFT, Heard
from newsletter.delivery.stock import Stock
from newsletter.delivery.wire import Lost
from newsletter.errors import AudienceError, DeliveryError, NewsletterError, RouteError, StoreError
from newsletter.model import DeliveryState as State
from newsletter.store import tally
from newsletter.store.claims import Claim
from newsletter.store.engine import Store

TRIES = 3
"""How often one run offers a row whose connection was lost before the dot."""

REFUSALS = 10
"""Readers refused for good without one who was served, after which the relay counts as refusing everyone."""

LOOK_SECONDS = 0.5
"""How often the loop looks at the clock, at least."""


@dataclass(frozen=True)
class Job:
    """What a sender works on: the issue, its composer, its way out, and the clock of the command.

    ``only`` are the subscriptions whose letters go out now, None for all. Once ``halt`` is set nothing new is begun.
    """

    issue: int
    composer: Composer
    route: Route
    secret: str | None
    now: datetime
    halt: Event
    only: Sequence[int] | None = None


class Sender:
    """One process's attempt at an issue, over the connections of its route."""

    def __init__(self, store: Store, number: int, job: Job, progress: Callable[[Counter[State]], None]) -> None:
        self._store = store
        self._job = job
        self._progress = progress
        self._bell, rope = socket.socketpair()
        self._rope = rope
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._road = Road(job.route, job.secret, lambda: rope.send(b"!"))
        self._entries = Entries(store, number, job.now)
        self._stock = Stock(store, number, job.issue, job.only, job.route.reply_seconds)
        self._tries: Counter[int] = Counter()
        self._invited: list[Line] = []
        self._shown: Counter[State] = Counter()
        self._failure: NewsletterError | None = None
        self._looked = time.monotonic()
        self._often = min(LOOK_SECONDS, job.route.reply_seconds)

    def run(self) -> None:
        """Attempt every planned row once; rows that could not be offered stay planned.

        Raises:
            DeliveryError: the relay cannot be used, or refuses everything; the books are in order.
        """
        try:
            while self._turn():
                pass
            self._stock.release()
        except BaseException:
            with suppress(StoreError):
                self._abandon()
            raise
        finally:
            self._close()
        self._show()
        if self._failure:
            raise self._failure

    def _turn(self) -> bool:
        """Do what can be done now; tells whether anything is left to do."""
        now = time.monotonic()
        if not self._ending:
            self._stock.fill(len(self._road.lines) + 1)
            self._road.widen(len(self._road.lines) + len(self._stock), now)
        if not (self._road.lines or self._road.opening or (self._stock and not self._ending)):
            return False
        self._listen(min(self._often, self._road.rest(now)))
        self._look()
        self._show()
        for line in self._road.lines:
            if line.wants and not self._ending:
                self._load(line)
        self._hand_over()
        self._speak()
        return True

    def _show(self) -> None:
        outcomes = self._entries.outcomes
        if outcomes != self._shown:
            self._shown = outcomes.copy()
            self._progress(self._shown)

    @property
    def _ending(self) -> bool:
        return self._failure is not None or self._job.halt.is_set()

    # --- in ---------------------------------------------------------------------------------------------------------

    def _listen(self, seconds: float) -> None:
        """Wait so long for a server to say something, and take in what they say."""
        for key, ready in self._selector.select(seconds):
            if key.data is None:
                self._bell.recv(1024)
                self._open()
                continue
            line: Line = key.data
            if ready & selectors.EVENT_WRITE:
                line.flush()
            if ready & selectors.EVENT_READ:
                self._read(line)

    def _open(self) -> None:
        try:
            for line in self._road.opened(time.monotonic()):
                self._selector.register(line.stream, selectors.EVENT_READ, line)
        except NewsletterError as error:
            self._fail(error)

    def _read(self, line: Line) -> None:
        try:
            for heard in line.read():
                self._heard(line, heard)
        except OSError as error:
            self._lost(line, error)
        else:
            if line.session.closed:
                self._leave(line)

    def _heard(self, line: Line, heard: Heard) -> None:
        if heard.what is INVITED:
            line.body()
            self._invited.append(line)
        elif heard.what is not LEFT and line.parcel:
            parcel = line.parcel
            line.advance()
            if heard.what is ANSWERED and parcel.handed:
                self._answered(line, parcel.row, heard.reply)
            else:
                self._declined(line, parcel.row, heard.reply)

    def _answered(self, line: Line, row: Claim, reply: Reply) -> None:
        self._entries.answered(row, reply)
        if reply.accepted:
            line.carried += 1
            self._road.served()
        else:
            self._suspect(reply)

    def _declined(self, line: Line, row: Claim, reply: Reply) -> None:
        """The server refused before the message: the connection, the sender, or this one recipient."""
        if reply.code == 421:
            self._once_more(line, row, Lost(f"{line.where}: {reply.text}", dotted=False))
        elif reply.stage == "MAIL":
            self._stock.put_back(row)
            self._fail(
                DeliveryError(
                    f"{line.where}: refuses the sender {self._job.composer.return_path(row)}: {reply.code} {reply.text}; "
                    "nothing more was sent: check the sender of the list and the user of the route"
                )
            )
        else:
            self._entries.declined(row, reply)
            self._suspect(reply)

    def _look(self) -> None:
        """Look at the clock: who kept silent for too long is left."""
        now = time.monotonic()
        if now - self._looked < self._often:
            return
        self._looked = now
        self._stock.renew()
        for line in [line for line in self._road.lines if line.session.awaits and line.deadline < now]:
            self._lost(line, TimeoutError("timed out"))

    # --- out --------------------------------------------------------------------------------------------------------

    def _load(self, line: Line) -> None:
        """Give a line the next message."""
        while row := self._stock.take():
            try:
                path, message = self._job.composer.return_path(row), self._job.composer.message(row)
                line.load(Parcel(row, as_bytes(path), as_bytes(row.address), message))
            except AudienceError as error:
                self._entries.declined(row, Reply(0, str(error)))
            except NewsletterError as error:
                self._stock.put_back(row)
                self._fail(error)
                return
            else:
                return

    def _hand_over(self) -> None:
        """Put on disk what was answered and what is handed over; a last look whether a server gave up meanwhile."""
        if not (self._invited or self._entries.waiting):
            return
        invited, self._invited = [(line, line.parcel) for line in self._invited if line.parcel], []
        handed = self._entries.commit([parcel.row for _, parcel in invited])
        for line, parcel in invited:
            parcel.handed = parcel.row.id in handed
            if not parcel.handed:
                self._hold_back(line, parcel)
        if invited:
            self._listen(0)

    def _hold_back(self, line: Line, parcel: Parcel) -> None:
        """Whoever must not be mailed after the 354: the connection is closed without a dot."""
        line.advance()
        self._leave(line)
        self._entries.unreachable(parcel.row)
        self._stock.check()

    def _speak(self) -> None:
        now = time.monotonic()
        for line in self._road.lines:
            if line.idle:
                line.session.quit()
            line.speak(now)
            if line.flushed != (line.watched == selectors.EVENT_READ):
                line.watched = selectors.EVENT_READ | (0 if line.flushed else selectors.EVENT_WRITE)
                self._selector.modify(line.stream, line.watched, line)

    # --- what goes wrong --------------------------------------------------------------------------------------------

    def _lost(self, line: Line, error: OSError) -> None:
        """A connection or a reply was lost: what was under way goes out again, or is in doubt."""
        lost, parcel = Lost.of(line.where, line.session, error), line.parcel
        line.parcel = None
        self._leave(line)
        if parcel is None:
            return
        if lost.dotted:
            self._entries.in_doubt(parcel.row, lost)
            self._bear(line, lost)
            return
        if parcel.handed:
            self._entries.taken_back(parcel.row, lost)
        self._once_more(line, parcel.row, lost)

    def _leave(self, line: Line) -> None:
        """Close a connection; what was only announced on it goes out on another."""
        self._selector.unregister(line.stream)
        line.stream.close()
        self._road.lines.discard(line)
        self._invited = [other for other in self._invited if other is not line]
        for parcel in (line.parcel, line.ahead):
            if parcel:
                self._stock.put_back(parcel.row)

    def _once_more(self, line: Line, row: Claim, error: Lost) -> None:
        """Keep a row whose dot was not written for another try, unless the relay is down."""
        self._tries[row.id] += 1
        if self._tries[row.id] < TRIES:
            self._stock.put_back(row)
        self._bear(line, error)

    def _bear(self, line: Line, error: Lost) -> None:
        try:
            self._road.bear(line, error)
        except RouteError as down:
            self._fail(down)

    def _suspect(self, reply: Reply) -> None:
        """Stop before a relay that takes nothing from us has used up the letters of everyone."""
        outcomes = self._entries.outcomes
        if outcomes[State.REFUSED] < REFUSALS or outcomes[State.SENT]:
            return
        with self._store.read() as connection:
            served = tally.books(connection, self._job.issue).sent
        if not served:
            words = f"{reply.code} {reply.text}"
            self._fail(DeliveryError(f"the relay refuses everyone: {words}; the rest was not sent: check the route"))

    def _fail(self, error: NewsletterError) -> None:
        """Begin nothing new; what is under way is finished."""
        self._failure = self._failure or error

    def _abandon(self) -> None:
        """End at once: say in the books what is in doubt."""
        error = OSError("the send was ended")
        for line in self._road.lines:
            if line.parcel and line.session.dotted:
                self._entries.in_doubt(line.parcel.row, Lost.of(line.where, line.session, error))
            elif line.parcel and line.parcel.handed:
                self._entries.taken_back(line.parcel.row, Lost.of(line.where, line.session, error))
        self._entries.commit([])
        self._stock.release()

    def _close(self) -> None:
        self._road.close()
        self._entries.close()
        self._selector.close()
        self._bell.close()
        self._rope.close()
