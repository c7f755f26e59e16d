"""An SMTP session without its socket: what to write, and what the server's bytes mean (RFC 5321, RFC 2920).

A transaction is ``begin`` until the server is ``INVITED`` to read, the body, and ``end`` until it has ``ANSWERED``. A
server that offers PIPELINING is told all that may be said in one write: the final dot of one message together with the
MAIL, RCPT and DATA of the next, so that a message takes one round trip.

>>> session = Session(pipelining=True)
>>> session.begin(b"letters@example.org", b"lea@example.org")
>>> session.take().split(b"\\r\\n")
[b'MAIL FROM:<letters@example.org>', b'RCPT TO:<lea@example.org>', b'DATA', b'']
>>> [heard.what for heard in session.receive(b"250 ok\\r\\n250 ok\\r\\n354 go on\\r\\n")]
['INVITED']
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from newsletter.delivery.reply import Replies, Reply, reply

INVITED, DECLINED, ANSWERED, LEFT = "INVITED", "DECLINED", "ANSWERED", "LEFT"

PATIENCE = {"MAIL": 300.0, "RCPT": 300.0, "DATA": 120.0, "BODY": 180.0, "QUIT": 5.0}
"""Seconds that a server has for a reply (RFC 5321 §4.5.3.2), but for the one to the final dot: that is the route's."""

_DOT = b".\r\n"
_STEPS = ("MAIL", "RCPT", "RSET")
_YES = ord("2")


class Heard(NamedTuple):
    """What came of what the server said.

    ``INVITED``: the body may be written. ``DECLINED``: the transaction ended before it. ``ANSWERED``: the message was
    taken or not. ``LEFT``: it took its leave.
    """

    what: str
    reply: Reply


class Session:
    """One session past its greeting; ``closed`` says that nothing more may be said in it."""

    def __init__(self, *, pipelining: bool = False) -> None:
        self.closed = False
        self.invited = False
        """Whether the server waits for a body."""
        self._pipelining = pipelining
        self._replies = Replies()
        self._unsaid: deque[tuple[str, bytes]] = deque()
        self._asked: deque[str] = deque()
        self._refusal: Reply | None = None
        self._undone = False
        self._invitation: tuple[list[bytes], Heard] = ([], Heard(INVITED, Reply(354, "")))

    @property
    def awaits(self) -> str:
        """What the next reply answers: MAIL, RCPT, DATA, DOT, RSET or QUIT; BODY before the dot, "" for nothing."""
        return self._asked[0] if self._asked else "BODY" if self.invited else ""

    @property
    def dotted(self) -> bool:
        """Whether the final dot of a message was written and nothing was heard of it."""
        return "DOT" in self._asked

    def begin(self, sender: bytes, recipient: bytes) -> None:
        """Begin a transaction; a refused one is still open on the server and is reset first (RFC 5321 §4.1.4)."""
        if self._undone:
            self._unsaid.append(("RSET", b"RSET\r\n"))
            self._undone = False
        self._refusal = None
        self._unsaid += (
            ("MAIL", b"MAIL FROM:<%s>\r\n" % sender),
            ("RCPT", b"RCPT TO:<%s>\r\n" % recipient),
            ("DATA", b"DATA\r\n"),
        )

    def end(self) -> None:
        """End the body that was written by its dot."""
        self.invited = False
        self._unsaid.append(("DOT", _DOT))

    def quit(self) -> None:
        """Take leave."""
        self._unsaid.append(("QUIT", b"QUIT\r\n"))

    def take(self) -> bytes:
        """Return what may be written now."""
        if not self._unsaid or (self._asked and not self._pipelining) or self.invited:
            return b""
        if not self._pipelining:
            stage, command = self._unsaid.popleft()
            self._asked.append(stage)
            return command
        self._asked.extend([stage for stage, _ in self._unsaid])
        said = b"".join([command for _, command in self._unsaid])
        self._unsaid.clear()
        return said

    def receive(self, data: bytes) -> Iterator[Heard]:
        """Yield what comes of bytes from the server.

        Raises:
            ConnectionError: it does not speak SMTP, or out of turn; what was yielded before holds.
        """
        asked = self._asked
        for lines in self._replies.feed(data):
            if asked and asked[0] in _STEPS and lines[0][0] == _YES:
                asked.popleft()  # most of what is ever heard
                continue
            heard = self._hear(lines)
            if heard:
                yield heard
        if self._replies.pending and not self._asked and not self.invited:
            raise ConnectionError("the server answered more than it was asked")

    def _hear(self, lines: list[bytes]) -> Heard | None:
        if not self._asked:
            return self._overheard(lines)
        heard = self._answer(lines, self._asked[0])
        # Only now: whoever spoke out of turn leaves open what was asked, the dot above all.
        if self._asked:
            self._asked.popleft()
        return heard

    def _answer(self, lines: list[bytes], stage: str) -> Heard | None:
        digit = lines[0][:1]
        if digit in b"45":
            return self._refused(reply(lines, stage))
        if digit != (b"3" if stage == "DATA" else b"2"):
            said = reply(lines, stage)
            raise ConnectionError(f"a reply out of place: {said.code} {said.text[:80]}")
        if stage == "DATA":
            return self._go_ahead(lines)
        if stage == "DOT":
            return Heard(ANSWERED, reply(lines, stage))
        if stage == "QUIT":
            self.closed = True
            return Heard(LEFT, reply(lines, stage))
        return None

    def _go_ahead(self, lines: list[bytes]) -> Heard:
        if self._refusal is None:
            self.invited = True
            if lines != self._invitation[0]:  # a server says the same each time
                self._invitation = (lines, Heard(INVITED, reply(lines, "DATA")))
            return self._invitation[1]
        # A pipelining server may invite although it refused the recipient: a lone dot is no message (RFC 2920 §3.1).
        self._unsaid.appendleft(("NOTHING", _DOT))
        return Heard(DECLINED, self._refusal)

    def _refused(self, said: Reply) -> Heard | None:
        if said.code == 421:  # it closes the connection, whatever was asked (RFC 5321 §3.8)
            self.closed = True
            self._asked.clear()
            return Heard(ANSWERED if said.stage == "DOT" else DECLINED, said)
        if said.stage == "DOT":
            return Heard(ANSWERED, said)
        if said.stage == "RSET":
            raise ConnectionError(f"{said.code} {said.text}")
        if said.stage in ("QUIT", "NOTHING"):
            return None
        self._refusal = self._refusal or said
        self._undone = True
        if said.stage != "DATA" and self._pipelining:
            return None  # the answers to what was said with it are still to come
        self._unsaid.clear()
        return Heard(DECLINED, self._refusal)

    def _overheard(self, lines: list[bytes]) -> Heard:
        """A server that gives up in the body is not given the dot: then nothing is in doubt."""
        said = reply(lines, "DOT")
        if not self.invited:
            raise ConnectionError("the server answered more than it was asked")
        if said.accepted:
            raise ConnectionError("accepted before it was complete")
        self.closed = True
        return Heard(ANSWERED, said)
