"""Rereading: the inputs that were kept are read again, without asking their sources and without making news.

Today's parsers may find more in them, and what their articles name elsewhere may be had by now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec

from newsletter import intake
from newsletter.config import Source
from newsletter.errors import NewsletterError, NotFoundError
from newsletter.fetching import Fetcher
from newsletter.model import Article, Media, Origin
from newsletter.pipeline.copies import AGAIN, Copies, Visit, addresses, offline
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.receiving import Received
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import articles, copies, edits, incoming, names, sightings
from newsletter.store.articles import Raw
from newsletter.store.copies import Copy
from newsletter.store.incoming import Change, Given

TRYING = timedelta(days=30)
"""How long after an input came what its articles lack is still asked for."""


def raw(publication: Publication, name: str) -> bytes:
    """Return the input of an article byte for byte.

    Raises:
        NotFoundError: when no article has that name, or its input was not kept.
    """
    with publication.store.read() as connection:
        article = articles.get(connection, articles.find(connection, name))
        return articles.raw_of(connection, article.source.sha256).body


def reparse(publication: Publication, watch: Watch = unwatched) -> Received:
    """Read every kept input again, and store of it the articles that stand as it has them."""
    with publication.store.read() as connection:
        inputs = articles.by_input(connection)
    work = _Rereading(publication, offline)
    with watch(len(inputs)) as step:
        for sha256, keys in inputs.items():
            if kept := work.kept(sha256, keys):
                work.store(kept, work.found(kept))
            step(1)
    return work.report


def retry(publication: Publication, name: str, source: Source, fetcher: Fetcher) -> Received:
    """Ask again for the pictures and files that articles of a source lack; what is had changes no date of theirs."""
    work = _Rereading(publication, partial(fetcher.get, private=source.private))
    since = publication.now - TRYING
    with publication.store.read() as connection:
        lacking = copies.missed(connection, since, publication.now - AGAIN) if source.copies else set()
        inputs = articles.by_input(connection, name) if lacking else {}
        young = articles.came_since(connection, inputs, since)
    for sha256 in (each for each in inputs if each in young):
        kept = work.kept(sha256, inputs[sha256])
        found = work.found(kept) if kept else []
        if kept and not lacking.isdisjoint(addresses(found, work.shelf)):
            work.store(kept, found)
    with publication.store.write() as connection:
        copies.keep(connection, work.made.values())
    del work.report.counts[Change.UNCHANGED]
    work.report.warnings.clear()  # those of the articles were told when they came
    return work.report


@dataclass(frozen=True)
class _Kept:
    """An input, where it was seen, and the articles that stand as it has them: with staff's edits, and without."""

    raw: Raw
    origin: Origin
    place: str
    held: Mapping[int, Article]
    original: Sequence[Article]

    @property
    def shown(self) -> str:
        return self.place or self.raw.name


@dataclass
class _Rereading:
    """Inputs on their way back through intake; ``made`` is what came to be known of addresses elsewhere."""

    publication: Publication
    visit: Visit
    report: Received = field(default_factory=Received)
    made: dict[str, Copy] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)

    @property
    def shelf(self) -> Shelf:
        return Shelf.of(self.publication.config)

    def kept(self, sha256: str, keys: list[int]) -> _Kept | None:
        """Return an input, nothing where it was written by a program and not read."""
        with self.publication.store.read() as connection:
            held = articles.by_key(connection, keys)
            origin = next(iter(held.values())).source
            place = sightings.place(connection, keys[0], origin.name)
            original = [each.original for each in edits.of(connection, keys).values()]
            try:
                return _Kept(articles.raw_of(connection, sha256), origin, place, held, [*held.values(), *original])
            except NotFoundError:
                return None

    def found(self, kept: _Kept) -> list[Article]:
        """Return the articles of an input that stand as it has them, as they are read today."""
        try:
            read = intake.read(kept.raw.body, kept.raw.name, self._desk(kept))
        except NewsletterError as error:
            self.report.failures.append(f"{kept.shown}: {error}")
            return []
        mine = {name for article in kept.held.values() for name in names.every(article)}
        return [each for each in read if isinstance(each, Article) and not mine.isdisjoint(names.sought(each))]

    def store(self, kept: _Kept, found: list[Article]) -> None:
        """Store articles with what of elsewhere can be had, before the books are opened for writing."""
        try:
            home = self._copies(kept, found)
            again = [_as_held(home.bring(article), kept.origin) for article in found]
        except NewsletterError as error:
            self.report.failures.append(f"{kept.shown}: {error}")
            return
        numbering = replace(self.publication.numbering(), quiet=True)
        taxonomies = list(self.publication.taxonomies)
        given = [Given(article, kept.place) for article in again]
        with self.publication.store.write() as connection:
            changes = incoming.save_all(connection, given, self.publication.ends, taxonomies, numbering)
        for change in changes:
            if isinstance(change, NewsletterError):
                self.report.failures.append(f"{kept.shown}: {change}")
            else:
                self.report.counts[change] += 1
        told = dict.fromkeys(warning for article in again for warning in article.warnings)
        self.report.warnings += [f"{kept.shown}: {warning}" for warning in told]

    def _copies(self, kept: _Kept, found: list[Article]) -> Copies:
        with self.publication.store.read() as connection:
            known = copies.held(connection, addresses(found, self.shelf))
        visit = self.visit if self._source(kept).copies else None
        return Copies(self.shelf, self.publication.now, visit, known, self.made, self.troubles)

    def _desk(self, kept: _Kept) -> intake.Desk:
        source = msgspec.structs.replace(self._source(kept), format=kept.origin.format)
        desk = self.publication.desk(kept.origin.name, source, partial(self._load, kept), kept.raw.charset)
        return replace(desk, file=self._file(kept, source), place=kept.place)

    def _file(self, kept: _Kept, source: Source) -> str:
        """Return the name of an input from the folder of its source on, nothing where it did not come from one."""
        config = self.publication.config
        place, folder = Path(config.root).resolve() / kept.place, config.at(source.path).resolve()
        return (
            place.relative_to(folder).as_posix() if source.path and kept.place and place.is_relative_to(folder) else ""
        )

    def _load(self, kept: _Kept, relative: str) -> Media | None:
        """Return a file that stands beside an input, else what its articles have of it since it stood there."""
        folder = (Path(self.publication.config.root) / kept.place).parent
        return self.shelf.load(folder, relative) or self.shelf.kept(relative, kept.original)

    def _source(self, kept: _Kept) -> Source:
        return self.publication.config.sources.get(kept.origin.name, Source())


def _as_held(article: Article, before: Origin) -> Article:
    """Return an article with the priority that it came with: a setting that changed since is no news either."""
    return replace(article, source=replace(article.source, priority=before.priority))
