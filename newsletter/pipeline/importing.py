"""Importing: files become stored articles; a bad one costs one line, never the batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from newsletter import intake
from newsletter.config import Source
from newsletter.errors import IntakeError, NewsletterError, UsageError
from newsletter.fetching import Fetcher, Limits
from newsletter.intake.route import ROUTES, is_shown
from newsletter.model import Media
from newsletter.pipeline.folders import DATA, READ, TEXTS, Files, is_perhaps_read, suffix
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.receiving import UNNAMED, Input, Received, Reception
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.pipeline.withdrawing import withdraw
from newsletter.store import sightings

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
    work.find(paths)
    with watch(work.files.count) as step:
        for some in work.files.batches():
            work.take(some)
            step(len(some))
    work.sweep(paths, many=withdraw_many)
    return work.reception.report


@dataclass
class _Import:
    """One import under way."""

    publication: Publication
    format: str
    reception: Reception
    files: Files = field(default_factory=Files)
    offered: set[Path] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    _known: dict[Path, tuple[Path, str]] = field(default_factory=dict)
    _desks: dict[Path, tuple[str, intake.Desk]] = field(default_factory=dict)

    def find(self, paths: Iterable[Path]) -> None:
        """Find every file to read; not what belongs to the publication itself."""
        config = self.publication.config
        folders = (config.feeds.output, config.store.media, "templates")
        self.files.find(paths, {config.at(folder).resolve() for folder in folders}, self._fail)

    def take(self, files: Iterable[Path]) -> None:
        """Take in some files."""
        self.reception.take([given for path in files if (given := self._input(path))])

    def _input(self, path: Path) -> Input | None:
        place = self._place(path)
        if self._is_offered(path):
            self.passed.add(place)
            return None
        try:
            given = Input(_shown(path), place, self._name(path), _bytes(path), self._desk(path))
        except NewsletterError as error:
            self.reception.fail(_shown(path), str(error), place)
            return None
        if not self._is_meant(path, given):
            self.passed.add(place)
            self.reception.report.skipped.append(given.shown)
            return None
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
        if suffix(path.name) in TEXTS or path in self.files.given:
            return False
        return self._whole(path) in self.offered

    def _is_meant(self, path: Path, given: Input) -> bool:
        """Tell whether a file is to be read: by its ending, else by its content where no format is set."""
        ending, format = suffix(path.name), given.desk.source.format
        if ending in READ or ending in DATA.get(format, ()) or path in self.files.given:
            return True
        return not format and is_shown(given.data, given.desk)

    def _load(self, folder: Path, relative: str) -> Media | None:
        if is_perhaps_read(file := folder / relative):
            self.offered.add(self._whole(file))
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
                seen = sightings.before(connection, name, self.reception.at)
            lost = [each for each in seen if any((self._root / each.place).is_relative_to(path) for path in given)]
            gone = self._gone({each.place for each in lost})
            missing = {each.article: each.place for each in lost if each.place in gone}
            withdraw(self.publication, name, missing, self.reception.report, many=many)

    def _gone(self, places: set[str]) -> set[str]:
        """Return those of some files that are no more, or were read whole and do not hold any longer what they held."""
        there = {place for place in places if (self._root / place).exists()}
        unsure = there - self.reception.failed - self.passed
        read = (self._place(path) for some in self.files.batches() for path in some) if unsure else ()
        return (places - self.reception.failed - there) | unsure.intersection(read)

    def _place(self, path: Path) -> str:
        """Return a file as the books name it: from the folder of the publication where it stands below that."""
        return self._folder(path.parent)[1] + _shown(path.name)

    def _whole(self, path: Path) -> Path:
        """Return a file as the disk knows it."""
        return self._folder(path.parent)[0] / path.name

    def _folder(self, folder: Path) -> tuple[Path, str]:
        """Return a folder as the disk knows it and how files in it begin in the books, asked once for all of them."""
        if folder not in self._known:
            whole = folder.resolve()
            below = whole.relative_to(self._root) if whole.is_relative_to(self._root) else whole
            self._known[folder] = whole, _shown(below / "_").removesuffix("_")
        return self._known[folder]

    @cached_property
    def _root(self) -> Path:
        return Path(self.publication.config.root).resolve()

    def _fail(self, path: Path, what: str) -> None:
        self.reception.fail(_shown(path), what, self._place(path))

    def _desk(self, path: Path) -> intake.Desk:
        """Return how a file is read: one desk serves all of a folder, but for a file that is a source by itself."""
        whole = self._whole(path)
        at = path if any(whole == root for root, _ in self._folders) else path.parent
        if at not in self._desks:
            self._desks[at] = self._sourced(whole if at is path else whole.parent, path.parent)
        root, desk = self._desks[at]
        file = _shown(whole.as_posix().removeprefix(root).lstrip("/")) or "." if root else ""
        return desk.facing(file=file, place=self._place(path))

    def _sourced(self, whole: Path, folder: Path) -> tuple[str, intake.Desk]:
        """Return the innermost configured source that holds a file or folder: where it is, and how it is read."""
        holding = [each for each in self._folders if whole.is_relative_to(each[0])]
        root, name = max(holding, key=lambda each: len(each[0].parts), default=(Path(), UNNAMED))
        source = self.publication.config.sources[name] if holding else Source("")
        source = msgspec.structs.replace(source, format=self.format or source.format)
        desk = self.publication.desk(name, source, lambda relative: self._load(folder, relative))
        return root.as_posix() if holding else "", desk

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
