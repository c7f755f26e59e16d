"""The ledger in any order of events: balanced books at every step, only moves that may be, nothing sent twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from newsletter.model import DeliveryState as State
from newsletter.store import audience, claims, ledger, moves, schema, tally
from newsletter.store.claims import Claim
from newsletter.store.engine import Store
from tests.conftest import hurried
from tests.store.sample import DAY, FAR, LATER, LOST, NO, NOW, OK, join, leave, opened, sender

READERS = 6
Held = tuple[Claim, int]
"""A claim as it stands in the memory of the sender that made it."""


@cache
def migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        Store.open("sqlite:///books.db", Path(folder)).close()
        return (Path(folder) / "books.db").read_bytes()


class Books(RuleBasedStateMachine):
    """Senders, readers and a person at the desk do what they like to one issue; the server remembers what it took."""

    claimed = Bundle("claimed")
    handed = Bundle("handed")

    @initialize()
    def open_issue(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "books.db"
        path.write_bytes(migrated())
        self.store = hurried(Store.open(f"sqlite:///{path}"))
        self.readers = [join(self.store, f"reader{n}@example.org") for n in range(READERS)]
        self.issue = opened(self.store, self.readers)
        self.states = self.look()
        self.audience = len(self.states)
        self.gone: set[int] = set()
        self.folds = 0
        self.taken: Counter[int] = Counter()
        self.asked: Counter[int] = Counter()
        self.buried: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def look(self) -> dict[int, State]:
        with self.store.read() as connection:
            rows = connection.execute(sa.select(schema.delivery.c.id, schema.delivery.c.state))
            return {row.id: State(row.state) for row in rows}

    # --- senders ----------------------------------------------------------------------------------------------------

    @rule(target=claimed, limit=st.integers(1, 3))
    def claim(self, limit: int) -> object:
        return multiple(*self.take(limit))

    @rule(target=handed)
    def claim_and_hand(self) -> object:
        mine = self.take(1)
        with self.store.write() as connection:
            return multiple(*(held for held in mine if ledger.hand(connection, *held, NOW, NOW)))

    def take(self, limit: int) -> list[Held]:
        me = sender(self.store)
        with self.store.write() as connection:
            held = sa.select(schema.delivery.c.id).where(schema.delivery.c.sender.is_not(None))
            others = set(connection.scalars(held))
            taken = claims.claim(connection, self.issue, me, limit, FAR)
        assert all(self.states[claim.id] is State.PLANNED and claim.id not in others for claim in taken)
        return [(claim, me) for claim in taken]

    @rule(target=handed, held=consumes(claimed))
    def hand(self, held: Held) -> object:
        claim, me = held
        with self.store.write() as connection:
            done = ledger.hand(connection, claim, me, NOW, NOW)
            if not done:
                ledger.withdraw_unreachable(connection, claim, me, NOW)
        assert not (done and (me in self.buried or claim.subscription in self.gone))
        return held if done else multiple()

    @rule(held=consumes(claimed), to=st.sampled_from([State.DEFERRED, State.REFUSED]))
    def refuse_early(self, held: Held, to: State) -> None:
        with self.store.write() as connection:
            done = ledger.answer_early(connection, *held, to, LATER, NOW, NOW + DAY)
        assert not (done and held[1] in self.buried)

    @rule(target=claimed, held=consumes(handed))
    def take_back(self, held: Held) -> Held:
        with self.store.write() as connection:
            ledger.take_back(connection, *held, LOST, NOW)
        return held

    @rule(held=consumes(handed), to=st.sampled_from([State.SENT, State.DEFERRED, State.REFUSED]))
    def answer(self, held: Held, to: State) -> None:
        """The dot is written and the reply seen, however late."""
        self.taken[held[0].id] += to is State.SENT
        with self.store.write() as connection:
            ledger.answer_dot(connection, *held, to, {State.SENT: OK, State.REFUSED: NO}.get(to, LATER), NOW, NOW)

    @rule(held=consumes(handed), took=st.booleans(), told=st.booleans())
    def lose_the_reply(self, held: Held, took: bool, told: bool) -> None:
        """The dot is written and the reply lost; the sender says so, or dies with it."""
        self.taken[held[0].id] += took
        if told:
            with self.store.write() as connection:
                ledger.answer_dot(connection, *held, State.UNCERTAIN, LOST, NOW)

    @rule(held=consumes(claimed))
    def release(self, held: Held) -> None:
        with self.store.write() as connection:
            claims.release(connection, held[1])

    @rule()
    def bury(self) -> None:
        """The senders are taken for dead; perhaps they are only slow, and go on."""
        with self.store.write() as connection:
            self.buried |= set(tally.holders(connection, self.issue))
            ledger.bury(connection, self.issue, self.buried, NOW, NOW)

    # --- the desk ---------------------------------------------------------------------------------------------------

    @rule(every=st.booleans())
    def wake(self, every: bool) -> None:
        with self.store.write() as connection:
            ledger.wake(connection, self.issue, None if every else NOW, NOW)

    @rule()
    def give_up(self) -> None:
        with self.store.write() as connection:
            ledger.give_up(connection, self.issue, NOW + DAY, NOW)

    # Rows that are withdrawn early have no story: of folding and leaving there is a little only.
    @precondition(lambda self: self.folds < 1 + self.asked.total())
    @rule()
    def fold(self) -> None:
        """The lowest open row that was never in doubt goes into the next letter."""
        self.folds += 1
        with self.store.write() as connection:
            doubted = sa.select(schema.delivery.c.id).where(schema.delivery.c.doubted)
            before = {id: self.states[id] for id in connection.scalars(doubted)}
            ledger.fold(connection, self.issue, NOW, 1)
        assert before.items() <= self.look().items()

    @rule(to=st.sampled_from([*[State.PLANNED] * 4, State.SENT, State.REFUSED, State.WITHDRAWN]))
    def resolve(self, to: State) -> None:
        with self.store.write() as connection:
            ledger.resolve(connection, self.issue, to, "a person decided", NOW)
        if to is State.PLANNED:
            self.asked.update(id for id, state in self.states.items() if state is State.UNCERTAIN)

    @precondition(lambda self: len(self.gone) < 2)
    @rule(number=st.integers(0, READERS - 1), left=st.booleans())
    def go(self, number: int, left: bool) -> None:
        """A reader leaves, or is suppressed."""
        if left:
            leave(self.store, self.readers[number])
        else:
            with self.store.write() as connection:
                audience.suppress(connection, f"reader{number}@example.org", "complaint", NOW)
        self.gone.add(self.readers[number])

    # --- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def only_moves_happen(self) -> None:
        if hasattr(self, "states"):
            now = self.look()
            for id, before in self.states.items():
                assert now[id] is before or now[id] in moves.MOVES[before], f"{before} became {now[id]}"
            self.states = now

    @invariant()
    def the_books_balance(self) -> None:
        if hasattr(self, "states"):
            with self.store.read() as connection:
                books = tally.books(connection, self.issue)
            assert books.balanced
            assert books.audience == self.audience

    @invariant()
    def nothing_is_sent_twice_unasked(self) -> None:
        if hasattr(self, "states"):
            with self.store.read() as connection:
                reached = set(connection.scalars(sa.select(schema.delivery.c.id).where(ledger.received())))
            for id, times in self.taken.items():
                assert times <= 1 + self.asked[id]
                assert not times or id in reached, "the server has it and the books do not know"


TestLedger = Books.TestCase
TestLedger.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
