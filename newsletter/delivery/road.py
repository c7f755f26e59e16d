"""A road: one relay as a way out, with its lines and its health.

Doors are opened by threads, since a handshake waits for the other side; whoever waits for a door is rung for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf

from newsletter.config import Route
from newsletter.delivery.line import Line
from newsletter.delivery.relay import Door, sign_in
from newsletter.delivery.wire import Lost
from newsletter.errors import RouteError

LOSSES = 6
"""Connections lost one after the other without an accepted message, beside one a line, until a relay counts as down."""

PATIENCE_SECONDS = 2.0
"""How long a relay that turned a line away is left with those that it has."""


class Road:
    """The lines over one route; ``ring`` is called, from another thread, when a door was opened or stayed shut."""

    def __init__(self, way: str, route: Route, secret: str | None, ring: Callable[[], object]) -> None:
        self.way = way
        self.route = route
        self.closed = False
        self.lines: set[Line] = set()
        self._secret = secret
        self._ring = ring
        self._room = route.connections
        self._rest_until = 0.0
        self._opening: set[Future[Door]] = set()
        self._keys = ThreadPoolExecutor(max_workers=min(route.connections, 16), thread_name_prefix="door")
        self._turned_away = self._losses = 0
        self._served = False
        self._pipelining = True

    def widen(self, wanted: int, now: float) -> None:
        """Open doors until there are as many lines as are wanted, as the relay allows."""
        if self.closed or now < self._rest_until:
            return
        for _ in range(min(wanted, self._room) - len(self.lines) - len(self._opening)):
            door = self._keys.submit(sign_in, self.route, self._secret)
            self._opening.add(door)
            door.add_done_callback(lambda _: self._ring())

    def rest(self, now: float) -> float:
        """Return how many seconds a relay that turned us away is still left alone, infinity if it is not."""
        return self._rest_until - now if self._rest_until > now else inf

    @property
    def opening(self) -> bool:
        """Whether a door is being opened."""
        return bool(self._opening)

    def opened(self, now: float) -> Iterator[Line]:
        """Yield the lines that have come.

        Raises:
            RouteError: the relay cannot be used.
        """
        for door in [door for door in self._opening if door.done()]:
            self._opening.remove(door)
            error = door.exception()
            if error is None:
                line = Line(
                    self.way, self.route, door.result(), pipelining=door.result().pipelining and self._pipelining
                )
                self.lines.add(line)
                self._turned_away = 0
                yield line
            elif isinstance(error, RouteError):
                self._stayed_shut(error, now)
            else:
                raise error

    def _stayed_shut(self, error: RouteError, now: float) -> None:
        """A relay may allow fewer lines than the route, and be slow to notice that our last one has ended."""
        alone = not self.lines and not self._opening
        if alone and (self._turned_away or not self._served):
            raise error
        self._turned_away += alone
        self._room = max(len(self.lines) + len(self._opening), 1)
        self._rest_until = now + PATIENCE_SECONDS

    def served(self) -> None:
        """Remember that a message was accepted."""
        self._losses = 0
        self._served = True

    def bear(self, line: Line, error: Lost) -> None:
        """Count a lost connection.

        A server that is confused by PIPELINING, or by what we take for it, is spoken to in turns from then on: that
        shows at the first message, at the one that was announced with its dot, or by no answer to what came before one.

        Raises:
            RouteError: too many in a row: the relay is down, on whichever side of the dot they were lost.
        """
        self._losses += 1
        self._pipelining &= line.carried > 1 and (error.dotted or not error.silent)
        if self._losses >= LOSSES + self.route.connections:
            raise RouteError(
                f"{error}; {self._losses} connections in a row were lost: send again when the relay is well"
            )

    def close(self) -> None:
        """Drop all lines; a message without its dot is none (RFC 5321 §4.1.1.4)."""
        self._keys.shutdown(wait=True, cancel_futures=True)
        for door in self._opening:
            if door.done() and not door.cancelled() and not door.exception():
                door.result().stream.close()
        for line in self.lines:
            line.stream.close()
        self._opening.clear()
        self.lines.clear()
