"""Every reason has facts for which it is given, in one plain sentence; what comes first in the table wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.digest.circumstances import Facts, Showing, next_period
from newsletter.digest.reasons import Reason, decide
from newsletter.model import ArticleState, DeliveryState, Frequency, Subscription, SubscriptionState
from tests.letters import article

NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
DAY = timedelta(days=1)
READER = Subscription(1, "lea@example.org", "lettre", SubscriptionState.ACTIVE, since=NOW - 30 * DAY)
ONE = replace(article(1, "Un titre"), published=NOW - 3 * DAY)
PLAIN = Facts("lea@example.org", "lettre", ONE, NOW, 60, READER, arrived=NOW - 2 * DAY, passed=NOW - DAY, ran=NOW - DAY)
THEME = ("Thème", ("Culture", "Santé"))


def when(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d}"


def showing(state: DeliveryState = DeliveryState.SENT, **facts: object) -> Showing:
    return replace(Showing("lettre/2024-04-01", NOW - DAY, state, True, "Actualités", "full"), **facts)  # type: ignore[arg-type]


def shown(state: DeliveryState = DeliveryState.SENT, **facts: object) -> dict[str, object]:
    return {"showings": (showing(state, **facts),)}


S = DeliveryState
RIGHT = showing(issue="lettre/2024-04-02", at=NOW, picked=False, corrected=True, section="Corrigé", form="short")
ERRATUM = replace(RIGHT, picked=True)
IN = "lettre/2024-04-01 on 2024-04-01, under “Actualités”, in full"
ENDED = replace(READER, state=SubscriptionState.ENDED)
AGAIN = "lettre/2024-04-02 on 2024-04-02, under “Corrigé”, in short, as a correction"
CASES: list[tuple[Reason, dict[str, object], str]] = [
    (Reason.CORRECTED, {"showings": (showing(), RIGHT)}, f"was sent in {IN}, and shown again in {AGAIN}"),
    (
        Reason.CORRECTED,
        {"showings": (showing(), ERRATUM), "again": True},
        f"was sent in {IN}, and shown again in {AGAIN}",
    ),
    (Reason.CORRECTED, {"showings": (showing(S.UNCERTAIN), RIGHT)}, f"was shown in {AGAIN}"),
    (Reason.SENT, shown(), f"was sent in {IN}"),
    (Reason.SENT, shown(form="short"), "was sent in lettre/2024-04-01 on 2024-04-01, under “Actualités”, in short"),
    (Reason.SENT, shown(form="title"), "was sent in lettre/2024-04-01 on 2024-04-01, under “Actualités”, as a title"),
    (
        Reason.SENT,
        shown(form="online", section=""),
        "was sent in lettre/2024-04-01 on 2024-04-01, on the page of the issue only",
    ),
    (
        Reason.RECEIVED,
        shown() | {"again": True},
        f"was sent in {IN}; what made it news again since sends it no second time",
    ),
    (Reason.OPEN, shown(S.PLANNED), f"is in {IN}, which has not reached lea@example.org yet: planned"),
    (
        Reason.OPEN,
        shown(S.DEFERRED, said="451 later", due=NOW + DAY),
        f"is in {IN}, which has not reached lea@example.org yet: deferred, next try "
        "2024-04-03; the server said '451 later'",
    ),
    (
        Reason.DOUBT,
        shown(S.UNCERTAIN, doubted=True),
        f"is in {IN}: in doubt, since nobody knows whether it arrived; `newsletter "
        "issues show lettre/2024-04-01` says more",
    ),
    (
        Reason.DOUBT,
        shown(S.REFUSED, doubted=True, said="550 no"),
        f"was in {IN}: refused, after it was in doubt (550 no); it counts as received",
    ),
    (
        Reason.REFUSED,
        shown(S.REFUSED, said="550 no such user") | {"offered": True},
        f"was in {IN}, which was refused: 550 no such user; it will be in the next letter",
    ),
    (
        Reason.REFUSED,
        shown(S.REFUSED, said="550 no") | {"excluded": "lettre/2024-04-02"},
        f"was in {IN}, which was refused: 550 no; staff left it out of lettre/2024-04-02 since",
    ),
    (
        Reason.REFUSED,
        shown(S.REFUSED, said="550 no") | {"suppressed": "it bounces"},
        f"was in {IN}, which was refused: 550 no",
    ),
    (Reason.NEXT, {"offered": True}, "will be in the next letter of lettre to lea@example.org"),
    (
        Reason.NEXT,
        {"offered": True, "waits": "lettre/2024-04-02"},
        "will be in the next letter of lettre to lea@example.org, which waits for its approval",
    ),
    (
        Reason.NEXT,
        shown(S.WITHDRAWN, said="in the next letter") | {"offered": True},
        "will be in the next letter of lettre to lea@example.org",
    ),
    (
        Reason.PINNED,
        shown(picked=False, pinned=True),
        f"was shown in {IN}, because staff pinned it; it was no news for lea@example.org",
    ),
    (
        Reason.REMINDER,
        shown(picked=False, form="short"),
        "was shown in lettre/2024-04-01 on 2024-04-01, under “Actualités”, in short, as "
        "a reminder, since it is still to come; it was no news for lea@example.org",
    ),
    (
        Reason.SUPPRESSED,
        {"suppressed": "it bounces", "offered": True},
        "is not sent: lea@example.org is not mailed, it bounces",
    ),
    (Reason.STRANGER, {"subscription": None}, "is not sent: lea@example.org is not subscribed to lettre"),
    (
        Reason.PENDING,
        {"subscription": replace(READER, state=SubscriptionState.PENDING)},
        "is not sent: lea@example.org has not confirmed the subscription to lettre yet",
    ),
    (Reason.LEFT, {"subscription": ENDED}, "is not sent: lea@example.org has left lettre"),
    (
        Reason.LEFT,
        shown(S.WITHDRAWN, said="left") | {"subscription": ENDED},
        "is not sent: lea@example.org has left lettre, before lettre/2024-04-01 reached them",
    ),
    (
        Reason.DRAFT,
        {"article": replace(ONE, state=ArticleState.DRAFT), "shown": False},
        "is a draft, which nobody is sent",
    ),
    (
        Reason.HIDDEN,
        {"article": replace(ONE, state=ArticleState.HIDDEN), "shown": False},
        "is hidden; `newsletter articles show-again` shows it",
    ),
    (
        Reason.WITHDRAWN,
        {"article": replace(ONE, state=ArticleState.HIDDEN), "shown": False, "gone": NOW - DAY},
        "is hidden: its sources have it no more since 2024-04-01",
    ),
    (
        Reason.EMBARGO,
        {"article": replace(ONE, published=NOW + DAY), "shown": False},
        "waits: it is to be published on 2024-04-03",
    ),
    (
        Reason.EXCLUDED,
        {"excluded": "lettre/2024-04-01"},
        "was left out of lettre/2024-04-01 by staff, and counts as received",
    ),
    (Reason.LIST, {"not_listed": [[THEME]]}, "is not taken by lettre: it has no term of Thème among Culture, Santé"),
    (
        Reason.LIST,
        {"not_listed": [[THEME], [("Type", ("Agenda",)), ("Lieu", ("Nord",))]]},
        "is not taken by lettre: it has no term of Thème among Culture, Santé; or no "
        "term of Type among Agenda and no term of Lieu among Nord",
    ),
    (
        Reason.CHOICES,
        {"not_chosen": [THEME]},
        "is not what lea@example.org chose: it has no term of Thème among Culture, Santé",
    ),
    (Reason.ARCHIVE, {"archive": True}, "is archive, of 2024-03-30: it came late or was imported so; no letter has it"),
    (
        Reason.WAITING,
        {
            "offered": True,
            "due": False,
            "turn": date(2024, 4, 8),
            "subscription": replace(READER, frequency=Frequency.WEEKLY),
        },
        "will be in a letter of lettre, but not the next: lea@example.org gets it "
        "weekly, and is due at the first run from 2024-04-08 on",
    ),
    (
        Reason.WAITING,
        {"drafted": "lettre/2024-04-02", "waits": "lettre/2024-04-02"},
        "will be in a letter of lettre, but not the next: lettre/2024-04-02 was drafted before it came",
    ),
    (
        Reason.STALE,
        {"arrived": NOW - 70 * DAY, "ran": None},
        "is no news any more: it became news on 2024-01-23, and by now that was more than 60 days ago",
    ),
    (
        Reason.STALE,
        {"arrived": NOW - 70 * DAY, "ran": NOW - DAY},
        "is no news any more: it became news on 2024-01-23, and by lettre’s run of "
        "2024-04-01 that was more than 60 days ago",
    ),
    (
        Reason.JOINED,
        {"arrived": NOW - 40 * DAY, "passed": NOW - 39 * DAY, "ran": NOW - 39 * DAY},
        "was news before lea@example.org joined lettre on 2024-03-03",
    ),
    (
        Reason.CHOSEN,
        {"chose": NOW},
        "was not what lea@example.org got when lettre ran on 2024-04-01; their choices are of 2024-04-02",
    ),
    (
        Reason.PASSED,
        {},
        "did not match lea@example.org when lettre ran on 2024-04-01: its topics, its "
        "state or the list were others then",
    ),
]


@pytest.mark.parametrize(("reason", "facts", "sentence"), CASES)
def test_a_reason_and_its_sentence(reason: Reason, facts: dict[str, object], sentence: str) -> None:
    answer = decide(replace(PLAIN, **facts), when)  # type: ignore[arg-type]
    assert (answer.reason, answer.sentence) == (reason, sentence)


def test_every_reason_has_a_case() -> None:
    assert {reason for reason, _, _ in CASES} == set(Reason)


def test_the_letter_that_is_meant_is_named() -> None:
    sent, refused = showing(), showing(DeliveryState.REFUSED, issue="lettre/2024-03-25")
    assert decide(replace(PLAIN, showings=(refused, sent)), when).showing == sent
    assert decide(PLAIN, when).showing is None


def test_what_arrived_outweighs_what_did_not() -> None:
    states = (DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.REFUSED, DeliveryState.WITHDRAWN)
    letters = [showing(state, issue=f"lettre/{at}") for at, state in enumerate(states)]
    assert decide(replace(PLAIN, showings=letters), when).reason is Reason.SENT
    assert decide(replace(PLAIN, showings=letters[1:]), when).reason is Reason.DOUBT
    assert decide(replace(PLAIN, showings=letters[2:]), when).reason is Reason.REFUSED
    assert decide(replace(PLAIN, showings=letters[3:]), when).reason is Reason.PASSED


def test_a_reminder_that_had_no_room_was_not_shown() -> None:
    hidden = showing(picked=False, form="", section="")
    assert decide(replace(PLAIN, showings=(hidden,)), when).reason is Reason.PASSED


@pytest.mark.parametrize(
    ("frequency", "day", "first"),
    [
        (Frequency.WEEKLY, date(2024, 4, 2), date(2024, 4, 8)),
        (Frequency.WEEKLY, date(2024, 12, 30), date(2025, 1, 6)),
        (Frequency.WEEKLY, date(2024, 4, 7), date(2024, 4, 8)),
        (Frequency.MONTHLY, date(2024, 1, 31), date(2024, 2, 1)),
        (Frequency.MONTHLY, date(2024, 12, 1), date(2025, 1, 1)),
        (Frequency.EACH, date(2024, 4, 2), date(2024, 4, 2)),
    ],
)
def test_the_first_day_of_the_next_week_or_month(frequency: Frequency, day: date, first: date) -> None:
    assert next_period(frequency, day) == first
