"""Entries: what a sender writes into the books, and when it is on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from newsletter.delivery.address import normalise
from newsletter.delivery.answers import Schedule, Stop, Verdict, judge
from newsletter.delivery.reply import Reply
from newsletter.delivery.wire import Lost
from newsletter.model import DeliveryState as State
from newsletter.store import audience, ledger
from newsletter.store.claims import Claim
from newsletter.store.engine import Store
from newsletter.store.journal import Journal
from newsletter.store.moves import Answer


class Entries:
    """What one sender has to tell the ledger; ``outcomes`` counts it, ``now`` is the clock of the command.

    ``schedule`` is when deferred rows are tried again. That messages were accepted waits for the next ``commit``, all
    else is on disk when its method returns.
    """

    def __init__(self, store: Store, number: int, now: datetime, schedule: Schedule) -> None:
        self.outcomes: Counter[State] = Counter()
        self._store = store
        self._number = number
        self._now = now
        self._schedule = schedule
        self._journal = Journal(store, number, now)
        self._accepted: list[tuple[Claim, Answer]] = []

    @property
    def waiting(self) -> bool:
        """Whether answers wait for a commit."""
        return bool(self._accepted)

    def commit(self, handing: Sequence[Claim]) -> set[int]:
        """Put on disk which messages were accepted and which are handed over; returns the ids of those that are."""
        handed = self._journal.enter(self._accepted, handing, datetime.now(UTC))
        self._accepted.clear()
        return handed

    def answered(self, row: Claim, reply: Reply) -> Stop | None:
        """The server answered the final dot; returns why it takes nothing more, if it says so."""
        if reply.accepted:
            self._accepted.append((row, _answer(reply)))
            self.outcomes[State.SENT] += 1
            return None
        verdict = judge(reply, row, self._schedule, self._now)
        self._refused(ledger.answer_dot, row, reply, verdict)
        return verdict.stop

    def declined(self, row: Claim, reply: Reply) -> Verdict:
        """The server refused before the body, or the message cannot be written.

        Nothing is written where that is no fault of the reader's: the row stays planned.
        """
        verdict = judge(reply, row, self._schedule, self._now)
        if verdict.state is not State.PLANNED:
            self._refused(ledger.answer_early, row, reply, verdict)
        return verdict

    def in_doubt(self, row: Claim, error: Lost) -> None:
        """Nobody knows whether the message was accepted."""
        self._write(ledger.answer_dot, row, State.UNCERTAIN, Answer(0, "", str(error)))
        self.outcomes[State.UNCERTAIN] += 1

    def taken_back(self, row: Claim, error: Lost) -> None:
        """The dot was provably not written."""
        self._write(ledger.take_back, row, Answer(0, "", str(error)))

    def unreachable(self, row: Claim) -> None:
        """The row was lost, or its person has left: its message was not ended by a dot."""
        self._write(ledger.withdraw_unreachable, row)

    def close(self) -> None:
        """End the journal; what waits must have been committed."""
        self._journal.close()

    def _refused(self, change: Callable[..., object], row: Claim, reply: Reply, verdict: Verdict) -> None:
        folded = normalise(row.address)[1] if verdict.suppress else ""
        with self._store.write() as books:
            if folded:
                audience.hold(books, folded)
            change(books, row, self._number, verdict.state, _answer(reply), self._now, due=verdict.due)
            if folded:
                audience.suppress(books, folded, verdict.suppress, self._now)
        self.outcomes[verdict.state] += 1

    def _write(self, change: Callable[..., object], row: Claim, *values: object) -> None:
        with self._store.write() as books:
            change(books, row, self._number, *values, self._now)


def _answer(reply: Reply) -> Answer:
    return Answer(reply.code, reply.enhanced, reply.text)
