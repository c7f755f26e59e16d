"""Checking: what a validator would say of the output folder, document by document and of all together."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from newsletter.config import Config
from newsletter.errors import NewsletterError
from newsletter.feeds.redirects import GONE, from_text
from newsletter.pipeline.output import PACKED, Output
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.validation.across import across
from newsletter.validation.documents import READERS
from newsletter.validation.folder import Folder
from newsletter.validation.reading import Reading, Told

_MOVED = "redirects.txt"


@dataclass(frozen=True)
class Checked:
    """How many files were looked at, and what is wrong, in the order of files and lines."""

    files: int
    told: tuple[Told, ...]


def check_feeds(config: Config, now: datetime, watch: Watch = unwatched) -> Checked:
    """Read everything that builds wrote into the output folder.

    Raises:
        NewsletterError: when there is no build to check, or a file cannot be read.
    """
    root = config.at(config.feeds.output)
    folder = _folder(config, root, now)
    documents = sorted(path for path in folder.published if PurePosixPath(path).suffix in READERS)
    if not documents:
        raise NewsletterError(f"{root}: nothing was built there; run `newsletter build` first")
    readings = []
    told = [*_packed(root, folder), *_links(root, folder)]
    with watch(len(documents)) as step:
        for path in documents:
            reading = _read(root, path, folder)
            told += (Told(path, line, what) for line, what in reading.complaints)
            readings.append(reading)
            step(1)
    told += across(readings, folder)
    return Checked(len(documents), tuple(sorted(set(told))))


def _folder(config: Config, root: Path, now: datetime) -> Folder:
    published = Output(root).published
    files = {(Path(where) / name).relative_to(root).as_posix() for where, _, names in os.walk(root) for name in names}
    moved = from_text(_bytes(root / _MOVED)) if _MOVED in files else {}
    former = {old.removeprefix("/") for old, new in moved.items() if new != GONE}
    return Folder(config.base, now, published, files, former)


def _read(root: Path, path: str, folder: Folder) -> Reading:
    return READERS[PurePosixPath(path).suffix](_bytes(root / path), path, folder)


def _packed(root: Path, folder: Folder) -> Iterator[Told]:
    """Yield each gzip that holds something else than the document beside it."""
    for path in folder.published:
        if f"{path}{PACKED}" not in folder.files or not path.endswith(tuple(READERS)):
            continue
        try:
            same = gzip.decompress(_bytes(root / f"{path}{PACKED}")) == _bytes(root / path)
        except (OSError, EOFError, zlib.error):
            same = False
        if not same:
            yield Told(f"{path}{PACKED}", 0, f"does not hold the bytes of {path}; `newsletter build --full` mends it")


def _links(root: Path, folder: Folder) -> Iterator[Told]:
    """Yield each link that leads out of the folder: web servers such as Caddy follow it."""
    for path in folder.files:
        if not (root / path).resolve().is_relative_to(root.resolve()):
            yield Told(path, 0, "is a link that leads out of the folder, and web servers may follow it; remove it")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NewsletterError(f"{path}: cannot be read ({error.strerror}); see to the folder") from error
