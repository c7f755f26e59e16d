"""Progress of long work: a bar with rate and time left on a terminal, plain lines in pipes, silence for machines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from newsletter.cli.session import Session

Step = Callable[..., None]
"""``step(n, text="")``: so many more are done; the text says how it goes."""

LINES = 10
"""Lines that a whole work prints in a pipe, at most."""

QUIET_SECONDS = 2.0
"""The least time between two of them."""


@contextmanager
def progress(session: Session, total: int, what: str) -> Iterator[Step]:
    """Show the progress of so many pieces of work while the block runs."""
    if session.as_json or not total:
        yield lambda n, text="": None
    elif sys.stderr.isatty():
        with _bar(total, what) as step:
            yield step
    else:
        yield _lines(session, total, what)


@contextmanager
def _bar(total: int, what: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), "{task.fields[rate]}", TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[text]}"), console=Console(stderr=True)) as bars:
        task = bars.add_task(what, total=total, rate="", text="")
        started = time.monotonic()

        def step(n: int, text: str = "") -> None:
            bars.advance(task, n)
            rate = bars.tasks[0].completed / max(time.monotonic() - started, 0.001)
            bars.update(task, rate=f"{rate:,.0f}/s", text=text)

        yield step


def _lines(session: Session, total: int, what: str) -> Step:
    started, done, told, last = time.monotonic(), 0, 0, 0.0

    def step(n: int, text: str = "") -> None:
        nonlocal done, told, last
        done += n
        spent = max(time.monotonic() - started, 0.001)
        # Short work is told in its last line alone.
        if done == total or (done * LINES // total > told and spent - last > QUIET_SECONDS):
            told, last = done * LINES // total, spent
            rate = done / spent
            left = (total - done) / max(rate, 0.001)
            session.complain(f"{what}: {done}/{total}, {rate:,.0f}/s, {left:.0f} s left{', ' * bool(text)}{text}")

    return step
