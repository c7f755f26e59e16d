"""Notices over a real relay: invitations, reports and alarms, each sent once, and doubt where nobody knows."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from threading import Event
from typing import cast

import msgspec
import pytest
import sqlalchemy as sa

from newsletter.digest.assemble import Body
from newsletter.model import DeliveryState
from newsletter.pipeline import alarming, drafting, inviting, noticing, sending
from newsletter.pipeline.attending import attending
from newsletter.pipeline.noticing import Kind, Note
from newsletter.store import outbox, schema
from tests.flows.command import CONFIG as COMMANDS
from tests.flows.command import Desk
from tests.flows.office import BOB, HOUR, LEA, Office, office
from tests.flows.test_run import THURSDAY, at, configure, look, seen
from tests.flows.test_run import here as here
from tests.relay import Relay

ADA, BEA, EVE = "ada@example.org", "bea@example.org", "eve@example.org"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def quiet(tmp_path: Path):
    """An office without a calendar."""
    with office(tmp_path) as made:
        yield made


def write(here: Office, *addresses: str, kind: Kind = Kind.LINK) -> None:
    with here.publication.store.write() as connection:
        for address in addresses:
            note = Note(kind, address, "Votre lien", Body("<p>Bonjour</p>", "Bonjour\n"))
            noticing.write(here.publication, connection, "lettre", note)


def drain(here: Office) -> list[str]:
    return [str(error) for _, error in noticing.drain(here.publication, Event())]


def states(here: Office) -> dict[str, str]:
    with here.publication.store.read() as connection:
        query = sa.select(schema.notice).order_by(schema.notice.c.id)
        return {row.recipient: row.state for row in connection.execute(query)}


def reason(here: Office, address: str) -> str:
    with here.publication.store.read() as connection:
        return str(connection.scalar(sa.select(schema.notice.c.reason).where(schema.notice.c.recipient == address)))


def mails(here: Office, address: str) -> list[EmailMessage]:
    here.relay.settle()
    found = [message.data for message in here.relay.messages if message.recipient == address]
    return [cast(EmailMessage, message_from_bytes(data, policy=default)) for data in found]


def text(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return " ".join(str(body.get_content()).replace("\N{NO-BREAK SPACE}", " ").split())


# --- the way out ----------------------------------------------------------------------------------------------------


def test_all_that_is_due_goes_out_over_one_connection(quiet: Office) -> None:
    write(quiet, ADA, BEA, EVE)
    assert drain(quiet) == []
    assert quiet.recipients() == [ADA, BEA, EVE]
    assert sum(command.startswith("ehlo") for command in quiet.relay.commands) == 1
    assert set(states(quiet).values()) == {"sent"}
    assert drain(quiet) == []
    assert len(quiet.relay.messages) == 3
    [mail] = mails(quiet, ADA)
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Votre lien", "auto-generated")


def test_a_notice_is_not_there_without_what_it_tells_of(quiet: Office) -> None:
    with pytest.raises(RuntimeError), quiet.publication.store.write() as connection:
        noticing.write(quiet.publication, connection, "lettre", Note(Kind.LINK, ADA, "Lien", Body("a", "a")))
        raise RuntimeError
    assert (drain(quiet), quiet.recipients()) == ([], [])


def test_a_deferred_notice_is_tried_again_after_a_growing_pause_and_given_up(quiet: Office) -> None:
    quiet.relay.script[ADA] = "451 4.7.1 greylisted at RCPT"
    write(quiet, ADA, BEA)
    assert drain(quiet) == []
    assert states(quiet) == {ADA: "deferred", BEA: "sent"}
    quiet.wait(29 * MINUTE)
    asked = len(quiet.relay.commands)
    assert (drain(quiet), len(quiet.relay.commands)) == ([], asked)
    quiet.wait(8 * MINUTE)  # a pause is up to a fifth longer
    drain(quiet)
    quiet.wait(59 * MINUTE)
    asked = len(quiet.relay.commands)
    assert (drain(quiet), len(quiet.relay.commands)) == ([], asked)
    quiet.wait(timedelta(days=1))
    drain(quiet)
    assert states(quiet)[ADA] == "expired"
    assert reason(quiet, ADA) == "it waited too long: 451 4.7.1 greylisted"
    quiet.relay.script.clear()
    quiet.wait(HOUR)
    assert (drain(quiet), mails(quiet, ADA)) == ([], [])


def test_a_refused_notice_is_not_tried_again_and_says_why(quiet: Office) -> None:
    quiet.relay.script[ADA] = ["550 5.1.1 nobody at RCPT"]
    quiet.relay.script[BEA] = ["554 5.7.1 no at DOT"]
    write(quiet, ADA, BEA)
    drain(quiet)
    assert states(quiet) == {ADA: "refused", BEA: "refused"}
    assert (reason(quiet, ADA), reason(quiet, BEA)) == ("550 5.1.1 nobody", "554 5.7.1 no")
    quiet.wait(timedelta(days=1))
    assert (drain(quiet), quiet.recipients()) == ([], [])


def test_a_lost_reply_is_doubt_and_never_sent_again(quiet: Office) -> None:
    quiet.relay.script[ADA] = ["keep, then drop at DOT"]
    write(quiet, ADA, BEA)
    assert len(drain(quiet)) == 1
    assert states(quiet) == {ADA: "uncertain", BEA: "planned"}
    for _ in range(3):
        quiet.wait(HOUR)
        assert drain(quiet) == []
    assert quiet.recipients() == [ADA, BEA]
    assert noticing.standing(quiet.publication).failed[0].state == "uncertain"


def test_a_connection_lost_before_the_dot_is_another_try_behind_the_others(quiet: Office) -> None:
    quiet.relay.script[ADA] = ["drop at BODY"]
    write(quiet, ADA, BEA)
    assert len(drain(quiet)) == 1
    assert states(quiet) == {ADA: "deferred", BEA: "planned"}
    quiet.wait(MINUTE)
    assert drain(quiet) == []
    assert states(quiet) == {ADA: "deferred", BEA: "sent"}
    quiet.wait(HOUR)
    assert drain(quiet) == []
    assert quiet.recipients() == [ADA, BEA]


def test_a_relay_that_is_down_costs_no_try_and_is_left_alone_for_a_minute(quiet: Office) -> None:
    quiet.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    write(quiet, ADA)
    [told] = drain(quiet)
    assert "4.3.2 down" in told
    assert (drain(quiet), noticing.standing(quiet.publication).waiting) == ([], 1)
    quiet.relay.script.clear()
    quiet.wait(MINUTE)
    assert (drain(quiet), states(quiet)) == ([], {ADA: "sent"})


def test_421_ends_the_connection_and_not_the_others(quiet: Office) -> None:
    quiet.relay.script[ADA] = ["421 4.3.2 too many at RCPT"]
    write(quiet, ADA, BEA)
    assert drain(quiet) == []
    assert states(quiet) == {ADA: "deferred", BEA: "sent"}


def test_a_refused_sender_burns_nothing(quiet: Office) -> None:
    quiet.relay.script["*"] = ["553 5.7.1 not you at MAIL"]
    write(quiet, ADA, BEA)
    [told] = drain(quiet)
    assert "refuses the sender lettre@troisrivieres.example.org: 553" in told
    assert states(quiet) == {ADA: "planned", BEA: "planned"}


def test_two_who_drain_at_once_send_once(quiet: Office) -> None:
    write(quiet, *(f"{number}@example.org" for number in range(20)))
    threads = [threading.Thread(target=drain, args=(quiet,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    quiet.relay.settle()
    assert len(quiet.recipients()) == len(quiet.relay.distinct) == 20


DYING = """
import os, sys
from datetime import datetime
from pathlib import Path
from threading import Event
from newsletter.configfile import load
from newsletter.delivery.wire import Connection
from newsletter.pipeline import noticing
from newsletter.pipeline.publication import Publication
from newsletter.store.engine import Store
root = Path(sys.argv[1])
dot = Connection.dot
def die(self):
    if sys.argv[3] == "after":
        dot(self)
    os.kill(os.getpid(), 9)
Connection.dot = die
store = Store.open("sqlite:///newsletter.db", root)
list(noticing.drain(Publication(load(root / "config.toml"), store, datetime.fromisoformat(sys.argv[2])), Event()))
"""

CONFIG = """
[site]
name = "Centre"
url = "https://www.troisrivieres.example.org"
[lists.lettre]
title = "La lettre"
sender = {{ address = "lettre@troisrivieres.example.org" }}
[mail.routes.default]
port = {port}
security = "none"
"""


@pytest.mark.crash
@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_is_killed_between_handed_and_reply_leaves_doubt(tmp_path: Path, moment: str) -> None:
    with office(tmp_path) as here:
        (tmp_path / "config.toml").write_text(CONFIG.format(port=here.relay.port), encoding="utf-8")
        write(here, ADA)
        killed = subprocess.run(
            [sys.executable, "-c", DYING, str(tmp_path), here.now.isoformat(), moment],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        assert states(here) == {ADA: "handed"}
        assert noticing.standing(here.publication).waiting == 1
        for _ in range(2):
            here.wait(HOUR)
            assert drain(here) == []
        assert states(here) == {ADA: "uncertain"}
        here.relay.settle()
        assert here.recipients() == ([ADA] if moment == "after" else [])


def test_who_serves_empties_the_outbox_when_somebody_rings(quiet: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.pipeline.attending.PAUSE", 3600)
    said: list[str] = []
    arrived = Event()
    keep = quiet.relay.keep
    monkeypatch.setattr(quiet.relay, "keep", lambda message: (keep(message), arrived.set()))
    with attending(lambda: quiet.publication, said.append) as bell:
        write(quiet, ADA)
        bell.set()
        assert arrived.wait(30)
    assert (quiet.recipients(), states(quiet), said) == ([ADA], {ADA: "sent"}, [])


def test_what_goes_wrong_while_serving_is_complained_of_once(quiet: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.pipeline.attending.PAUSE", 0.001)
    quiet.relay.script["*"] = "553 5.7.1 not you at MAIL"
    write(quiet, ADA)
    said: list[str] = []
    rounds, enough = count(), Event()

    def publication():
        quiet.wait(MINUTE)
        if next(rounds) == 5:
            enough.set()
        return quiet.publication

    with attending(publication, said.append):
        assert enough.wait(30)
    assert sum(command.startswith("MAIL") for command in quiet.relay.commands) >= 5
    assert len(said) == 1


# --- invitations ----------------------------------------------------------------------------------------------------


def test_a_relay_that_fails_in_the_middle_of_the_editors_writes_to_nobody_twice(here: Office) -> None:
    configure(here, approval="wait", editors=(ADA, BEA, EVE))
    here.relay.script[BEA] = ["drop at RCPT"]
    assert [line.partition(":")[0] for line in seen(here, "2024-04-03 09:00")] == ["drafted", "failed"]
    for minute in (1, 2, 40):
        seen(here, f"2024-04-03 09:{minute:02}")
    assert here.recipients() == [ADA, BEA, EVE]


def test_two_who_invite_at_once_write_once(here: Office) -> None:
    configure(here, approval="wait", editors=(ADA,))
    made = drafting.freeze(here.publication, "lettre", lambda edits: edits, "ada")
    assert made is not None
    for _ in range(2):
        inviting.invite(here.publication, made)
        assert drain(here) == []
    assert len(mails(here, ADA)) == 1


def test_an_invitation_that_waits_goes_with_its_draft(here: Office) -> None:
    configure(here, approval="wait", editors=(ADA,))
    here.relay.script[ADA] = ["451 4.7.1 later at RCPT"]
    seen(here, "2024-04-03 09:00")
    here.news("trois")
    at(here, "2024-04-03 09:10")
    assert here.recipients() == []
    drafting.freeze(here.publication, "lettre", lambda edits: edits, "ada")
    seen(here, "2024-04-03 09:11")
    seen(here, "2024-04-03 12:00")
    assert len(mails(here, ADA)) == 1, "the link of the former draft leads nowhere"


# --- operators ------------------------------------------------------------------------------------------------------


def operators(here: Office, *addresses: str) -> None:
    config = here.publication.config
    mail = msgspec.structs.replace(config.mail, operators=addresses or (EVE,))
    here.publication = replace(here.publication, config=msgspec.structs.replace(config, mail=mail))


def subjects(here: Office) -> list[str]:
    return [str(mail["Subject"]).replace("\N{NO-BREAK SPACE}", " ") for mail in mails(here, EVE)]


def test_a_report_after_an_issue_with_refusals(here: Office) -> None:
    operators(here, EVE, ADA)
    here.relay.script[BOB] = ["550 5.1.1 nobody at RCPT"]
    look(here, THURSDAY)
    assert subjects(here) == ["Envoyée : lettre/2024-04-04"]
    assert len(mails(here, ADA)) == 1
    [mail] = mails(here, EVE)
    for kind in ("plain", "html"):
        said = text(mail, kind)
        for words in (
            "est partie", "Il n’y a rien à faire", "Destinataires : 4", "Envoyées : 3", "Refusées : 1",
            "1 × 5.1.1 nobody", "newsletter issues show lettre/2024-04-04", "/issues/lettre/2024-04-04.html",
        ):  # fmt: skip
            assert words in said, (kind, words)
        assert "Différées" not in said
    look(here, "2024-04-04 09:01")
    assert len(mails(here, EVE)) == 1


def test_a_report_of_the_first_pass_and_one_when_all_is_done(here: Office) -> None:
    operators(here)
    here.relay.script[BOB] = ["451 4.7.1 later at RCPT"] * 2
    look(here, THURSDAY)
    assert subjects(here) == ["Premier passage : lettre/2024-04-04"]
    assert re.search(r"la prochaine fois le jeudi 4 avril 2024 à 9 h 3\d", text(mails(here, EVE)[0]))
    look(here, "2024-04-04 09:37")
    assert len(subjects(here)) == 1, "another deferral is no news"
    look(here, "2024-04-04 11:15")
    assert subjects(here)[1:] == ["Envoyée : lettre/2024-04-04"]


def test_letters_to_the_seed_addresses_alone_are_no_first_pass(here: Office) -> None:
    operators(here)
    configure(here, seeds=(BOB,))
    look(here, THURSDAY)
    assert (here.recipients(), subjects(here)) == ([BOB], [])
    look(here, "2024-04-04 09:31")
    assert subjects(here) == ["Envoyée : lettre/2024-04-04"]


def test_what_a_person_sends_again_is_no_first_pass(here: Office) -> None:
    operators(here)
    here.relay.script[LEA] = ["drop at DOT", "451 4.7.1 later at RCPT"]
    look(here, THURSDAY)
    sending.resolve(here.publication, "lettre/2024-04-04", DeliveryState.PLANNED)
    look(here, "2024-04-04 09:30")
    assert subjects(here) == ["À vérifier : lettre/2024-04-04"]


def test_doubt_is_in_the_report_and_the_day_after_an_alarm_until_it_is_settled(here: Office) -> None:
    operators(here)
    here.relay.script[LEA] = ["keep, then drop at DOT"]
    look(here, THURSDAY)
    assert subjects(here) == ["À vérifier : lettre/2024-04-04"]
    assert "De 1 lettre, personne ne sait si elle est arrivée." in text(mails(here, EVE)[0])
    look(here, "2024-04-04 20:00")
    assert len(subjects(here)) == 1
    for minute in range(3):
        look(here, f"2024-04-05 09:{minute:02}")
    assert len(subjects(here)) == 2
    sending.resolve(here.publication, "lettre/2024-04-04", DeliveryState.SENT)
    look(here, "2024-04-07 09:00")
    assert len(subjects(here)) == 2


def test_a_run_that_fails_is_told_once_a_day(here: Office) -> None:
    operators(here)
    here.relay.script["*"] = ["553 5.7.1 not you at MAIL"] * 3
    for minute in (0, 11, 22, 33):
        look(here, f"2024-04-04 09:{minute:02}")
    alarms = [subject for subject in subjects(here) if subject.startswith("Envoi empêché")]
    assert alarms == ["Envoi empêché : La lettre des Trois Rivières"]
    [mail] = [mail for mail in mails(here, EVE) if "empêché" in mail["Subject"]]
    assert "refuses the sender" in text(mail)
    assert "newsletter check lettre" in text(mail, "html")


def test_an_alarm_waits_for_a_relay_that_is_down(here: Office) -> None:
    operators(here)
    here.relay.script["connection"] = "421 4.3.2 down at CONNECT"
    assert "failed" in [act.what for act in look(here, THURSDAY)]
    assert noticing.standing(here.publication).waiting == 1
    here.relay.script.clear()
    look(here, "2024-04-04 09:30")
    assert "Envoi empêché : La lettre des Trois Rivières" in subjects(here)


def test_a_missed_run_is_told_by_the_scheduler_once(here: Office) -> None:
    operators(here)
    look(here, "2024-04-06 09:00")
    look(here, "2024-04-06 09:01")
    assert subjects(here) == ["Envoi manqué : La lettre des Trois Rivières"]
    assert "prévu le jeudi 4 avril 2024 à 9 h" in text(mails(here, EVE)[0])


def test_a_missed_run_is_told_by_who_serves_where_no_scheduler_lives(here: Office) -> None:
    operators(here)
    for moment in ("2024-04-05 08:59", "2024-04-05 09:00", "2024-04-05 09:01"):
        at(here, moment)
        alarming.look(here.publication, "lettre")
        drain(here)
    assert subjects(here) == ["Envoi manqué : La lettre des Trois Rivières"]
    look(here, "2024-04-05 12:00")
    assert len(subjects(here)) == 1, "the scheduler that comes back knows that it was told"


def test_a_draft_that_nobody_approved_is_told_each_day(here: Office) -> None:
    operators(here)
    configure(here, approval="wait", editors=(ADA,))
    look(here, "2024-04-03 09:00")
    assert subjects(here) == []
    for moment in (THURSDAY, "2024-04-04 09:01", "2024-04-05 08:59"):
        look(here, moment)
    assert subjects(here) == ["Attend une approbation : La lettre des Trois Rivières"]
    look(here, "2024-04-05 09:00")
    assert len(subjects(here)) == 2


def test_an_approved_draft_that_nobody_sends_is_a_missing_run(here: Office) -> None:
    operators(here)
    configure(here, approval="wait")
    look(here, "2024-04-03 09:00")
    made = drafting.of_list(here.publication, "lettre")
    assert made is not None
    drafting.approve(here.publication, "lettre", made.hash, "ada")
    for moment in ("2024-04-05 08:59", "2024-04-05 09:00", "2024-04-05 09:01"):
        at(here, moment)
        alarming.look(here.publication, "lettre")
        drain(here)
        assert len(subjects(here)) == (moment > "2024-04-05 08:59")


def test_without_operators_nobody_is_told(here: Office) -> None:
    here.relay.script[BOB] = ["550 5.1.1 nobody at RCPT"]
    look(here, THURSDAY)
    look(here, "2024-04-20 09:00")
    with here.publication.store.read() as connection:
        assert outbox.standing(connection, here.now).waiting == 0
    assert states(here) == {}


# --- as people call it ----------------------------------------------------------------------------------------------


@pytest.fixture
def called(desk: Desk) -> Iterator[tuple[Desk, Relay]]:
    """A publication on the command line, with a reader, an article and an operator."""
    with Relay() as relay:
        mail = f'\n[mail]\noperators = ["{EVE}"]\n[mail.routes.default]\nport = {relay.port}\nsecurity = "none"\n'
        desk.write("config.toml", COMMANDS + mail)
        desk.article("un")
        assert desk("import", "articles").code == 0
        assert desk("subscribers", "add", LEA, "--list", "lettre", "--consent", "test").code == 0
        yield desk, relay


def test_send_by_hand_reports_too_and_its_exit_is_that_of_the_letters(called: tuple[Desk, Relay]) -> None:
    desk, relay = called
    sent = desk("send", "lettre", "--yes")
    assert (sent.code, "operators" in sent.err) == (0, False)
    assert [message.recipient for message in relay.messages] == [LEA, EVE]
    assert desk("status").code == 0
    assert "notices" not in desk("status").out


def test_a_report_that_cannot_leave_waits_and_status_tells_it(called: tuple[Desk, Relay]) -> None:
    desk, relay = called
    relay.script[EVE] = ["451 4.7.1 later at RCPT", "550 5.1.1 nobody at RCPT"]
    assert desk("send", "lettre", "--yes").code == 0
    soon = desk("status")
    assert (soon.code, soon.out.splitlines()[-1]) == (
        0,
        "notices: 1 waiting since 2024-04-02 09:00: 451 4.7.1 later",
    )
    assert desk("status", now="2024-04-02T10:00:01+02:00").code == 1
    waiting = desk("status", "--json", now="2024-04-02T10:00:01+02:00")
    assert (waiting.code, waiting.data["notices"]) == (
        1,
        {"waiting": 1, "since": "2024-04-02T09:00:00+02:00", "reason": "451 4.7.1 later", "failed": []},
    )
    assert desk("run", "--once", now="2024-04-02T10:00:02+02:00").code == 0
    failed = desk("status", now="2024-04-03T10:00:00+02:00")
    assert (failed.code, failed.out.splitlines()[-1]) == (
        0,
        f"notices: report to {EVE} refused 2024-04-02 10:00: 550 5.1.1 nobody",
    )
    assert "notices" not in desk("status", now="2024-04-10T10:00:00+02:00").out


def test_serve_sends_what_waits(called: tuple[Desk, Relay], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, relay = called
    relay.script[EVE] = ["451 4.7.1 later at RCPT"]
    assert desk("send", "lettre", "--yes").code == desk("build").code == 0
    arrived, keep = Event(), relay.keep
    monkeypatch.setattr(relay, "keep", lambda message: (keep(message), arrived.set()))
    with subprocess.Popen(
        [sys.executable, "-m", "newsletter", "--config", str(desk.root / "config.toml"), "serve", "--port", "0"],
        env={**os.environ, "NEWSLETTER_NOW": "2024-04-02T09:40:00+02:00"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "served at" in process.stdout.readline()
        assert arrived.wait(30)
        process.terminate()
    assert (process.returncode, relay.messages[-1].recipient) == (0, EVE)


def test_a_template_of_a_report_that_fails_stops_no_letter(called: tuple[Desk, Relay]) -> None:
    desk, relay = called
    desk.write("templates/email/operators/operators.txt", "{{ nothing }}")
    sent = desk("send", "lettre", "--yes")
    assert (sent.code, [message.recipient for message in relay.messages]) == (0, [LEA])
    assert "no report to the operators: template operators.txt: 'nothing' is undefined" in sent.err
