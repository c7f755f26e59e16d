"""The output folder: whole files by rename, unchanged ones untouched, and nothing removed that is not ours.

The folder may be a web root that holds other people's files, so that a name alone never says that a file may go:
``.newsletter-files`` lists what this program wrote there, one path a line. A path is added before its file appears and
taken out after the file has gone, so that a killed run leaves at most a line too many, never a file unknown. Without
the list nothing is removed; the next build begins it anew.

Two notes stand beside it: ``.newsletter-built`` says of what the folder was made last, and is written when all the
rest is; ``.newsletter-pinged`` says which documents a hub has heard of.

Beside each document its gzip may stand, for web servers that send it as it is. It goes before its document changes and
returns afterwards, with the same date: a killed run leaves a document without gzip, never one beside older words.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import re
import tempfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path, PurePosixPath

from newsletter.errors import NewsletterError

LIST = ".newsletter-files"
MARK = ".newsletter-built"
PINGED = ".newsletter-pinged"
LOCK = ".newsletter-lock"
PACKED = ".gz"
DOCUMENTS = frozenset({".atom", ".rss", ".json", ".ics", ".html", ".opml"})
SWEPT = DOCUMENTS | {PACKED}
"""Only documents are ever removed: what stands in ``media`` is linked from mails for years."""

_TEMPORARY = (".newsletter-", ".part")
# No hidden file, no "..", no drive, no separator of another system, no control or trailing character that one drops.
_SEGMENT = re.compile(r"(?![.\s])[^\x00-\x1f\x7f-\x9f\\/:*?\"<>|\ud800-\udfff]+(?<![.\s])")


class Output:
    """The folder that web servers carry; paths are relative to it, with ``/`` between segments.

    ``compress`` says whether the gzip of each document stands beside it.
    """

    def __init__(self, root: Path, *, compress: bool = False) -> None:
        self.root = root
        self._compressed = DOCUMENTS if compress else frozenset[str]()
        self._inside: set[Path] = set()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other build out of the folder meanwhile; it waits for one that is under way.

        Raises:
            NewsletterError: the folder cannot be written.
        """
        self._require()
        with self._explained(self.root / LOCK), (self.root / LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @cached_property
    def published(self) -> frozenset[str]:
        """The paths of what earlier runs wrote and still stands there."""
        here = {
            (Path(folder) / name).relative_to(self.root).as_posix()
            for folder, _, names in os.walk(self.root)
            for name in names
        }
        return frozenset(self._ours & here)

    @property
    def whole(self) -> bool:
        """Whether it is known what earlier runs wrote, and all of it still stands there."""
        return (self.root / LIST).exists() and len(self.published) == len(self._ours)

    def noted(self, name: str) -> str:
        """Return what an earlier run wrote down in a note, nothing if none did."""
        try:
            return (self.root / name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def note(self, name: str, what: str) -> None:
        """Write something down for later runs; an empty note is taken away.

        Raises:
            NewsletterError: the folder cannot be written.
        """
        with self._explained(self.root / name):
            if not what:
                (self.root / name).unlink(missing_ok=True)
            elif not _holds(self.root / name, what.encode()):
                _replace(self.root / name, what.encode())

    def written(self, path: str) -> int:
        """Return when a file was last given other bytes, in nanoseconds; 0 where there is none."""
        try:
            return (self.root / path).stat().st_mtime_ns
        except OSError:
            return 0

    def write(self, path: str, data: bytes) -> bool:
        """Make the file hold these bytes, and tell whether it did not yet; readers see the old file or the new one.

        Raises:
            NewsletterError: the path leaves the folder or is an odd one, or the folder cannot be written.
        """
        target = self._target(path)
        with self._explained(target):
            self._note(path)
            if new := not _holds(target, data):
                target.parent.mkdir(parents=True, exist_ok=True)
                self._unpack(path)
                _replace(target, data)
            if PurePosixPath(path).suffix in self._compressed:
                self._pack(path, data)
            return new

    def sweep(self, keep: Collection[str]) -> int:
        """Remove what earlier runs wrote and these paths do not name, and tell how many files that were.

        Temporary files of a run that was killed go too; those of a run that is alive are locked and stay.

        Raises:
            NewsletterError: the folder cannot be written.
        """
        self._require()
        packed = (f"{path}{PACKED}" for path in keep if PurePosixPath(path).suffix in self._compressed)
        wanted = frozenset([*keep, *packed])
        gone = [path for path in sorted(self._ours - wanted, reverse=True) if PurePosixPath(path).suffix in SWEPT]
        with self._explained(self.root):
            removed = sum(self._remove(path) for path in gone)
            for leftover in self.root.rglob(f"{_TEMPORARY[0]}*{_TEMPORARY[1]}"):
                _discard(leftover)
            self._ours.difference_update(gone)
            self._rewrite_list()
        return removed

    @cached_property
    def _ours(self) -> set[str]:
        try:
            lines = (self.root / LIST).read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            return set()
        return {line for line in lines if _is_plain(line)}

    def _target(self, path: str) -> Path:
        self._require()
        target = self.root / path
        if not _is_plain(path) or not self._encloses(target.parent):
            raise NewsletterError(f"{self.root}: {path!r} is no path for a public file; rename the term or article")
        return target

    def _encloses(self, folder: Path) -> bool:
        """Tell whether a folder is really inside, where a link could lead elsewhere; asked once for each."""
        if folder not in self._inside and folder.resolve().is_relative_to(self.root.resolve()):
            self._inside.add(folder)
        return folder in self._inside

    def _require(self) -> None:
        if not self.root.is_dir():
            raise NewsletterError(f"{self.root}: no such folder; create it, or name another in feeds.output")

    def _note(self, path: str) -> None:
        if path in self._ours:
            return
        self._ours.add(path)
        with (self.root / LIST).open("a", encoding="utf-8") as lines:
            lines.write(f"{path}\n")

    def _pack(self, path: str, data: bytes) -> None:
        target, written = self.root / f"{path}{PACKED}", self.written(path)
        self._note(f"{path}{PACKED}")
        if not _holds_packed(target, data, written):
            _replace(target, gzip.compress(data, mtime=0), written)

    def _unpack(self, path: str) -> None:
        if f"{path}{PACKED}" in self._ours:
            (self.root / f"{path}{PACKED}").unlink(missing_ok=True)

    def _rewrite_list(self) -> None:
        data = "".join(f"{path}\n" for path in sorted(self._ours)).encode()
        if not _holds(self.root / LIST, data):
            _replace(self.root / LIST, data)

    def _remove(self, path: str) -> bool:
        target = self._target(path)
        try:
            target.unlink()
        except FileNotFoundError:
            return False
        for folder in target.parents:
            if folder == self.root:
                break
            with suppress(OSError):  # not empty, so somebody's still
                folder.rmdir()
        return True

    @contextmanager
    def _explained(self, target: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where, why = error.filename or target, error.strerror or error
            raise NewsletterError(
                f"{where}: cannot be written ({why}); see to {self.root}, or name another folder in feeds.output"
            ) from error


def _is_plain(path: str) -> bool:
    return all(_SEGMENT.fullmatch(segment) for segment in path.split("/"))


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _holds_packed(target: Path, data: bytes, written: int) -> bool:
    try:
        return target.stat().st_mtime_ns == written and gzip.decompress(target.read_bytes()) == data
    except (FileNotFoundError, EOFError, gzip.BadGzipFile, zlib.error):
        return False


def _replace(target: Path, data: bytes, written: int | None = None) -> None:
    """Write beside the target and rename, so that no reader sees half a file; ``written`` is its date if not now."""
    prefix, suffix = _TEMPORARY
    number, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(data)
            file.flush()
            os.fchmod(number, 0o644)
            if written is not None:
                os.utime(number, ns=(written, written))
            Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _discard(leftover: Path) -> None:
    with suppress(BlockingIOError, FileNotFoundError), leftover.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        leftover.unlink()
