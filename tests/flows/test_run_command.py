"""`newsletter run` and what `newsletter status` says of lists, as people call them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from newsletter.shipped import templates as shipped
from tests.flows.command import CONFIG, Desk
from tests.relay import Relay

BEFORE, AT, NEXT = (f"2024-04-{day}T09:00:00+02:00" for day in ("02", "04", "11"))
CADENCE = 'title = "La lettre des Trois Rivières"\ncadence = "chaque jeudi à 9 h"\npauses = ["août", "05-01"]'
LEA, BOB = "lea@example.org", "bob@example.org"


@pytest.fixture
def relay():
    with Relay() as running:
        yield running


@pytest.fixture
def office(desk: Desk, relay: Relay) -> Desk:
    """A publication of two readers with one article, whose list runs on Thursdays; the scheduler has seen it."""
    route = f'\n[mail.routes.default]\nport = {relay.port}\nsecurity = "none"\n'
    desk.write("config.toml", CONFIG.replace('title = "La lettre des Trois Rivières"', CADENCE) + route)
    desk.article("un")
    assert desk("import", "articles", now=BEFORE).code == 0
    for address in (LEA, BOB):
        assert desk("subscribers", "add", address, "--list", "lettre", "--consent", "test", now=BEFORE).code == 0
    first = desk("run", "--once", now=BEFORE)
    assert (first.code, first.out) == (0, "lettre: chaque jeudi à 9 h, next Thursday 4 April 2024 at 09:00\n")
    return desk


def test_one_tick_says_a_line_for_each_act(office: Desk, relay: Relay) -> None:
    assert (office("run", "--once", now=BEFORE).out, len(relay.messages)) == ("", 0)
    sent = office("run", "--once", now=AT)
    assert sent.out.splitlines() == [
        "lettre/2024-04-04: opened for 2 readers",
        "lettre/2024-04-04: audience 2 = sent 2; closed",
    ]
    assert (sent.code, sent.err, len(relay.messages)) == (0, "", 2)
    skipped = office("run", "--once", now=NEXT)
    assert (skipped.code, skipped.out) == (0, "lettre: skipped: nothing new, next Thursday 18 April 2024 at 09:00\n")
    assert len(relay.messages) == 2


def test_what_was_missed_is_told(office: Desk) -> None:
    one = office("run", "--once", now="2024-04-06T09:00:00+02:00")
    assert one.out == (
        "lettre: the run of Thursday 4 April 2024 missed, what is new comes on Thursday 11 April 2024 at 09:00\n"
    )
    several = office("run", "--once", now="2024-04-27T09:00:00+02:00")
    assert several.out.startswith("lettre: 3 runs of Thursday 11 April 2024 to Thursday 25 April 2024 missed, ")


def test_a_pause_and_a_run_by_hand_are_told(office: Desk) -> None:
    assert office("send", "lettre", "--yes", now="2024-04-04T08:00:00+02:00").code == 0
    assert office("run", "--once", now=AT).out == (
        "lettre: sent by hand, so the planned run of Thursday 4 April 2024 is done,"
        " next Thursday 11 April 2024 at 09:00\n"
    )
    for week in ("2024-07-25", "2024-08-01"):
        paused = office("run", "--once", now=f"{week}T09:30:00+02:00")
    assert paused.out == "lettre: paused until Thursday 5 September 2024 at 09:00 (août)\n"


def test_the_exit_is_that_of_send(office: Desk, relay: Relay) -> None:
    relay.script[BOB] = ["451 4.7.1 later at RCPT", "550 5.1.1 nobody at RCPT"]
    deferred = office("run", "--once", now=AT)
    assert deferred.code == 3
    assert "1 deferred: next try due 2024-04-04 09:" in deferred.out
    assert office("run", "--once", now="2024-04-04T12:00:00+02:00").code == 0
    relay.script["connection"] = "421 4.3.2 down at CONNECT"
    office.article("deux")
    office("import", "articles", now=NEXT)
    failed = office("run", "--once", now=NEXT)
    assert failed.code == 1
    assert failed.err.startswith("lettre: 127.0.0.1:")
    assert len(failed.err.splitlines()) == 1


def test_a_letter_that_a_check_refuses_is_not_sent_and_leaves_when_it_is_mended(office: Desk, relay: Relay) -> None:
    page = (shipped() / "email/digest/page.html").read_text(encoding="utf-8")
    start, _, rest = page.partition("<title>")
    office.write("templates/email/digest/page.html", f"{start}<title></title>{rest.partition('</title>')[2]}")
    refused = office("run", "--once", now=AT)
    assert (refused.code, refused.out, len(relay.messages)) == (1, "", 0)
    assert refused.err.startswith("lettre: templates/email/digest/page.html: has no <title>")
    assert "`newsletter send lettre --despite document`" in refused.err
    assert office("issues", "list").out == ""
    office.write("templates/email/digest/page.html", page)
    assert office("run", "--once", now="2024-04-04T15:00:00+02:00").code == 0
    assert len(relay.messages) == 2


def test_machines_read_an_object_a_line(office: Desk) -> None:
    said = [json.loads(line) for line in office("run", "--once", "--json", now=AT).out.splitlines()]
    assert [(act["list"], act["act"], act["exit"]) for act in said] == [("lettre", "opened", 0), ("lettre", "sent", 0)]
    assert said[1]["planned"] == ["2024-04-04T09:00:00+02:00"]
    assert said[1]["next"] == "2024-04-11T09:00:00+02:00"
    assert said[1]["books"]["sent"] == 2


def test_status_tells_when_lists_run(office: Desk) -> None:
    before = office("status", now=BEFORE).out.splitlines()
    assert before == [
        "lettre: next run Thursday 4 April 2024 at 09:00 (chaque jeudi à 9 h); never ran; pauses: août, 05-01",
        "veille: runs by hand; never ran",
    ]
    office("run", "--once", now=AT)
    [line, _] = office("status", now=AT).out.splitlines()
    assert "; last run Thursday 4 April 2024 at 09:00, lettre/2024-04-04; " in line
    office("run", "--once", now=NEXT)
    assert ", skipped: nothing new; " in office("status", now=NEXT).out
    found = office("status", "--json", now=NEXT).data["lists"]
    assert found["lettre"] == {
        "cadence": "chaque jeudi à 9 h",
        "timezone": "Europe/Paris",
        "pauses": ["août", "05-01"],
        "watched": True,
        "next": "2024-04-18T09:00:00+02:00",
        "last": {"at": "2024-04-11T09:00:00+02:00", "skipped": True, "issue": None},
    }
    assert found["veille"]["next"] is found["veille"]["last"] is None


def test_status_tells_that_nobody_watches(office: Desk) -> None:
    written = (office.root / "config.toml").read_text(encoding="utf-8")
    office.write("config.toml", written.replace('title = "La veille"', 'title = "La veille"\ncadence = "daily"'))
    assert "veille: next run Wednesday 3 April 2024 at 09:00 (daily); nobody watches it: start `newsletter run`" in (
        office("status", now=BEFORE).out
    )


def test_a_wrong_phrase_is_told_by_every_command(office: Desk) -> None:
    written = (office.root / "config.toml").read_text(encoding="utf-8")
    office.write("config.toml", written.replace("chaque jeudi", "chaque jeudy"))
    for command in (["run", "--once"], ["run"], ["status"]):
        said = office(*command)
        assert said.code == 2
        assert said.err.startswith(
            'newsletter: config.toml: lists.lettre.cadence: "chaque" is understood, but not "jeudy a 9 h"; write one'
        )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_scheduler_stops_at_once_and_cleanly(office: Desk, stop: signal.Signals, relay: Relay) -> None:
    environment = {**os.environ, "NEWSLETTER_NOW": AT, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "newsletter", "--config", str(office.root / "config.toml"), "run"]
    with subprocess.Popen(
        command,
        env=environment,
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(3)]
        began = time.monotonic()
        process.send_signal(stop)
        out, err = process.communicate(timeout=30)
    assert said == [
        "watching 2 lists, until Ctrl-C",
        "lettre/2024-04-04: opened for 2 readers",
        "lettre/2024-04-04: audience 2 = sent 2; closed",
    ]
    assert (process.returncode, out, err) == (0, "stopped\n", "")
    assert time.monotonic() - began < 30
    assert len(relay.messages) == 2


def test_what_keeps_a_list_from_running_is_told_once(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written = (office.root / "config.toml").read_text(encoding="utf-8")
    office.write("config.toml", written.replace("lettre@troisrivieres", "léa@troisrivieres"))
    minutes = iter(range(3))

    def wait(halt: Event, seconds: float) -> None:
        assert 0 < seconds <= 60
        if next(minutes, None) is None:
            halt.set()

    monkeypatch.setattr(Event, "wait", wait)
    said = office("run", now=AT)
    assert said.code == 0
    assert said.out.splitlines() == ["watching 2 lists, until Ctrl-C", "stopped"]
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("lettre: 'léa@troisrivieres.example.org' cannot be written on the wire")
