"""Quoted-printable whose pieces can be joined (RFC 2045 §6.7).

A body is put together from pieces that were encoded at different times: fragments once an issue, a reader's own links
at the end. So every piece begins and ends at the start of a line, and wherever it was broken, no line of it is one that
a mail system would touch: over 76 long, beginning with a dot (RFC 5321 §4.5.2) or ``From `` (mbox), ending in a blank.

>>> body = finish([encode("Bonjour à toutes,\\n"), encode("From here"), encode(" on.")])
>>> print(b"".join(body).decode().replace("\\r", ""))
Bonjour =C3=A0 toutes,
=46rom here=
 on.
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Sequence

SOFT = b"=\r\n"

_WIDTH = 73  # two more for an escaped first character, one for the soft break: 76


def encode(text: str) -> bytes:
    """Return a text as a piece of a body, ending at the start of a line; its line ends become CRLF."""
    data = _escape(text)
    if len(data) > _WIDTH or b"\n" in data:
        data = b"\r\n".join(map(_wrap, data.split(b"\n")))
        data = data.replace(b"\n.", b"\n=2E").replace(b"\nFrom ", b"\n=46rom ")
    if data.startswith((b".", b"From ")):
        data = b"=%02X" % data[0] + data[1:]
    return data + SOFT if data and not data.endswith(b"\n") else data


def finish(pieces: Sequence[bytes]) -> list[bytes]:
    """Return the pieces of a body, to be joined, of which the last must not end in a soft break."""
    *others, last = pieces or [b""]
    return [*others, last.removesuffix(SOFT)] if last or not others else finish(others)


def _escape(text: str) -> bytes:
    """Return the text with what is not plain as =XX, lines ending in a bare LF and not yet wrapped."""
    if text.isascii() and text.isprintable() and "=" not in text and text[-1:] != " ":
        return text.encode()  # most of what is a reader's own: a third of the time
    unix = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    # b2a_qp breaks at 76, which leaves no room for a first character to be escaped: its breaks are taken out again.
    return b2a_qp(unix).replace(b"=\n", b"")


def _wrap(line: bytes) -> bytes:
    parts, start, end = [], 0, _WIDTH
    while end < len(line):
        escape = line.find(b"=", end - 2, end)
        end = end if escape < 0 else escape  # an =XX that would be cut goes to the next line
        parts.append(line[start:end])
        start, end = end, end + _WIDTH
    parts.append(line[start:])
    return SOFT.join(parts)
