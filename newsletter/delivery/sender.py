"""The sender: takes the planned rows of an issue and hands their messages to a relay, one loop over many connections.

Each turn of the loop reads what the servers said, puts it on disk together with what is about to be handed over, and
only then ends those messages by their dots. So ``handed`` is on disk before the final dot is written, and the answer to
one message no later than ``handed`` of the next on that connection: after any crash at most one message a connection is
in doubt (DESIGN §3, Delivery).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial

from newsletter.delivery.ahead import Ahead
from newsletter.delivery.answers import Stop, why
from newsletter.delivery.entries import Entries
from newsletter.delivery.gates import Gates
from newsletter.delivery.job import Job
from newsletter.delivery.line import Line, Parcel
from newsletter.delivery.reply import Reply
from newsletter.delivery.session import ANSWERED, INVITED, LEFT, Heard
from newsletter.delivery.stock import Stock, moment
from newsletter.delivery.traffic import Traffic
from newsletter.delivery.ways import ways
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


class Sender:
    """One process's attempt at an issue, over the connections of its routes."""

    def __init__(self, store: Store, number: int, job: Job, progress: Callable[[Counter[State]], None]) -> None:
        self._store = store
        self._job = job
        self._progress = progress
        self._traffic = Traffic(job.routes, job.secrets)
        self._entries = Entries(store, number, job.now, job.schedule)
        slowest = max(route.reply_seconds for route in job.routes.values())
        self._gates = Gates(store, job.routes, job.groups)
        open_to = lru_cache(4096)(partial(ways, job.routes))
        self._stock = Stock(store, number, job.issue, job.only, slowest, open_to, self._gates)
        self._ahead = Ahead(self._stock, job.composer, self._traffic.ring)
        self._tries: Counter[int] = Counter()
        self._invited: list[Line] = []
        self._shown: Counter[State] = Counter()
        self._failure: NewsletterError | None = None
        self.troubles: list[DeliveryError] = []
        """Why relays were given up, in the order of time."""
        self._looked = time.monotonic()
        self._often = min([LOOK_SECONDS, *(route.reply_seconds for route in job.routes.values())])

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
            self._ahead.close()
            self._traffic.close()
            self._entries.close()
            with suppress(StoreError):
                self._gates.close()
        self._show()
        self._judge()

    def _judge(self) -> None:
        """Raise what keeps letters from going out; that another relay took them all is no failure."""
        if self._failure:
            raise self._failure
        if self.troubles and (self._stock.stranded or self._traffic.closed):
            raise self.troubles[0]
        if letters := len(self._stock.stranded):
            raise RouteError(f"no route takes {letters} of the letters; see the rules in mail.routes")

    def _turn(self) -> bool:
        """Do what can be done now; tells whether anything is left to do."""
        if not self._ending:
            self._stock.fill(len(self._traffic.lines) + 1)
            self._traffic.widen(self._ahead.waiting, lambda way: self._gates.lines(way, moment()))
        else:
            self._ahead.put_back()
        if not (self._traffic.flows or (self._stock and not self._ending)):
            return False
        self._listen(0 if self._invited else min(self._often, self._gates.rest(moment())))
        self._look()
        self._show()
        if not self._ending:
            for line in self._traffic.stirred:
                if line.wants:
                    self._load(line)
        self._hand_over()
        self._traffic.speak(lambda way: 0 if self._ending else self._ahead.waiting(way))
        return True

    def _show(self) -> None:
        outcomes = self._entries.outcomes
        if outcomes != self._shown:
            self._shown = outcomes.copy()
            self._progress(self._shown)

    @property
    def _ending(self) -> bool:
        return self._failure is not None or self._job.halt.is_set() or self._traffic.closed

    def _listen(self, seconds: float) -> None:
        """Wait so long for a server to say something, and take in what they say."""
        for line in self._traffic.listen(seconds, self._close):
            self._read(line)

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
        stop = self._entries.answered(row, reply)
        self._gates.heard(line.way, self._gates.group(row.address), reply, moment())
        if stop:
            self._stop(line, row, reply, stop)
        elif reply.accepted:
            line.carried += 1
            self._traffic.roads[line.way].served()
        else:
            self._suspect(line, reply)

    def _declined(self, line: Line, row: Claim, reply: Reply) -> None:
        """The server refused before the message: the connection, everyone, or this one recipient."""
        verdict = self._entries.declined(row, reply)
        self._gates.heard(line.way, self._gates.group(row.address), reply, moment())
        if verdict.stop:
            self._stock.put_back(row)
            self._stop(line, row, reply, verdict.stop)
        elif verdict.state is State.PLANNED:
            self._once_more(line, row, Lost(f"{line.where}: {reply.text}", dotted=False))
        else:
            self._suspect(line, reply)

    def _stop(self, line: Line, row: Claim, reply: Reply, stop: Stop) -> None:
        words = why(stop, line.where, self._job.composer.return_path(row), reply)
        self._close(line.way, DeliveryError(words))

    def _look(self) -> None:
        """Look at the clock: who kept silent for too long is left."""
        now = time.monotonic()
        if now - self._looked < self._often:
            return
        self._looked = now
        self._stock.renew()
        for line in self._traffic.overdue():
            self._lost(line, TimeoutError("timed out"))

    def _load(self, line: Line) -> None:
        """Give a line the next message."""
        while found := self._ahead.take(line.way, len(self._traffic.roads[line.way].lines)):
            row, parcel = found
            try:
                line.load(parcel())
            except AudienceError as error:
                self._entries.declined(row, Reply(0, str(error)))
            except RouteError as error:
                self._stock.put_back(row)
                self._close(line.way, error)
                return
            except NewsletterError as error:
                self._stock.put_back(row)
                self._failure = self._failure or error  # what is under way is finished
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
            self._traffic.stirred.add(line)
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
        self._traffic.leave(line)
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
            self._traffic.roads[line.way].bear(line, error)
        except RouteError as down:
            self._close(line.way, down)

    def _suspect(self, line: Line, reply: Reply) -> None:
        """Stop before a relay that takes nothing from us has used up the letters of everyone."""
        outcomes = self._entries.outcomes
        if outcomes[State.REFUSED] < REFUSALS or outcomes[State.SENT]:
            return
        with self._store.read() as connection:
            served = tally.books(connection, self._job.issue).sent
        if not served:
            words = f"{line.where} refuses everyone: {reply.code} {reply.text}; the rest was not sent: check the route"
            self._close(line.way, DeliveryError(words))

    def _close(self, way: str, error: DeliveryError) -> None:
        """Take a relay for down: what waits for it takes its next way, and where there is none, stays planned."""
        if not self._traffic.roads[way].closed:
            self._traffic.roads[way].closed = True
            self._ahead.put_back()
            self._stock.close(way)
            self.troubles.append(error)

    def _abandon(self) -> None:
        """End at once: say in the books what is in doubt."""
        error = OSError("the send was ended")
        for line in self._traffic.lines:
            if line.parcel and line.session.dotted:
                self._entries.in_doubt(line.parcel.row, Lost.of(line.where, line.session, error))
            elif line.parcel and line.parcel.handed:
                self._entries.taken_back(line.parcel.row, Lost.of(line.where, line.session, error))
        self._entries.commit([])
        self._stock.release()
