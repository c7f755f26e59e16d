"""The logbook: a small file outside the database that knows which issues letters went out of from here (ADR 0035).

It is only appended to, a JSON object a line, and each line is on disk before the letters that follow it. It also knows
where it lies, so that a copy of it is told from the one that was written here.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from newsletter.errors import StoreError
from newsletter.store.engine import Store

MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


class Place(msgspec.Struct, frozen=True, tag="place"):
    """Where the lines that follow are written: its id in the database, the machine, the file's number, its path."""

    id: str
    machine: str
    inode: int
    path: str


class Passage(msgspec.Struct, frozen=True, tag="issue"):
    """That letters of an issue go out, or went: ``nonce`` tells it from another of the same name."""

    at: datetime
    issue: str
    audience: int
    nonce: str
    sent: int


@dataclass(frozen=True)
class Logbook:
    """What a logbook says: where it was written last, and of each issue since it was adopted there the last line."""

    place: Place
    passages: dict[str, Passage] = field(default_factory=dict)


_DECODER = msgspec.json.Decoder(Place | Passage)


def path_of(store: Store, root: Path) -> Path:
    """Return where the logbook of a database is: beside its file, or of a server's in the publication's folder."""
    return Path(f"{store.path}.logbook" if store.sqlite else root / f"{store.path.name}.logbook").absolute()


def read(path: Path) -> Logbook | None:
    """Return what a logbook says, None where there is none; a line that was cut off by a crash counts for nothing."""
    found = None
    for line in _lines(path):
        if isinstance(line, Passage):
            if found:
                found.passages[line.issue] = line
        elif found and line.id == found.place.id:
            found = Logbook(line, found.passages)
        else:
            found = Logbook(line)
    return found


def begin(path: Path, place_id: str) -> None:
    """Begin a logbook, or go on with it under another id: what stands before counts no more."""
    _append(path, lambda inode: Place(place_id, machine(), inode, str(path)))


def note(path: Path, passage: Passage) -> None:
    """Write that letters of an issue go out, or went."""
    _append(path, lambda _: passage)


def copied(place: Place, path: Path) -> bool:
    """Tell whether a logbook is a copy of the one that was written at a place.

    A copy is another file, with another number on its disk. The one exception is what was moved from disk to disk on
    the same machine: then nothing is left where it was. A number alone proves nothing on another machine, since the
    disks of copied machines number alike; but containers often have no name for theirs.
    """
    here = machine()
    if place.machine and here and place.machine != here:
        return True
    if path.stat().st_ino == place.inode:
        return False
    moved = here and place.machine == here and str(path) != place.path and not Path(place.path).exists()
    return not moved


def machine() -> str:
    """Return what names this machine and no other, hashed as its manual asks; empty where nothing does."""
    for path in MACHINE_IDS:
        with suppress(OSError):
            if len(name := path.read_text(encoding="ascii", errors="replace").strip()) == 32:
                return hashlib.sha256(f"newsletter {name}".encode()).hexdigest()[:16]
    return ""


def _lines(path: Path) -> Iterator[Place | Passage]:
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror}; it says what was mailed from here, so it must be readable"
        ) from error
    for line in written.splitlines():
        with suppress(msgspec.DecodeError):
            yield _DECODER.decode(line)


def _append(path: Path, line_of: Callable[[int], Place | Passage]) -> None:
    try:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            line = msgspec.json.encode(line_of(os.fstat(file.fileno()).st_ino)) + b"\n"
            if size := file.seek(0, os.SEEK_END):
                file.seek(size - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; nothing is mailed without a line in it") from error
