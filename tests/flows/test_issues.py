"""The commands `send` and `issues`: what they say, what they exit with, what machines read."""

import json
import os
import re
import signal
import sys
from collections import Counter
from datetime import timedelta

import pytest

from newsletter.cli import main
from newsletter.cli.session import Session
from newsletter.delivery import road
from newsletter.pipeline import freezing, opening, sending
from tests.crash.drill import CONFIG
from tests.flows.office import BOB, FROM, LEA, MIA, NOE, NOW, TODAY, office
from tests.flows.publications import article

STATES = ["planned", "handed", "sent", "deferred", "refused", "withdrawn", "uncertain"]
FIELDS = ["issue", "audience", *STATES, "complete", "closed"]
RESULT = dict.fromkeys(STATES, 0) | {"sent": 4}


class Desk:
    """Someone at the command line of an office."""

    def __init__(self, here, monkeypatch, capsys):
        self.here, self.monkeypatch, self.capsys = here, monkeypatch, capsys
        self.config = here.root / "config.toml"
        self.config.write_text(
            CONFIG.format(port=here.relay.port, connections=1, hello="office.test"), encoding="utf-8"
        )
        monkeypatch.setattr(road, "PATIENCE_SECONDS", 0.001)
        monkeypatch.delenv("NEWSLETTER_DATABASE_URL", raising=False)

    def __call__(self, *words):
        """Run a command; returns exit code, standard output and error output."""
        self.monkeypatch.setenv("NEWSLETTER_NOW", self.here.now.isoformat())
        self.monkeypatch.setattr(sys, "argv", ["newsletter", *words, "--config", str(self.config)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = self.capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    def books(self, *words):
        code, out, _ = self(*words, "--json")
        return code, json.loads(out)


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    with office(tmp_path) as here:
        yield Desk(here, monkeypatch, capsys)


def expected(**counts):
    return RESULT | counts


def counts(books):
    return {name: books[name] for name in RESULT}


def test_send_says_how_the_books_stand(desk):
    code, out, _ = desk("send", "lettre", "--yes")
    assert code == 0
    assert f"{TODAY}: 4 letters, 2 articles\n" in out
    assert f"{TODAY}: audience 4 = sent 4\n  closed\n" in out


def test_machines_read_exactly_the_promised_fields(desk):
    code, sent = desk.books("send", "lettre", "--yes")
    assert code == 0
    assert list(sent) == FIELDS
    assert sent == {"issue": TODAY, "audience": 4, **RESULT, "complete": True, "closed": True}
    assert desk.books("issues", "show", TODAY) == (0, sent | {"doubts": []})
    assert desk.books("issues", "list") == (0, [sent])


@pytest.mark.parametrize(
    ("step", "code", "found"),
    [
        ("550 5.1.1 nobody at RCPT", 0, {"sent": 3, "refused": 1}),
        ("554 5.6.0 spam at DOT", 0, {"sent": 3, "refused": 1}),
        ("450 4.2.0 later at RCPT", 3, {"sent": 3, "deferred": 1}),
        ("421 4.7.0 later at DOT", 3, {"sent": 3, "deferred": 1}),
        ("drop at DOT", 1, {"sent": 3, "uncertain": 1}),
        ("drop at RCPT", 1, {"sent": 3, "planned": 1}),
    ],
)
def test_exit_codes(desk, step, code, found):
    desk.here.relay.script[BOB] = step
    got, books = desk.books("send", "lettre", "--yes")
    assert got == code
    assert counts(books) == expected(**found)
    assert books["closed"] is (code == 0)
    _, shown, _ = desk("issues", "show", TODAY)
    assert f"{TODAY}: audience 4 = " in shown


def test_a_deferral_prints_when_it_is_due_and_doubt_what_to_do(desk):
    desk.here.relay.script |= {BOB: "452 4.2.2 boîte pleine at RCPT", MIA: "drop at DOT"}
    _, out, _ = desk("send", "lettre", "--yes")
    assert re.search(r"1 deferred: next try due 2024-04-02 09:3\d\n", out)
    assert f"`newsletter issues resolve {TODAY} --from-log FILE` asks the relay's log;" in out
    assert out.endswith("  open\n")
    _, out, _ = desk("issues", "show", TODAY)
    assert "1  deferred: 4.2.2 boîte pleine\n" in out
    assert "1  uncertain: " in out
    assert "connection lost at DOT" in out


def test_a_sender_that_is_refused_is_one_line_with_the_books_and_nothing_burnt(desk):
    desk.here.relay.script[FROM] = "550 5.7.1 who are you at MAIL"
    code, out, err = desk("send", "lettre", "--yes")
    assert code == 1
    assert f"{TODAY}: audience 4 = planned 4\n" in out
    assert err.count("\n") == 1
    assert f"newsletter: 127.0.0.1:{desk.here.relay.port}: refuses the sender {FROM}: 550 5.7.1 who are you" in err
    desk.here.relay.script.clear()
    code, out, _ = desk("send", "lettre", "--yes")
    assert code == 0
    assert f"{TODAY}: audience 4 = sent 4\n" in out


def test_a_relay_that_is_down_leaves_books_for_machines_too(desk):
    desk.here.relay.script["connection"] = "421 down at CONNECT"
    code, books = desk.books("send", "lettre", "--yes")
    assert code == 1
    assert counts(books) == expected(sent=0, planned=4)


def test_a_sender_that_no_wire_can_carry_is_told_before_anything_is_opened(desk):
    right = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(right.replace("lettre@", "lettré@"), encoding="utf-8")
    before = desk.here.dump()
    code, out, err = desk("send", "lettre", "--yes")
    assert (code, out) == (1, "")
    assert err == "newsletter: 'lettré@troisrivieres.example.org' cannot be written on the wire; correct the address\n"
    assert desk.here.dump() == before
    desk.config.write_text(right, encoding="utf-8")
    assert desk("send", "lettre", "--yes")[0] == 0


def press_control_c(*_):
    os.kill(os.getpid(), signal.SIGINT)


def test_control_c_finishes_what_is_under_way(desk, monkeypatch):
    keep, keys = desk.here.relay.keep, [press_control_c]

    def kept(message):
        keep(message)
        if keys:
            keys.pop()()

    monkeypatch.setattr(desk.here.relay, "keep", kept)
    code, out, err = desk("send", "lettre", "--yes")
    assert code == 1
    assert f"{TODAY}: audience 4 = " in out
    assert "Ctrl-C again" in err
    assert err.endswith("stopped\n")
    found = desk.here.books()
    assert found.planned + found.sent == 4
    assert found.planned
    assert desk("send", "lettre", "--yes")[0] == 0
    assert desk.here.books().sent == 4


def test_control_c_pressed_again_leaves_what_is_under_way_in_doubt(desk, monkeypatch):
    relay = desk.here.relay
    relay.script[BOB] = "keep, then stall at DOT"
    keep = relay.keep

    def kept(message):
        keep(message)
        if message.recipient == BOB:
            press_control_c()

    monkeypatch.setattr(relay, "keep", kept)
    complain = Session.complain

    def told(session, text):
        complain(session, text)
        monkeypatch.setattr(Session, "complain", complain)
        press_control_c()

    monkeypatch.setattr(Session, "complain", told)
    code, _, err = desk("send", "lettre", "--yes")
    assert code == 1
    assert err.endswith("stopped\n")
    found = desk.here.books()
    assert found.uncertain == 1
    assert found.planned + found.sent == 3
    assert desk.here.state(BOB) == "uncertain"


def test_nothing_new_is_no_failure(desk):
    desk("send", "lettre", "--yes")
    code, out, err = desk("send", "lettre", "--yes")
    assert (code, err) == (0, "")
    assert "lettre: nothing new for anyone; no letter was sent\n" in out
    assert desk.books("send", "lettre", "--yes") == (0, None)
    desk.here.news("trois")
    code, books = desk.books("send", "lettre", "--yes")
    assert (code, books["issue"], books["sent"]) == (0, f"{TODAY}-2", 4)


def test_without_a_terminal_it_needs_yes(desk):
    before = desk.here.dump()
    code, out, err = desk("send", "lettre")
    assert (code, out) == (2, "")
    assert "add --yes" in err
    assert err.count("\n") == 1
    assert desk.here.dump() == before


@pytest.mark.parametrize(("answer", "mailed"), [(True, 4), (False, 0)])
def test_on_a_terminal_it_asks(desk, monkeypatch, answer, mailed):
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda question, err: asked.append(question) or answer)
    code, out, _ = desk("send", "lettre")
    assert code == 0
    assert asked == [f"Send {TODAY} to 4 readers?"]
    desk.here.relay.settle()
    assert len(desk.here.relay.messages) == mailed
    assert ("nothing was sent" in out) is not answer


@pytest.mark.parametrize("words", [["--dry-run"], ["--test", "staff@example.org"], ["--test", LEA]])
def test_rehearsals_write_no_row(desk, words):
    desk.here.relay.script = {MIA: ["451 later at RCPT"], BOB: ["drop at DOT"]}
    desk("send", "lettre", "--yes")
    desk.here.relay.settle()
    desk.here.news("trois")
    mailed = len(desk.here.relay.messages)
    for wait in (0, 2):
        desk.here.wait(timedelta(days=wait))
        before = desk.here.dump()
        assert desk("send", "lettre", *words)[0] == 0
        assert desk.books("send", "lettre", *words) == (0, None)
        assert desk.here.dump() == before
    desk.here.relay.settle()
    assert len(desk.here.relay.messages) == mailed + 4 * ("--test" in words)


def test_a_test_that_is_refused(desk):
    desk.here.relay.script["staff@example.org"] = "550 5.1.1 nobody at RCPT"
    code, _, err = desk("send", "lettre", "--test", "staff@example.org")
    assert code == 1
    assert "refuses a letter to staff@example.org: 550 5.1.1 nobody" in err
    code, _, err = desk("send", "lettre", "--test", "no address")
    assert code == 1
    assert "correct the address" in err


def test_stop_then_retry(desk):
    desk.here.open()
    code, out, _ = desk("issues", "stop", TODAY)
    assert code == 1
    assert f"{TODAY}: audience 4 = planned 4\n" in out
    assert out.endswith("  stopped\n")
    assert desk.books("issues", "retry", TODAY)[1]["sent"] == 4


@pytest.mark.parametrize(("how", "code", "mailed"), [("--assume-sent", 0, 3), ("--resend", 1, 4)])
def test_resolve_then_retry(desk, how, code, mailed):
    desk.here.relay.script[BOB] = ["drop at DOT"]
    assert desk("send", "lettre", "--yes")[0] == 1
    got, out, _ = desk("issues", "resolve", TODAY, how)
    assert got == code
    assert f"{TODAY}: 1 in doubt are now " in out
    code, books = desk.books("issues", "retry", TODAY)
    assert (code, counts(books)) == (0, RESULT)
    desk.here.relay.settle()
    assert Counter(message.recipient for message in desk.here.relay.messages).total() == mailed


def test_retry_does_not_wait_until_letters_are_due(desk):
    desk.here.relay.script[BOB] = ["451 later at RCPT"]
    assert desk("send", "lettre", "--yes")[0] == 3
    assert desk("send", "lettre", "--yes")[0] == 3
    assert desk("issues", "retry", TODAY)[0] == 0


def test_leftovers_go_out_although_there_is_nothing_new(desk):
    desk.here.relay.script[BOB] = ["drop at DOT"]
    desk("send", "lettre", "--yes")
    desk.here.wait(timedelta(days=2))
    assert desk.books("send", "lettre", "--yes") == (1, None), "a letter is still in doubt"
    desk("issues", "resolve", TODAY, "--resend")
    code, out, _ = desk("send", "lettre", "--yes")
    assert code == 0
    assert f"{TODAY}: goes on, for it has letters to send again\n" in out
    assert f"{TODAY}: audience 4 = sent 4\n" in out
    desk.here.relay.settle()
    assert sorted(message.recipient for message in desk.here.relay.messages) == sorted([LEA, BOB, MIA, NOE])


def test_machines_get_one_document_although_leftovers_go_out(desk):
    desk.here.relay.script |= {BOB: ["drop at DOT"]}
    desk("send", "lettre", "--yes")
    desk.here.wait(timedelta(days=2))
    desk("send", "lettre", "--yes")
    desk("issues", "resolve", TODAY, "--resend")
    desk.here.news("trois")
    desk.here.relay.script |= {BOB: ["drop at DOT", "451 later at RCPT"]}
    code, books = desk.books("send", "lettre", "--yes")
    assert books["issue"] == "lettre/2024-04-04"
    assert counts(books) == expected(sent=3, deferred=1)
    # That one is in doubt again weighs more than that another is due later.
    assert code == 1


def test_a_half_opened_issue_is_told_and_taken_up(desk):
    with desk.here.publication.store.write() as connection:
        draw = freezing.take_run(desk.here.publication, connection, "lettre")
        opening.plan_some(desk.here.publication, connection, draw, 2)
    line = f"{TODAY}: is being opened, 2 planned so far; `newsletter send lettre` goes on\n"
    assert desk("issues", "show", TODAY)[1].startswith(line)
    assert desk("send", "lettre", "--dry-run")[1].startswith(line)
    code, out, _ = desk("send", "lettre", "--yes")
    assert code == 0
    assert f"{TODAY}: audience 4 = sent 4\n" in out


def test_a_flash_letter(desk):
    code, books = desk.books("send", "lettre", "--only", article("un").id, "--yes")
    assert (code, books["issue"], books["sent"]) == (0, TODAY, 4)
    assert desk.books("send", "lettre", "--only", article("un").id, "--yes") == (0, None)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["send", "letter", "--yes"], 2, "letter: no such list; config.toml has: lettre"),
        (["send", "letter", "--test", LEA], 2, "letter: no such list; config.toml has: lettre"),
        (["send"], 2, "Missing argument 'LIST'"),
        (["send", "lettre", "--yes", "--only", "nothing"], 1, "nothing"),
        (["issues", "show", "lettre/2020-01-01"], 1, "lettre/2020-01-01: no such issue"),
        (["issues", "retry", "lettre/2020-01-01"], 1, "lettre/2020-01-01: no such issue"),
        (["issues", "resolve", TODAY], 2, "say how: --assume-sent, --resend or --from-log"),
    ],
)
def test_wrong_usage(desk, words, code, told):
    got, out, err = desk(*words)
    assert (got, out) == (code, "")
    assert told in err
    assert "Traceback" not in err


def test_the_clock_is_frozen(desk):
    assert desk.here.now == NOW
    assert sending.find(desk.here.publication, desk.here.open().issue.name).issue.at == NOW


def test_show_names_the_letters_in_doubt(desk):
    desk.here.relay.script[BOB] = "drop at DOT"
    desk("send", "lettre", "--yes")
    _, books = desk.books("issues", "show", TODAY)
    (doubt,) = books["doubts"]
    assert doubt["address"] == BOB
    assert doubt["since"] == "2024-04-02T09:00:00+02:00"
    assert f"{BOB} <{doubt['message_id']}>" in desk("issues", "show", TODAY)[1]
