"""A file as it is sent: plain or packed, each with a strong ETag of its own, made of the bytes (RFC 9110 §8.8.3)."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import BinaryIO

from newsletter.pipeline.output import PACKED
from newsletter.web.coding import GZIP
from newsletter.web.folder import Folder, Opened
from newsletter.web.kinds import is_packed

PIECE = 256 * 1024
"""Bytes that are read at once."""

_SECOND = 10**9


@dataclass(frozen=True)
class Representation:
    """One form of a file; ``written`` in seconds since 1970, ``coding`` empty for the plain one."""

    file: BinaryIO
    size: int
    etag: str
    written: int
    coding: str = ""

    def read(self, part: range) -> Iterator[bytes]:
        """Yield some of its bytes, in pieces, and close it."""
        with self.file:
            self.file.seek(part.start)
            for start in range(part.start, part.stop, PIECE):
                yield self.file.read(min(PIECE, part.stop - start))


class Representations:
    """What a folder has to send; what was found out about its files is kept while they stay as they are."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._etag = lru_cache(maxsize=4096)(_etag)
        self._packed = lru_cache(maxsize=64)(_packed)

    def find(self, path: str, *, packed: bool) -> Representation | None:
        """Return a file as it is sent, None where there is none; whoever asks reads or closes it."""
        plain = self._folder.open(path)
        if plain is None or not (packed and is_packed(path)):
            return self._whole(plain) if plain else None
        with plain.file:
            beside = self._folder.open(f"{path}{PACKED}")
            # What is older than the document was packed before it changed.
            if beside and beside.written >= plain.written:
                return self._whole(beside, GZIP)
            if beside:
                beside.file.close()
            data, etag = self._packed(plain)
        return Representation(BytesIO(data), len(data), etag, plain.written // _SECOND, GZIP)

    def _whole(self, opened: Opened, coding: str = "") -> Representation:
        return Representation(opened.file, opened.size, self._etag(opened), opened.written // _SECOND, coding)


def _etag(opened: Opened) -> str:
    opened.file.seek(0)
    return _quoted(hashlib.file_digest(opened.file, "sha256").hexdigest())


def _packed(opened: Opened) -> tuple[bytes, str]:
    data = gzip.compress(opened.file.read(), 6, mtime=0)
    return data, _quoted(hashlib.sha256(data).hexdigest())


def _quoted(digest: str) -> str:
    return f'"{digest[:32]}"'
