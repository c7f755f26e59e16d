"""Importing: files become stored articles; a bad one costs one line, never the batch."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import msgspec

from newsletter import calendar, intake
from newsletter.config import Source
from newsletter.errors import IntakeError, NewsletterError, StoreError, UsageError
from newsletter.intake.route import ROUTES
from newsletter.model import Article
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import articles, terms
from newsletter.store.articles import Change
from newsletter.store.engine import Transaction

SUFFIXES = frozenset({".md", ".markdown", ".txt", ".xml", ".rss", ".atom"})
"""What is read of a folder; a file that is named is always tried."""

DATA = {
    "csv": (".csv", ".tsv"),
    "jsonfeed": (".json",),
    "ical": (".ics",),
    "drupal": (".json",),
    "wordpress": (".json",),
    "print-html": (".html", ".htm"),
}
"""What is read of a folder besides if this format is set for it: otherwise it is a file beside an article."""

BATCH = 100
"""Files a transaction."""

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest file that is read."""


@dataclass
class Imported:
    """What an import came to; ``failures`` and ``warnings`` are lines that begin with the file."""

    counts: Counter[Change] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def import_paths(
    publication: Publication,
    paths: Sequence[Path],
    *,
    format: str = "",
    archive: bool | None = None,
    watch: Watch = unwatched,
) -> Imported:
    """Read files, and folders with all that is below them, into the store.

    ``format`` is taken instead of guessing; ``archive`` says for all whether they are archive or news.

    Raises:
        UsageError: when there is no such format.
        StoreError: when the books cannot be written at all; earlier batches are in.
    """
    if format and format not in ROUTES:
        raise UsageError(f"--format {format}: no such format; write one of: {', '.join(ROUTES)}")
    with publication.store.write() as connection:
        publication.declare_terms(connection)
    work = _Import(publication, format, archive)
    files = list(dict.fromkeys(work.files(paths)))
    with watch(len(files)) as step:
        for start in range(0, len(files), BATCH):
            some = files[start : start + BATCH]
            work.take(some)
            step(len(some))
    return work.report


@dataclass
class _Import:
    """One import under way."""

    publication: Publication
    format: str
    archive: bool | None
    report: Imported = field(default_factory=Imported)
    pages: dict[str, Path] = field(default_factory=dict)

    def files(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Yield every file to read, folders in the order of names."""
        config = self.publication.config
        written = {config.at(config.feeds.output).resolve(), config.at(config.store.media).resolve()}
        for path in paths:
            try:
                mode = path.stat().st_mode
            except OSError as error:
                self._fail(path, f"cannot be read ({error.strerror}); correct the name or its rights")
                continue
            yield from self._below(path, written) if stat.S_ISDIR(mode) else [path]

    def _below(self, folder: Path, but: set[Path]) -> Iterator[Path]:
        """Yield the readable files of a folder; not what is hidden, nor what a build or an import wrote itself."""
        for here, folders, names in os.walk(folder, onerror=self._unreadable):
            place = Path(here)
            folders[:] = sorted(name for name in folders if name[0] != "." and (place / name).resolve() not in but)
            yield from (place / name for name in sorted(names) if self._is_article(place / name))

    def _is_article(self, path: Path) -> bool:
        """Tell whether a file of a folder is to be read; a pipe or a device would never end."""
        suffix = path.suffix.lower()
        if path.name.startswith("."):
            return False
        if suffix not in SUFFIXES and suffix not in DATA.get(self.format or self._source(path)[1].format, ()):
            return False
        try:
            return path.is_file()
        except OSError:
            return True  # reading it will say why not

    def _unreadable(self, error: OSError) -> None:
        self._fail(Path(error.filename), f"cannot be read ({error.strerror}); see to its rights")

    def take(self, files: Sequence[Path]) -> None:
        """Read some files, then store what is in them in one transaction."""
        found = [(path, data, read) for path in files for data, read in self._read(path)]
        with self.publication.store.write() as connection:
            for path, data, read in found:
                origin = read[0].source
                articles.keep_raw(connection, origin.sha256, _shown(path.name), data, self.publication.now)
                for article in read:
                    self._save(connection, path, article)

    def _read(self, path: Path) -> Iterator[tuple[bytes, list[Article]]]:
        try:
            data = _bytes(path)
            read = intake.read(data, path.name, self._desk(path))
        except NewsletterError as error:
            self._fail(path, str(error))
            return
        for failure in (each for each in read if isinstance(each, IntakeError)):
            self._fail(path, str(failure))
        if good := [each for each in read if isinstance(each, Article)]:
            yield data, good

    def _save(self, connection: Transaction, path: Path, article: Article) -> None:
        publication = self.publication
        slugs = list(publication.taxonomies)
        ends = calendar.ends(calendar.occasions(_resolved(connection, article), publication.taxonomies))
        try:
            change = articles.try_save(connection, article, ends, slugs, publication.numbering(self.archive))
        except StoreError as error:
            self._fail(path, str(error))
            return
        self.report.counts[change] += 1
        self.report.warnings += [f"{_shown(path)}: {warning}" for warning in article.warnings]
        if self.pages.setdefault(article.identity, path) != path and article.source.format == "markdown":
            what = f"is the same article as {_shown(self.pages[article.identity])} by its name; give one another slug"
            self.report.warnings.append(f"{_shown(path)}: {what}")

    def _fail(self, path: Path, what: str) -> None:
        self.report.failures.append(f"{_shown(path)}: {what}")

    def _desk(self, path: Path) -> intake.Desk:
        config = self.publication.config
        name, source = self._source(path)
        return intake.Desk(
            site=config.site,
            base=config.base,
            taxonomies=config.taxonomies,
            source=msgspec.structs.replace(source, format=self.format or source.format),
            name=name,
            now=self.publication.now,
            load=lambda relative: self._shelf.load(path.parent, relative),
        )

    def _source(self, path: Path) -> tuple[str, Source]:
        """Return the innermost configured source that holds a file."""
        place = path.resolve()
        holding = ((folder, name) for folder, name in self._folders if place.is_relative_to(folder))
        _, name = max(holding, key=lambda each: len(each[0].parts), default=(place, ""))
        return (name, self.publication.config.sources[name]) if name else ("import", Source(""))

    @cached_property
    def _folders(self) -> list[tuple[Path, str]]:
        config = self.publication.config
        return [(config.at(source.path).resolve(), name) for name, source in config.sources.items()]

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf.of(self.publication.config)


def _shown(path: Path | str) -> str:
    """Return a path as text; names of old disks may be no UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise IntakeError(f"cannot be read ({error.strerror}); see to its rights") from error
    if len(data) > LARGEST:
        raise IntakeError(f"is larger than {LARGEST // 2**20} MB, so no article; split it or remove it")
    return data


def _resolved(connection: Transaction, article: Article) -> Article:
    """Return an article with its terms as the store knows them: only by those it is told what is an event."""
    if not article.dates:
        return article
    return replace(article, terms=tuple(terms.resolve(connection, term)[1] for term in article.terms))
