"""Answers: one line a kind of reply; the pauses between tries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.config import List, Mailbox
from newsletter.delivery.answers import Schedule, Stop, Verdict, judge, schedule, wait, why
from newsletter.delivery.reply import Reply
from newsletter.delivery.reply import reply as read
from newsletter.model import DeliveryState as State
from newsletter.store.claims import Claim

NOW = datetime(2024, 4, 2, 7, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
USUAL = schedule(List("La veille", Mailbox("veille@example.org")))

SENT, REFUSED, DEFERRED, PLANNED = State.SENT, State.REFUSED, State.DEFERRED, State.PLANNED


def row(id: int = 1, tries: int = 0, first_tried: datetime | None = None) -> Claim:
    return Claim(id, id, f"<{id}@example.org>", "lea@example.org", b"", b"", b"", "fr", False, tries, first_tried)


def said(words: str) -> Reply:
    reply, _, stage = words.partition(" at ")
    return read([reply.encode()], stage)


def verdict(words: str, row: Claim = row()) -> Verdict:  # noqa: B008  frozen
    return judge(said(words), row, USUAL, NOW)


@pytest.mark.parametrize(
    ("words", "state", "stop"),
    [
        ("250 2.0.0 taken at DOT", SENT, None),
        ("250 taken at DOT", SENT, None),
        # this reader, or this message
        ("450 4.2.0 later at RCPT", DEFERRED, None),
        ("451 later at DATA", DEFERRED, None),
        ("452 4.2.2 mailbox full at RCPT", DEFERRED, None),
        ("452 too many at RCPT", DEFERRED, None),
        ("450 4.7.1 greylisted at RCPT", DEFERRED, None),
        ("451 4.3.0 not now at RCPT", DEFERRED, None),
        ("451 4.3.0 not now at DOT", DEFERRED, None),
        ("550 no at RCPT", REFUSED, None),
        ("550 5.7.1 blocked at RCPT", REFUSED, None),
        ("554 5.7.1 spam at DOT", REFUSED, None),
        ("552 5.2.2 mailbox full at RCPT", REFUSED, None),
        ("552 full at RCPT", REFUSED, None),
        ("552 5.3.4 too large at DOT", REFUSED, None),
        ("554 5.5.1 no valid recipients at DATA", REFUSED, None),
        ("552 5.2.2 mailbox full at DATA", REFUSED, None),
        # the connection
        ("421 4.7.0 busy at MAIL", PLANNED, None),
        ("421 4.7.0 busy at RCPT", PLANNED, None),
        ("421 busy at DATA", PLANNED, None),
        ("421 4.7.0 busy at DOT", DEFERRED, None),
        # everyone: the sender
        ("550 5.7.1 who are you at MAIL", PLANNED, Stop.SENDER),
        ("553 5.1.8 unknown domain at MAIL", PLANNED, Stop.SENDER),
        ("550 5.1.7 bad address at RCPT", PLANNED, Stop.SENDER),
        ("550 5.1.8 no such sender at RCPT", PLANNED, Stop.SENDER),
        ("450 4.1.8 domain not found at RCPT", PLANNED, Stop.SENDER),
        ("550 5.1.1 nobody at MAIL", PLANNED, Stop.SENDER),
        # everyone: signing in
        ("530 5.7.0 sign in at MAIL", PLANNED, Stop.SIGN_IN),
        ("530 5.7.0 sign in at RCPT", PLANNED, Stop.SIGN_IN),
        ("535 5.7.8 who are you at MAIL", PLANNED, Stop.SIGN_IN),
        ("538 5.7.11 not in the clear at MAIL", PLANNED, Stop.SIGN_IN),
        # everyone: the relay itself
        ("452 4.3.1 disk full at MAIL", PLANNED, Stop.FULL),
        ("452 no room at MAIL", PLANNED, Stop.FULL),
        ("452 4.3.1 disk full at RCPT", PLANNED, Stop.FULL),
        ("452 4.3.1 disk full at DOT", DEFERRED, Stop.FULL),
        ("451 4.3.0 not now at MAIL", PLANNED, Stop.UNWELL),
        ("452 4.5.3 too many at MAIL", PLANNED, Stop.UNWELL),
        ("451 4.3.5 misconfigured at MAIL", PLANNED, Stop.UNWELL),
        ("552 5.3.4 too large at MAIL", PLANNED, Stop.SIZE),
        ("552 too large at MAIL", PLANNED, Stop.SIZE),
        ("552 5.3.4 too large at DATA", PLANNED, Stop.SIZE),
    ],
)
def test_a_reply_and_what_becomes_of_its_row(words: str, state: State, stop: Stop | None) -> None:
    found = verdict(words)
    assert (found.state, found.stop) == (state, stop)
    assert (found.due is not None) == (state is DEFERRED)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("550 5.1.1 nobody at RCPT", "there is no such mailbox (550 5.1.1)"),
        ("550 5.1.1 nobody at DOT", "there is no such mailbox (550 5.1.1)"),
        ("556 5.1.10 null MX at RCPT", "its domain takes no mail (556 5.1.10)"),
        ("550 5.2.1 closed at RCPT", "the mailbox is closed (550 5.2.1)"),
        ("550 nobody at RCPT", ""),
        ("550 5.1.2 no such host at RCPT", ""),
        ("550 5.1.11 unheard of at RCPT", ""),
        ("552 5.2.2 full at RCPT", ""),
        ("550 5.7.1 blocked at RCPT", ""),
        ("554 5.7.26 not aligned at DOT", ""),
        ("550 4.1.1 mixed up at RCPT", ""),  # the code decides that it is for good, the classes contradict each other
        ("450 4.1.1 not now at RCPT", ""),
        ("550 5.1.1 nobody at MAIL", ""),
    ],
)
def test_which_refusals_end_the_mailing_of_an_address(words: str, reason: str) -> None:
    assert verdict(words).suppress == reason


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(550, "x", "4.1.1", "RCPT"), REFUSED),
        (Reply(450, "x", "5.1.1", "RCPT"), DEFERRED),
        (Reply(450, "x", "5.3.1", "RCPT"), DEFERRED),
        (Reply(550, "x", "4.1.8", "RCPT"), REFUSED),
    ],
)
def test_the_code_decides_where_the_enhanced_code_is_of_another_class(reply: Reply, state: State) -> None:
    found = judge(reply, row(), USUAL, NOW)
    assert (found.state, found.suppress, found.stop) == (state, "", None)


def test_an_address_that_cannot_be_written_is_refused() -> None:
    assert judge(Reply(0, "cannot be written"), row(), USUAL, NOW) == Verdict(REFUSED)


def test_a_deferral_after_the_days_of_a_list_is_the_last() -> None:
    begun = row(tries=9, first_tried=NOW - timedelta(days=5) + MINUTE)
    assert verdict("450 4.2.0 later at RCPT", begun).state is DEFERRED
    begun = row(tries=9, first_tried=NOW - timedelta(days=5))
    assert verdict("450 4.2.0 later at RCPT", begun) == Verdict(REFUSED)


def test_a_deferral_waits_longer_with_each_try() -> None:
    for tries in range(6):
        found = verdict("450 4.2.0 later at RCPT", row(3, tries)).due
        assert found == NOW + wait(3, tries + 1, USUAL.pauses)


def test_the_line_of_a_run_that_ended() -> None:
    told = why(Stop.SIGN_IN, "mx.example.org:587", "veille@example.org", said("530 5.7.0 sign in at MAIL"))
    assert told == (
        "mx.example.org:587: refuses the sender veille@example.org: 530 5.7.0 sign in; nothing more was sent: "
        "check user and the password in mail.routes"
    )
    told = why(Stop.FULL, "mx.example.org:587", "veille@example.org", said("452 4.3.1 no space at DOT"))
    assert told.startswith("mx.example.org:587: takes nothing from veille@example.org now: 452 4.3.1 no space; nothing")


SCHEDULES = st.builds(
    lambda minutes, days: Schedule(tuple(MINUTE * each for each in sorted(minutes)), DAY * days),
    st.lists(st.integers(1, 3000), min_size=1, max_size=6),
    st.integers(1, 10),
)


@given(SCHEDULES, st.integers(0, 2**40), st.integers(1, 100))
def test_a_pause_is_never_shorter_than_written_and_a_fifth_longer_at_most(plan: Schedule, id: int, tries: int) -> None:
    written = plan.pauses[min(tries, len(plan.pauses)) - 1]
    assert written <= wait(id, tries, plan.pauses) < written * 1.2 + timedelta(microseconds=1)
    assert wait(id, tries, plan.pauses) == wait(id, tries, plan.pauses)


@given(SCHEDULES, st.integers(0, 2**40))
def test_a_letter_is_tried_for_as_long_as_its_list_says(plan: Schedule, id: int) -> None:
    times, found = [NOW], judge(said("450 later at RCPT"), row(id), plan, NOW)
    while found.due:
        times.append(found.due)
        found = judge(said("450 later at RCPT"), row(id, len(times) - 1, NOW), plan, times[-1])
    assert found.state is REFUSED
    assert plan.until <= times[-1] - NOW < plan.until + plan.pauses[-1] * 1.2
    assert len(times) < 2 + plan.until / plan.pauses[0]


def test_the_usual_pauses_grow() -> None:
    waits = [wait(7, tries, USUAL.pauses) for tries in range(1, 5)]
    assert all(one < next_ for one, next_ in pairwise(waits))


def test_those_deferred_together_do_not_return_together() -> None:
    seconds = sorted(wait(id, 1, USUAL.pauses).total_seconds() for id in range(1, 1001))
    assert seconds[100] < 1800 + 60
    assert seconds[-100] > 1800 + 300
    assert max(later - sooner for sooner, later in pairwise(seconds)) < 10
