"""How long work is stopped: the first Ctrl-C, or SIGTERM, lets it finish what is under way, the second ends it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def halting(told: Callable[[], None]) -> Iterator[Event]:
    """Give what is set once somebody asked to stop, which is ``told`` then; a second time the block is interrupted.

    Raises:
        KeyboardInterrupt: somebody did not want to wait.
    """
    halt = Event()

    def asked(_: int, __: FrameType | None) -> None:
        if halt.is_set():
            raise KeyboardInterrupt
        halt.set()
        told()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield halt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
