"""The calendar with two keys: a draft hours before its time, a letter to the editors, a link that approves."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from newsletter.pipeline import drafting, inviting
from tests.flows.test_run import EVERYONE, FIRST, SECOND, at, by_hand, configure, fates, look, names, seen
from tests.flows.test_run import here as here

EDITOR, OTHER = "redaction@example.org", "direction@example.org"


@pytest.fixture
def desk(here):
    """The same office, where each issue is drafted a day before and approved by an editor."""
    configure(here, approval="wait", editors=(EDITOR,))
    return here


def invitations(here, editor=EDITOR):
    mails = [message_from_bytes(m.data, policy=default) for m in here.relay.messages if m.recipient == editor]
    return [(mail["Subject"], mail.get_body("plain").get_content(), mail) for mail in mails]


def token(here, editor=EDITOR):
    [found] = re.findall(r"/approve/([\w-]+)", invitations(here, editor)[-1][1])
    return found


def approve(here, who="ada"):
    made = drafting.of_list(here.publication, "lettre")
    return drafting.approve(here.publication, "lettre", made.hash, who)


def letters(here):
    return [address for address in here.recipients() if address in EVERYONE]


def test_a_draft_a_day_before_and_a_letter_to_the_editor(desk):
    assert seen(desk, "2024-04-03 08:59") == []
    assert seen(desk, "2024-04-03 09:00") == ["drafted"]
    assert fates(desk) == ["2024-04-04 drafted"]
    [(subject, text, mail)] = invitations(desk)
    assert subject.startswith("À approuver\N{NO-BREAK SPACE}: ")
    assert "jeudi 4 avril 2024 à 9 h" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "si quelqu’un l’approuve" in " ".join(text.split())
    assert "/articles/un.html" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "/approve/" in mail.get_body("html").get_content()
    assert seen(desk, "2024-04-03 09:01") == []
    assert len(invitations(desk)) == 1


def test_approved_it_leaves_at_its_time(desk):
    look(desk, "2024-04-03 09:00")
    approve(desk)
    assert seen(desk, "2024-04-04 08:59") == []
    assert letters(desk) == []
    assert seen(desk, "2024-04-04 09:00") == ["opened", "sent"]
    assert letters(desk) == EVERYONE
    assert (names(desk), fates(desk)) == ([FIRST], ["2024-04-04 run"])
    assert seen(desk, "2024-04-04 09:01") == []


def test_without_approval_it_waits_and_leaves_when_somebody_approves(desk):
    look(desk, "2024-04-03 09:00")
    assert seen(desk, "2024-04-04 09:00") == seen(desk, "2024-04-06 15:00") == ["waits"]
    assert letters(desk) == []
    approve(desk)
    assert seen(desk, "2024-04-06 15:01") == ["opened", "sent"]
    assert names(desk) == [FIRST]


def test_without_approval_it_is_sent_where_that_is_configured(desk):
    configure(desk, approval="send")
    look(desk, "2024-04-03 09:00")
    assert "même si personne" in " ".join(invitations(desk)[0][1].split())
    assert seen(desk, "2024-04-04 09:00") == ["opened", "sent"]
    history = drafting.history(desk.publication, FIRST)
    assert [(act.who, act.what) for act in history] == [("", "drafted"), ("", "approved")]


def test_an_edit_after_the_approval_waits_again(desk):
    look(desk, "2024-04-03 09:00")
    approve(desk)
    drafting.edit(desk.publication, "lettre", lambda edits: replace(edits, intro="Bonjour."), "bea")
    assert seen(desk, "2024-04-04 09:00") == ["waits"]
    approve(desk)
    assert seen(desk, "2024-04-04 09:01") == ["opened", "sent"]


def test_postponed_it_leaves_later_as_the_issue_of_its_date(desk):
    look(desk, "2024-04-03 09:00")
    approve(desk)
    drafting.postpone(desk.publication, "lettre", desk.now + timedelta(days=3), "bea")
    assert seen(desk, "2024-04-04 09:00") == []
    assert seen(desk, "2024-04-06 09:00") == ["opened", "sent"]
    assert (names(desk), fates(desk)) == ([FIRST], ["2024-04-04 run"])


def test_what_was_never_approved_is_in_the_next_draft(desk):
    look(desk, "2024-04-03 09:00")
    drafting.edit(desk.publication, "lettre", lambda edits: replace(edits, intro="De la semaine."), "bea")
    desk.news("trois")
    assert seen(desk, "2024-04-10 09:00") == ["drafted"]
    made = drafting.of_list(desk.publication, "lettre")
    assert {a.identity for a in made.contents.articles} == {"articles/un", "articles/deux", "articles/trois"}
    assert made.row.edits.intro == ""
    assert len(invitations(desk)) == 2
    approve(desk)
    assert seen(desk, "2024-04-11 09:00") == ["opened", "sent"]
    assert names(desk) == [SECOND]


def test_nothing_new_is_no_draft_and_a_skipped_run(desk):
    by_hand(desk, "2024-04-02 10:00")
    assert seen(desk, "2024-04-03 09:00") == []
    assert seen(desk, "2024-04-04 09:00") == ["skipped"]
    assert fates(desk) == ["2024-04-04 run"]
    assert invitations(desk) == []


def test_what_comes_after_the_hour_of_the_draft_is_drafted_as_soon_as_it_comes(desk):
    by_hand(desk, "2024-04-02 10:00")
    assert seen(desk, "2024-04-03 09:00") == []
    at(desk, "2024-04-03 18:00")
    desk.news("trois")
    assert seen(desk, "2024-04-03 18:00") == ["drafted"]


def test_a_draft_that_is_dropped_drops_the_run_of_its_date(desk):
    look(desk, "2024-04-03 09:00")
    drafting.drop(desk.publication, "lettre", "ada")
    assert seen(desk, "2024-04-03 09:01") == seen(desk, "2024-04-04 09:00") == []
    assert (names(desk), fates(desk)) == ([], ["2024-04-04 cancelled"])
    assert seen(desk, "2024-04-10 09:00") == ["drafted"]


def test_a_draft_by_hand_is_taken_over_with_what_staff_changed(desk):
    at(desk, "2024-04-02 12:00")
    drafting.freeze(desk.publication, "lettre", lambda edits: replace(edits, intro="Bonjour."), "ada")
    assert seen(desk, "2024-04-02 12:01") == []
    assert seen(desk, "2024-04-03 09:00") == ["drafted"]
    assert drafting.of_list(desk.publication, "lettre").row.edits.intro == "Bonjour."


def test_a_machine_that_was_off_drafts_late_and_waits(desk):
    assert seen(desk, "2024-04-04 12:00") == ["drafted", "waits"]
    approve(desk)
    assert seen(desk, "2024-04-04 12:05") == ["opened", "sent"]


def test_a_relay_that_is_down_is_told_and_the_editors_are_written_to_later(desk):
    desk.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    assert [line.partition(":")[0] for line in seen(desk, "2024-04-03 09:00")] == ["drafted", "failed"]
    desk.relay.script.clear()
    assert seen(desk, "2024-04-03 09:01") == []
    assert len(invitations(desk)) == 1


def test_a_link_leads_to_its_draft_and_editor_alone(desk):
    configure(desk, editors=(EDITOR, OTHER))
    look(desk, "2024-04-03 09:00")
    mine, yours = token(desk), token(desk, OTHER)
    assert mine != yours
    assert inviting.invited(desk.publication, mine).editor == EDITOR
    assert inviting.invited(desk.publication, yours).editor == OTHER
    assert inviting.invited(desk.publication, mine[:-1]) is None
    configure(desk, editors=(OTHER,))
    assert inviting.invited(desk.publication, mine) is None, "who is no editor any more has no key"
    drafting.freeze(desk.publication, "lettre", lambda edits: edits, "ada")
    assert inviting.invited(desk.publication, yours) is None, "the link was for another draft"


def test_a_draft_that_a_person_sends_early_is_the_run_of_its_date(desk):
    look(desk, "2024-04-03 09:00")
    approve(desk)
    by_hand(desk, "2024-04-03 12:00")
    assert letters(desk) == EVERYONE
    assert fates(desk) == ["2024-04-04 by hand"]
    assert seen(desk, "2024-04-04 09:00") == []
