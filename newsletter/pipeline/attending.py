"""Attending: while pages are served, notices go out and runs that no scheduler saw are told of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from newsletter.errors import NewsletterError
from newsletter.pipeline import alarming, noticing
from newsletter.pipeline.publication import Publication

PAUSE = 5.0
"""Seconds after which the outbox is looked at, unless somebody rings."""

LOOK = 60.0
"""Seconds after which the calendars are."""

SILENCE = 3600.0
"""Seconds for which what was complained of is not said again."""

PATIENCE = 10.0
"""Seconds that a notice under way is given at the end; it is in doubt after that."""


@contextmanager
def attending(publication: Callable[[], Publication], complain: Callable[[str], None]) -> Iterator[Event]:
    """Empty the outbox beside other work while the block runs; gives the bell that has it looked at now.

    What goes wrong in the same way again is complained of once an hour.
    """
    bell, halt = Event(), Event()
    attendant = Thread(target=_attend, args=(publication, complain, bell, halt), name="outbox", daemon=True)
    attendant.start()
    try:
        yield bell
    finally:
        halt.set()
        bell.set()
        attendant.join(PATIENCE)


def _attend(publication: Callable[[], Publication], complain: Callable[[str], None], bell: Event, halt: Event) -> None:
    looked, said = -LOOK, dict[str, float]()
    while not halt.is_set():
        now = time.monotonic()
        looks = now - looked >= LOOK
        looked = now if looks else looked
        for line in _round(publication, halt, looks=looks):
            if now - said.get(line, -SILENCE) >= SILENCE:
                said[line] = now
                complain(line)
        bell.wait(PAUSE)
        bell.clear()


def _round(publication: Callable[[], Publication], halt: Event, *, looks: bool) -> Iterator[str]:
    try:
        now = publication()
        for slug in now.config.lists if looks else ():
            alarming.look(now, slug)
        for _, error in noticing.drain(now, halt):
            yield str(error)
    except NewsletterError as error:
        yield str(error)
