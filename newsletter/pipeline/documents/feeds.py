"""The documents of feeds: in each format its own one, and its archives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from newsletter.feeds.forms import FORMS
from newsletter.feeds.head import Head, archive_path, changed
from newsletter.feeds.tree import Feed
from newsletter.pipeline.documents import Build, Document
from newsletter.store import articles, entries, serials
from newsletter.store.engine import Transaction
from newsletter.store.entries import Standing

ARCHIVES = "atom"
"""The format of archives: no other knows them."""

TOMBSTONES = 50
"""The most withdrawn articles that a feed's own document tells."""


def stale(build: Build, connection: Transaction, since: int) -> Iterator[Document]:
    """Yield the documents of feeds in which an article changed."""
    for path, standing in _stale(build, connection, since):
        for ending in _formats(build):
            make = _own if ending in FORMS else _page
            yield f"{path}.{ending}", partial(make, build, connection, build.by_path[path], standing, ending)
    every = entries.standings(connection)
    for path, number in _pages(build, connection, since):
        make_archive = partial(_archive, build, connection, build.by_path[path], every[path], number)
        yield f"{archive_path(path, number)}.{ARCHIVES}", make_archive


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where every document of a feed stands."""
    for feed in build.feeds:
        yield from (f"{feed.path}.{ending}" for ending in _formats(build))
    for path, number in _pages(build, connection, -1):
        yield f"{archive_path(path, number)}.{ARCHIVES}"


def live(build: Build) -> Iterator[str]:
    """Yield where the documents stand that readers subscribe to: no archives, no pages."""
    for feed in build.feeds:
        yield from (f"{feed.path}.{ending}" for ending in build.config.feeds.formats if ending in FORMS)


def count(build: Build, connection: Transaction, since: int) -> int:
    """Return how many documents are stale."""
    return sum(1 for _ in stale(build, connection, since))


def needed(build: Build, connection: Transaction, since: int, form: str) -> set[int]:
    """Return the keys of all articles that stand in a stale document of a format."""
    found: set[int] = set()
    for _, standing in _stale(build, connection, since):
        found.update(entries.newest(connection, standing, build.config.feeds.entries))
    if form == ARCHIVES:
        every = entries.standings(connection)
        for path, number in _pages(build, connection, since):
            found.update(entries.archived(connection, every[path], number))
    return found


def _formats(build: Build) -> list[str]:
    """Return the formats in which feeds are published; calendars are documents of their own."""
    return [ending for ending in build.config.feeds.formats if ending in (*FORMS, "html")]


def _stale(build: Build, connection: Transaction, since: int) -> Iterator[tuple[str, Standing]]:
    found = entries.standings(connection, since)
    return ((path, standing) for path, standing in found.items() if path in build.by_path)


def _pages(build: Build, connection: Transaction, since: int) -> Iterator[tuple[str, int]]:
    if ARCHIVES not in build.config.feeds.formats:
        return
    for path, number in entries.pages(connection, since):
        if path in build.by_path and build.by_path[path].archived:
            yield path, number


def _own(build: Build, connection: Transaction, feed: Feed, standing: Standing, form: str) -> bytes:
    shown = build.config.feeds.entries
    made = serials.some(connection, entries.newest(connection, standing, shown), form)
    moment = changed(build.config, [standing.shrank, *(each.updated for each in made)])
    deleted = tuple(entries.left_newest(connection, standing, shown, TOMBSTONES))
    head = Head(feed, moment, before=standing.closed if feed.archived else 0, deleted=deleted)
    return FORMS[form].document(head, [each.body for each in made], build.config)


def _archive(build: Build, connection: Transaction, feed: Feed, standing: Standing, number: int) -> bytes:
    made = serials.some(connection, entries.archived(connection, standing, number), ARCHIVES)
    deleted = tuple(entries.left_archived(connection, standing, number))
    moment = changed(build.config, [*(each.updated for each in made), *(when for _, when in deleted)])
    head = Head(feed, moment, number, number - 1, deleted)
    return FORMS[ARCHIVES].document(head, [each.body for each in made], build.config)


def _page(build: Build, connection: Transaction, feed: Feed, standing: Standing, form: str) -> bytes:
    keys = entries.newest(connection, standing, build.config.feeds.entries)
    return build.pages.topic(feed, build.feeds, articles.some(connection, keys))
