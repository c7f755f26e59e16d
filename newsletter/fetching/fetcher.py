"""A visit to an address: asked politely, redirects followed step by step, all of it within limits."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from newsletter import __version__
from newsletter.errors import FetchError
from newsletter.fetching import reply
from newsletter.fetching.address import Address, follow, parse, shown
from newsletter.fetching.errand import Answer, Errand
from newsletter.fetching.reply import Limits, Page, Receipt
from newsletter.fetching.trouble import Trouble

if TYPE_CHECKING:
    import httpcore2

    from newsletter.fetching.lines import Lines

LONGEST_REST = 30.0
"""Seconds that a server may ask us to wait; beyond, we come back another time."""


def agent(contact: str) -> str:
    """Return how we introduce ourselves: name, version, and where our people can be reached.

    >>> agent("https://www.example.org").partition("(")[2]
    '+https://www.example.org)'
    """
    return f"newsletter/{__version__} (+{re.sub(r'[^!-~]|[()]', '', contact)})"


class Fetcher:
    """Fetches addresses and keeps connections open in between; threads may share it.

    ``agent`` is how we introduce ourselves, ``rest`` waits, ``now`` is the clock for dates that servers name,
    ``resolve`` gives the addresses of a host, by default as this machine knows them, ``network`` opens connections.
    """

    def __init__(
        self,
        agent: str,
        limits: Limits = Limits(),  # noqa: B008  it is frozen
        *,
        rest: Callable[[float], object] = time.sleep,
        now: Callable[[], float] = time.time,
        resolve: Callable[[str, int], Sequence[str]] | None = None,
        network: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._agent = agent
        self._limits = limits
        self._rest = rest
        self._now = now
        self._resolve = resolve
        self._network = network
        self._opening = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._opened: Lines | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        if self._opened:
            self._opened.close()

    def get(
        self, url: str, *, etag: str = "", modified: str = "", private: bool = False, largest: int | None = None
    ) -> Page:
        """Return what stands at an address, or 304 and no body where it is as it was at the last visit.

        ``etag`` and ``modified`` are those of that visit. ``private`` lets the address, and those to which it is
        redirected, be of an internal network.

        Raises:
            FetchError: it cannot be had, or must not be; ``GoneError`` or ``BusyError`` where the server says so.
        """
        with _named(shown(url)):
            asked = address = parse(url)
        errand = self._errand(etag, modified, private, largest)
        while True:
            where = str(asked) if str(address) == str(asked) else f"{asked}, redirected to {address}"
            with _named(where):
                answer = self._asked(errand, address)
                if answer.status not in reply.REDIRECTS:
                    return self._page(where, errand, address, answer)
                address = self._next(errand, address, answer)

    def post(self, url: str, form: Mapping[str, str], *, private: bool = False) -> Receipt:
        """Hand in a form at an address and return what it says to that; redirects are not followed.

        Over a connection that ends at that moment the form is handed in again, so it must be one that may come twice.

        Raises:
            FetchError: it cannot be reached, or must not be.
        """
        with _named(shown(url)):
            address = parse(url)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        errand = Errand(kind, private, self._limits.largest, self._limits.seconds, urlencode(form).encode())
        with _named(str(address)), self._turn(address):
            answer = self._lines().ask(errand, address)
        return Receipt(answer.status, reply.wait(answer.headers, self._now()))

    def _errand(self, etag: str, modified: str, private: bool, largest: int | None) -> Errand:
        known = {"If-None-Match": etag, "If-Modified-Since": modified}
        return Errand(
            headers={name: value for name, value in known.items() if value},
            private=private,
            largest=self._limits.largest if largest is None else largest,
            seconds=self._limits.seconds,
        )

    def _asked(self, errand: Errand, address: Address) -> Answer:
        """Ask when it is our turn at the host, and once more after a short rest if that is what it wants."""
        with self._turn(address):
            answer = self._lines().ask(errand, address)
            seconds = reply.wait(answer.headers, self._now()) if answer.status in reply.BUSY else None
            if errand.rested or seconds is None or seconds > LONGEST_REST:
                return answer
            errand.rested = True
            self._rest(seconds)
            return self._lines().ask(errand, address)

    def _turn(self, address: Address) -> threading.Lock:
        return self._turns.setdefault(address.host, threading.Lock())

    def _next(self, errand: Errand, address: Address, answer: Answer) -> Address:
        errand.redirects += 1
        errand.for_ever &= answer.status in reply.PERMANENT
        if errand.redirects > self._limits.redirects:
            raise Trouble(f"that is one redirect more than {self._limits.redirects}; check the address")
        return follow(address, reply.location(answer.headers))

    def _page(self, where: str, errand: Errand, address: Address, answer: Answer) -> Page:
        unchanged = answer.status == 304 and bool(errand.headers)
        if answer.status != 200 and not unchanged:
            raise reply.complaint(where, answer.status, reply.wait(answer.headers, self._now()))
        known = errand.headers if unchanged else {}
        return Page(
            url=str(address),
            status=answer.status,
            body=answer.body,
            type=reply.media_type(answer.headers),
            charset=reply.charset(answer.headers),
            etag=answer.headers.get("etag", known.get("If-None-Match", "")),
            modified=answer.headers.get("last-modified", known.get("If-Modified-Since", "")),
            headers=answer.headers,
            moved=str(address) if errand.redirects and errand.for_ever else "",
        )

    def _lines(self) -> Lines:
        with self._opening:
            if self._opened is None:
                # httpcore costs a tenth of a second: only who fetches pays.
                from newsletter.fetching import lines, wire

                network = self._network or wire.internet()
                resolve = self._resolve or wire.look_up
                self._opened = lines.Lines(self._agent, self._limits.silence, resolve, network)
            return self._opened


@contextmanager
def _named(where: str) -> Iterator[None]:
    try:
        yield
    except Trouble as trouble:
        raise FetchError(f"{where}: {trouble}") from None
