"""Receiving: inputs of whatever origin become stored articles; a bad one costs one line, never the batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from itertools import starmap
from pathlib import Path

from newsletter import intake
from newsletter.errors import EmptyError, IntakeError, NewsletterError, StoreError
from newsletter.fetching import Fetcher
from newsletter.model import Article
from newsletter.pipeline.copies import Copies, Visit, addresses
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.store import articles, copies, incoming, sightings
from newsletter.store.articles import Raw
from newsletter.store.copies import Copy
from newsletter.store.incoming import Change, Given

UNNAMED = "import"
"""The source of what comes in files that no configured source holds."""

CHANGED = frozenset({Change.NEW, Change.UPDATED})
"""What leaves an article as its input has it, so that the input is kept."""


@dataclass
class Received:
    """What an import or a collection came to; every line begins with its file or source.

    ``skipped`` are files of folders that are neither articles nor named by one.
    """

    counts: Counter[Change] = field(default_factory=Counter)
    archived: int = 0
    withdrawn: int = 0
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, other: Received) -> None:
        """Count what another came to with this one."""
        self.counts.update(other.counts)
        self.archived += other.archived
        self.withdrawn += other.withdrawn
        self.failures += other.failures
        self.warnings += other.warnings
        self.skipped += other.skipped


@dataclass(frozen=True, slots=True)
class Input:
    """One file or document: how people know it, its place in the books, its name, its bytes, and how it is read."""

    shown: str
    place: str
    name: str
    data: bytes
    desk: intake.Desk

    @property
    def origin(self) -> str:
        """Whose words the articles are: the file's, or the source's that is fetched, whatever page of it this is."""
        return self.desk.name if self.desk.source.url else self.place


@dataclass
class Reception:
    """Where inputs are taken in; ``archive`` says for all whether they are archive or news."""

    publication: Publication
    archive: bool | None = None
    fetcher: Fetcher | None = None
    report: Received = field(default_factory=Received)
    failed: set[str] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _troubles: Counter[str] = field(default_factory=Counter)

    def take(self, inputs: Sequence[Input]) -> dict[str, Change]:
        """Read some inputs, store what is in them in one transaction; tells what became of it, by its identities."""
        taken = [(each, read) for each, read in zip(inputs, map(self._read, inputs), strict=True) if read]
        found, made = self._at_home(taken)
        return self._store(found, made)

    def _store(self, found: list[tuple[Input, list[Article]]], made: list[Copy]) -> dict[str, Change]:
        numbering, at = self.publication.numbering(self.archive), self.at
        with self.publication.store.write() as connection:
            given = [(each, article) for each, read in found for article in read]
            known = sightings.places(connection, [article.identity for _, article in given])
            fresh = list(self._without_doubles(given, known))
            changes = incoming.save_all(
                connection,
                [Given(article, each.place, at, each.origin) for each, article in fresh],
                self.publication.ends,
                list(self.publication.taxonomies),
                numbering,
            )
            wanted = {
                article.source.sha256: each
                for (each, article), change in zip(fresh, changes, strict=True)
                if change in CHANGED
            }
            articles.keep_raw(connection, starmap(_raw, wanted.items()), self.publication.now)
            copies.keep(connection, made)
        for (each, article), change in zip(fresh, changes, strict=True):
            self._tell(each, article, change)
        stored = zip(fresh, changes, strict=True)
        return {article.identity: change for (_, article), change in stored if isinstance(change, Change)}

    @cached_property
    def at(self) -> datetime:
        """When this reception sees its articles: later than any other one did, even if the clock stands still."""
        with self.publication.store.read() as connection:
            return sightings.after(connection, self.publication.now)

    def fail(self, shown: str, what: str, place: str = "") -> None:
        """Note what went wrong with an input; what it held before is not taken for gone."""
        self.report.failures.append(f"{shown}: {what}")
        self.failed.add(place)

    def _read(self, given: Input) -> list[Article]:
        try:
            read = intake.read(given.data, given.name, given.desk)
            # Of two that nothing tells apart the last one counts: by turns they would never be the same again.
            good = list({each.identity: each for each in read if isinstance(each, Article)}.values())
        except EmptyError as error:
            self._tell_empty(given, error)
            return []
        except NewsletterError as error:
            self.fail(given.shown, str(error), given.place)
            return []
        for failure in (each for each in read if isinstance(each, IntakeError)):
            self.fail(given.shown, str(failure), given.place)
        return good

    def _tell_empty(self, given: Input, error: EmptyError) -> None:
        """Tell of a document that shows nothing: of an address that is no fault, a file without articles is one."""
        if given.desk.source.url:
            self.report.warnings.append(f"{given.shown}: {error}")
        else:
            self.fail(given.shown, str(error), given.place)

    def _at_home(self, read: list[tuple[Input, list[Article]]]) -> tuple[list[tuple[Input, list[Article]]], list[Copy]]:
        """Bring the pictures and files of articles home, before the books are opened for writing."""
        wanted = addresses((article for _, found in read for article in found), self._shelf)
        known = {}
        if wanted:
            with self.publication.store.read() as connection:
                known = copies.held(connection, wanted)
        brought, made = [], dict[str, Copy]()
        for given, found in read:
            home = Copies(self._shelf, self.publication.now, self._visit(given), known, made, self._troubles)
            try:
                brought.append((given, [home.bring(article) for article in found]))
            except NewsletterError as error:
                self.fail(given.shown, str(error), given.place)
        return brought, list(made.values())

    def _visit(self, given: Input) -> Visit | None:
        """Return how what the articles of an input name elsewhere is fetched, nothing where it is not to be."""
        source = given.desk.source
        if self.fetcher is None or not source.copies:
            return None
        return partial(self.fetcher.get, private=source.private)

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf.of(self.publication.config)

    def _without_doubles(
        self, given: Sequence[tuple[Input, Article]], known: dict[str, set[str]]
    ) -> Iterator[tuple[Input, Article]]:
        """Yield the articles but Markdown files that another one of the publication's own has already by that name."""
        written = {name: {place for place in places if _is_text(name, place)} for name, places in known.items()}
        for each, article in given:
            if article.source.format == "markdown":
                others = written.setdefault(article.identity, set())
                if other := self._other(each, others):
                    what = f"is the same article as {other} by its name; give one another slug"
                    self.fail(each.shown, what, each.place)
                    continue
                others.add(each.place)
            yield each, article

    def _other(self, given: Input, places: set[str]) -> str:
        """Return the file that has an article already, if there is such a file still."""
        if given.place in places:
            return ""
        root = Path(self.publication.config.root)
        return next((place for place in sorted(places) if place and (root / place).is_file()), "")

    def _tell(self, given: Input, article: Article, change: Change | StoreError) -> None:
        if isinstance(change, StoreError):
            self.fail(given.shown, str(change), given.place)
            return
        self.report.counts[change] += 1
        numbering = self.publication.numbering(self.archive)
        self.report.archived += change is Change.NEW and numbering.archived(article.published)
        lines = [f"{given.shown}: {warning}" for warning in article.warnings]
        self.report.warnings += [line for line in lines if line not in self._told]
        self._told.update(lines)


def _is_text(name: str, place: str) -> bool:
    """Tell whether what was seen at a place was a Markdown file: a name of our own is that of no other file."""
    return "://" not in name or place.lower().endswith((".md", ".markdown"))


def _raw(sha256: str, given: Input) -> Raw:
    return Raw(sha256, given.name, given.data, given.desk.charset)
