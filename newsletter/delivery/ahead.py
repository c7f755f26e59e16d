"""Ahead: messages are composed before a line asks for them.

Signing takes many times as long as all the rest, and the library that signs leaves other threads running: so signed
messages are composed by threads while the loop goes on. Unsigned ones are composed when they are asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from newsletter.delivery.address import as_bytes
from newsletter.delivery.composing import Composer
from newsletter.delivery.line import Parcel
from newsletter.delivery.stock import Stock
from newsletter.store.claims import Claim

THREADS = 2
AHEAD = 2
"""Messages kept ready for each line."""


class Ahead:
    """Turns rows of the stock into parcels; ``ring`` is called, from another thread, when one is ready."""

    def __init__(self, stock: Stock, composer: Composer, ring: Callable[[], None]) -> None:
        self._stock = stock
        self._composer = composer
        self._ring = ring
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="signing") if composer.signs else None
        self._begun: dict[str, deque[tuple[Claim, Future[Parcel]]]] = {}

    def waiting(self, way: str) -> int:
        """Return how many rows wait for a way out, composed or not."""
        return len(self._begun.get(way, ())) + self._stock.waiting(way)

    def take(self, way: str, lines: int) -> tuple[Claim, Callable[[], Parcel]] | None:
        """Return the next row of a way out with what gives its parcel, None where none is ready.

        So many ``lines`` may ask for more.
        """
        if self._threads is None:
            row = self._stock.take(way)
            return (row, partial(self._parcel, row)) if row else None
        begun = self._begun.setdefault(way, deque())
        while len(begun) < AHEAD * lines and (row := self._stock.take(way)):
            begun.append((row, self._threads.submit(self._parcel, row)))
            begun[-1][1].add_done_callback(lambda _: self._ring())
        if not (begun and begun[0][1].done()):
            return None
        row, parcel = begun.popleft()
        return row, parcel.result

    def put_back(self) -> None:
        """Give back the rows that no line has asked for."""
        for begun in self._begun.values():
            while begun:
                self._stock.put_back(begun.pop()[0])

    def close(self) -> None:
        """Compose nothing more."""
        if self._threads:
            self._threads.shutdown(cancel_futures=True)

    def _parcel(self, row: Claim) -> Parcel:
        """Compose a message.

        Raises:
            AudienceError: its address cannot be written on the wire.
            DeliveryError: a header of it cannot.
        """
        path, message = self._composer.return_path(row), self._composer.message(row)
        return Parcel(row, as_bytes(path), as_bytes(row.address), message)
