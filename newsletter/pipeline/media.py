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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from newsletter import pictures
from newsletter.config import Config
from newsletter.errors import MediaError, NewsletterError
from newsletter.intake.attachments import kind
from newsletter.intake.wording import slugify
from newsletter.model import Article, Media
from newsletter.pipeline import files

FOLDER = "media"
"""Below the publication's address, whatever the folder is called on disk (DESIGN §4)."""

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest picture that is read."""

PICTURES = frozenset({"jpg", "jpeg", "jpe", "png", "gif", "webp", "avif"})
"""Endings of what can only be a picture."""

_HEAD = 4096
"""Bytes in which the size of a rendition is found."""

_PLACE = r"([0-9a-f]{16}/[\w.-]+)"
_RENDERED = r"-(?:1200|600)\.(?:jpg|png)"
_RENDITION = re.compile(rf"(.+){_RENDERED}")


@dataclass(frozen=True)
class Shelf:
    """The kept files of one publication: ``<hash>/<name>`` below ``folder``, the same below its public address.

    The hash is that of the bytes as they came. Of a picture only renditions are kept, never those bytes themselves.
    """

    folder: Path
    base: str

    @classmethod
    def of(cls, config: Config) -> Shelf:
        """Return the shelf that a configuration names."""
        return cls(config.at(config.store.media), f"{config.base}/{FOLDER}")

    @property
    def pages(self) -> str:
        """Where the pages of the publication's own articles begin: no file ever stands there."""
        return f"{self.base.removesuffix(FOLDER)}articles/"

    def load(self, beside: Path, relative: str) -> Media | None:
        """Keep a file that stands in or below a folder and return it as published; None where there is none.

        Raises:
            MediaError: when it is none that is published.
            NewsletterError: when it cannot be read or kept.
        """
        found = _inside(beside, relative)
        if found is None:
            return None
        try:
            with found.open("rb") as file:
                data = file.read(files.LARGEST + 1)
        except OSError as error:
            raise NewsletterError(f"{found}: cannot be read ({error.strerror}); see to its rights") from error
        return self.keep(data, found.name)

    def keep(self, data: bytes, name: str) -> Media:
        """Keep a picture or file that came under a name, and return it as published.

        Raises:
            MediaError: when it is none that is published.
            NewsletterError: when it cannot be kept.
        """
        named = files.checked_name(name)
        if named in PICTURES or (pictures.format_of(data) and not files.is_known(named)):
            return self.picture(data, name)
        if len(data) > files.LARGEST:
            raise MediaError(f"is larger than {files.LARGEST >> 20} MB; make it smaller")
        ending = files.ending(data, name)
        place = f"{_digest(data)}/{_stem(name)}.{ending}"
        self._write(place, data)
        return Media(f"{self.base}/{place}", kind(place), len(data))

    def picture(self, data: bytes, name: str) -> Media:
        """Keep the renditions of a picture that came under a name, and return them as published.

        Raises:
            MediaError: when it is none, or none that is published.
            NewsletterError: when it cannot be kept.
        """
        if len(data) > LARGEST:
            raise MediaError(f"is larger than {LARGEST >> 20} MB; make it smaller")
        place = f"{_digest(data)}/{_stem(name)}"
        found = self._rendered(place)
        if found is None:
            # The widest comes first: the other one alone would be taken for a picture that is no wider.
            for each in pictures.renditions(data):
                self._write(f"{place}-{each.slot}.{each.suffix}", each.data)
            found = self._rendered(place)
        if found is None:
            raise NewsletterError(f"{self.folder / place}: was removed while it was kept; import it again")
        return found

    def known(self, url: str) -> Media | None:
        """Return what is published at an address of ours, as it stands on the shelf; None where nothing does.

        Raises:
            NewsletterError: when the shelf cannot be read.
        """
        match = re.fullmatch(re.escape(self.base) + "/" + _PLACE, url)
        if not match:
            return None
        if rendition := _RENDITION.fullmatch(match[1]):
            return self._rendered(rendition[1])
        path = self.folder / match[1]
        with _explained(path):
            return Media(url, kind(url), path.stat().st_size) if path.is_file() else None

    def holds(self, media: Media) -> bool:
        """Tell whether what was once kept still stands on the shelf."""
        return self.known(media.url) is not None

    def kept(self, relative: str, articles: Iterable[Article]) -> Media | None:
        """Return what articles have on the shelf under the name of a file, None where they have nothing.

        Raises:
            NewsletterError: when they have several, or the shelf cannot be read.
        """
        name = PurePosixPath(relative).name
        ending = name.rpartition(".")[2].lower()
        written = rf"\.{re.escape(ending)}" if files.is_known(ending) else _RENDERED
        wanted = re.compile(rf"[0-9a-f]{{16}}/{_stem(name)}{written}")
        found = [place for place in self.named_by(articles) if wanted.fullmatch(place)]
        if len({place.partition("/")[0] for place in found}) > 1:
            raise NewsletterError(f"{relative} is gone, and the article has several files of that name; put it back")
        return self.known(f"{self.base}/{found[0]}") if found else None

    def files(self) -> list[str]:
        """Return ``<hash>/<name>`` of every kept file."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob("*/[!.]*"))

    def named_by(self, articles: Iterable[Article]) -> Iterator[str]:
        """Yield ``<hash>/<name>`` of the kept files that articles show, link or offer, with all their renditions."""
        ours = re.compile(re.escape(self.base) + "/" + _PLACE)
        for article in articles:
            picture = article.image.url if article.image else ""
            for place in ours.findall("\n".join([article.html, picture, *(file.url for file in article.attachments)])):
                yield place
                if small := pictures.smaller(place):
                    yield small

    def _rendered(self, place: str) -> Media | None:
        """Return a picture whose renditions stand on the shelf, all of them."""
        wide, narrow = (self._one(f"{place}-{width}") for width in pictures.WIDTHS)
        found = wide or narrow
        if found is None or narrow is None:
            return None
        path, (width, height) = found
        url = f"{self.base}/{path.relative_to(self.folder).as_posix()}"
        return Media(url, kind(url), path.stat().st_size, width, height, pictures.smaller(url))

    def _one(self, place: str) -> tuple[Path, tuple[int, int]] | None:
        for suffix in ("jpg", "png"):
            path = self.folder / f"{place}.{suffix}"
            with _explained(path), suppress(FileNotFoundError), path.open("rb") as file:
                return path, pixels(file.read(_HEAD))
        return None

    def _write(self, place: str, data: bytes) -> None:
        target = self.folder / place
        with _explained(target):
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                with _replacing(target) as part:
                    part.write_bytes(data)


def copy(source: Path, target: Path, *, link: bool = False) -> bool:
    """Put a file where it is missing, whole or not at all; tells whether it was. A link saves the space."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if link:
        with suppress(OSError):  # another disk, or a file system without links
            os.link(source, target)
            return True
    with _replacing(target) as part:
        shutil.copyfile(source, part)
    return True


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give a file to be written, which then takes the place of the target, whole or not at all."""
    number, name = tempfile.mkstemp(prefix=".newsletter-", suffix=".part", dir=target.parent)
    os.close(number)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NewsletterError(
            f"{error.filename or path}: cannot be kept ({error.strerror}); see to its rights and to the disk"
        ) from error


def pixels(head: bytes) -> tuple[int, int]:
    """Return width and height of a PNG or JPEG by its first bytes, (0, 0) of anything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
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


def _stem(name: str) -> str:
    """Return a file's name without its ending, the same in an address and on every disk."""
    stem, _, suffix = name.rpartition(".")
    return slugify(stem if stem and re.fullmatch(r"[A-Za-z0-9]{1,10}", suffix) else name)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
