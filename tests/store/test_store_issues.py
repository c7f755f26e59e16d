"""Runs, issues, candidates and fragments; on both dialects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from newsletter.errors import NotFoundError
from newsletter.model import DeliveryState
from newsletter.store import claims, issues, ledger, schema, tally
from newsletter.store.engine import Store
from newsletter.store.outcomes import Sieve, outcomes
from tests.store.sample import DAY, FAR, LATER, NO, NOW, OK, issue_row, join, opened, record, row, run, saved, sender


def skipped(store: Store) -> list[bool]:
    with store.read() as connection:
        return list(connection.scalars(sa.select(schema.run.c.skipped).order_by(schema.run.c.id)))


def created(store: Store, name: str = "lettre/2024-04-02", articles: Sequence[int] = (), upper: int = 5) -> int:
    with store.write() as connection:
        taken = issues.take_run(connection, name.partition("/")[0], NOW, upper)
        return issues.create(connection, issue_row(taken, name), articles)


def test_an_issue_comes_back_as_it_was_made(store: Store) -> None:
    id = created(store, upper=5)
    with store.read() as connection:
        found = issues.named(connection, "lettre/2024-04-02")
    assert (found.id, found.list, found.date, found.at, found.upper) == (id, "lettre", "2024-04-02", NOW, 5)
    assert (found.state, found.reached, found.audience, found.flash) == ("opening", 0, None, False)


def test_an_unknown_issue_is_one_line(store: Store) -> None:
    said = r"lettre/1999-01-01: no such issue; `newsletter issues list` shows them"
    with store.read() as connection, pytest.raises(NotFoundError, match=said):
        issues.named(connection, "lettre/1999-01-01")


def test_a_run_counts_as_skipped_until_somebody_gets_an_issue(store: Store) -> None:
    reader = join(store, "a@example.org")
    opened(store, [reader])
    empty = created(store, "lettre/2024-04-03")
    assert skipped(store) == [False, True]
    with store.write() as connection:
        assert issues.open_whole(connection, empty, 0) == 0
        issues.discard(connection, empty)
    assert skipped(store) == [False, True]


def test_the_audience_is_written_once_from_the_rows(store: Store) -> None:
    readers = [join(store, f"{name}@example.org") for name in "abc"]
    id = created(store)
    with store.write() as connection:
        ledger.plan(connection, id, [row(reader) for reader in readers], NOW)
        assert tally.books(connection, id).audience == 0
        assert issues.open_whole(connection, id, 4) == 3
        found = issues.named(connection, "lettre/2024-04-02")
    assert (found.audience, found.dropped, found.state) == (3, 4, "open")


def test_a_flash_letter_is_no_run(store: Store) -> None:
    opened(store, [join(store, "a@example.org")], flash=True)
    with store.read() as connection:
        found = issues.named(connection, "lettre/2024-04-02")
        assert found.flash
        assert found.upper == 0
        assert issues.count(connection, "lettre") == 0
        assert issues.unsettled(connection, "lettre") == []
    assert skipped(store) == []


def test_runs_know_the_one_before_of_their_list(store: Store) -> None:
    first = run(store, at=NOW)
    run(store, name="veille", at=NOW + DAY)
    second = run(store, at=NOW + 2 * DAY)
    with store.read() as connection:
        assert issues.run_before(connection, "lettre", second) == NOW
        assert issues.run_before(connection, "lettre", first) is None


def test_a_crashed_opening_knows_how_far_it_came(store: Store) -> None:
    id = created(store)
    with store.write() as connection:
        issues.reach(connection, id, 42, b"\x05")
        assert issues.opening_at(connection, id) == (42, b"\x05")
        begun = issues.being_opened(connection, "lettre")
        assert begun is not None
        assert begun.id == id
        issues.open_whole(connection, id, 0)
        assert issues.opening_at(connection, id) is None
        assert issues.being_opened(connection, "lettre") is None


def test_a_state_is_written_only_over_the_one_that_was_seen(store: Store) -> None:
    id = created(store)
    with store.write() as connection:
        assert not issues.set_state(connection, id, "open", ("stopped",))
        assert issues.set_state(connection, id, "settling", ("opening", "open"))
        assert issues.named(connection, "lettre/2024-04-02").state == "settling"


def test_discarding_leaves_nothing_but_the_run(store: Store) -> None:
    key = saved(store, record())
    id = created(store, articles=[key])
    with store.write() as connection:
        issues.keep_fragments(connection, id, "fr", b"piece")
        issues.discard(connection, id)
        assert issues.of_list(connection) == []
        assert issues.candidates(connection, id) == []
        assert issues.fragments(connection, id) == {}
    assert skipped(store) == [True]


def test_issues_of_a_list_come_oldest_first(store: Store) -> None:
    for name in ("veille/2024-04-02", "lettre/2024-04-09", "lettre/2024-04-02"):
        created(store, name)
    with store.read() as connection:
        assert [found.name for found in issues.of_list(connection, "lettre")] == [
            "lettre/2024-04-09", "lettre/2024-04-02",
        ]  # fmt: skip
        assert len(issues.of_list(connection)) == 3


def test_settled_issues_are_not_unsettled(store: Store) -> None:
    ids = [created(store, f"lettre/2024-04-0{day}") for day in (1, 2, 3)]
    with store.write() as connection:
        issues.set_state(connection, ids[0], "settled", ("opening", "open"))
        issues.set_state(connection, ids[1], "settling", ("opening", "open"))
        assert [found.id for found in issues.unsettled(connection, "lettre")] == ids[1:]


def test_open_rows_are_planned_or_deferred_of_issues_that_are_open(store: Store) -> None:
    reader, me = join(store, "a@example.org"), sender(store)
    id = opened(store, [reader])
    with store.write() as connection:
        assert [found.id for found in issues.with_open_rows(connection, "lettre")] == [id]
        claim = claims.claim(connection, id, me, 1, FAR)[0]
        ledger.answer_early(connection, claim, me, DeliveryState.DEFERRED, OK, NOW, NOW + DAY)
        assert [found.id for found in issues.with_open_rows(connection, "lettre")] == [id]
        assert issues.with_open_rows(connection, "veille") == []
        ledger.fold(connection, id, NOW, 9)
        assert issues.with_open_rows(connection, "lettre") == []


def test_an_opening_issue_has_no_open_rows_yet(store: Store) -> None:
    id, reader = created(store), join(store, "a@example.org")
    with store.write() as connection:
        ledger.plan(connection, id, [row(reader)], NOW)
        assert issues.with_open_rows(connection, "lettre") == []


def test_a_further_issue_of_a_day_gets_a_number(store: Store) -> None:
    names = []
    for _ in range(3):
        with store.read() as connection:
            names.append(issues.free_name(connection, "lettre", "2024-04-02"))
        with store.write() as connection:
            issues.create(connection, replace(issue_row(None, names[-1]), date="2024-04-02"), [])
    assert names == ["lettre/2024-04-02", "lettre/2024-04-02-2", "lettre/2024-04-02-3"]
    with store.read() as connection:
        assert issues.free_name(connection, "lettre", "2024-04-03") == "lettre/2024-04-03"
        assert issues.free_name(connection, "veille", "2024-04-02") == "veille/2024-04-02"


def test_issues_are_counted_for_the_number_of_the_next(store: Store) -> None:
    for day in (1, 2):
        created(store, f"lettre/2024-04-0{day}")
    created(store, "veille/2024-04-01")
    with store.read() as connection:
        assert issues.count(connection, "lettre") == 2


def test_candidates_keep_their_positions(store: Store) -> None:
    keys = [saved(store, record(n)) for n in range(3)]
    id = created(store, articles=[keys[2], keys[0], keys[1]])
    with store.read() as connection:
        assert issues.candidates(connection, id) == [keys[2], keys[0], keys[1]]


def test_fragments_are_kept_byte_for_byte_by_language(store: Store) -> None:
    id = created(store)
    with store.write() as connection:
        issues.keep_fragments(connection, id, "fr", b"\x00\r\n.")
        issues.keep_fragments(connection, id, "en", b"en")
        assert issues.fragments(connection, id) == {"fr": b"\x00\r\n.", "en": b"en"}


def test_the_languages_of_an_issue_are_those_of_its_rows(store: Store) -> None:
    readers = [join(store, f"{name}@example.org") for name in "abc"]
    id = created(store)
    with store.write() as connection:
        rows = [replace(row(reader), language=code) for reader, code in zip(readers, ("fr", "en", "fr"), strict=True)]
        ledger.plan(connection, id, rows, NOW)
        assert sorted(issues.languages(connection, id)) == ["en", "fr"]


def test_it_is_known_in_which_issues_an_article_stood(store: Store) -> None:
    keys = [saved(store, record(n)) for n in range(3)]
    first = created(store, "lettre/2024-04-01", keys[:2])
    second = created(store, "lettre/2024-04-02", [keys[2], keys[1]])
    created(store, "veille/2024-04-02", keys)
    with store.write() as connection:
        flash = issues.create(connection, issue_row(None, "lettre/2024-04-03"), [keys[2]])
        issues.create(connection, issue_row(None, "veille/2024-04-03"), [keys[0]])
        assert issues.mailed_before(connection, "lettre", [keys[1], keys[2]]) == {
            first: {keys[1]: 1},
            second: {keys[2]: 0, keys[1]: 1},
            flash: {keys[2]: 0},
        }
        assert issues.flashed(connection, "lettre") == {keys[2]}


def test_what_counts_as_received(store: Store) -> None:
    readers = [join(store, f"{name}@example.org") for name in "abcde"]
    id, flash = opened(store, readers), opened(store, readers[:2], name="lettre/2024-04-03", flash=True)
    me = sender(store)
    with store.write() as connection:
        sent, doubt, refused, deferred, _ = claims.claim(connection, id, me, 9, FAR)
        for claim in (sent, doubt, refused):
            assert ledger.hand(connection, claim, me, NOW, NOW)
        ledger.answer_dot(connection, sent, me, DeliveryState.SENT, OK, NOW)
        ledger.answer_dot(connection, doubt, me, DeliveryState.UNCERTAIN, OK, NOW)
        ledger.answer_dot(connection, refused, me, DeliveryState.REFUSED, OK, NOW)
        ledger.answer_early(connection, deferred, me, DeliveryState.DEFERRED, OK, NOW, NOW)

        def who(*ids: int, also_open: bool = False) -> list[tuple[int, int]]:
            found = issues.picks_received(connection, ids, readers[0], readers[-1], also_open=also_open)
            assert all(picks == b"\x01" for _, _, picks, _ in found)
            return sorted((issue, readers.index(reader)) for issue, reader, *_ in found)

        assert who(id) == [(id, 0), (id, 1)]
        assert who(flash) == [(flash, 0), (flash, 1)]
        assert who(id, also_open=True) == [(id, 0), (id, 1), (id, 3), (id, 4)]
        assert who() == []
        assert issues.picks_received(connection, [id], readers[1], readers[1]) == [(id, readers[1], b"\x01", False)]
        ledger.resolve(connection, id, DeliveryState.PLANNED, "again", NOW)
        assert who(id) == [(id, 0), (id, 1)]


def test_the_outcomes_of_an_issue_have_the_last_answer(store: Store) -> None:
    readers = [join(store, f"{name}@example.org") for name in ("lea", "bob")]
    id = opened(store, readers)
    number = sender(store)
    with store.write() as connection:
        for claim in claims.claim(connection, id, number, 2, FAR):
            for answer in (LATER, NO) if claim.subscription == readers[1] else ():
                ledger.answer_early(connection, claim, number, DeliveryState.REFUSED, answer, NOW)
    with store.read() as connection:
        found = list(outcomes(connection, id, Sieve()))
        assert (
            list(outcomes(connection, id, Sieve(["refused"], "5.1.1", "example.org", "bob@example.org"))) == found[1:]
        )
        assert list(outcomes(connection, id, Sieve(code="4.7.1"))) == []
    assert [(each.address, each.state, each.code, each.said) for each in found] == [
        ("lea@example.org", "planned", None, ""),
        ("bob@example.org", "refused", 550, "no such mailbox"),
    ]
