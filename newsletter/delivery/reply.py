"""What a server says: replies of one or more lines (RFC 5321 §4.2), read from bytes as they come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODES = frozenset(b"%d" % code for code in range(200, 600))
_LAST = (b" ", b"\r", b"")
_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}\b")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST = 65_536
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said, in one line; ``stage`` is what it answered: MAIL, RCPT, DATA or DOT."""

    code: int
    text: str
    enhanced: str = ""
    stage: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the server took what it was given."""
        return self.code < 400

    @property
    def transient(self) -> bool:
        """Whether a later try may do better (RFC 5321 §4.2.1)."""
        return 400 <= self.code < 500


class Replies:
    """Collects bytes into replies: the lines of each, without their ends."""

    def __init__(self) -> None:
        self._unread = b""
        self._lines: list[bytes] = []

    @property
    def pending(self) -> bool:
        """Whether a reply has begun and not ended."""
        return bool(self._unread or self._lines)

    def feed(self, data: bytes) -> Iterator[list[bytes]]:
        """Yield the lines of each reply that is whole by now.

        Raises:
            ConnectionError: this is no SMTP.
        """
        *lines, self._unread = (self._unread + data).split(b"\n")
        if len(self._unread) > _LONGEST:
            raise ConnectionError("a reply without end")
        for line in lines:
            begun = self._lines
            if line[:3] not in _CODES or (begun and line[:3] != begun[0][:3]) or len(begun) == _MOST_LINES:
                raise ConnectionError(f"no SMTP reply: {printable(line)[:80]!r}")
            begun.append(line)
            after = line[3:4]
            if after in _LAST:
                self._lines = []
                yield begun
            elif after != b"-":
                raise ConnectionError(f"no SMTP reply: {printable(line)[:80]!r}")


def reply(lines: list[bytes], stage: str) -> Reply:
    """Return the lines of a reply as one value."""
    text = " ".join([printable(line[4:]) for line in lines]).strip()
    match = _ENHANCED.match(text)
    enhanced = match[0] if match and ord(text[0]) == lines[0][0] else ""
    return Reply(int(lines[0][:3]), text, enhanced, stage)


def printable(line: bytes) -> str:
    """Return what a server wrote as text that is safe to print; 8-bit text is UTF-8 or else Latin-1."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("latin-1")
    return _CONTROLS.sub(" ", text).strip()
