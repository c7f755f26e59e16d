"""What the scheduler does at one moment: runs of the calendar, missed ones, what was cut off, what a person did."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa

from newsletter.errors import ApprovalError, RouteError
from newsletter.model import DeliveryState, Frequency, Subscription, SubscriptionState
from newsletter.pipeline import drafting, opening, sending
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.scheduling import Outcome, tick
from newsletter.store import audience, claims, issues, schema
from newsletter.store.engine import Store
from newsletter.timetable import timetable
from tests.flows.office import BOB, LEA, MIA, NOE, Office, office
from tests.flows.publications import add_articles, add_readers, article, configured, published
from tests.relay import Relay
from tests.year.world import dying

EVERYONE = [BOB, LEA, MIA, NOE]
THURSDAY, LATE, NEXT = "2024-04-04 09:00", "2024-04-05 08:00", "2024-04-11 09:00"
FIRST, SECOND = "lettre/2024-04-04", "lettre/2024-04-11"


def at(here: Office, moment: str) -> None:
    """Let it be a moment on the clocks of the list."""
    zone = here.publication.config.zone("lettre")
    here.publication = replace(here.publication, now=datetime.fromisoformat(moment).replace(tzinfo=zone))


def look(here: Office, moment: str) -> list[Outcome]:
    """Let the scheduler look at a moment."""
    at(here, moment)
    return list(tick(here.publication, Event()))


def seen(here: Office, moment: str) -> list[str]:
    """Tell what the scheduler does at a moment."""
    return [f"{act.what}: {act.error}" if act.error else act.what for act in look(here, moment)]


def configure(here: Office, **settings: object) -> None:
    lists = here.publication.config.lists
    changed = {**lists, "lettre": msgspec.structs.replace(lists["lettre"], **settings)}
    here.publication = replace(here.publication, config=msgspec.structs.replace(here.publication.config, lists=changed))


@pytest.fixture
def here(tmp_path: Path):
    """An office whose list runs on Thursdays at nine, and which the scheduler has seen; it is Tuesday."""
    with office(tmp_path) as made:
        configure(made, cadence="weekly on thursday at 09:00")
        assert seen(made, "2024-04-02 09:00") == ["watched"]
        yield made


def names(here: Office) -> list[str]:
    return [issue.name for issue in sending.all_issues(here.publication)]


def fates(here: Office) -> list[str]:
    with here.publication.store.read() as connection:
        return [f"{row.date} {row.fate}" for row in connection.execute(sa.select(schema.turn).order_by("date"))]


def runs(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.run)) or 0


def by_hand(here: Office, moment: str) -> sending.Sent:
    """A person sends the list."""
    at(here, moment)
    return here.send()


# --- as planned -----------------------------------------------------------------------------------------------------


def test_a_list_runs_at_its_time_and_once(here: Office) -> None:
    assert seen(here, "2024-04-04 08:59") == []
    acts = look(here, THURSDAY)
    assert [act.what for act in acts] == ["opened", "sent"]
    assert acts[-1].next is not None
    assert acts[-1].next.at == datetime(2024, 4, 11, 7, tzinfo=UTC)
    assert here.recipients() == EVERYONE
    assert seen(here, "2024-04-04 09:01") == seen(here, "2024-04-10 23:00") == []
    assert (names(here), here.books(FIRST).closed) == ([FIRST], True)
    here.news("trois")
    assert seen(here, NEXT) == ["opened", "sent"]
    assert (names(here), len(here.recipients())) == ([FIRST, SECOND], 8)


def test_nothing_new_is_no_letter_and_the_run_took_place(here: Office) -> None:
    look(here, THURSDAY)
    acts = look(here, NEXT)
    assert [(act.what, act.next and act.next.date.isoformat()) for act in acts] == [("skipped", "2024-04-18")]
    assert seen(here, "2024-04-11 09:01") == []
    assert (names(here), len(here.recipients()), runs(here.publication.store)) == ([FIRST], 4, 2)
    here.news("trois")
    assert seen(here, "2024-04-18 09:00") == ["opened", "sent"]


def test_there_is_no_empty_letter_in_a_month_without_news(here: Office) -> None:
    look(here, THURSDAY)
    configure(here, cadence="daily at 09:00")
    for day in range(5, 31):
        look(here, f"2024-04-{day:02} 09:00")
    assert (names(here), len(here.recipients()), runs(here.publication.store)) == ([FIRST], 4, 26)


def test_a_list_without_a_cadence_runs_by_hand_only(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        assert seen(made, THURSDAY) == seen(made, NEXT) == []
        assert names(made) == []


# --- the first look, and another cadence ----------------------------------------------------------------------------


def test_a_first_start_sends_nothing_of_what_was_planned_before(tmp_path: Path) -> None:
    with office(tmp_path) as made:
        by_hand(made, "2024-03-28 09:00")
        made.news("trois")
        configure(made, cadence="weekly on thursday at 09:00")
        assert seen(made, "2024-04-04 09:30") == ["watched"]
        assert seen(made, "2024-04-04 09:31") == []
        assert len(made.recipients()) == 4
        assert seen(made, NEXT) == ["opened", "sent"]


def test_another_cadence_sends_nothing_of_what_it_would_have_planned(here: Office) -> None:
    configure(here, cadence="weekly on wednesday at 09:00")
    assert seen(here, "2024-04-03 15:00") == ["watched"]
    assert seen(here, "2024-04-03 15:01") == seen(here, THURSDAY) == []
    assert seen(here, "2024-04-10 09:00") == ["opened", "sent"]


def test_a_cadence_that_was_away_begins_anew(here: Office) -> None:
    configure(here, cadence="")
    assert seen(here, "2024-04-03 09:00") == []
    configure(here, cadence="weekly on thursday at 09:00")
    assert seen(here, "2024-04-04 15:00") == ["watched"]
    assert (names(here), fates(here)) == ([], [])


# --- missed ---------------------------------------------------------------------------------------------------------


def test_a_run_that_is_late_is_made_up_for_under_its_own_date(here: Office) -> None:
    assert seen(here, "2024-04-05 08:59") == ["opened", "sent"]
    assert (names(here), fates(here)) == ([FIRST], ["2024-04-04 run"])


def test_a_run_that_is_too_late_is_folded_into_the_next(here: Office) -> None:
    acts = look(here, "2024-04-05 09:00")
    assert [(act.what, len(act.turns), act.next and act.next.date.isoformat()) for act in acts] == [
        ("missed", 1, "2024-04-11")
    ]
    assert seen(here, "2024-04-05 09:01") == []
    assert here.recipients() == []
    here.news("trois")
    assert seen(here, NEXT) == ["opened", "sent"]
    assert here.recipients() == EVERYONE
    assert all(b"/articles/un.html" in message.data for message in here.relay.messages)
    assert fates(here) == ["2024-04-04 missed", "2024-04-11 run"]


def test_after_several_planned_dates_there_is_one_letter(here: Office) -> None:
    acts = look(here, "2024-04-25 12:00")
    assert [(act.what, [turn.date.day for turn in act.turns]) for act in acts] == [
        ("missed", [4, 11, 18]), ("opened", [25]), ("sent", [25]),
    ]  # fmt: skip
    assert acts[0].next == acts[1].turns[0]
    assert here.recipients() == EVERYONE
    assert seen(here, "2024-04-25 12:01") == []


def test_after_years_nothing_is_sent_out_of_turn(here: Office) -> None:
    acts = look(here, "2027-05-01 12:00")
    assert [act.what for act in acts] == ["missed"]
    assert 52 <= len(acts[0].turns) <= 53
    assert seen(here, "2027-05-01 12:01") == []
    assert here.recipients() == []


def test_a_daily_run_that_was_late_does_not_hold_up_that_of_the_day(here: Office) -> None:
    configure(here, cadence="daily at 09:00")
    look(here, "2024-04-03 10:00")
    here.relay.script[BOB] = ["451 4.7.1 later at RCPT"] * 9
    assert seen(here, LATE) == ["opened", "sent"]
    here.news("trois")
    assert seen(here, "2024-04-05 09:00") == ["folded", "opened", "sent"]
    assert names(here) == [FIRST, "lettre/2024-04-05"]


# --- cut off --------------------------------------------------------------------------------------------------------


def cut_off_at_opening(here: Office) -> None:
    """The planned run of Thursday is begun, and the scheduler dies in the middle of its opening."""
    at(here, THURSDAY)
    table = timetable(here.publication.config, "lettre")
    assert table is not None
    with dying(), suppress(InterruptedError):
        opening.open_run(here.publication, "lettre", table.next(here.now - timedelta(minutes=1)))


def test_an_opening_that_was_cut_off_is_finished_and_sent(here: Office) -> None:
    cut_off_at_opening(here)
    assert here.recipients() == []
    assert seen(here, "2024-04-04 09:01") == ["sent"]
    assert (here.recipients(), names(here), runs(here.publication.store)) == (EVERYONE, [FIRST], 1)


def test_an_opening_that_was_cut_off_long_ago_is_folded(here: Office) -> None:
    cut_off_at_opening(here)
    assert seen(here, "2024-04-06 09:00") == []
    assert here.recipients() == []
    assert seen(here, NEXT) == ["folded", "opened", "sent"]
    assert here.recipients() == EVERYONE


def test_a_relay_that_is_down_is_tried_again_every_ten_minutes(here: Office) -> None:
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    first = look(here, THURSDAY)
    assert [act.what for act in first] == ["opened", "failed"]
    assert isinstance(first[-1].error, RouteError)
    assert seen(here, "2024-04-04 09:09") == []
    assert look(here, "2024-04-04 09:10")[0].what == "failed"
    here.relay.script.clear()
    assert seen(here, "2024-04-04 09:15") == []
    assert seen(here, "2024-04-04 09:20") == ["sent"]
    assert (here.recipients(), runs(here.publication.store)) == (EVERYONE, 1)


def test_letters_that_could_not_go_out_in_time_are_folded(here: Office) -> None:
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    look(here, THURSDAY)
    here.relay.script.clear()
    assert seen(here, "2024-04-05 09:00") == seen(here, "2024-04-10 09:00") == []
    assert seen(here, NEXT) == ["folded", "opened", "sent"]
    assert (here.recipients(), names(here)) == (EVERYONE, [FIRST, SECOND])


def killed(here: Office, issue_id: int, rows: int) -> None:
    """Leave behind what a sender that died holds: so many claimed rows, and no lock."""
    with here.publication.store.write() as connection:
        values = {"host": "test", "process": 0, "started": here.now}
        number = connection.execute(schema.sender.insert().values(values)).inserted_primary_key[0]
        claims.claim(connection, issue_id, number, rows, datetime(9000, 1, 1, tzinfo=UTC))


def test_a_sender_that_was_killed_is_gone_on_with(here: Office) -> None:
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    look(here, THURSDAY)
    here.relay.script.clear()
    killed(here, sending.find(here.publication, FIRST).issue.id, rows=2)
    assert seen(here, "2024-04-04 09:30") == ["sent"]
    assert here.recipients() == EVERYONE


def test_who_sends_now_is_not_joined(here: Office) -> None:
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    look(here, THURSDAY)
    here.relay.script.clear()
    issue = sending.find(here.publication, FIRST).issue
    with sending.sender_of(here.publication.store, here.now) as number:
        with here.publication.store.write() as connection:
            claims.claim(connection, issue.id, number, 1, datetime(9000, 1, 1, tzinfo=UTC))
        assert seen(here, "2024-04-04 09:30") == []
    assert here.recipients() == []


def test_a_relay_that_refuses_everyone_is_left_to_a_person(here: Office) -> None:
    here.subscribe(f"lecteur{n}@example.org" for n in range(30))
    here.relay.script["*"] = "550 5.7.1 we know you not at RCPT"
    first = look(here, THURSDAY)
    assert "refuses everyone" in str(first[-1].error)
    refused = here.books(FIRST).refused
    assert seen(here, "2024-04-04 09:30") == seen(here, "2024-04-04 12:00") == []
    assert here.books(FIRST).refused == refused < 20


def test_deferred_letters_go_out_when_they_are_due(here: Office) -> None:
    here.relay.script[BOB] = ["451 4.7.1 later at RCPT"]
    acts = look(here, THURSDAY)
    sent = acts[-1].sent
    assert sent is not None
    assert sent.next_due is not None
    due = sent.next_due.astimezone(ZoneInfo("Europe/Paris"))
    assert seen(here, f"{due - timedelta(minutes=1):%Y-%m-%d %H:%M}") == []
    assert seen(here, f"{due + timedelta(minutes=1):%Y-%m-%d %H:%M}") == ["sent"]
    assert (here.recipients(), here.books(FIRST).closed) == (EVERYONE, True)


def test_what_is_to_be_sent_again_goes_out_by_itself(here: Office) -> None:
    here.relay.script[BOB] = ["drop at DOT"]
    look(here, THURSDAY)
    here.news("trois")
    look(here, NEXT)
    assert here.books(FIRST).uncertain == 1
    sending.resolve(here.publication, FIRST, DeliveryState.PLANNED)
    assert seen(here, "2024-04-11 10:00") == ["sent"]
    assert here.books(FIRST).sent == 4


def test_after_the_seed_addresses_the_others_have_their_letters(here: Office) -> None:
    configure(here, seeds=(MIA,), seed_minutes=30)
    assert seen(here, THURSDAY) == ["opened", "sent"]
    assert here.recipients() == [MIA]
    assert seen(here, "2024-04-04 09:12") == seen(here, "2024-04-04 09:29") == []
    assert seen(here, "2024-04-04 09:30") == ["sent"]
    assert here.recipients() == EVERYONE


def test_a_draft_that_nobody_approved_keeps_the_run_from_taking_place(here: Office) -> None:
    at(here, "2024-04-03 09:00")
    draft = drafting.freeze(here.publication, "lettre", lambda edits: edits, "lea")
    assert draft is not None
    acts = look(here, THURSDAY)
    assert [(act.what, type(act.error)) for act in acts] == [("failed", ApprovalError)]
    drafting.approve(here.publication, "lettre", draft.hash, "lea")
    here.news("trois")
    assert seen(here, "2024-04-04 11:00") == ["opened", "sent"]
    assert (names(here), fates(here), here.recipients()) == ([FIRST], ["2024-04-04 run"], EVERYONE)
    assert not any(b"/articles/trois.html" in message.data for message in here.relay.messages)


def test_a_draft_that_waits_does_not_keep_deferred_letters_from_going_out(here: Office) -> None:
    here.relay.script[BOB] = ["451 4.7.1 later at RCPT"] * 2
    look(here, THURSDAY)
    look(here, "2024-04-04 10:00")
    here.news("trois")
    at(here, "2024-04-10 09:00")
    assert drafting.freeze(here.publication, "lettre", lambda edits: edits, "lea")
    with here.publication.store.write() as connection:
        connection.execute(schema.delivery.update().values(first_tried=here.now))  # not given up yet
    assert [what.partition(":")[0] for what in seen(here, NEXT)] == ["failed", "sent"]
    assert here.recipients() == EVERYONE


# --- beside a person ------------------------------------------------------------------------------------------------


def test_a_run_by_hand_on_the_planned_date_takes_its_place(here: Office) -> None:
    by_hand(here, "2024-04-04 08:00")
    here.news("trois")
    assert seen(here, THURSDAY) == ["by hand"]
    assert seen(here, "2024-04-04 09:01") == []
    assert (names(here), fates(here)) == ([FIRST], ["2024-04-04 by hand"])
    assert seen(here, NEXT) == ["opened", "sent"]


def test_a_run_by_hand_on_the_day_before_does_not(here: Office) -> None:
    by_hand(here, "2024-04-03 18:00")
    assert seen(here, THURSDAY) == ["skipped"]
    here.news("trois")
    by_hand(here, "2024-04-10 18:00")
    here.news("quatre")
    assert seen(here, NEXT) == ["opened", "sent"]


def test_a_run_by_hand_makes_up_for_what_was_planned_before_it(here: Office) -> None:
    by_hand(here, "2024-04-05 07:00")
    here.news("trois")
    assert seen(here, LATE) == ["by hand"]
    assert len(here.recipients()) == 4


def test_a_person_who_goes_on_with_a_planned_run_makes_no_other(here: Office) -> None:
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    look(here, THURSDAY)
    here.relay.script.clear()
    by_hand(here, "2024-04-04 09:05")
    assert seen(here, "2024-04-04 09:30") == []
    assert (here.recipients(), names(here), runs(here.publication.store)) == (EVERYONE, [FIRST], 1)


def test_what_a_person_cut_off_waits_for_that_person_and_is_folded(here: Office) -> None:
    at(here, "2024-04-03 18:00")
    here.open()
    assert seen(here, "2024-04-03 18:30") == seen(here, "2024-04-04 08:59") == []
    assert seen(here, THURSDAY) == ["folded", "opened", "sent"]
    assert (names(here), here.recipients()) == (["lettre/2024-04-03", FIRST], EVERYONE)


def test_an_opening_that_a_person_cut_off_is_folded(here: Office) -> None:
    at(here, "2024-04-03 18:00")
    with dying(), suppress(InterruptedError):
        opening.open_run(here.publication, "lettre")
    assert seen(here, "2024-04-04 08:59") == []
    assert seen(here, THURSDAY) == ["folded", "opened", "sent"]
    assert (names(here), here.recipients()) == (["lettre/2024-04-03", FIRST], EVERYONE)
    assert fates(here) == ["2024-04-04 run"]


def test_deferred_letters_of_a_run_by_hand_go_out_when_they_are_due(here: Office) -> None:
    here.relay.script[BOB] = ["451 4.7.1 later at RCPT"]
    by_hand(here, "2024-04-02 10:00")
    assert seen(here, "2024-04-02 10:14") == []
    assert seen(here, "2024-04-03 10:00") == ["sent"]
    assert here.recipients() == EVERYONE


def test_an_issue_that_was_stopped_is_left_alone(here: Office) -> None:
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    look(here, THURSDAY)
    here.relay.script.clear()
    sending.stop(here.publication, FIRST)
    assert seen(here, "2024-04-04 10:00") == []
    assert here.recipients() == []


# --- pauses and the clock -------------------------------------------------------------------------------------------


def test_a_pause_is_told_once_and_nothing_is_lost(here: Office) -> None:
    configure(here, pauses=("2024-04-04",))
    acts = look(here, THURSDAY)
    assert [(act.what, act.next and act.next.date.isoformat()) for act in acts] == [("paused", "2024-04-11")]
    assert seen(here, "2024-04-04 09:01") == []
    assert seen(here, NEXT) == ["opened", "sent"]
    assert here.recipients() == EVERYONE


def test_a_pause_that_is_lifted_brings_no_letter_back(here: Office) -> None:
    configure(here, pauses=("april",))
    look(here, THURSDAY)
    configure(here, pauses=())
    assert seen(here, "2024-04-04 12:00") == []
    assert seen(here, NEXT) == ["opened", "sent"]


def test_a_clock_that_goes_back_does_not_run_a_date_again(here: Office) -> None:
    look(here, THURSDAY)
    here.news("trois")
    assert seen(here, "2024-04-04 08:30") == seen(here, THURSDAY) == seen(here, "2024-04-04 12:00") == []
    assert len(here.recipients()) == 4


def test_a_clock_that_was_far_ahead_leaves_the_dates_to_come_alone(here: Office) -> None:
    assert seen(here, "2025-04-01 09:00") == ["missed"]
    assert seen(here, "2024-04-02 10:00") == []
    assert fates(here) == []
    assert seen(here, THURSDAY) == ["opened", "sent"]


def test_a_clock_that_goes_back_behind_the_first_look_begins_anew(here: Office) -> None:
    assert seen(here, "2024-03-20 09:00") == ["watched"]
    assert seen(here, "2024-03-21 09:00") == ["opened", "sent"]


@pytest.mark.parametrize("evening", [datetime(2024, 3, 30, 22, tzinfo=UTC), datetime(2024, 10, 26, 22, tzinfo=UTC)])
def test_half_past_two_runs_once_when_the_clocks_change(here: Office, evening: datetime) -> None:
    configure(here, cadence="daily at 02:30")
    here.publication = replace(here.publication, now=evening)
    here.news("trois")
    for quarters in range(24):
        here.publication = replace(here.publication, now=evening + timedelta(minutes=15 * quarters))
        list(tick(here.publication, Event()))
    assert fates(here) == [f"{evening + timedelta(days=1):%Y-%m-%d} run"]
    assert len(here.recipients()) == 4


def test_dates_are_those_of_the_lists_zone(here: Office) -> None:
    configure(here, cadence="daily at 00:30", timezone="Pacific/Noumea")
    assert seen(here, "2024-04-04 23:00") == ["watched"]
    assert seen(here, "2024-04-05 00:30") == ["opened", "sent"]
    assert here.now.astimezone(ZoneInfo("Europe/Paris")).day == 4
    here.news("trois")
    by_hand(here, "2024-04-06 00:40")
    assert names(here) == ["lettre/2024-04-05", "lettre/2024-04-06"]
    assert seen(here, "2024-04-06 00:41") == ["by hand"]


# --- weeks and months of readers ------------------------------------------------------------------------------------


def only_reader(here: Office, frequency: Frequency) -> None:
    with here.publication.store.write() as connection:
        connection.execute(schema.subscription.update().values(state="ended"))
        wanted = Subscription(0, LEA, "lettre", SubscriptionState.ACTIVE, frequency=frequency, consent="test")
        audience.subscribe(connection, LEA, LEA, wanted, here.now)


def mailed(here: Office, moments: list[str]) -> list[int]:
    """Return how many letters there were after each look, with something new before each."""
    found = []
    for number, moment in enumerate(moments):
        at(here, moment)
        here.news(f"numero-{number}")
        look(here, moment)
        found.append(len(here.recipients()))
    return found


def test_a_weekly_reader_of_a_monday_list_has_each_letter_over_new_year(here: Office) -> None:
    configure(here, cadence="weekly on monday at 09:00")
    only_reader(here, Frequency.WEEKLY)
    look(here, "2024-12-16 10:00")
    mondays = ["2024-12-23 09:00", "2024-12-30 09:00", "2025-01-06 09:00", "2025-01-13 09:00"]
    assert mailed(here, mondays) == [1, 2, 3, 4]


def test_a_weekly_reader_of_a_daily_list_has_that_of_monday(here: Office) -> None:
    configure(here, cadence="daily at 00:15")
    only_reader(here, Frequency.WEEKLY)
    look(here, "2024-12-27 10:00")
    days = ["2024-12-28", "2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-05", "2025-01-06"]
    assert mailed(here, [f"{day} 00:15" for day in days]) == [1, 1, 2, 2, 2, 2, 3]


def test_weeks_are_those_of_the_lists_zone(here: Office) -> None:
    configure(here, cadence="daily at 00:15", timezone="Pacific/Noumea")
    only_reader(here, Frequency.WEEKLY)
    look(here, "2024-04-13 10:00")
    assert mailed(here, ["2024-04-14 00:15", "2024-04-15 00:15"]) == [1, 2]  # in Paris both are of one week


def test_a_weekly_reader_has_one_letter_a_week_though_sundays_was_late(here: Office) -> None:
    configure(here, cadence="daily at 23:00")
    only_reader(here, Frequency.WEEKLY)
    look(here, "2024-04-13 10:00")
    assert mailed(here, ["2024-04-13 23:00", "2024-04-15 08:00", "2024-04-15 23:00"]) == [1, 1, 2]


@pytest.mark.parametrize(
    ("frequency", "cadence", "moments"),
    [
        # Made up for on Monday morning, it is still the letter of the week before.
        (Frequency.WEEKLY, "weekly on sunday at 23:00", ["2024-04-15 08:00", "2024-04-21 23:00", "2024-04-28 23:00"]),
        (Frequency.MONTHLY, "monthly on the last day at 23:30", ["2024-05-01 08:00", "2024-05-31 23:30"]),
    ],
)
def test_a_run_that_was_late_belongs_to_the_week_and_month_of_its_date(
    here: Office, frequency: Frequency, cadence: str, moments: list[str]
) -> None:
    configure(here, cadence=cadence)
    only_reader(here, frequency)
    look(here, "2024-04-10 10:00")
    assert mailed(here, moments) == [n + 1 for n in range(len(moments))]


# --- more than one --------------------------------------------------------------------------------------------------


def test_what_stops_one_list_does_not_stop_another(here: Office) -> None:
    lists = here.publication.config.lists
    other = msgspec.structs.replace(
        lists["lettre"], sender=msgspec.structs.replace(lists["lettre"].sender, address="é@b")
    )
    config = msgspec.structs.replace(here.publication.config, lists={"autre": other, **lists})
    here.publication = replace(here.publication, config=config)
    assert seen(here, "2024-04-02 10:00") == ["watched"]
    acts = look(here, THURSDAY)
    assert [(act.list, act.what) for act in acts] == [("autre", "failed"), ("lettre", "opened"), ("lettre", "sent")]


@pytest.mark.parametrize("repetition", range(3))
def test_two_schedulers_at_once_make_one_run(url: str, tmp_path: Path, repetition: int) -> None:
    with Relay() as relay:
        lists = configured(tmp_path, relay.port).lists
        cadence = msgspec.structs.replace(lists["lettre"], cadence="weekly on thursday at 09:00")
        config = msgspec.structs.replace(configured(tmp_path, relay.port), lists={"lettre": cadence})
        first = published(tmp_path, config, url)
        readers = [f"lecteur{n}@example.org" for n in range(25)]
        add_articles(first, [article("un")])
        add_readers(first, {address: {} for address in readers})
        list(tick(first, Event()))
        moment = datetime.fromisoformat(THURSDAY).replace(tzinfo=ZoneInfo("Europe/Paris"))
        two = [Publication(config, Store.open(url, tmp_path), moment) for _ in range(2)]
        ready, acts = threading.Barrier(2), []

        def work(mine: Publication) -> None:
            ready.wait()
            acts.extend(tick(mine, Event()))

        threads = [threading.Thread(target=work, args=(mine,)) for mine in two]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for mine in two:  # what the other was doing is done
            acts += tick(replace(mine, now=moment + timedelta(minutes=30)), Event())
        relay.settle()
        assert sorted(message.recipient for message in relay.messages) == sorted(readers)
        assert runs(first.store) == 1
        with first.store.read() as connection:
            [issue] = issues.of_list(connection)
        assert issue.name == FIRST
        for mine in [first, *two]:
            mine.store.close()
