"""The calendars beside feeds: when the events of their articles take place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from newsletter import events
from newsletter.feeds.head import address, page, title
from newsletter.feeds.parts import uri
from newsletter.feeds.tree import Feed
from newsletter.pipeline.documents import Build, Document
from newsletter.store import entries, occasions, serials
from newsletter.store.engine import Transaction
from newsletter.store.entries import Standing

FORM = "ics"
"""The ending of their files."""

MOST = 1000
"""Events of a calendar, those that end last: some programs read no file of more than a megabyte."""


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the calendars in which an event changed."""
    for path, standing in _stale(build, connection):
        yield f"{path}.{FORM}", partial(_calendar, build, connection, build.by_path[path], standing)


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where every calendar stands."""
    if FORM in build.config.feeds.formats:
        yield from (f"{feed.path}.{FORM}" for feed in build.feeds)


def count(build: Build, connection: Transaction) -> int:
    """Return how many calendars are stale."""
    return sum(1 for _ in _stale(build, connection))


def needed(build: Build, connection: Transaction) -> set[int]:
    """Return the keys of all articles with an event in a stale calendar."""
    found: set[int] = set()
    for _, standing in _stale(build, connection):
        found.update(occasions.latest(connection, standing, MOST))
    return found


def _stale(build: Build, connection: Transaction) -> Iterator[tuple[str, Standing]]:
    if FORM not in build.config.feeds.formats:
        return
    for path, standing in entries.dated(connection, build.since).items():
        if path in build.by_path:
            yield path, standing


def _calendar(build: Build, connection: Transaction, feed: Feed, standing: Standing) -> bytes:
    made = serials.some(connection, occasions.latest(connection, standing, MOST), FORM)
    source, shown = uri(address(feed.path, f".{FORM}", build.config)), uri(page(feed, build.config))
    return events.document([each.body for each in made], events.About(title(feed, build.config), source, shown))
