"""One connection among many in the sender's loop: it reads, writes and never waits."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from selectors import EVENT_READ

from newsletter.config import Route
from newsletter.delivery.relay import Door
from newsletter.delivery.session import PATIENCE, Heard, Session
from newsletter.delivery.wire import CHUNK
from newsletter.errors import RouteError
from newsletter.store.claims import Claim

BUFFER = 262_144
"""Bytes of a socket's buffer: a letter goes into it in one write."""

_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


@dataclass(slots=True)
class Parcel:
    """A row with its message, on its way through a line; ``handed`` says that the books have it so."""

    row: Claim
    sender: bytes
    recipient: bytes
    message: bytes
    handed: bool = False


class Line:
    """A socket and its session.

    ``parcel`` is the message under way; ``ahead`` is the next one, whose envelope the server is told together with the
    final dot of that. ``began`` counts transactions, ``carried`` accepted messages.
    """

    def __init__(self, way: str, route: Route, door: Door, *, pipelining: bool) -> None:
        self.way = way
        self.route = route
        self.where = route.where
        self.stream = door.stream
        self._largest = door.largest
        self.session = Session(pipelining=pipelining)
        self.parcel: Parcel | None = None
        self.ahead: Parcel | None = None
        self.began = self.carried = 0
        self.deadline = 0.0
        self.retired = False
        """Whether it takes its leave after the message under way: the server asked for less."""
        self.watched = EVENT_READ
        self._told = False
        self._stage = ""
        self._rest = memoryview(b"")
        self.stream.setblocking(False)
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)

    @property
    def full(self) -> bool:
        """Whether it carries as many messages as the route allows."""
        return self.retired or self.began >= self.route.messages_per_connection

    @property
    def wants(self) -> bool:
        """Whether it could take a further message now."""
        free = self.session.invited or self.parcel is None
        return free and self.ahead is None and not (self.full or self.session.closed or self.session.awaits == "QUIT")

    @property
    def idle(self) -> bool:
        """Whether it has nothing to do."""
        return not (self.parcel or self.ahead or self.session.awaits)

    @property
    def flushed(self) -> bool:
        """Whether all that was written is on its way."""
        return not self._rest

    def load(self, parcel: Parcel) -> None:
        """Give it the next message.

        Raises:
            RouteError: it is larger than the server takes (RFC 1870).
        """
        size = len(parcel.message)
        if self._largest and size > self._largest:
            advice = "ask who runs it, or let the list show fewer articles"
            raise RouteError(f"{self.where}: takes up to {self._largest} bytes, and a letter has {size}: {advice}")
        self.began += 1
        self.ahead = parcel

    def body(self) -> None:
        """Write the message that the server was told of."""
        if self.parcel:
            self._write(self.parcel.message)

    def speak(self, now: float) -> None:
        """Say all that may be said now: the dot of what is handed over, the next envelope, the leave of a full line."""
        session, ended = self.session, False
        if session.invited and self.parcel and self.parcel.handed and not self._rest:
            session.end()
            ended = True
        if self.ahead and (ended or self.parcel is None):
            session.begin(self.ahead.sender, self.ahead.recipient)
            self._told = True
            if self.parcel is None:
                self.advance()
        said = session.take()
        if said:
            self._write(said)
        if said or session.awaits != self._stage:
            self._stage = session.awaits
            self.deadline = now + min(self.route.reply_seconds, PATIENCE.get(self._stage, self.route.reply_seconds))

    def advance(self) -> None:
        """The next message is the one under way, if the server was told of it."""
        self.parcel, self.ahead = (self.ahead, None) if self._told else (None, self.ahead)
        self._told = False

    def read(self) -> Iterator[Heard]:
        """Yield what comes of what the server says.

        Raises:
            OSError: the connection is lost, or there is no SMTP on it.
        """
        try:
            while True:
                chunk = self.stream.recv(CHUNK)
                if not chunk:
                    raise ConnectionError("closed by the server")
                yield from self.session.receive(chunk)
                if len(chunk) < CHUNK and not (isinstance(self.stream, ssl.SSLSocket) and self.stream.pending()):
                    return
        except _LATER:
            return

    def flush(self) -> None:
        """Write on what did not fit."""
        try:
            while self._rest:
                self._rest = self._rest[self.stream.send(self._rest) :]
        except _LATER:
            return
        except OSError:
            # What the server said before it left is still to be read, and tells more.
            self._rest = memoryview(b"")

    def _write(self, data: bytes) -> None:
        self._rest = memoryview(bytes(self._rest) + data) if self._rest else memoryview(data)
        self.flush()
