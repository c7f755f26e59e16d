"""The test relay itself: the books of drills rest on it, so it must tell the truth."""

import signal
import smtplib
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.relay import Relay, settle

SENDER, LEA, BOB = "lettre@example.org", "lea@example.org", "bob@example.org"
LETTER = "Message-ID: <{}@example.org>\r\n\r\n.one dot\r\n..two\r\n"


def send(smtp, *recipients, name="1"):
    return smtp.sendmail(SENDER, recipients, LETTER.format(name))


def client(port):
    return smtplib.SMTP("127.0.0.1", port, "office.test", timeout=60)


def test_messages_are_kept_as_they_were_written():
    with Relay() as relay, client(relay.port) as smtp:
        send(smtp, LEA, BOB)
        send(smtp, LEA)
        assert [message.recipient for message in relay.messages] == [LEA, BOB, LEA]
        assert {message.sender for message in relay.messages} == {SENDER}
        assert {message.data for message in relay.messages} == {LETTER.format("1").encode()}
        assert relay.distinct == {"1@example.org"}


def test_steps_are_taken_one_a_try_and_then_all_goes_well():
    with Relay({LEA: ["452 full at RCPT", "ok", "554 no at DOT"]}) as relay, client(relay.port) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(smtp, LEA)
        send(smtp, LEA, name="2")
        with pytest.raises(smtplib.SMTPDataError):
            send(smtp, LEA, name="3")
        send(smtp, LEA, name="4")
        assert relay.distinct == {"2@example.org", "4@example.org"}


def test_a_string_holds_for_every_try_and_for_one_recipient_alone():
    with Relay({LEA: "550 5.1.1 nobody at RCPT"}) as relay, client(relay.port) as smtp:
        for name in "12":
            assert send(smtp, LEA, BOB, name=name) == {LEA: (550, b"5.1.1 nobody")}
        assert [message.recipient for message in relay.messages] == [BOB, BOB]


def test_steps_of_connections_are_taken_one_a_connection():
    with Relay({"connection": ["554 no at CONNECT", "ok"]}) as relay:
        with pytest.raises(smtplib.SMTPConnectError):
            client(relay.port)
        client(relay.port).quit()


@pytest.mark.parametrize(("step", "kept"), [("keep, then drop at DOT", 1), ("drop at DOT", 0), ("drop at BODY", 0)])
def test_a_dropped_connection_and_the_books(step, kept):
    with Relay({LEA: [step]}) as relay, pytest.raises(smtplib.SMTPServerDisconnected):
        smtp = client(relay.port)
        send(smtp, LEA)
    assert len(relay.messages) == kept


def test_a_message_without_its_dot_is_none():
    with Relay() as relay:
        smtp = client(relay.port)
        for command in ("EHLO x", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{LEA}>", "DATA"):
            smtp.docmd(command)
        smtp.send(LETTER + "\n.\n")  # no CRLF around it: no end either (RFC 5321 §2.3.8)
        smtp.close()
        relay.settle()
        assert relay.messages == []


def test_commands_out_of_order_are_refused():
    with Relay() as relay, client(relay.port) as smtp:
        assert smtp.docmd("DATA")[0] == 503
        assert smtp.docmd(f"MAIL FROM:<{SENDER}>")[0] == 250
        assert smtp.docmd(f"MAIL FROM:<{SENDER}>")[0] == 503
        assert smtp.docmd("RSET")[0] == 250
        assert smtp.docmd(f"MAIL FROM:<{SENDER}>")[0] == 250
        assert smtp.docmd("VRFY lea")[0] == 502


def test_closing_ends_sessions_that_wait_and_leaves_no_thread():
    before = threading.active_count()
    relay = Relay({"connection": ["ok", "stall at CONNECT"]})
    idle = socket.create_connection(("127.0.0.1", relay.port))
    assert idle.recv(100).startswith(b"220")  # so that the first step of the script is its own
    stalled = socket.create_connection(("127.0.0.1", relay.port))
    with idle, stalled:
        relay.close()
        assert idle.recv(100) == stalled.recv(100) == b""
    assert threading.active_count() == before


def started(folder: Path, *options: str):
    """The relay as a process, and its port, which it prints when it is ready."""
    command = [sys.executable, "-m", "tests.relay", "--port-file", str(folder / "port"), "--log", str(folder / "log")]
    process = subprocess.Popen([*command, *options], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def test_the_log_of_a_process_is_the_truth_at_every_reply(tmp_path):
    (tmp_path / "script").write_text(f'{{"{BOB}": ["keep, then drop at DOT"]}}')
    process, port = started(tmp_path, "--latency", "1", "--script", str(tmp_path / "script"))
    with process:
        assert (tmp_path / "port").read_text() == f"{port}\n"
        with client(port) as smtp:
            for number in range(3):
                send(smtp, LEA, name=number)
                lines = (tmp_path / "log").read_text().splitlines()
                assert [line.split()[1:] for line in lines] == [[f"{n}@example.org", LEA] for n in range(number + 1)]
                assert [line.split()[0] for line in lines] == sorted(line.split()[0] for line in lines)
        smtp = client(port)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(smtp, BOB, name="doubt")
        settle(port)
        assert (tmp_path / "log").read_text().endswith(f" doubt@example.org {BOB}\n")
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


def test_settling_waits_for_the_sessions_of_others(tmp_path):
    process, port = started(tmp_path)
    accepted = []
    with process, client(port) as smtp:
        waiting = threading.Thread(target=lambda: (settle(port), accepted.append((tmp_path / "log").read_text())))
        waiting.start()
        for number in range(20):
            send(smtp, LEA, name=number)
        smtp.quit()
        waiting.join()
        assert len(accepted[0].splitlines()) == 20
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
