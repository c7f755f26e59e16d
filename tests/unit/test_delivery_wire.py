"""The wire against a relay that fails in every way: what the caller hears, and what the relay has in its books."""

import socket
import ssl

import pytest

from newsletter.config import Route
from newsletter.delivery.reply import Reply
from newsletter.delivery.session import PATIENCE
from newsletter.delivery.wire import Connection, Lost
from newsletter.errors import AudienceError, ConfigError, RouteError
from newsletter.passwords import secret
from tests.relay import CERTIFICATE, Relay

SENDER, LEA, BOB = "lettre@example.org", "lea@example.org", "bob@example.org"
HUGE = b"x" * 70 + b"\r\n"


def letter(name="1"):
    return f"Message-ID: <{name}@example.org>\r\n\r\nBonjour\r\n".encode()


def route(relay, **settings):
    return Route(**{"host": "localhost", "port": relay.port, "security": "none", "hello": "office.test"} | settings)


def connect(relay, password=None, **settings):
    return Connection.open(route(relay, **settings), password)


def hand(connection, recipient=LEA, data=None):
    """One message as the sender of an issue does it; the last reply."""
    reply = connection.offer(SENDER, recipient)
    if not reply.accepted:
        return reply
    connection.body(data or letter())
    return connection.dot()


def heard(relay):
    """The verbs that the relay was told."""
    return [command.split()[0].upper() for command in relay.commands]


@pytest.fixture
def trusted(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.fixture
def pair():
    """A connection whose relay waits for a body, and the relay's end of it in the hands of the test."""
    ours, theirs = socket.socketpair()
    with theirs:
        connection = Connection(ours, "relay.test:25", 5, pipelining=True)
        theirs.sendall(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        assert connection.offer(SENDER, LEA).code == 354
        assert theirs.recv(1000).endswith(b"DATA\r\n")
        yield connection, theirs
        connection.drop()


def test_messages_go_one_after_the_other_on_one_connection():
    with Relay() as relay:
        connection = connect(relay)
        for recipient in (LEA, BOB):
            reply = hand(connection, recipient, letter(recipient))
            assert reply == Reply(250, "2.0.0 queued", "2.0.0", "DOT")
            assert (reply.accepted, reply.transient) == (True, False)
        assert connection.sent == 2
        connection.quit()
        assert [(message.sender, message.recipient) for message in relay.messages] == [(SENDER, LEA), (SENDER, BOB)]
        assert [message.data for message in relay.messages] == [letter(LEA), letter(BOB)]
        assert heard(relay) == ["EHLO", *["MAIL", "RCPT", "DATA"] * 2, "QUIT"]
        assert relay.commands[0].upper() == "EHLO OFFICE.TEST"


def test_the_354_is_what_an_offer_returns():
    with Relay() as relay:
        connection = connect(relay)
        reply = connection.offer("", LEA)
        assert (reply.code, reply.stage, reply.accepted) == (354, "DATA", True)
        assert "MAIL FROM:<>" in relay.commands
        connection.drop()


@pytest.mark.parametrize("who", [LEA, SENDER, "*", "connection"])
@pytest.mark.parametrize("code", [450, 452, 550, 554])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_refusal_is_told_with_its_stage_and_the_connection_goes_on(stage, code, who):
    if (who, stage) == (LEA, "MAIL"):
        who = SENDER  # nobody knows the recipient yet
    with Relay({who: [f"{code} {code // 100}.7.1 not now at {stage}"]}) as relay:
        connection = connect(relay)
        reply = hand(connection)
        assert reply == Reply(code, f"{code // 100}.7.1 not now", f"{code // 100}.7.1", stage)
        assert (reply.accepted, reply.transient) == (False, code < 500)
        assert (relay.messages, connection.sent) == ([], 0)
        if who != "connection":
            assert hand(connection, BOB, letter("2")).accepted
            assert relay.distinct == {"2@example.org"}
            assert connection.sent == 1
        connection.quit()


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_421_is_a_reply_and_the_next_use_of_the_connection_is_lost(stage):
    with Relay({SENDER: [f"421 4.3.2 going down at {stage}"]}) as relay:
        connection = connect(relay)
        assert hand(connection) == Reply(421, "4.3.2 going down", "4.3.2", stage)
        with pytest.raises(Lost) as caught:
            connection.offer(SENDER, BOB)
        assert caught.value.dotted is False
        connection.quit()
        assert relay.messages == []


@pytest.mark.parametrize("what", ["drop", "hello?", "25 ok", "+250 ok", "150 hm", "250-one\n251 two", "600 hm", " "])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_reply_lost_before_the_dot_leaves_no_doubt(stage, what):
    with Relay({SENDER: [f"{what} at {stage}"]}) as relay:
        connection = connect(relay)
        with pytest.raises(Lost, match=f"at {stage}") as caught:
            hand(connection)
        assert caught.value.dotted is False
        assert "may have been accepted" not in str(caught.value)
        relay.settle()
        assert relay.messages == []


@pytest.mark.parametrize("what", ["drop", "hello?", "354 go on", "2\xe9", "250-one\n550 two", "stall", "250-queued"])
@pytest.mark.parametrize("before", ["keep, then ", ""])
def test_a_reply_lost_after_the_dot_is_doubt(what, before):
    with Relay({LEA: [f"{before}{what} at DOT"]}) as relay:
        connection = connect(relay, reply_seconds=0.05 if what in ("stall", "250-queued") else 60)
        with pytest.raises(Lost, match="it may have been accepted") as caught:
            hand(connection)
        assert caught.value.dotted is True
        assert connection.sent == 0
        relay.settle()
        assert len(relay.messages) == (before + what).startswith(("keep", "2"))


@pytest.mark.parametrize(("stage", "dotted"), [("MAIL", False), ("RCPT", False), ("DATA", False), ("DOT", True)])
def test_silence_ends_with_the_time_of_the_route(stage, dotted):
    with Relay({SENDER: [f"stall at {stage}"]}) as relay:
        connection = connect(relay, reply_seconds=0.05)
        with pytest.raises(Lost, match="timed out") as caught:
            hand(connection)
        assert caught.value.dotted is dotted
        relay.settle()
        assert relay.messages == []


class Dripping:
    """A socket on which a line of an endless reply comes every four seconds of a clock that it moves itself."""

    def __init__(self):
        self.now, self.patience, self.lines = 0.0, 0.0, 0

    def settimeout(self, seconds):
        self.patience = seconds

    def sendall(self, data):
        pass

    def close(self):
        pass

    def recv(self, size):
        self.now += min(self.patience, 4)
        if self.patience < 4:
            raise TimeoutError("timed out")
        self.lines += 1
        return b"250-wait\r\n" if self.lines < 10 else b""


def test_a_reply_that_drips_has_the_time_of_one_reply(monkeypatch):
    stream = Dripping()
    monkeypatch.setattr("newsletter.delivery.wire.time.monotonic", lambda: stream.now)
    with pytest.raises(Lost, match="timed out"):
        Connection(stream, "relay.test:25", 10).offer(SENDER, LEA)
    assert (stream.lines, stream.now) == (2, 10)


def test_a_server_that_leaves_in_the_body_is_not_in_doubt():
    with Relay({LEA: ["drop at BODY"]}) as relay:
        connection = connect(relay)
        assert connection.offer(SENDER, LEA).code == 354
        with pytest.raises(Lost, match="in the body") as caught:
            connection.body(HUGE * 500_000)  # more than any socket buffers: the server must have left
        assert caught.value.dotted is False
        relay.settle()
        assert relay.messages == []


def test_a_server_that_left_before_the_dot_is_not_in_doubt(pair):
    connection, theirs = pair
    connection.body(letter())
    theirs.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Lost, match="in the body") as caught:
        connection.dot()
    assert caught.value.dotted is False


def test_a_refusal_that_comes_before_the_dot_is_told_and_the_dot_not_written(pair):
    connection, theirs = pair
    connection.body(letter())
    theirs.sendall(b"552 5.3.4 too big\r\n")
    assert connection.dot() == Reply(552, "5.3.4 too big", "5.3.4", "DOT")
    assert theirs.recv(1000) == letter()
    assert theirs.recv(1000) == b""


@pytest.mark.parametrize("early", [b"250 2.0.0 queued\r\n", b"hm\r\n"])
def test_an_answer_to_nothing_is_never_taken_for_acceptance(pair, early):
    connection, theirs = pair
    connection.body(letter())
    theirs.sendall(early)
    with pytest.raises(Lost) as caught:
        connection.dot()
    assert caught.value.dotted is False
    assert theirs.recv(1000) == letter()


def test_two_answers_to_one_command_end_the_connection():
    with Relay({LEA: ["354 go\n250 2.0.0 queued at DATA"], BOB: ["250 queued\n421 bye at DOT"]}) as relay:
        connection = connect(relay)
        with pytest.raises(Lost) as caught:
            hand(connection)
        assert caught.value.dotted is False
        connection = connect(relay)
        assert hand(connection, BOB).accepted
        with pytest.raises(Lost, match="more than it was asked") as caught:
            hand(connection, BOB)
        assert caught.value.dotted is False


def test_body_and_dot_are_two_writes(pair):
    connection, theirs = pair
    connection.body(letter())
    assert theirs.recv(1000) == letter()
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(1000)
    connection.drop()


def test_a_dropped_message_is_none():
    with Relay() as relay:
        connection = connect(relay)
        assert connection.offer(SENDER, LEA).code == 354
        connection.body(letter())
        connection.drop()
        relay.settle()
        assert (relay.messages, heard(relay)[-1]) == ([], "DATA")


@pytest.mark.parametrize(
    ("what", "reply"),
    [
        ("250-2.1.0 one\n250-two\n250 2.1.0 three", Reply(250, "2.1.0 one two 2.1.0 three", "2.1.0", "DOT")),
        ("550 5.1.1 Bo\xeete inconnue", Reply(550, "5.1.1 Boîte inconnue", "5.1.1", "DOT")),
        ("550 5.1.1 Bo\xc3\xaete inconnue", Reply(550, "5.1.1 Boîte inconnue", "5.1.1", "DOT")),
        ("450 5.1.1 not its class", Reply(450, "5.1.1 not its class", "", "DOT")),
        ("450 see 4.2.2 below", Reply(450, "see 4.2.2 below", "", "DOT")),
        ("550 5.1.10", Reply(550, "5.1.10", "5.1.10", "DOT")),
        ("550 \x1b[31mred\x07\x00\x9b!", Reply(550, "[31mred !", "", "DOT")),
        ("250", Reply(250, "", "", "DOT")),
        ("251-a\n251", Reply(251, "a", "", "DOT")),
    ],
)
@pytest.mark.parametrize("single_bytes", [False, True])
def test_replies_are_read_whole_and_are_safe_to_print(what, reply, single_bytes):
    with Relay({LEA: [f"{what} at DOT"]}, single_bytes=single_bytes) as relay:
        connection = connect(relay)
        assert hand(connection) == reply
        connection.quit()


@pytest.mark.parametrize("flood", [b"250-" + b"x" * 100_000, b"250-x\r\n" * 1000])
def test_a_reply_without_end_is_no_reply(pair, flood):
    connection, theirs = pair
    connection.body(letter())
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
    theirs.sendall(flood)
    with pytest.raises(Lost, match="reply"):
        connection.dot()


@pytest.mark.parametrize(
    "address", ["", "léa@example.org", "a@example.org>\r\nRCPT TO:<b@example.org", "a b@example.org"]
)
def test_an_address_that_is_none_is_not_told_to_the_relay(address):
    with Relay() as relay:
        connection = connect(relay)
        with pytest.raises(AudienceError):
            connection.offer(SENDER, address)
        assert hand(connection).accepted
        connection.quit()
        assert [message.recipient for message in relay.messages] == [LEA]


def test_a_reset_that_fails_is_a_loss():
    with Relay({LEA: ["550 no at RCPT"], "connection": ["500 no at RSET"]}) as relay:
        connection = connect(relay)
        assert hand(connection).code == 550
        with pytest.raises(Lost, match="at RSET: 500 no") as caught:
            hand(connection, BOB)
        assert caught.value.dotted is False


@pytest.mark.parametrize("script", [{}, {"connection": ["drop at QUIT"]}, {"connection": ["hm at QUIT"]}])
def test_quit_never_fails(script):
    with Relay(script) as relay:
        connection = connect(relay)
        connection.quit()
        connection.quit()
        assert heard(relay) == ["EHLO", "QUIT"]


def test_quit_does_not_wait_for_a_silent_relay(monkeypatch):
    monkeypatch.setitem(PATIENCE, "QUIT", 0.05)
    with Relay({"connection": ["stall at QUIT"]}) as relay:
        connect(relay, reply_seconds=600).quit()
        relay.settle()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_and_password(security, trusted):
    with Relay(tls=security, users={"office": "s3same"}) as relay:
        connection = connect(relay, "s3same", security=security, user="office")
        assert isinstance(connection._stream, ssl.SSLSocket)
        assert hand(connection).accepted
        assert hand(connection, BOB, letter("2")).accepted
        connection.quit()
        assert relay.distinct == {"1@example.org", "2@example.org"}
        assert heard(relay).count("AUTH") == 1


def test_over_tls_the_dot_has_two_sides_too(trusted):
    with Relay({LEA: ["keep, then drop at DOT"], BOB: ["drop at DATA"]}, tls="starttls") as relay:
        for recipient, dotted in ((LEA, True), (BOB, False)):
            connection = connect(relay, security="starttls")
            with pytest.raises(Lost) as caught:
                hand(connection, recipient)
            assert caught.value.dotted is dotted
        assert len(relay.messages) == 1


REFUSED = [
    ("starttls", "", {}, "STARTTLS extension not supported"),
    ("tls", "", {}, "no TLS"),
    ("starttls", "starttls", {"connection": "454 4.7.0 not now at STARTTLS"}, "454 4.7.0 not now"),
    ("starttls", "starttls", {"connection": "drop at STARTTLS"}, "closed"),
    ("none", "", {"connection": "554 5.7.1 not from there at CONNECT"}, "554 5.7.1 not from there; try later"),
    ("none", "", {"connection": "421 4.3.2 busy at CONNECT"}, "421 4.3.2 busy"),
    ("none", "", {"connection": "hello at CONNECT"}, "refused the connection"),
    ("none", "", {"connection": "drop at CONNECT"}, "closed"),
    ("none", "", {"connection": "550 no at EHLO"}, "no such command"),
    ("none", "", {"connection": "drop at EHLO"}, "closed"),
]


@pytest.mark.parametrize(("security", "tls", "script", "words"), REFUSED)
def test_a_door_that_stays_shut_says_why_in_one_line(security, tls, script, words, trusted):
    with Relay(script, tls=tls) as relay:
        with pytest.raises(RouteError) as caught:
            connect(relay, security=security)
        assert str(caught.value).startswith(f"localhost:{relay.port}: ")
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "MAIL" not in heard(relay)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_must_be_trusted_and_name_the_host(security, host, monkeypatch):
    if host == "127.0.0.1":
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Relay(tls=security) as relay, pytest.raises(RouteError, match="certificate not trusted"):
        connect(relay, host=host, security=security)


def test_a_wrong_password_is_told_and_never_shown(trusted):
    with Relay(tls="starttls", users={"office": "s3same"}) as relay:
        with pytest.raises(RouteError, match=r"535 5\.7\.8 wrong user or password; check user") as caught:
            connect(relay, "0penup", security="starttls", user="office")
        assert "0penup" not in str(caught.value)


@pytest.mark.parametrize(("password", "users", "words"), [("é", {"office": "é"}, "ASCII"), ("x", {}, "AUTH extension")])
def test_a_password_that_cannot_be_given(password, users, words, trusted):
    with Relay(tls="starttls", users=users) as relay, pytest.raises(RouteError, match=words):
        connect(relay, password, security="starttls", user="office")


def test_a_password_is_not_sent_in_the_clear():
    with Relay(users={"office": "s3same"}) as relay:
        with pytest.raises(RouteError, match="a password needs TLS"):
            connect(relay, "s3same", user="office")
        assert relay.commands == []


def test_nobody_at_home():
    with Relay() as relay:
        gone = route(relay)
    with pytest.raises(RouteError, match=f"localhost:{gone.port}: cannot be reached: .* check host and port"):
        Connection.open(gone)


def test_a_silent_door_is_left_after_the_time_of_the_route():
    with Relay({"connection": "stall at CONNECT"}) as relay, pytest.raises(RouteError, match="timed out"):
        connect(relay, connect_seconds=0.05)


def test_secret_comes_from_a_file_or_the_environment(tmp_path):
    (tmp_path / "password").write_text("s3same é\n")
    assert secret(Route(), {}) is None
    assert secret(Route(user="office"), {"NEWSLETTER_SMTP_PASSWORD": "s3same"}) == "s3same"
    assert secret(Route(user="office", password_env="MAIL"), {"MAIL": "s3same"}) == "s3same"
    assert secret(Route(user="office", password_file="password"), {"MAIL": "x"}, tmp_path) == "s3same é"
    assert secret(Route(user="office", password_file=str(tmp_path / "password")), {}) == "s3same é"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "NEWSLETTER_SMTP_PASSWORD: set this variable"),
        ({"password_file": "nowhere"}, "nowhere: the password of office cannot be read"),
        ({"password_file": "empty"}, "empty is empty; write the password of office"),
        ({"password_file": "latin"}, "latin: the password of office cannot be read"),
    ],
)
def test_a_missing_secret_is_one_line(tmp_path, settings, words):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(ConfigError, match=words) as caught:
        secret(Route(user="office", **settings), {"OTHER": "x"}, tmp_path)
    assert "\n" not in str(caught.value)
