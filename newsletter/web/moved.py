"""Former addresses, as the last build wrote them down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from newsletter.feeds import redirects


class Moved:
    """The former addresses of a folder, read again when a build has changed them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: tuple[tuple[int, ...], Mapping[str, str]] = ((), {})

    def of(self, path: str) -> str:
        """Return where a path leads today, ``gone`` where nowhere, nothing where it is no former address."""
        return self._lines().get(f"/{path}", "")

    def _lines(self) -> Mapping[str, str]:
        try:
            facts = self._file.stat()
            state = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if state != self._read[0]:
                self._read = state, redirects.from_text(self._file.read_bytes())
        except OSError:
            return {}
        return self._read[1]
