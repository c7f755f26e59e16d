"""The events and the deadline of one article as a calendar file, to which letters link.

It stays when all is over, and says so when something is cancelled: letters lie in mailboxes for years.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from newsletter import events
from newsletter.pipeline.documents import Build, Document
from newsletter.pipeline.documents.calendars import FORM
from newsletter.store import occasions, serials
from newsletter.store.engine import Transaction


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the files of articles that were revised."""
    for key, name in _holders(build, connection, build.since).items():
        yield events.path_of(name), partial(_calendar, connection, key)


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where the files of all articles stand."""
    yield from map(events.path_of, _holders(build, connection, -1).values())


def count(build: Build, connection: Transaction) -> int:
    """Return how many files are stale."""
    return len(_holders(build, connection, build.since))


def needed(build: Build, connection: Transaction) -> set[int]:
    """Return the keys of the articles whose files are stale."""
    return set(_holders(build, connection, build.since))


def _holders(build: Build, connection: Transaction, since: int) -> dict[int, str]:
    return occasions.holders(connection, since) if FORM in build.config.feeds.formats else {}


def _calendar(connection: Transaction, key: int) -> bytes:
    return events.document(each.body for each in serials.some(connection, [key], FORM))
