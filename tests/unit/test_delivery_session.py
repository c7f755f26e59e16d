"""A session of SMTP without a socket: what it says, and what it makes of what a server says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.reply import Reply
from newsletter.delivery.session import ANSWERED, DECLINED, INVITED, LEFT, Session

SENDER, LEA, BOB = b"letters@example.org", b"lea@example.org", b"bob@example.org"
MAIL, DATA, DOT = b"MAIL FROM:<letters@example.org>\r\n", b"DATA\r\n", b".\r\n"
OK, GO = b"250 ok\r\n", b"354 go on\r\n"


def rcpt(who):
    return b"RCPT TO:<%s>\r\n" % who


def begun(*, pipelining=True):
    session = Session(pipelining=pipelining)
    session.begin(SENDER, LEA)
    return session


def invited():
    session = begun()
    session.take()
    assert [heard.what for heard in session.receive(OK + OK + GO)] == [INVITED]
    return session


def whats(session, data):
    return [heard.what for heard in session.receive(data)]


def test_what_may_be_said_together_is():
    session = begun()
    assert session.take() == MAIL + rcpt(LEA) + DATA
    assert session.take() == b""
    assert whats(session, OK + OK) == []
    assert whats(session, GO) == [INVITED]
    session.end()
    session.begin(SENDER, BOB)
    assert session.take() == DOT + MAIL + rcpt(BOB) + DATA
    assert session.dotted
    assert whats(session, b"250 2.0.0 queued\r\n" + OK + OK + GO) == [ANSWERED, INVITED]
    assert not session.dotted
    session.end()
    session.quit()
    assert session.take() == DOT + b"QUIT\r\n"
    assert whats(session, OK + b"221 bye\r\n") == [ANSWERED, LEFT]
    assert session.closed


def test_a_server_that_offers_no_pipelining_is_spoken_to_in_turns():
    session, said = begun(pipelining=False), []
    for reply in (OK, OK, GO):
        said.append(session.take())
        assert session.take() == b""
        list(session.receive(reply))
    assert said == [MAIL, rcpt(LEA), DATA]
    session.end()
    session.begin(SENDER, BOB)
    assert session.take() == DOT
    assert whats(session, OK) == [ANSWERED]
    assert session.take() == MAIL


def test_nothing_is_said_while_a_body_is_under_way():
    session = invited()
    session.begin(SENDER, BOB)
    assert session.take() == b""


@pytest.mark.parametrize(
    ("replies", "refusal"),
    [
        (b"550 5.1.8 no\r\n503 mail first\r\n503 rcpt first\r\n", Reply(550, "5.1.8 no", "5.1.8", "MAIL")),
        (OK + b"550 5.1.1 nobody\r\n554 no recipients\r\n", Reply(550, "5.1.1 nobody", "5.1.1", "RCPT")),
        (OK + OK + b"451 4.3.0 later\r\n", Reply(451, "4.3.0 later", "4.3.0", "DATA")),
    ],
)
def test_a_refusal_ends_the_transaction_which_is_reset_before_the_next(replies, refusal):
    session = begun()
    session.take()
    assert list(session.receive(replies)) == [(DECLINED, refusal)]
    assert not session.invited
    session.begin(SENDER, BOB)
    assert session.take() == b"RSET\r\n" + MAIL + rcpt(BOB) + DATA
    assert whats(session, OK + OK + OK + GO) == [INVITED]


def test_a_refused_recipient_with_an_invitation_ends_in_a_lone_dot_that_is_no_message():
    session = begun()
    session.take()
    assert list(session.receive(OK + b"550 5.1.1 nobody\r\n" + GO)) == [
        (DECLINED, Reply(550, "5.1.1 nobody", "5.1.1", "RCPT"))
    ]
    assert not session.invited
    session.begin(SENDER, BOB)
    assert session.take() == DOT + b"RSET\r\n" + MAIL + rcpt(BOB) + DATA
    assert not session.dotted
    assert whats(session, b"554 no valid recipients\r\n" + OK + OK + OK + GO) == [INVITED]


@pytest.mark.parametrize("answer", [b"250 ok\r\n", b"554 5.7.1 spam\r\n", b"451 later\r\n"])
def test_the_answer_to_one_message_does_not_touch_the_next(answer):
    session = invited()
    session.end()
    session.begin(SENDER, BOB)
    session.take()
    heard = list(session.receive(answer + OK + OK + GO))
    assert [one.what for one in heard] == [ANSWERED, INVITED]
    assert heard[0].reply.stage == "DOT"
    assert heard[0].reply.code == int(answer[:3])


@pytest.mark.parametrize(
    ("replies", "what"),
    [(b"421 bye\r\n", ANSWERED), (OK + b"421 bye\r\n", DECLINED), (OK + OK + b"421 x\r\n", DECLINED)],
)
def test_421_closes_the_session_whatever_was_asked(replies, what):
    session = invited()
    session.end()
    session.begin(SENDER, BOB)
    session.take()
    heard = list(session.receive(replies))
    assert heard[-1].what == what
    assert heard[-1].reply.code == 421
    assert session.closed
    assert not session.dotted


@pytest.mark.parametrize("reply", [b"hello\r\n", b"354 go\r\n", b"150 hm\r\n", b"600 hm\r\n", b"250+ok\r\n", b"25\r\n"])
def test_an_answer_to_the_dot_that_is_none_leaves_it_open(reply):
    session = invited()
    session.end()
    session.take()
    with pytest.raises(ConnectionError):
        list(session.receive(reply))
    assert session.dotted


def test_what_was_answered_before_the_noise_holds():
    session = invited()
    session.end()
    session.begin(SENDER, BOB)
    session.take()
    incoming = session.receive(OK + b"hello\r\n")
    assert next(incoming).what == ANSWERED
    with pytest.raises(ConnectionError):
        next(incoming)
    assert not session.dotted


@pytest.mark.parametrize("early", [b"250 queued\r\n", b"354 go\r\n"])
def test_nothing_that_comes_before_the_dot_is_taken_for_acceptance(early):
    with pytest.raises(ConnectionError, match="before it was complete"):
        list(invited().receive(early))


def test_a_server_that_gives_up_in_the_body_is_heard_and_gets_no_dot():
    session = invited()
    assert list(session.receive(b"552 5.3.4 too big\r\n")) == [(ANSWERED, Reply(552, "5.3.4 too big", "5.3.4", "DOT"))]
    assert session.closed
    assert not session.dotted


@pytest.mark.parametrize("more", [OK, b"25", b"250-and\r\n"])
def test_more_than_was_asked_for_is_told(more):
    session = invited()
    session.end()
    session.take()
    with pytest.raises(ConnectionError, match="more than it was asked"):
        list(session.receive(OK + more))


GROUPS = [
    (b"250-2.1.0 sender\r\n250 ok\r\n250 2.1.5 fine\r\n354-go\r\n354 on\r\n", BOB),
    (b"550-5.7.1 Bo\xeete\r\n550 no\r\n250 ok\n550 5.1.1 nobody\r\n503 rcpt first\r\n", LEA),
    (b"250 forgotten\r\n250 ok\r\n250\r\n354\r\n", None),
    (b"250 2.0.0 queued as 4711\r\n221 bye\r\n", None),
]
"""What a server says at a time, and whose message is begun then."""


@given(st.data())
def test_it_does_not_matter_how_the_bytes_are_cut(data):
    """Three messages: refused at the end, recipient refused, accepted; each cut gives the same outcomes."""
    session, found = begun(), []
    session.take()
    for said, following in GROUPS:
        cuts = sorted(data.draw(st.sets(st.integers(1, len(said) - 1))))
        for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
            found += [
                (heard.what, heard.reply.code, heard.reply.enhanced) for heard in session.receive(said[start:end])
            ]
        if session.invited:
            session.end()
        if following:
            session.begin(SENDER, following)
        elif not session.closed:
            session.quit()
        session.take()
    assert found == [
        (INVITED, 354, ""),
        (ANSWERED, 550, "5.7.1"),
        (DECLINED, 550, "5.1.1"),
        (INVITED, 354, ""),
        (ANSWERED, 250, "2.0.0"),
        (LEFT, 221, ""),
    ]
