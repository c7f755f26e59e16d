"""The ledger: every move of a row, and every move that may not be; on both dialects."""

from __future__ import annotations

import threading
from collections.abc import Callable
from copy import copy

import pytest
import sqlalchemy as sa

from newsletter.model import Books, DeliveryState
from newsletter.model import DeliveryState as State
from newsletter.store import audience, claims, cursors, issues, ledger, moves, schema, tally
from newsletter.store.claims import Claim
from newsletter.store.engine import Store
from tests.store.sample import (
    DAY,
    FAR,
    LATER,
    LOST,
    NO,
    NOW,
    OK,
    cursor,
    join,
    leave,
    look,
    opened,
    owed,
    row,
    sender,
    state,
)


class Desk:
    """An open issue to some readers, and a sender that works on it."""

    def __init__(self, store: Store, readers: int = 1) -> None:
        self.store = store
        self.readers = [join(store, f"reader{n}@example.org") for n in range(readers)]
        self.issue = opened(store, self.readers)
        self.sender = sender(store)

    def claim(self, limit: int = 99, sender: int | None = None, lease: object = FAR) -> list[Claim]:
        with self.store.write() as connection:
            return claims.claim(connection, self.issue, sender or self.sender, limit, lease)

    def do(self, function: Callable[..., object], *given: object) -> object:
        """Call a function of the ledger in a transaction of its own."""
        with self.store.write() as connection:
            return function(connection, *given)

    def hand(self, claim: Claim, sender: int | None = None, real_now: object = NOW) -> bool:
        return bool(self.do(ledger.hand, claim, sender or self.sender, NOW, real_now))

    def early(self, claim: Claim, to: State, answer: moves.Answer = LATER, due: object = NOW + DAY) -> bool:
        return bool(self.do(ledger.answer_early, claim, self.sender, to, answer, NOW, due))

    def dot(self, claim: Claim, to: State, answer: moves.Answer = OK, due: object = None) -> bool:
        return bool(self.do(ledger.answer_dot, claim, self.sender, to, answer, NOW, due))

    def bring(self, to: State) -> Claim:
        """Claim one row and bring it into a state the usual way."""
        claim = self.claim(1)[0]
        if to is State.DEFERRED or to is State.REFUSED:
            self.early(claim, to)
        elif to is State.WITHDRAWN:
            leave(self.store, claim.subscription)
        elif to is not State.PLANNED:
            assert self.hand(claim)
            if to is not State.HANDED:
                self.dot(claim, to)
        assert state(self.store, claim.id) == to
        return claim

    def books(self) -> Books:
        with self.store.read() as connection:
            return tally.books(connection, self.issue)

    def attempts(self) -> list[tuple[str, int, str, str]]:
        with self.store.read() as connection:
            found = connection.execute(sa.select(schema.attempt).order_by(schema.attempt.c.id))
            return [(row.outcome, row.code, row.enhanced, row.text) for row in found]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


# --- planning and claiming ------------------------------------------------------------------------------------------


def test_a_row_is_frozen_as_it_was_planned(store: Store) -> None:
    desk = Desk(store)
    found = look(store, 1)
    assert (found.state, found.tries, found.doubted, found.picks, found.sender) == ("planned", 0, False, b"\x01", None)
    claim = desk.claim()[0]
    assert claim.address == "reader0@example.org"
    assert claim.message_id == f"{desk.readers[0]}@troisrivieres.example.org"
    assert (claim.picks, claim.repeats, claim.language, claim.light, claim.tries) == (b"\x01", b"", "fr", False, 0)


def test_planning_twice_changes_nothing(desk: Desk) -> None:
    desk.do(ledger.plan, desk.issue, [row(desk.readers[0], picks=7), row(join(desk.store, "b@example.org"))], NOW)
    desk.do(ledger.plan, desk.issue, [], NOW)
    claims = desk.claim()
    assert [claim.picks for claim in claims] == [b"\x01", b"\x01"]


def test_a_claim_takes_the_lowest_rows_and_no_more_than_its_limit(store: Store) -> None:
    desk = Desk(store, 5)
    assert [claim.id for claim in desk.claim(2)] == [1, 2]
    assert [claim.id for claim in desk.claim(2)] == [3, 4]
    assert [claim.id for claim in desk.claim(2)] == [5]
    assert desk.claim(2) == []


@pytest.mark.parametrize("issue_state", ["opening", "open", "stopped", "settling", "settled"])
def test_only_open_issues_and_resent_rows_of_settled_ones_go_out(desk: Desk, issue_state: str) -> None:
    desk.do(issues.set_state, desk.issue, issue_state, ("open",))
    assert bool(desk.claim()) is (issue_state in ("open", "settled"))


@pytest.mark.parametrize("there", sorted(set(State) - {State.PLANNED}))
def test_only_planned_rows_are_claimed(desk: Desk, there: State) -> None:
    desk.bring(there)
    assert desk.claim() == []


def test_two_senders_at_once_claim_different_rows(store: Store) -> None:
    desk = Desk(store, 60)
    start, claimed = threading.Barrier(4), {sender(store): [] for _ in range(4)}

    def work(number: int) -> None:
        start.wait(30)
        while some := desk.claim(4, number):
            claimed[number] += [claim.id for claim in some]

    threads = [threading.Thread(target=work, args=[number]) for number in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    every = [id for ids in claimed.values() for id in ids]
    assert sorted(every) == list(range(1, 61))
    with store.read() as connection:
        held = {r.id: r.sender for r in connection.execute(sa.select(schema.delivery.c.id, schema.delivery.c.sender))}
    assert held == {id: number for number, ids in claimed.items() for id in ids}


def test_a_claim_does_not_wait_for_another_that_is_not_committed(store: Store) -> None:
    """On PostgreSQL: SKIP LOCKED; SQLite writes one after the other."""
    if store.sqlite:
        desk = Desk(store, 2)
        assert [claim.id for claim in desk.claim(1)] == [1]
        return
    desk, other = Desk(store, 2), sender(store)
    with store.write() as connection:
        first = claims.claim(connection, desk.issue, desk.sender, 1, FAR)
        second = desk.claim(2, other)
    assert ([claim.id for claim in first], [claim.id for claim in second]) == ([1], [2])


def test_what_a_sender_holds_is_released(store: Store) -> None:
    desk = Desk(store, 3)
    handed, *_ = desk.claim()
    desk.hand(handed)
    desk.do(claims.release, desk.sender)
    assert [claim.id for claim in desk.claim(sender=sender(store))] == [2, 3]
    assert look(store, handed.id).sender == desk.sender


# --- handing over ---------------------------------------------------------------------------------------------------


def test_handing_over_is_written(desk: Desk) -> None:
    claim = desk.claim()[0]
    assert desk.hand(claim)
    assert state(desk.store, claim.id) == State.HANDED
    assert not desk.hand(claim)


def test_who_has_no_claim_hands_nothing(desk: Desk) -> None:
    claim = desk.claim()[0]
    assert not desk.hand(claim, sender(desk.store))
    assert state(desk.store, claim.id) == State.PLANNED


def test_who_left_is_not_handed(desk: Desk) -> None:
    claim = desk.claim()[0]
    leave(desk.store, desk.readers[0])
    assert not desk.hand(claim)
    assert state(desk.store, claim.id) == State.WITHDRAWN


def test_who_left_and_came_back_is_not_handed_the_old_letter(desk: Desk) -> None:
    claim = desk.claim()[0]
    leave(desk.store, desk.readers[0])
    join(desk.store, "reader0@example.org")
    assert not desk.hand(claim)


def test_who_is_suppressed_is_not_handed(desk: Desk) -> None:
    claim = desk.claim()[0]
    desk.do(audience.suppress, "reader0@example.org", "complaint", NOW)
    assert not desk.hand(claim)
    desk.do(ledger.withdraw_unreachable, claim, desk.sender, NOW)
    assert state(desk.store, claim.id) == State.WITHDRAWN


def test_who_changed_address_is_not_mailed_at_the_old_one(desk: Desk) -> None:
    claim = desk.claim()[0]
    desk.do(lambda c: c.execute(schema.subscriber.update().values(address="new@example.org", folded="new@example.org")))
    assert not desk.hand(claim)
    desk.do(ledger.withdraw_unreachable, claim, desk.sender, NOW)
    assert state(desk.store, claim.id) == State.PLANNED
    again = desk.claim()[0]
    assert again.address == "new@example.org"
    assert desk.hand(again)


def test_a_sender_whose_lease_ran_out_hands_nothing(desk: Desk) -> None:
    claim = desk.claim(lease=NOW)[0]
    assert not desk.hand(claim, real_now=NOW)
    desk.do(claims.renew, desk.sender, NOW + DAY)
    assert desk.hand(claim, real_now=NOW)


def test_a_buried_sender_hands_and_answers_nothing(desk: Desk) -> None:
    claim = desk.claim()[0]
    assert desk.do(ledger.bury, desk.issue, [desk.sender], NOW, NOW) == 0
    assert not desk.hand(claim)
    assert not desk.early(claim, State.REFUSED, NO)
    second = sender(desk.store)
    again = desk.claim(sender=second)[0]
    assert not desk.hand(claim)
    assert desk.hand(again, second)
    assert not desk.dot(claim, State.SENT)
    assert state(desk.store, claim.id) == State.HANDED


def test_renewing_prolongs_only_ones_own(store: Store) -> None:
    desk, other = Desk(store, 2), sender(store)
    mine, theirs = desk.claim(1, lease=NOW)[0], desk.claim(1, other, NOW)[0]
    desk.hand(mine, real_now=NOW - DAY)
    desk.do(claims.renew, desk.sender, FAR)
    assert (look(store, mine.id).lease, look(store, theirs.id).lease) == (FAR, NOW)


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [State.DEFERRED, State.REFUSED])
def test_a_refusal_before_the_dot(desk: Desk, to: State) -> None:
    claim = desk.claim()[0]
    assert desk.early(claim, to, NO)
    found = look(desk.store, claim.id)
    assert (found.state, found.tries, found.first_tried, found.reason) == (to, 1, NOW, "no such mailbox")
    assert (found.sender, found.lease, found.due, found.doubted) == (None, None, NOW + DAY, False)
    assert desk.attempts() == [(to, 550, "5.1.1", "no such mailbox")]


@pytest.mark.parametrize("to", [State.SENT, State.DEFERRED, State.REFUSED])
def test_a_reply_to_the_dot(desk: Desk, to: State) -> None:
    claim = desk.bring(State.HANDED)
    assert desk.dot(claim, to, OK, NOW + DAY if to is State.DEFERRED else None)
    found = look(desk.store, claim.id)
    assert (found.state, found.tries, found.sender, found.doubted) == (to, 1, None, False)
    assert found.due == (NOW + DAY if to is State.DEFERRED else None)


def test_a_lost_reply_is_doubt_and_shown(desk: Desk) -> None:
    claim = desk.bring(State.HANDED)
    assert desk.dot(claim, State.UNCERTAIN, LOST)
    found = look(desk.store, claim.id)
    assert (found.state, found.doubted, found.reason) == ("uncertain", True, "the connection was lost")
    assert desk.books().uncertain == 1
    assert not desk.books().closed
    assert desk.books().complete


@pytest.mark.parametrize(("to", "counts"), [(State.SENT, True), (State.REFUSED, True), (State.DEFERRED, False)])
def test_the_late_reply_seen_by_its_own_sender_counts(desk: Desk, to: State, counts: bool) -> None:
    claim = desk.bring(State.HANDED)
    assert desk.do(ledger.bury, desk.issue, [desk.sender], NOW, NOW) == 1
    assert state(desk.store, claim.id) == State.UNCERTAIN
    other = sender(desk.store)
    assert not desk.do(ledger.answer_dot, claim, other, to, OK, NOW)
    assert desk.dot(claim, to) is counts
    assert state(desk.store, claim.id) == (to if counts else State.UNCERTAIN)


def test_a_reply_after_a_person_decided_changes_nothing(desk: Desk) -> None:
    claim = desk.bring(State.UNCERTAIN)
    desk.do(ledger.resolve, desk.issue, State.REFUSED, "the relay's log", NOW)
    assert not desk.dot(claim, State.SENT)
    assert state(desk.store, claim.id) == State.REFUSED


@pytest.mark.parametrize("there", [State.SENT, State.REFUSED, State.WITHDRAWN, State.DEFERRED])
def test_a_repeated_reply_changes_nothing(desk: Desk, there: State) -> None:
    claim = desk.bring(there)
    before = look(desk.store, claim.id)
    for to in (State.SENT, State.DEFERRED, State.REFUSED, State.UNCERTAIN):
        assert not desk.dot(claim, to)
    assert not desk.early(claim, State.DEFERRED)
    assert not desk.hand(claim)
    assert look(desk.store, claim.id) == before


def test_the_first_try_is_remembered_over_the_later_ones(desk: Desk) -> None:
    for day in range(3):
        claim = desk.claim()[0]
        desk.do(ledger.answer_early, claim, desk.sender, State.DEFERRED, LATER, NOW + day * DAY, NOW + day * DAY)
        desk.do(ledger.wake, desk.issue, None, NOW)
    claim = desk.claim()[0]
    assert (claim.tries, claim.first_tried) == (3, NOW)


def test_taking_back_keeps_the_claim(desk: Desk) -> None:
    claim = desk.bring(State.HANDED)
    desk.do(ledger.take_back, claim, desk.sender, LOST, NOW)
    found = look(desk.store, claim.id)
    assert (found.state, found.sender, found.lease, found.doubted) == ("planned", desk.sender, FAR, False)
    assert desk.claim(sender=sender(desk.store)) == []
    assert desk.hand(claim)
    assert desk.dot(claim, State.SENT)


def test_taking_back_asks_whether_the_person_is_still_there(desk: Desk) -> None:
    claim = desk.bring(State.HANDED)
    leave(desk.store, desk.readers[0])
    desk.do(ledger.take_back, claim, desk.sender, LOST, NOW)
    assert state(desk.store, claim.id) == State.WITHDRAWN
    assert desk.attempts() == [("not handed over", 0, "", "the connection was lost")]


@pytest.mark.parametrize("there", sorted(set(State) - {State.HANDED}))
def test_only_what_was_handed_is_taken_back(desk: Desk, there: State) -> None:
    claim = desk.bring(there)
    desk.do(ledger.take_back, claim, desk.sender, LOST, NOW)
    assert state(desk.store, claim.id) == there


# --- death ----------------------------------------------------------------------------------------------------------


def test_what_a_dead_sender_left_is_in_doubt_or_free(store: Store) -> None:
    desk, living = Desk(store, 5), sender(store)
    handed, planned = desk.claim(2)
    desk.hand(handed)
    theirs_handed, theirs = desk.claim(2, living)
    assert desk.hand(theirs_handed, living)
    assert desk.do(tally.holders, desk.issue) == sorted([desk.sender, living])
    assert desk.do(ledger.bury, desk.issue, [desk.sender], NOW, NOW) == 1
    assert [state(store, id) for id in range(1, 6)] == ["uncertain", "planned", "handed", "planned", "planned"]
    assert desk.do(tally.holders, desk.issue) == [living]
    assert look(store, theirs.id).sender == living
    assert look(store, handed.id).reason == "the sender died before the reply"
    assert [claim.id for claim in desk.claim()] == [planned.id, 5]


def test_a_lease_that_ran_out_is_as_good_as_dead(store: Store) -> None:
    desk = Desk(store, 2)
    claim = desk.claim(lease=NOW)[0]
    desk.hand(claim, real_now=NOW - DAY)
    assert desk.do(ledger.bury, desk.issue, [], NOW, NOW) == 0
    assert desk.do(ledger.bury, desk.issue, [], NOW, NOW + DAY) == 1
    assert [state(store, id) for id in (1, 2)] == ["uncertain", "planned"]
    assert desk.do(tally.holders, desk.issue) == []


def test_burying_looks_at_one_issue_only(store: Store) -> None:
    desk = Desk(store)
    other = opened(store, desk.readers, name="lettre/2024-04-09")
    desk.hand(desk.claim()[0])
    assert desk.do(ledger.bury, other, [desk.sender], NOW, NOW) == 0
    assert desk.books().handed == 1


# --- waiting --------------------------------------------------------------------------------------------------------


def test_deferred_rows_wake_when_they_are_due(store: Store) -> None:
    desk = Desk(store, 3)
    for days, claim in enumerate(desk.claim(), 1):
        desk.early(claim, State.DEFERRED, due=NOW + days * DAY)
    assert desk.do(tally.next_due, desk.issue) == NOW + DAY
    assert desk.do(ledger.wake, desk.issue, NOW, NOW) == 0
    assert desk.do(ledger.wake, desk.issue, NOW + 2 * DAY, NOW) == 2
    assert [state(store, id) for id in (1, 2, 3)] == ["planned", "planned", "deferred"]
    assert desk.do(tally.next_due, desk.issue) == NOW + 3 * DAY
    assert desk.do(ledger.wake, desk.issue, None, NOW) == 1
    assert desk.do(tally.next_due, desk.issue) is None
    assert look(store, 1).due is None
    assert len(desk.claim()) == 3


def test_who_was_suppressed_meanwhile_does_not_wake(desk: Desk) -> None:
    claim = desk.bring(State.DEFERRED)
    desk.do(audience.suppress, "reader0@example.org", "hard bounce", NOW)
    assert desk.do(ledger.wake, desk.issue, None, NOW) == 0
    assert state(desk.store, claim.id) == State.WITHDRAWN


def test_who_was_tried_too_long_is_given_up(store: Store) -> None:
    desk = Desk(store, 2)
    for days, claim in enumerate(desk.claim()):
        at = NOW + days * DAY
        desk.do(ledger.answer_early, claim, desk.sender, State.DEFERRED, LATER, at, at)
    assert desk.do(ledger.give_up, desk.issue, NOW, NOW) == 0
    assert desk.do(ledger.give_up, desk.issue, NOW + DAY, NOW) == 1
    assert [state(store, id) for id in (1, 2)] == ["refused", "deferred"]
    assert look(store, 1).reason == "come back later"


def test_whether_rows_were_never_tried(store: Store) -> None:
    desk = Desk(store, 2)
    assert desk.do(tally.never_tried, desk.issue)
    for claim in desk.claim():
        desk.early(claim, State.DEFERRED)
    desk.do(ledger.wake, desk.issue, None, NOW)
    assert desk.books().planned == 2
    assert not desk.do(tally.never_tried, desk.issue)


# --- leaving, folding, settling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", list(State))
def test_leaving_withdraws_what_may_still_go_out(desk: Desk, there: State) -> None:
    claim = desk.bring(there)
    there_is_a_way = there in (State.PLANNED, State.DEFERRED)
    count = desk.do(ledger.withdraw_subscription, claim.subscription, "left", NOW)
    assert count == there_is_a_way
    assert state(desk.store, claim.id) == (State.WITHDRAWN if there_is_a_way else there)


def test_folding_owes_a_letter_to_whose_row_it_withdraws(store: Store) -> None:
    desk = Desk(store, 6)
    sent, doubt, deferred, refused = desk.claim(4)
    desk.hand(sent), desk.dot(sent, State.SENT)
    desk.hand(doubt), desk.dot(doubt, State.UNCERTAIN)
    desk.early(deferred, State.DEFERRED)
    desk.early(refused, State.REFUSED)
    assert [desk.do(ledger.fold, desk.issue, NOW, 2) for _ in range(3)] == [2, 1, 0]
    states = ["sent", "uncertain", "withdrawn", "refused", "withdrawn", "withdrawn"]
    assert [state(store, id) for id in range(1, 7)] == states
    assert [owed(store, reader) for reader in desk.readers] == [False, False, True, False, True, True]
    assert look(store, 5).reason == "in the next letter"


def test_a_row_that_was_in_doubt_is_never_folded(desk: Desk) -> None:
    claim = desk.bring(State.UNCERTAIN)
    desk.do(ledger.resolve, desk.issue, State.PLANNED, "again", NOW)
    assert desk.do(ledger.fold, desk.issue, NOW, 9) == 0
    assert state(desk.store, claim.id) == State.PLANNED
    assert not owed(desk.store, desk.readers[0])
    assert [again.id for again in desk.claim()] == [claim.id]


def test_settling_moves_the_cursors_of_whom_the_issue_reached(store: Store) -> None:
    desk = Desk(store, 6)
    sent, doubt, deferred, refused, resent = desk.claim(5)
    for claim in (sent, doubt, resent):
        desk.hand(claim)
    desk.dot(resent, State.UNCERTAIN)
    desk.do(ledger.resolve, desk.issue, State.PLANNED, "again", NOW)
    desk.dot(sent, State.SENT), desk.dot(doubt, State.UNCERTAIN)
    desk.early(deferred, State.DEFERRED), desk.early(refused, State.REFUSED)
    after, looked = 0, []
    while after := desk.do(cursors.settle, desk.issue, 10, after, 4):
        looked.append(after)
    assert looked == [desk.readers[3], desk.readers[5]]
    assert [cursor(store, reader) for reader in desk.readers] == [10, 10, 0, 0, 10, 0]


def test_settling_moves_cursors_only_forward(desk: Desk) -> None:
    desk.bring(State.SENT)
    desk.do(cursors.advance, desk.readers, 50)
    desk.do(cursors.settle, desk.issue, 10, 0, 9)
    assert cursor(desk.store, desk.readers[0]) == 50


# --- doubt ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [State.SENT, State.REFUSED, State.PLANNED, State.WITHDRAWN])
def test_a_person_settles_doubt(store: Store, to: State) -> None:
    desk = Desk(store, 2)
    claim = desk.bring(State.UNCERTAIN)
    assert desk.do(ledger.resolve, desk.issue, to, "the relay's log", NOW) == 1
    assert [state(store, id) for id in (1, 2)] == [to, "planned"]
    assert look(store, claim.id).doubted
    assert look(store, claim.id).sender is None


def test_who_left_is_not_mailed_again_by_resolving(desk: Desk) -> None:
    claim = desk.bring(State.UNCERTAIN)
    leave(desk.store, desk.readers[0])
    assert state(desk.store, claim.id) == State.UNCERTAIN
    assert desk.do(ledger.resolve, desk.issue, State.PLANNED, "again", NOW) == 0
    assert state(desk.store, claim.id) == State.WITHDRAWN


@pytest.mark.parametrize("to", [State.HANDED, State.DEFERRED, State.UNCERTAIN])
def test_doubt_is_never_settled_into_a_state_that_it_cannot_be(desk: Desk, to: State) -> None:
    claim = desk.bring(State.UNCERTAIN)
    with pytest.raises(ValueError, match=f"a row never goes from uncertain to {to}"):
        desk.do(ledger.resolve, desk.issue, to, "", NOW)
    assert state(desk.store, claim.id) == State.UNCERTAIN


# --- the books ------------------------------------------------------------------------------------------------------


def test_the_books_count_every_state(store: Store) -> None:
    desk = Desk(store, 8)
    for to in State:
        if to is not State.PLANNED:
            desk.bring(to)
    assert desk.books() == Books(8, planned=2, handed=1, sent=1, deferred=1, refused=1, withdrawn=1, uncertain=1)
    assert desk.books().balanced
    assert not desk.books().complete


def test_books_without_open_rows_are_complete_and_without_doubt_closed(store: Store) -> None:
    desk = Desk(store, 3)
    for to in (State.SENT, State.REFUSED, State.UNCERTAIN):
        desk.bring(to)
    assert (desk.books().complete, desk.books().closed) == (True, False)
    desk.do(ledger.resolve, desk.issue, State.SENT, "", NOW)
    assert desk.books().closed


def test_outcomes_name_what_was_not_simply_sent(store: Store) -> None:
    desk = Desk(store, 4)
    desk.bring(State.SENT)
    for claim in desk.claim(2):
        desk.early(claim, State.REFUSED, NO)
    desk.bring(State.DEFERRED)
    assert desk.do(tally.outcomes, desk.issue) == [
        ("refused", "no such mailbox", 2),
        ("deferred", "come back later", 1),
    ]


def test_the_state_machine_is_the_one_of_the_design() -> None:
    drawn = """
        planned -> deferred refused withdrawn handed
        handed -> sent deferred refused planned withdrawn uncertain
        deferred -> planned withdrawn refused
        uncertain -> sent refused planned withdrawn
        sent ->
        refused ->
        withdrawn ->
    """
    pairs = [line.split("->") for line in drawn.strip().splitlines()]
    assert {State(a.strip()): {DeliveryState(to) for to in b.split()} for a, b in pairs} == moves.MOVES


def test_a_relay_s_log_proves_one_letter_and_no_other(store: Store) -> None:
    readers = [join(store, f"{name}@example.org") for name in ("lea", "bob")]
    id = opened(store, readers)
    with store.write() as connection:
        assert ledger.doubt(connection, id, "a copy", NOW) == 2
        ledger.prove_sent(connection, id, f"{readers[0]}@troisrivieres.example.org", "bounced", NO, NOW)
        ledger.prove_sent(connection, id, "nobody@troisrivieres.example.org", "sent", OK, NOW)
        assert tally.witnesses(connection, id, NOW, 5) == []
        assert tally.handed_between(connection, id) == (NOW, NOW)
        books = tally.books(connection, id)
        tried = connection.execute(sa.select(schema.attempt)).one()
    assert (books.sent, books.uncertain, books.balanced) == (1, 1, True)
    assert (tried.outcome, tried.code, tried.enhanced, tried.text) == ("bounced", 550, "5.1.1", "no such mailbox")


def test_what_another_copy_may_have_sent_is_in_doubt_unless_the_person_left(store: Store) -> None:
    readers = [join(store, f"{name}@example.org") for name in ("lea", "bob", "mia")]
    id = opened(store, readers)
    number = sender(store)
    with store.write() as connection:
        for claim in claims.claim(connection, id, number, 2, FAR):
            ledger.answer_early(connection, claim, number, State.DEFERRED, LATER, NOW, NOW)
        claims.release(connection, number)
    leave(store, readers[2])
    with store.write() as connection:
        assert ledger.doubt(connection, id, "a copy", NOW) == 2
        books = tally.books(connection, id)
    assert (books.uncertain, books.withdrawn, books.balanced) == (2, 1, True)


def test_a_refusal_and_its_suppression_are_written_together(store: Store) -> None:
    desk = Desk(store)
    claim = desk.claim()[0]
    other = opened(store, [join(store, claim.address, "veille")], name="veille/2024-04-02")
    with store.write() as connection:
        assert ledger.answer_early(connection, claim, desk.sender, State.REFUSED, NO, NOW)
        audience.suppress(connection, claim.address.lower(), "there is no such mailbox", NOW)
    assert state(store, claim.id) == State.REFUSED
    with store.read() as connection:
        assert audience.suppressed(connection, claim.address) == "there is no such mailbox"
        assert tally.books(connection, other).withdrawn == 1


def test_two_senders_may_learn_at_once_that_an_address_is_dead(store: Store) -> None:
    first = Desk(store)
    second = copy(first)
    second.sender = sender(store)
    second.issue = opened(store, [join(store, "reader0@example.org", "veille")], name="veille/2024-04-02")
    rows = {desk: desk.claim()[0] for desk in (first, second)}
    began = threading.Event()

    def work(desk: Desk, reason: str, meanwhile: Callable[[], object] = began.set) -> None:
        with store.write() as connection:
            audience.hold(connection, "reader0@example.org")
            ledger.answer_early(connection, rows[desk], desk.sender, State.REFUSED, NO, NOW)
            meanwhile()
            audience.suppress(connection, "reader0@example.org", reason, NOW)

    thread = threading.Thread(target=work, args=[second, "the second"], daemon=True)

    def let_the_second_come() -> None:
        thread.start()
        began.wait(0.3)

    work(first, "the first", let_the_second_come)
    thread.join(30)
    with store.read() as connection:
        books = [tally.books(connection, desk.issue) for desk in (first, second)]
        assert books == [Books(1, refused=1), Books(1, withdrawn=1)]
        assert audience.suppressed(connection, "reader0@example.org") == "the first"
