"""Words in the headers of a message: folded, one line never over 78, encoded where they are not ASCII (RFC 2047).

Only words for people come here. Addresses, ids and URLs are never encoded nor folded (RFC 2047 §5), which the standard
library does with long ones.

>>> print(unstructured("L'été sur les trois rivières", used=9).decode())
=?utf-8?q?L=27=C3=A9t=C3=A9_sur_les_trois_rivi=C3=A8res?=
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap

FOLD = b"\r\n "

_LINE = 76  # RFC 2047 §2: no line that holds an encoded word is longer
_FRAME = len("=?utf-8?q??=")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5 (3)
_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~ -]*", re.ASCII)


def clean(text: str) -> str:
    """Return the text on one line, without control characters; no-break spaces stay."""
    return _BREAKS.sub(" ", text).strip(" ")


def unstructured(text: str, *, used: int) -> bytes:
    """Return the value of a header such as Subject; ``used`` characters of its first line are taken."""
    text = clean(text)
    if text.isascii() and "=?" not in text:
        lines = wrap(text, _LINE, initial_indent=" " * used, break_long_words=False, break_on_hyphens=False)
        if all(len(line) <= _LINE for line in lines):
            return FOLD.join(line.encode() for line in lines)[used:]
    return _encoded(text, used)


def phrase(text: str, *, used: int) -> bytes:
    """Return words that stand before an address or an id (RFC 5322 §3.2.5): bare, quoted or encoded."""
    text = clean(text)
    if not text.isascii() or "=?" in text or used + len(text) > _LINE:
        return _encoded(text, used)
    if _ATOMS.fullmatch(text):
        return text.encode()
    return b'"%s"' % re.sub(r'(["\\])', r"\\\1", text).encode()


def _encoded(text: str, used: int) -> bytes:
    return FOLD.join(b"=?utf-8?q?%s?=" % word for word in _words(text, _LINE - _FRAME - used))


def _words(text: str, room: int) -> Iterator[bytes]:
    """Yield the insides of encoded words; no character is split between two (RFC 2047 §5)."""
    word = b""
    for character in text:
        code = _code(character)
        if len(word) + len(code) > room:
            yield word
            word, room = b"", _LINE - _FRAME - 1
        word += code
    yield word


def _code(character: str) -> bytes:
    if character == " ":
        return b"_"
    return b"".join(
        b"%c" % byte if byte in _PLAIN else b"=%02X" % byte for byte in character.encode("utf-8", "replace")
    )
