"""One connection for one mail at a time: a test, a notice, a look at a relay. Issues go over many at once (``sender``).

The body and the final dot are separate writes, and whoever loses the connection is told on which side of the dot.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

from newsletter.config import Route
from newsletter.delivery.address import as_bytes
from newsletter.delivery.relay import sign_in
from newsletter.delivery.reply import Reply
from newsletter.delivery.session import PATIENCE, Heard, Session
from newsletter.errors import DeliveryError

CHUNK = 65_536
"""Bytes read at a time."""


class Lost(DeliveryError):  # noqa: N818  the name of what happened
    """The connection or a reply was lost.

    ``dotted`` tells whether the final dot may have been written, ``silent`` that the server kept the connection and
    did not answer.
    """

    def __init__(self, message: str, *, dotted: bool, silent: bool = False) -> None:
        super().__init__(message)
        self.dotted = dotted
        self.silent = silent

    @classmethod
    def of(cls, where: str, session: Session, error: OSError) -> Lost:
        """Say in one line where and why a session was lost."""
        stage, dotted = session.awaits, session.dotted
        moment = "in the body" if stage == "BODY" else f"at {stage}" if stage else "between two messages"
        doubt = "; it may have been accepted" if dotted else ""
        return cls(
            f"{where}: connection lost {moment}: {error.strerror or error}{doubt}",
            dotted=dotted,
            silent=isinstance(error, TimeoutError),
        )


class Connection:
    """A session with a relay, past its greeting; ``sent`` counts its accepted messages, ``closed`` says it is over."""

    def __init__(self, stream: socket.socket, where: str, seconds: float, *, pipelining: bool = False) -> None:
        self.sent = 0
        self.closed = False
        self.where = where
        self._stream = stream
        self._seconds = seconds
        self._session = Session(pipelining=pipelining)
        self._heard: Iterator[Heard] = iter(())

    @classmethod
    def open(cls, route: Route, secret: str | None = None) -> Connection:
        """Connect and sign in, in the clear only where the route says so.

        Raises:
            RouteError: the relay cannot be reached, trusted or used: its words, and what to do.
        """
        door = sign_in(route, secret)
        return cls(door.stream, route.where, route.reply_seconds, pipelining=door.pipelining)

    def offer(self, sender: str, recipient: str) -> Reply:
        """Go as far as DATA; return the 354, or the first refusal. An empty sender is the null path.

        Raises:
            AudienceError: an address cannot be written on the wire; nothing was.
            Lost: before the dot.
        """
        self._session.begin(as_bytes(sender) if sender else b"", as_bytes(recipient))
        return self._outcome()

    def body(self, data: bytes) -> None:
        """Write a message without its final dot: CRLF line ends, no line beginning with a dot.

        Raises:
            Lost: before the dot.
        """
        try:
            self._stream.settimeout(self._patience("BODY"))
            self._stream.sendall(data)
        except OSError as error:
            raise self._lost(error) from error

    def dot(self) -> Reply:
        """Write the final dot and return the answer to the message.

        A server that refused or left before is not given the dot: then nothing is in doubt.

        Raises:
            Lost: with ``dotted`` telling on which side.
        """
        early = self._overheard()
        if early:
            self.drop()
            return early
        self._session.end()
        reply = self._outcome()
        self.sent += reply.accepted
        return reply

    def drop(self) -> None:
        """Close at once; a message without its dot is none (RFC 5321 §4.1.1.4)."""
        self.closed = True
        self._stream.close()

    def quit(self) -> None:
        """Take leave, without waiting long and without ever failing."""
        if not self.closed:
            self._session.quit()
            try:
                self._outcome()
            except Lost:
                return
            self.drop()

    def _outcome(self) -> Reply:
        """Say what is to be said, and wait for what comes of it."""
        try:
            # What came with the last outcome is no answer to what is said next.
            for heard in self._heard:
                return heard.reply
            if self._session.closed:
                raise ConnectionError("closed by the server")
            stage, deadline = "", 0.0
            while True:
                self._stream.settimeout(self._seconds)
                self._stream.sendall(self._session.take())
                if self._session.awaits != stage:
                    stage = self._session.awaits
                    deadline = time.monotonic() + self._patience(stage)
                self._stream.settimeout(max(deadline - time.monotonic(), 0.001))
                self._heard = self._session.receive(self._read())
                for heard in self._heard:
                    return heard.reply
        except OSError as error:
            raise self._lost(error) from error

    def _overheard(self) -> Reply | None:
        """Return a refusal that came before the dot, None where the server waits for it."""
        try:
            for heard in self._heard:
                return heard.reply
            self._stream.settimeout(0)
            return next((heard.reply for heard in self._session.receive(self._read())), None)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError as error:
            raise self._lost(error) from error

    def _read(self) -> bytes:
        chunk = self._stream.recv(CHUNK)
        if not chunk:
            raise ConnectionError("closed by the server")
        return chunk

    def _patience(self, stage: str) -> float:
        return min(self._seconds, PATIENCE.get(stage, self._seconds))

    def _lost(self, error: OSError) -> Lost:
        self.drop()
        return Lost.of(self.where, self._session, error)
