"""How long work says how far it is, without knowing who looks on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Watch = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Given how many pieces of work there are, gives what is called with how many more are done."""


@contextmanager
def unwatched(total: int) -> Iterator[Callable[[int], None]]:
    """Watch nothing."""
    yield lambda done: None
