"""The publication's own pictures and files: kept once, below the hash of their bytes, so that an address never changes.

What an article names beside itself is copied here when it is read, and published from here by a build.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from newsletter.config import Config
from newsletter.errors import NewsletterError
from newsletter.intake.attachments import kind
from newsletter.intake.wording import slugify
from newsletter.model import Article, Media

FOLDER = "media"
"""Below the publication's address, whatever the folder is called on disk (DESIGN §4)."""

_HEAD = 512 * 1024
"""Bytes in which the size of a picture is found; a camera may write a long preface."""


@dataclass(frozen=True)
class Shelf:
    """The kept files of one publication: ``<hash>/<name>`` below ``folder``, the same below its public address."""

    folder: Path
    base: str

    @classmethod
    def of(cls, config: Config) -> Shelf:
        """Return the shelf that a configuration names."""
        return cls(config.at(config.store.media), f"{config.base}/{FOLDER}")

    def load(self, beside: Path, relative: str) -> Media | None:
        """Keep a file that stands in or below a folder and return it as published; None where there is none.

        Raises:
            NewsletterError: when it cannot be read or kept.
        """
        found = _inside(beside, relative)
        if found is None:
            return None
        try:
            with found.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
                file.seek(0)
                width, height = pixels(file.read(_HEAD))
            place = f"{digest}/{_clean(found.name)}"
            copy(found, self.folder / place)
            return Media(f"{self.base}/{place}", kind(place), found.stat().st_size, width, height)
        except OSError as error:
            where = error.filename or found
            raise NewsletterError(
                f"{where}: cannot be kept ({error.strerror}); see to its rights and to the disk"
            ) from error

    def files(self) -> list[str]:
        """Return ``<hash>/<name>`` of every kept file."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/[!.]*"))

    def named_by(self, articles: Iterable[Article]) -> Iterator[str]:
        """Yield ``<hash>/<name>`` of the kept files that articles show, link or offer."""
        ours = re.compile(re.escape(self.base) + r"/([0-9a-f]{16}/[\w.-]+)")
        for article in articles:
            picture = article.image.url if article.image else ""
            yield from ours.findall("\n".join([article.html, picture, *(file.url for file in article.attachments)]))


def copy(source: Path, target: Path, *, link: bool = False) -> bool:
    """Put a file where it is missing, whole or not at all; tells whether it was. A link saves the space."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        with suppress(OSError):  # another disk, or a file system without links
            os.link(source, target)
            return True
    number, name = tempfile.mkstemp(prefix=".newsletter-", suffix=".part", dir=target.parent)
    os.close(number)
    try:
        shutil.copyfile(source, name)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
    return True


def pixels(head: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, GIF or JPEG by its first bytes, (0, 0) of anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    return _of_jpeg(head) if head.startswith(b"\xff\xd8") else (0, 0)


def _of_jpeg(head: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (ITU-T T.81 §B.2.2), which holds height, then width."""
    place = 2
    while place + 9 <= len(head) and head[place] == 0xFF:
        marker, length = head[place + 1], int.from_bytes(head[place + 2 : place + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(head[place + 7 : place + 9]), int.from_bytes(head[place + 5 : place + 7])
        place += 1 if marker == 0xFF else 2 + length
    return 0, 0


def _inside(folder: Path, relative: str) -> Path | None:
    """Return the file that a relative path names; nothing hidden, and nothing outside, not even by a link."""
    steps = PurePosixPath(relative).parts
    if not steps or relative.startswith("/") or any(step.startswith(".") for step in steps):
        return None
    try:
        found = (folder / relative).resolve()
        return found if found.is_relative_to(folder.resolve()) and found.is_file() else None
    except (OSError, ValueError, RuntimeError):  # a name too long, a NUL, a ring of links
        return None


def _clean(name: str) -> str:
    """Return a file name that is the same in an address and on every disk."""
    stem, dot, suffix = name.rpartition(".")
    if not re.fullmatch(r"[A-Za-z0-9]{1,10}", suffix) or not stem:
        stem, dot, suffix = name, "", ""
    return f"{slugify(stem)}{dot}{suffix.lower()}"
