"""Folders: which of their files are to be read, and in which order; a hundred thousand names take two megabytes.

Of a folder, what looks like an article is read. A table, calendar, page or JSON document may as well be a file that
articles offer: it is read if none of them names it, and its content is that of articles.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

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

Fail = Callable[[Path, str], None]
"""Told of a file or folder that cannot be read, and why."""


@dataclass
class Files:
    """The files to read: texts, then tables, then all else, as it is those that name other files.

    ``given`` are those that are named one by one; the names of those of a folder stand in one string.
    """

    given: set[Path] = field(default_factory=set)
    count: int = 0
    _folders: set[str] = field(default_factory=set)
    _groups: tuple[list[_Names], list[_Names], list[_Names]] = field(default_factory=lambda: ([], [], []))

    def find(self, paths: Iterable[Path], but: Collection[Path], fail: Fail) -> None:
        """Find the files of these paths, each once; not what is hidden, nor what stands in the folders ``but``."""
        folders = []
        for path in paths:
            try:
                mode = path.stat().st_mode
            except OSError as error:
                fail(path, f"cannot be read ({error.strerror}); correct the name or its rights")
                continue
            if stat.S_ISDIR(mode):
                folders.append(path)
            elif path not in self.given:
                self.given.add(path)
                self._add(str(path.parent), [path.name])
        for folder in folders:
            self._find_below(folder, but, fail)

    def batches(self) -> Iterator[list[Path]]:
        """Yield the files, some at a time."""
        for group in self._groups:
            files = (file for names in group for file in names.files())
            while some := list(islice(files, BATCH)):
                yield some

    def _find_below(self, folder: Path, but: Collection[Path], fail: Fail) -> None:
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            if str(here) in self._folders:
                continue
            self._folders.add(str(here))
            try:
                folders, names = self._inside(here)
            except OSError as error:
                fail(here, f"cannot be read ({error.strerror}); see to its rights")
                continue
            self._add(str(here), sorted(names))
            within = (here / name for name in sorted(folders, reverse=True))
            waiting += (each for each in within if each.resolve() not in but)

    def _inside(self, folder: Path) -> tuple[list[str], list[str]]:
        """Return the names of the folders in a folder, and of the files to be read; not what is hidden."""
        folders, names = [], []
        with os.scandir(folder) as entries:  # a Path for each would cost ten times the memory of its name
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif (
                    suffix(entry.name) in READ | PERHAPS and _is_file(entry) and not self._is_given(folder, entry.name)
                ):
                    names.append(entry.name)
        return folders, names

    def _is_given(self, folder: Path, name: str) -> bool:
        return bool(self.given) and folder / name in self.given

    def _add(self, folder: str, names: Iterable[str]) -> None:
        parts: tuple[list[str], list[str], list[str]] = ([], [], [])
        for name in names:
            ending = suffix(name)
            parts[0 if ending in TEXTS else 1 if ending in DATA["csv"] else 2].append(name)
        for group, part in zip(self._groups, parts, strict=True):
            if part:
                group.append(_Names(folder, b"".join(os.fsencode(name) + b"\0" for name in part)))
                self.count += len(part)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of files of one folder, each with an end that no name holds."""

    folder: str
    names: bytes

    def files(self) -> Iterator[Path]:
        start = 0
        while (end := self.names.find(b"\0", start)) >= 0:
            yield Path(self.folder, os.fsdecode(self.names[start:end]))
            start = end + 1


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell whether a file can be read to its end: a pipe or a device has none."""
    try:
        return entry.is_file()
    except OSError:
        return True  # reading it will say why not


def suffix(name: str) -> str:
    """Return what a name ends with, in lower case.

    >>> suffix("Agenda.CSV"), suffix("agenda."), suffix("agenda")
    ('.csv', '', '')
    """
    stem, _, ending = name.rpartition(".")
    return f".{ending.lower()}" if stem and ending else ""


def is_perhaps_read(path: Path) -> bool:
    """Tell whether a file that an article offers would be read if none did."""
    return suffix(path.name) in (READ | PERHAPS) - TEXTS
