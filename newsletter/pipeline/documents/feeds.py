"""The documents of feeds: in each format its own one, and the volumes of its archives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from newsletter.feeds.forms import FORMS
from newsletter.feeds.head import Head, volume_path
from newsletter.feeds.tree import Feed
from newsletter.pipeline.documents import Build, Document
from newsletter.store import articles, entries, serials, showings
from newsletter.store.engine import Transaction
from newsletter.store.entries import Standing

ARCHIVES = "atom"
"""The format of volumes: no other knows archives."""

TOMBSTONES = 50
"""The most withdrawn articles that a feed's own document tells."""


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the documents of feeds in which an article changed."""
    yield from _own_documents(build, connection)
    yield from _volumes(build, connection)
    for ending in _page_format(build):
        for path, standing in _stale(build, connection):
            yield f"{path}.{ending}", partial(_page, build, connection, build.by_path[path], standing)


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where every document of a feed stands."""
    for feed in build.feeds:
        yield from (f"{feed.path}.{ending}" for ending in (*_formats(build), *_page_format(build)))
    for path, number in _numbers(build, connection, -1):
        yield f"{volume_path(path, number)}.{ARCHIVES}"


def live(build: Build) -> Iterator[str]:
    """Yield where the documents stand that readers subscribe to: no archives, no pages."""
    for feed in build.feeds:
        yield from (f"{feed.path}.{ending}" for ending in _formats(build))


def count(build: Build, connection: Transaction) -> int:
    """Return how many documents are stale."""
    own = len([*_formats(build), *_page_format(build)]) * sum(1 for _ in _stale(build, connection))
    return own + sum(1 for _ in _numbers(build, connection, build.since))


def holdings(build: Build, connection: Transaction) -> dict[showings.Document, list[int]]:
    """Return the keys of the articles that stand in each stale document, the same in every format."""
    shown = build.config.feeds.entries
    found = {(each.key, 0): entries.own(connection, each, shown) for _, each in _stale(build, connection)}
    every = entries.standings(connection)
    for path, number in _numbers(build, connection, build.since):
        found[every[path].key, number] = entries.bound(connection, every[path], number)
    return found


def _formats(build: Build) -> list[str]:
    """Return the formats of feeds; calendars are documents of their own."""
    return [ending for ending in build.config.feeds.formats if ending in FORMS]


def _page_format(build: Build) -> list[str]:
    """Return the format of pages, where feeds have them."""
    return [ending for ending in build.config.feeds.formats if ending == "html"]


def _stale(build: Build, connection: Transaction) -> Iterator[tuple[str, Standing]]:
    found = entries.standings(connection, build.since)
    return ((path, standing) for path, standing in found.items() if path in build.by_path)


def _numbers(build: Build, connection: Transaction, since: int) -> Iterator[tuple[str, int]]:
    """Yield the volumes that are published and changed after a revision, by path of feed and number."""
    if ARCHIVES not in build.config.feeds.formats:
        return
    for path, number in entries.volumes(connection, since):
        if path in build.by_path and build.by_path[path].archived:
            yield path, number


def _own_documents(build: Build, connection: Transaction) -> Iterator[Document]:
    if not _formats(build):
        return
    stale, shown = dict(_stale(build, connection)), build.config.feeds.entries
    held = showings.of(connection, ((standing.key, 0) for standing in stale.values()))
    for path, standing in stale.items():
        feed, keys = build.by_path[path], entries.own(connection, standing, shown)
        deleted = entries.left_own(connection, standing, shown, TOMBSTONES)
        before = standing.closed if feed.archived else 0
        head = Head(feed, held[standing.key, 0].updated, before=before, deleted=tuple(deleted))
        for form in _formats(build):
            yield f"{path}.{form}", partial(_document, build, connection, head, keys, form)


def _volumes(build: Build, connection: Transaction) -> Iterator[Document]:
    stale, every = list(_numbers(build, connection, build.since)), entries.standings(connection)
    held = showings.of(connection, ((every[path].key, number) for path, number in stale))
    for path, number in stale:
        updated = held[every[path].key, number].updated
        make = partial(_volume, build, connection, build.by_path[path], every[path], number, updated)
        yield f"{volume_path(path, number)}.{ARCHIVES}", make


def _document(build: Build, connection: Transaction, head: Head, keys: Sequence[int], form: str) -> bytes:
    made = serials.some(connection, keys, form)
    return FORMS[form].document(head, [each.body for each in made], build.config)


def _volume(
    build: Build, connection: Transaction, feed: Feed, standing: Standing, number: int, updated: datetime
) -> bytes:
    deleted = tuple(entries.left_bound(connection, standing, number))
    head = Head(feed, updated, number, number - 1, deleted)
    return _document(build, connection, head, entries.bound(connection, standing, number), ARCHIVES)


def _page(build: Build, connection: Transaction, feed: Feed, standing: Standing) -> bytes:
    keys = entries.newest(connection, standing, build.config.feeds.entries)
    return build.pages.topic(feed, build.feeds, articles.some(connection, keys))
