"""Importing: files become stored articles; a bad one costs one line, never the batch.

Of a folder, what looks like an article is read. A table, calendar, page or JSON document may as well be a file that
articles offer: it is read if none of them names it, and its content is that of articles.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import msgspec

from newsletter import intake
from newsletter.config import Source
from newsletter.errors import IntakeError, NewsletterError, UsageError
from newsletter.fetching import Fetcher, Limits
from newsletter.intake.route import ROUTES, is_shown
from newsletter.model import Media
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.receiving import Input, Received, Reception
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.pipeline.withdrawing import withdraw
from newsletter.store import sightings
from newsletter.store.sightings import Sighting

TEXTS = frozenset({".md", ".markdown"})
"""What is an article in a folder, whoever names it."""

READ = frozenset({*TEXTS, ".txt", ".xml", ".rss", ".atom", ".rdf", ".cdf"})
"""What is tried in a folder unless an article names it; a file that is named to the command is always tried."""

DATA = {
    "csv": (".csv", ".tsv"),
    "jsonfeed": (".json",),
    "ical": (".ics",),
    "drupal": (".json",),
    "wordpress": (".json",),
    "print-html": (".html", ".htm"),
}
"""What is tried too where its format is set, and otherwise is read if its content is that of articles."""

PERHAPS = frozenset({"", *(suffix for suffixes in DATA.values() for suffix in suffixes)})
"""Whose content decides; what ends otherwise is none of our formats, but a picture, a film, a program."""

BATCH = 250
"""Files a transaction."""

LARGEST = Limits().largest
"""Bytes of the largest file that is read, as of a document that is fetched: a feed takes twelve times its size."""

_USUAL = 64 * 1024
"""Bytes that hold most files: to ask for the largest is to be given memory for it."""


def import_paths(
    publication: Publication,
    paths: Sequence[Path],
    *,
    format: str = "",
    archive: bool | None = None,
    fetcher: Fetcher | None = None,
    withdraw_many: bool = False,
    watch: Watch = unwatched,
) -> Received:
    """Read files, and folders with all that is below them, into the store.

    ``format`` is taken instead of guessing; ``archive`` says for all whether they are archive or news. What a folder of
    a source holds no more is withdrawn; most of it at once only with ``withdraw_many``.

    Raises:
        UsageError: when there is no such format.
        StoreError: when the books cannot be written at all; earlier batches are in.
    """
    if format and format not in ROUTES:
        raise UsageError(f"--format {format}: no such format; write one of: {', '.join(ROUTES)}")
    with publication.store.write() as connection:
        publication.declare(connection)
    work = _Import(publication, format, Reception(publication, archive, fetcher))
    files = list(dict.fromkeys(map(str, work.files(paths))))  # of many files, their bare names are what fits
    with watch(len(files)) as step:
        for some in batches(files):
            work.take(map(Path, some))
            step(len(some))
    work.sweep(paths, many=withdraw_many)
    return work.reception.report


def batches(files: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield files a batch at a time: texts, then tables, then all else, as it is those that name other files."""
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    for file in files:
        suffix = Path(file).suffix.lower()
        groups[0 if suffix in TEXTS else 1 if suffix in DATA["csv"] else 2].append(file)
    for group in groups:
        yield from (group[start : start + BATCH] for start in range(0, len(group), BATCH))


@dataclass
class _Import:
    """One import under way."""

    publication: Publication
    format: str
    reception: Reception
    read: set[str] = field(default_factory=set)
    given: set[Path] = field(default_factory=set)
    offered: set[Path] = field(default_factory=set)
    _parents: dict[Path, Path] = field(default_factory=dict)

    def files(self, paths: Iterable[Path]) -> Iterator[Path]:
        """Yield every file to read, folders in the order of names."""
        config = self.publication.config
        folders = (config.feeds.output, config.store.media, "templates")
        ours = {config.at(folder).resolve() for folder in folders}
        for path in paths:
            try:
                mode = path.stat().st_mode
            except OSError as error:
                self._fail(path, f"cannot be read ({error.strerror}); correct the name or its rights")
                continue
            if stat.S_ISDIR(mode):
                yield from self._below(path, ours)
            else:
                self.given.add(path)
                yield path

    def _below(self, folder: Path, but: set[Path]) -> Iterator[Path]:
        """Yield the readable files of a folder; not what is hidden, nor what belongs to the publication itself."""
        for here, folders, names in os.walk(folder, onerror=self._unreadable):
            place = Path(here)
            folders[:] = sorted(name for name in folders if name[0] != "." and (place / name).resolve() not in but)
            yield from filter(self._is_article, (place / name for name in sorted(names)))

    def _is_article(self, path: Path) -> bool:
        """Tell whether a file of a folder is to be read; a pipe or a device would never end."""
        suffix = path.suffix.lower()
        if path.name.startswith("."):
            return False
        if suffix not in READ and suffix not in PERHAPS:
            return False
        try:
            return path.is_file()
        except OSError:
            return True  # reading it will say why not

    def _unreadable(self, error: OSError) -> None:
        self._fail(Path(error.filename), f"cannot be read ({error.strerror}); see to its rights")

    def take(self, files: Iterable[Path]) -> None:
        """Take in some files."""
        self.reception.take([given for path in files if (given := self._input(path))])

    def _input(self, path: Path) -> Input | None:
        if self._is_offered(path):
            return None
        place = self._place(path)
        try:
            given = Input(_shown(path), place, self._name(path), _bytes(path), self._desk(path))
        except NewsletterError as error:
            self.reception.fail(_shown(path), str(error), place)
            return None
        if not self._is_meant(path, given):
            self.reception.report.skipped.append(given.shown)
            return None
        self.read.add(place)
        return given

    def _name(self, path: Path) -> str:
        """Return the name of a file; of an index, with its folder, whose files all belong to one article."""
        if path.stem.lower() != "index":
            return _shown(path.name)
        folder = self._whole(path).parent
        roots = {self._root, self._root / "articles", *(root for root, _ in self._folders)}
        return _shown(path.name if folder in roots else f"{folder.name}/{path.name}")

    def _is_offered(self, path: Path) -> bool:
        """Tell whether an article that was read names a file of a folder, so that it is none itself."""
        if path.suffix.lower() in TEXTS or path in self.given:
            return False
        return self._whole(path) in self.offered

    def _is_meant(self, path: Path, given: Input) -> bool:
        """Tell whether a file is to be read: by its ending, else by its content where no format is set."""
        suffix, format = path.suffix.lower(), given.desk.source.format
        if suffix in READ or suffix in DATA.get(format, ()) or path in self.given:
            return True
        return not format and is_shown(given.data, given.desk)

    def _load(self, folder: Path, relative: str) -> Media | None:
        self.offered.add(self._whole(folder / relative))
        return self._shelf.load(folder, relative)

    def sweep(self, paths: Iterable[Path], *, many: bool) -> None:
        """Withdraw what stood in files of the sources below these paths and stands there no more."""
        given = [path.resolve() for path in paths if path.is_dir()]
        for folder, name in self._folders:
            if not folder.exists() or not any(
                folder.is_relative_to(path) or path.is_relative_to(folder) for path in given
            ):
                continue
            with self.publication.store.read() as connection:
                seen = sightings.of(connection, name)
            gone = {each.article: each.place for each in seen if self._is_gone(each, given)}
            withdraw(self.publication, name, gone, self.reception.report, many=many)

    def _is_gone(self, seen: Sighting, below: Sequence[Path]) -> bool:
        """Tell whether an article's file is no more, or was read whole and does not hold it any longer."""
        path = self._root / seen.place
        if seen.place in self.reception.failed or not any(path.is_relative_to(folder) for folder in below):
            return False
        return not path.exists() or (seen.place in self.read and seen.at < self.reception.at)

    def _place(self, path: Path) -> str:
        """Return a file as the books name it: from the folder of the publication where it stands below that."""
        whole = self._whole(path)
        return _shown(whole.relative_to(self._root) if whole.is_relative_to(self._root) else whole)

    def _whole(self, path: Path) -> Path:
        """Return a file as the disk knows it; a folder is asked about once, and not for each of its files."""
        if path.parent not in self._parents:
            self._parents[path.parent] = path.parent.resolve()
        return self._parents[path.parent] / path.name

    @cached_property
    def _root(self) -> Path:
        return Path(self.publication.config.root).resolve()

    def _fail(self, path: Path, what: str) -> None:
        self.reception.fail(_shown(path), what, self._place(path))

    def _desk(self, path: Path) -> intake.Desk:
        name, source, file = self._source(path)
        source = msgspec.structs.replace(source, format=self.format or source.format)
        desk = self.publication.desk(name, source, lambda relative: self._load(path.parent, relative))
        return replace(desk, file=file)

    def _source(self, path: Path) -> tuple[str, Source, str]:
        """Return the innermost configured source that holds a file, and the file's name from its folder on."""
        place = self._whole(path)
        holding = ((folder, name) for folder, name in self._folders if place.is_relative_to(folder))
        folder, name = max(holding, key=lambda each: len(each[0].parts), default=(place, ""))
        if not name:
            return "import", Source(""), ""
        return name, self.publication.config.sources[name], _shown(place.relative_to(folder).as_posix())

    @cached_property
    def _folders(self) -> list[tuple[Path, str]]:
        config = self.publication.config
        return [(config.at(source.path).resolve(), name) for name, source in config.sources.items() if source.path]

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf.of(self.publication.config)


def _shown(path: Path | str) -> str:
    """Return a path as text; names of old disks may be no UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_USUAL)
            if len(data) == _USUAL:
                data += file.read(LARGEST + 1 - _USUAL)
    except OSError as error:
        raise IntakeError(f"cannot be read ({error.strerror}); see to its rights") from error
    if len(data) > LARGEST:
        raise IntakeError(f"is larger than {LARGEST // 2**20} MB, so no article; split it or remove it")
    return data
