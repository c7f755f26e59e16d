"""The files that an address may name: those of the output folder that are neither hidden nor elsewhere."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from urllib.parse import unquote_to_bytes

INDEX = "index.html"
"""What stands at the root; no other folder has a page."""

# No hidden file, no "..", no separator in disguise, no control character.
_SEGMENT = re.compile(r"(?!\.)[^\x00-\x1f\x7f-\x9f/\\]+")
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO})


@dataclass(frozen=True)
class Opened:
    """A file as it stood when it was opened: a build that replaces it later leaves this one whole.

    Equal are those that are the same file in the same state.
    """

    path: str
    inode: int
    size: int
    changed: int
    written: int
    file: BufferedReader = field(compare=False)


def path_of(address: bytes) -> str:
    """Return the path that the path of an address names, its percents decoded once; nothing where it can name none.

    >>> path_of(b"/th%65me/sante.atom"), path_of(b"/"), path_of(b"/%2e%2e/config.toml")
    ('theme/sante.atom', 'index.html', '')
    """
    try:
        segments = [unquote_to_bytes(segment).decode() for segment in address.removeprefix(b"/").split(b"/")]
    except UnicodeDecodeError:
        return ""
    if segments == [""]:
        return INDEX
    return "/".join(segments) if all(map(_SEGMENT.fullmatch, segments)) else ""


class Folder:
    """A folder whose files anybody may read, wherever links inside it lead as long as that is inside too."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, path: str) -> Opened | None:
        """Open a file, None where there is none that may be read; whoever asks closes it."""
        try:
            real = self._real(path)
            return _opened(path, real) if real else None
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise

    def _real(self, path: str) -> Path | None:
        root = self._root.resolve()
        with suppress(RuntimeError):  # links in a circle
            real = (root / path).resolve(strict=True)
            inside = real.is_relative_to(root) and all(map(_SEGMENT.fullmatch, real.relative_to(root).parts))
            return real if inside else None
        return None


def _opened(path: str, real: Path) -> Opened | None:
    # A pipe would keep us waiting for who writes into it.
    number = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    facts = os.fstat(number)
    if not stat.S_ISREG(facts.st_mode):
        os.close(number)
        return None
    file = os.fdopen(number, "rb")
    return Opened(path, facts.st_ino, facts.st_size, facts.st_ctime_ns, facts.st_mtime_ns, file)
