"""What only several documents together show: archives are whole, formats agree, the list of feeds names them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from newsletter.validation.folder import Folder
from newsletter.validation.reading import BUILD, Entry, Reading, Told

FORMATS = (".atom", ".rss", ".json")
ARCHIVES = "archive/"
_BEFORE = "prev-archive"


def across(readings: Iterable[Reading], folder: Folder) -> Iterator[Told]:
    """Yield what is wrong with documents that are right by themselves."""
    by_path = {reading.path: reading for reading in readings}
    feeds = {path: each for path, each in by_path.items() if PurePosixPath(path).suffix in FORMATS}
    live = {path: each for path, each in feeds.items() if not path.startswith(ARCHIVES)}
    yield from _both_deleted_and_present(feeds)
    yield from _one_article_two_dates(feeds)
    yield from _formats_differ(live)
    yield from _archives(feeds, live, folder)
    yield from _unlisted(by_path, live, folder)


def _told(path: str, line: int, what: str) -> Told:
    return Told(path, line, f"{what}; {BUILD}")


def _both_deleted_and_present(feeds: Mapping[str, Reading]) -> Iterator[Told]:
    """An article that was withdrawn is nowhere (RFC 6721 §3)."""
    present = {entry.id: path for path, reading in feeds.items() for entry in reading.entries}
    for path, reading in feeds.items():
        for id, line in reading.deleted.items():
            if id in present:
                yield _told(path, line, f"{id} is withdrawn here, and stands in {present[id]}")


def _one_article_two_dates(feeds: Mapping[str, Reading]) -> Iterator[Told]:
    """An article is the same revision wherever it stands."""
    first: dict[str, tuple[datetime, str]] = {}
    for path, reading in feeds.items():
        for entry in reading.entries:
            if entry.updated is None:
                continue
            moment, where = first.setdefault(entry.id, (entry.updated, path))
            if moment != entry.updated:
                yield _told(path, entry.line, f"{entry.id} has another date of change than in {where}")


def _formats_differ(live: Mapping[str, Reading]) -> Iterator[Told]:
    """All formats of a feed show the same articles in the same order."""
    shown: dict[str, tuple[list[str], str]] = {}
    for path, reading in live.items():
        ids = [entry.id for entry in reading.entries]
        same, where = shown.setdefault(path.rpartition(".")[0], (ids, path))
        if same != ids:
            yield _told(path, 0, f"shows other articles than {where}, or in another order")


def _archives(feeds: Mapping[str, Reading], live: Mapping[str, Reading], folder: Folder) -> Iterator[Told]:
    """Walking the archives of a feed gives every article once, and all of its documents (RFC 5005 §4)."""
    reached: set[str] = set()
    for feed in live.values():
        chain = _chain(feed, feeds, folder)
        reached.update(document.path for document in chain)
        yield from _of_chain(chain, folder)
    yield from (_told(path, 0, "is an archive to which no feed leads") for path in feeds if path not in reached)


def _chain(feed: Reading, feeds: Mapping[str, Reading], folder: Folder) -> list[Reading]:
    """Return a feed and the archives to which it leads, as far as that goes."""
    chain = [feed]
    while (before := feeds.get(folder.path(chain[-1].links.get(_BEFORE, "")))) and before not in chain:
        chain.append(before)
    return chain


def _of_chain(chain: Sequence[Reading], folder: Folder) -> Iterator[Told]:
    feed, *archives = chain
    if feed.archive or "current" in feed.links:
        yield _told(feed.path, 0, "says that it is an archive, and is the feed itself")
    for archive in archives:
        yield from _of_archive(archive, folder.address(feed.path))
    if link := chain[-1].links.get(_BEFORE):
        yield _told(chain[-1].path, 0, f"leads to {link} as the archive before it, which is none")
    seen: dict[str, str] = {}
    for document in chain:
        yield from _again(document.entries, seen, document.path)


def _again(entries: Iterable[Entry], seen: dict[str, str], path: str) -> Iterator[Told]:
    """Yield articles that stand in a document and in one after it; note those of this one."""
    for entry in entries:
        if entry.id in seen and seen[entry.id] != path:
            yield _told(path, entry.line, f"{entry.id} stands in {seen[entry.id]} too")
    seen.update((entry.id, path) for entry in entries)


def _of_archive(document: Reading, feed: str) -> Iterator[Told]:
    if not document.archive:
        yield _told(document.path, 0, "does not say that it is an archive (fh:archive)")
    if document.links.get("current") != feed:
        yield _told(document.path, 0, f"does not lead to {feed} as its feed of today")
    if "hub" in document.links:
        yield _told(document.path, 0, "names a hub, and never changes")


def _unlisted(readings: Mapping[str, Reading], live: Mapping[str, Reading], folder: Folder) -> Iterator[Told]:
    """The list of feeds names each one once, in one of its formats."""
    for path, reading in readings.items():
        if not path.endswith(".opml"):
            continue
        stems = [(folder.path(link).rpartition(".")[0], line) for link, line in reading.listed]
        seen: set[str] = set()
        for stem, line in stems:
            if stem in seen and stem:
                yield _told(path, line, f"names the feed {stem} twice")
            seen.add(stem)
        missing = sorted({each.rpartition(".")[0] for each in live} - seen)
        yield from (_told(path, 0, f"does not name the feed {stem}") for stem in missing)
