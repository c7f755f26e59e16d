"""Collecting: every configured source is asked for what is new, and what it has no more is withdrawn.

A folder is read; an address is fetched, page by page where it is a site's API, what was changed last first. A source
that fails costs one line, and the others go on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from newsletter import intake
from newsletter.config import Source
from newsletter.configfile import habit_complaints
from newsletter.errors import BusyError, ConfigError, GoneError, IntakeError, NewsletterError, UsageError
from newsletter.fetching import PATIENCE, Fetcher, Page, signed
from newsletter.intake import paging
from newsletter.intake.route import guess
from newsletter.passwords import secret
from newsletter.pipeline.importing import import_paths
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.receiving import CHANGED, Input, Received, Reception
from newsletter.pipeline.rereading import retry
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.pipeline.withdrawing import withdraw
from newsletter.store import articles, sightings, sources
from newsletter.store.incoming import Change
from newsletter.store.sources import SourceRow, SourceState

PAGES = 2000
"""Pages of one source that are read at a time; a site that never ends is no site."""

LISTINGS = 2
"""Listings that must lack an article before it is gone: a deletion meanwhile moves others to pages already seen."""

BUSY = timedelta(hours=1)
"""How long a source is left alone that asks for it and names no time."""

_REPEATED = (
    "shows the same page again for the next one, so nothing is withdrawn; "
    "have its paging put right, such as by a cache that looks at the whole address"
)


def collect(
    publication: Publication,
    names: Sequence[str],
    fetcher: Fetcher,
    *,
    withdraw_many: bool = False,
    watch: Watch = unwatched,
) -> Received:
    """Read the sources of these names, or all of them.

    A source that is named is asked even where it wished to be left alone.

    Raises:
        UsageError: when there is no source of a name.
        StoreError: when the books cannot be written.
    """
    configured = publication.config.sources
    if unknown := [name for name in names if name not in configured]:
        raise UsageError(f"{unknown[0]}: no such source; config.toml has: {', '.join(configured) or 'none'}")
    report = Received()
    with publication.store.write() as connection:
        publication.declare(connection)
    with watch(len(names or configured)) as step:
        for name in names or configured:
            source = configured[name]
            if source.url:
                visit = _Visit(publication, name, source, fetcher, report, withdraw_many)
                visit.make(asked_for=name in names)
            else:
                folder = publication.config.at(source.path)
                done = import_paths(publication, [folder], fetcher=fetcher, withdraw_many=withdraw_many)
                _note_folder(publication, name, done)
                report.add(done)
            step(1)
    return report


def _note_folder(publication: Publication, name: str, done: Received) -> None:
    state = SourceState.FAILED if done.failures else SourceState.OK
    with publication.store.write() as connection:
        known = sources.everything(connection).get(name)
        good = publication.now if state is SourceState.OK else known.good if known else None
        reason = done.failures[0] if done.failures else ""
        sources.keep(connection, SourceRow(name, "", state, reason, publication.now, good))


@dataclass
class _Visit:
    """One collection of one address."""

    publication: Publication
    name: str
    source: Source
    fetcher: Fetcher
    report: Received
    withdraw_many: bool

    def __post_init__(self) -> None:
        with self.publication.store.read() as connection:
            known = sources.everything(connection).get(self.name)
        fresh = SourceRow(self.name, self.source.url, SourceState.OK, "", self.publication.now)
        # Another address is another source: nothing that was learnt of the old one holds.
        self.row = known if known and known.url == self.source.url else fresh
        self.reception = Reception(self.publication, fetcher=self.fetcher, report=self.report)

    def make(self, *, asked_for: bool) -> None:
        """Ask the source, and note how it did."""
        if not asked_for and (reason := self._closed()):
            self.report.warnings.append(f"{self.name}: {reason}")
            return
        before = len(self.report.failures)
        # Before it is read: what comes home later then changed no words of the articles that it shows.
        self.report.add(retry(self.publication, self.name, self.source, self.fetcher))
        with self._noted():
            self._read()
        if len(self.report.failures) > before and self.row.state is SourceState.OK:
            reason = self.report.failures[before].removeprefix(f"{self.name}: ")
            self.row = replace(self.row, state=SourceState.FAILED, reason=reason)
        with self.publication.store.write() as connection:
            sources.keep(connection, replace(self.row, tried=self.publication.now))

    def _closed(self) -> str:
        """Say why the source is not to be asked now."""
        again = f"`newsletter collect {self.name}` asks all the same"
        if self.row.due and self.row.due > self.publication.now:
            due = self.row.due.astimezone(self.publication.config.site.zone)
            return f"asked to be left alone until {due:%Y-%m-%d %H:%M}; {again}"
        if self.row.state is SourceState.GONE:
            return f"said that it is gone for good; remove it from config.toml, or {again}"
        return ""

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Note what came of the visit, whatever it was."""
        now = self.publication.now
        try:
            yield
        except GoneError as error:
            self._fail(SourceState.GONE, error)
        except BusyError as error:
            self._fail(SourceState.BUSY, error)
            wait = BUSY if error.seconds is None else timedelta(seconds=min(error.seconds, PATIENCE))
            self.row = replace(self.row, due=now + wait)
        except NewsletterError as error:
            self._fail(SourceState.FAILED, error)
        else:
            self.row = replace(self.row, state=SourceState.OK, reason="", good=now, due=None)

    def _fail(self, state: SourceState, error: NewsletterError) -> None:
        self.row = replace(self.row, state=state, reason=str(error))
        self.report.failures.append(f"{self.name}: {error}")

    def _read(self) -> None:
        """Read the source from its newest change on, then see what it has no more, and what it has again."""
        page = self._get(paging.first(self.source.url, self.source.format), conditional=True)
        if page.status == 304:
            return
        if page.moved:
            self.report.warnings.append(f"{self.name}: has moved for good; write {page.moved} into config.toml")
        format = self.source.format or guess(page.body, "", self._desk("", page.charset))
        source = msgspec.structs.replace(self.source, format=format)
        for complaint in habit_complaints(f"sources.{self.name}", source, self.publication.taxonomies):
            raise ConfigError(complaint)
        if not self.source.format and paging.listing(self.source.url, format):
            page = self._get(paging.first(self.source.url, format))
        unread = self._walk(page, format)
        self._bring_back(self._sweep(format), unread, format)
        self.row = replace(self.row, walked=True)

    def _walk(self, page: Page, format: str) -> Iterator[Page]:
        """Take in pages until one brings nothing new, the first time until the last; returns those that follow.

        Raises:
            IntakeError: if a site's API shows again what it showed on earlier pages: there is no end to that.
        """
        pages, met = self._pages(page, format), set[str]()
        for each in pages:
            brought = self._take(each, format)
            if self.row.walked and brought is not None and CHANGED.isdisjoint(brought.values()):
                break
            names = brought.keys() if brought else {hashlib.sha256(each.body).hexdigest()}
            if met.issuperset(names):
                if paging.listing(self.source.url, format):
                    raise IntakeError(_REPEATED)
                break
            met |= names
        # A list of which a part could not be read is asked for whole the next time.
        if not self.reception.failed:
            self.row = replace(self.row, etag=page.etag, modified=page.modified)
        return pages

    def _pages(self, page: Page, format: str) -> Iterator[Page]:
        """Yield a page and those that follow it."""
        for _ in range(PAGES):
            yield page
            following = paging.following(page.body, page.url, page.headers, format)
            if not following:
                return
            page = self._get(following)

    def _take(self, page: Page, format: str) -> Mapping[str, Change] | None:
        """Take in a page, and tell what became of its articles, by their identities; of an empty one nobody knows."""
        return None if paging.is_empty(page.body, format) else self.reception.take([self._input(page, format)])

    def _sweep(self, format: str) -> set[int]:
        """Withdraw what the source lists no more, where it lists everything; returns what is gone and listed again."""
        if not paging.listing(self.source.url, format):
            return set()
        with self.publication.store.read() as connection:
            had = {each.article: each.place for each in sightings.of(connection, self.name)}
            # To the end where something is withdrawn, which may be listed anywhere; and the first time, for a site that
            # repeats a page was not read whole.
            sought = not self.row.walked or bool(articles.withdrawn(connection))
        missing, others = set(had), set[int]()
        for _ in range(LISTINGS):
            for keys in self._listed(format) if missing or sought else ():
                missing -= keys
                others |= keys - had.keys()
                if not missing and not sought:
                    break
            sought = False
        gone = {key: had[key] for key in missing}
        withdraw(self.publication, self.name, gone, self.report, many=self.withdraw_many)
        return self._gone(others)

    def _bring_back(self, keys: set[int], unread: Iterator[Page], format: str) -> None:
        """Read on until what was gone and is listed again was read: as it was, it stands among what did not change."""
        for page in unread if keys else ():
            self._take(page, format)
            keys = self._gone(keys)
            if not keys:
                return

    def _gone(self, keys: set[int]) -> set[int]:
        """Return those of these articles that are withdrawn."""
        with self.publication.store.read() as connection:
            return {key for key in keys if articles.gone(connection, key)}

    def _listed(self, format: str) -> Iterator[set[int]]:
        """Yield the articles that the books know on each page of what the source lists."""
        for names in self._listing(format):
            with self.publication.store.read() as connection:
                keys = sightings.keys_of(connection, names)
            yield keys

    def _listing(self, format: str) -> Iterator[list[str]]:
        """Yield the names on each page of what the source lists.

        A page may be empty and not the last: Drupal leaves out what nobody may see once the page was cut. One that
        repeats what was listed stands in the place of another, of which nothing is known then.

        Raises:
            IntakeError: if that is so, or there is no end to it.
        """
        following = paging.listing(self.source.url, format)
        listed: set[str] = set()
        for _ in range(PAGES):
            page = self._get(following)
            names = paging.listed(page.body, format, self._desk(format, page.charset))
            yield names
            if names and listed.issuperset(names):
                raise IntakeError(_REPEATED)
            listed |= set(names)
            following = paging.following(page.body, page.url, page.headers, format)
            if not following:
                return
        raise IntakeError(f"lists more than {PAGES} pages, so nothing is withdrawn; narrow its url by a filter")

    def _get(self, url: str, *, conditional: bool = False) -> Page:
        # The newest page of an API says nothing of what went away on the others.
        known = conditional and not paging.listing(self.source.url, self.source.format)
        etag, modified = (self.row.etag, self.row.modified) if known else ("", "")
        if self._password:
            url = signed(url, self.source.url, self.source.user, self._password)
        return self.fetcher.get(url, etag=etag, modified=modified, private=self.source.private)

    @cached_property
    def _password(self) -> str | None:
        return secret(self.source, os.environ, self.publication.config.at(""))

    def _input(self, page: Page, format: str) -> Input:
        name = Path(urlsplit(page.url).path).name or self.name
        return Input(self.name, page.url, name, page.body, self._desk(format, page.charset))

    def _desk(self, format: str, charset: str) -> intake.Desk:
        source = msgspec.structs.replace(self.source, format=format)
        return self.publication.desk(self.name, source, charset=charset)
