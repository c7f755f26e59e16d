"""The traffic: the lines over all roads, waited for in one place."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from newsletter.delivery.line import Line
from newsletter.delivery.road import Road
from newsletter.errors import RouteError
from newsletter.routes import Route

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Traffic:
    """The roads by name, best first, and the lines that they have."""

    def __init__(self, routes: Mapping[str, Route], secrets: Mapping[str, str | None]) -> None:
        self._bell, self._rope = socket.socketpair()
        self._rope.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, _READ)
        self.stirred: set[Line] = set()
        """The lines to look at: new ones, those that were heard or went on, those that wait for a message."""
        self.roads = {way: Road(way, routes[way], secrets[way], self.ring) for way in routes}

    @property
    def lines(self) -> list[Line]:
        """All lines that there are."""
        return [line for road in self.roads.values() for line in road.lines]

    @property
    def flows(self) -> bool:
        """Whether there is a line, or one may come."""
        return any(road.lines or road.opening for road in self.roads.values())

    @property
    def closed(self) -> bool:
        """Whether all roads are closed."""
        return all(road.closed for road in self.roads.values())

    def widen(self, waiting: Callable[[str], int], room: Callable[[str], int]) -> None:
        """Open doors for as many rows as wait for each way, while it has room; lines beyond that take their leave."""
        now = time.monotonic()
        for road in self.roads.values():
            most = room(road.way)
            road.widen(min(len(road.lines) + waiting(road.way), most), now)
            for line in list(road.lines)[most:]:
                line.retired = True

    def listen(self, seconds: float, shut: Callable[[str, RouteError], None]) -> Iterator[Line]:
        """Wait so long, and yield the lines on which something was said; ``shut`` is told of doors that stay so."""
        now = time.monotonic()
        wait = min([seconds, *(road.rest(now) for road in self.roads.values())])
        for key, ready in self._selector.select(wait):
            if key.data is None:
                self._bell.recv(1024)
                self._admit(shut)
                continue
            line: Line = key.data
            self.stirred.add(line)
            if ready & _WRITE:
                line.flush()
            if ready & _READ and line in self.roads[line.way].lines:
                yield line

    def speak(self, waiting: Callable[[str], int]) -> None:
        """Let each line say all that it may say now; one for which nothing waits takes its leave."""
        now, stirred = time.monotonic(), self.stirred
        self.stirred = set()
        for line in stirred:
            if line.idle and (line.full or not waiting(line.way)):
                line.session.quit()
            elif line.idle:
                self.stirred.add(line)
            line.speak(now)
            watched = _READ if line.flushed else _READ | _WRITE
            if watched != line.watched:
                line.watched = watched
                self._selector.modify(line.stream, watched, line)

    def overdue(self) -> list[Line]:
        """Return the lines whose server has kept silent for too long."""
        now = time.monotonic()
        return [line for line in self.lines if line.session.awaits and line.deadline < now]

    def leave(self, line: Line) -> None:
        """Close a connection."""
        self._selector.unregister(line.stream)
        line.stream.close()
        self.roads[line.way].lines.discard(line)
        self.stirred.discard(line)

    def close(self) -> None:
        """Close all."""
        for road in self.roads.values():
            road.close()
        self._selector.close()
        self._bell.close()
        self._rope.close()

    def _admit(self, shut: Callable[[str, RouteError], None]) -> None:
        for road in self.roads.values():
            try:
                for line in road.opened(time.monotonic()):
                    self._selector.register(line.stream, _READ, line)
                    self.stirred.add(line)
            except RouteError as error:
                shut(road.way, error)

    def ring(self) -> None:
        """Wake who listens, from any thread."""
        with suppress(BlockingIOError):  # it rings already
            self._rope.send(b"!")
