"""One connection to a relay, used for one message after the other.

The body and the final dot are separate writes, and whoever loses the connection is told on which side of the dot. That
is why smtplib only opens it (``relay``): its ``data`` hides both, and mends and stuffs lines that are right already.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from dataclasses import dataclass

from newsletter.config import Route
from newsletter.delivery.address import as_bytes
from newsletter.delivery.relay import printable, sign_in
from newsletter.errors import DeliveryError

_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?\r?\n")
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}\b")
_LONGEST_REPLY = 65_536
_MOST_LINES = 100
_QUIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said, in one line; ``stage`` is what it answered: MAIL, RCPT, DATA or DOT."""

    code: int
    text: str
    enhanced: str = ""
    stage: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the server took what it was given."""
        return self.code < 400

    @property
    def transient(self) -> bool:
        """Whether a later try may do better (RFC 5321 §4.2.1)."""
        return 400 <= self.code < 500


class Lost(DeliveryError):  # noqa: N818  the name of what happened
    """The connection or a reply was lost; ``dotted`` tells whether the final dot may have been written."""

    def __init__(self, message: str, *, dotted: bool) -> None:
        super().__init__(message)
        self.dotted = dotted


class Connection:
    """A session with a relay, past its greeting; ``sent`` counts its accepted messages, ``closed`` says it is over."""

    def __init__(self, stream: socket.socket, where: str, seconds: float) -> None:
        self.sent = 0
        self.closed = False
        self.where = where
        self._stream = stream
        self._seconds = seconds
        self._unread = b""
        self._begun = False

    @classmethod
    def open(cls, route: Route, secret: str | None = None) -> Connection:
        """Connect and sign in, in the clear only where the route says so.

        Raises:
            RouteError: the relay cannot be reached, trusted or used: its words, and what to do.
        """
        stream = sign_in(route, secret)
        # The dot is a small write after a large one: without this it would wait for the other side's delayed ACK.
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(stream, f"{route.host}:{route.port}", route.reply_seconds)

    def offer(self, sender: str, recipient: str) -> Reply:
        """Go as far as DATA; return the 354, or the first refusal. An empty sender is the null path.

        Raises:
            AudienceError: an address cannot be written on the wire; nothing was.
            Lost: before the dot.
        """
        mail = b"MAIL FROM:<%s>\r\n" % (as_bytes(sender) if sender else b"")
        rcpt = b"RCPT TO:<%s>\r\n" % as_bytes(recipient)
        if self._begun:  # a refused transaction is still open on the server (RFC 5321 §4.1.4)
            self._reset()
        self._begun = True
        reply = self._ask(mail, "MAIL")
        if reply.accepted:
            reply = self._ask(rcpt, "RCPT")
        if reply.accepted:
            reply = self._ask(b"DATA\r\n", "DATA")
        return reply

    def body(self, data: bytes) -> None:
        """Write a message without its final dot: CRLF line ends, no line beginning with a dot.

        Raises:
            Lost: before the dot.
        """
        try:
            self._stream.settimeout(self._seconds)
            self._stream.sendall(data)
        except OSError as error:
            raise self._lost("in the body", error, dotted=False) from error

    def dot(self) -> Reply:
        """Write the final dot and return the answer to the message.

        A server that refused or left before is not given the dot: then nothing is in doubt.

        Raises:
            Lost: with ``dotted`` telling on which side.
        """
        early = self._overheard()
        if early:
            return early
        reply = self._ask(b".\r\n", "DOT")
        self._begun = False
        self.sent += reply.accepted
        return reply

    def drop(self) -> None:
        """Close at once; a message without its dot is none (RFC 5321 §4.1.1.4)."""
        self.closed = True
        self._stream.close()

    def quit(self) -> None:
        """Take leave, without waiting long and without ever failing."""
        self._seconds = min(self._seconds, _QUIT_SECONDS)
        try:
            self._ask(b"QUIT\r\n", "QUIT")
        except Lost:
            return
        self.drop()

    def _reset(self) -> None:
        reply = self._ask(b"RSET\r\n", "RSET")
        if not reply.accepted:
            raise self._lost("at RSET", OSError(f"{reply.code} {reply.text}"), dotted=False)

    def _ask(self, command: bytes, stage: str) -> Reply:
        dotted = False
        try:
            if self._unread:
                raise ConnectionError("the server answered more than it was asked")
            self._stream.settimeout(self._seconds)
            dotted = stage == "DOT"
            self._stream.sendall(command)
            return self._answer(stage)
        except OSError as error:
            raise self._lost(f"at {stage}", error, dotted=dotted) from error

    def _answer(self, stage: str) -> Reply:
        deadline = time.monotonic() + self._seconds
        found: list[re.Match[bytes]] = []
        while not found or found[-1][2] == b"-":
            line = self._line(deadline)
            match = _REPLY.fullmatch(line)
            if not match or (found and match[1] != found[0][1]) or len(found) == _MOST_LINES:
                raise ConnectionError(f"no SMTP reply: {printable(line)[:80]!r}")
            found.append(match)
        reply = _reply(found, stage)
        if reply.accepted and reply.code // 100 != (3 if stage == "DATA" else 2):
            raise ConnectionError(f"a reply out of place: {reply.code} {reply.text[:80]}")
        return reply

    def _line(self, deadline: float) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > _LONGEST_REPLY:
                raise ConnectionError("a reply without end")
            self._stream.settimeout(max(deadline - time.monotonic(), 0.001))
            self._receive()
        end = self._unread.index(b"\n") + 1
        line, self._unread = self._unread[:end], self._unread[end:]
        return line

    def _receive(self) -> None:
        chunk = self._stream.recv(_LONGEST_REPLY)
        if not chunk:
            raise ConnectionError("closed by the server")
        self._unread += chunk

    def _overheard(self) -> Reply | None:
        """Return a refusal that came before the dot, and close; None where the server waits for it."""
        try:
            self._stream.settimeout(0)
            self._receive()
            reply = self._answer("DOT")
            if reply.accepted:
                raise ConnectionError("accepted before it was complete")
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError as error:
            raise self._lost("in the body", error, dotted=False) from error
        self.drop()
        return reply

    def _lost(self, moment: str, error: OSError, *, dotted: bool) -> Lost:
        self.drop()
        doubt = "; it may have been accepted" if dotted else ""
        return Lost(f"{self.where}: connection lost {moment}: {error.strerror or error}{doubt}", dotted=dotted)


def _reply(lines: list[re.Match[bytes]], stage: str) -> Reply:
    code = int(lines[0][1])
    text = " ".join(printable(line[3] or b"") for line in lines).strip()
    match = _ENHANCED.match(text)
    enhanced = match[0] if match and match[1] == str(code)[0] else ""
    return Reply(code, text, enhanced, stage)
