"""DKIM signatures (RFC 6376): rsa-sha256 over the headers that people and mail programs act on, and over the body.

Headers are compared *relaxed*: a relay may fold them anew. Bodies are compared as they are (*simple*): they are
quoted-printable, whose lines no relay has a reason to change, and to look for blanks in them would cost a fifth of what
the signature costs.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

_OVERSIGNED = (
    *(b"from", b"reply-to", b"to", b"cc", b"subject", b"date", b"message-id"),
    *(b"content-type", b"list-unsubscribe", b"list-unsubscribe-post"),
)
"""Signed once more than they are there: whoever adds a further one breaks the signature (RFC 6376 §8.15)."""

_SIGNED = (b"mime-version", b"list-id", b"list-archive", b"feedback-id", b"auto-submitted")
"""Signed where they are there; a mailing list on the way may add its own."""

_WIDTH = 72


class Signer:
    """Signs the mail of one sender; made once, it may be called from many threads.

    ``domain`` is in A-labels and ``sign`` returns the RSA signature (PKCS #1 v1.5, SHA-256) of what it is given. Equal
    messages get equal signatures: the moment is that of the issue, and nothing is random.
    """

    def __init__(self, domain: str, selector: str, moment: datetime, sign: Callable[[bytes], bytes]) -> None:
        self._sign = sign
        self._start = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; t=%d;\r\n d=%s;\r\n s=%s;\r\n h=" % (
            int(moment.timestamp()),
            domain.encode(),
            selector.encode(),
        )

    def signature(self, headers: bytes, body: bytes) -> bytes:
        """Return the DKIM-Signature header of a message, with its CRLF; it is put before all others.

        All lines end in CRLF; ``headers`` may lack the last one, and the empty line belongs to neither.
        """
        names, covered = _covered(headers)
        hashed = _base64(sha256(body.rstrip(b"\r\n") + b"\r\n").digest())
        header = b"%s%s;\r\n bh=%s;\r\n b=" % (self._start, _folded(names), hashed)
        signed = _base64(self._sign(b"%s%s" % (covered, _relaxed(header)[1])))
        lines = [signed[start : start + _WIDTH] for start in range(0, len(signed), _WIDTH)]
        return header + b"\r\n ".join(lines) + b"\r\n"

    def __call__(self, message: bytes) -> bytes:
        """Return a message with its signature before it."""
        headers, _, body = message.partition(b"\r\n\r\n")
        return self.signature(headers, body) + message


def unsigned(message: bytes) -> bytes:
    """Return a message as it is: some relay signs, or nobody."""
    return message


def _covered(headers: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the names that are signed, in their order, and the headers of these names in their relaxed form."""
    found: dict[bytes, list[bytes]] = {}
    for line in headers.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, header = _relaxed(line)
        found.setdefault(name, []).insert(0, header)  # of several, the last is taken first (RFC 6376 §5.4.2)
    names: list[bytes] = []
    lines: list[bytes] = []
    for group, further in ((_OVERSIGNED, 1), (_SIGNED, 0)):
        for name in group:
            there: Sequence[bytes] = found.get(name, ())
            names += [name] * (len(there) + further)
            lines += there
    return tuple(names), b"".join(line + b"\r\n" for line in lines)


def _relaxed(header: bytes) -> tuple[bytes, bytes]:
    """Return the name of a header in lower case, and the header on one line, each run of blanks one (§3.4.2)."""
    name, _, value = header.partition(b":")
    name = name.rstrip().lower()
    return name, b"%s:%s" % (name, b" ".join(value.split()))


@lru_cache(64)
def _folded(names: Sequence[bytes]) -> bytes:
    """Return names with colons between them, on lines that are not over 78."""
    lines = [b""]
    for name in names:
        if len(lines[-1]) + len(name) > _WIDTH:
            lines.append(b"")
        lines[-1] += name + b":"
    return b"\r\n ".join(lines).removesuffix(b":")


def _base64(data: bytes) -> bytes:
    return b2a_base64(data, newline=False)
