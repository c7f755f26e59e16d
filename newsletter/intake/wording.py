"""Words as sources write them: compared folded, shown tidy, turned into slugs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from itertools import filterfalse

# Controls, bidi embeddings, overrides and isolates, invisible operators, private use, and what XML 1.0 forbids.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u206f\ue000-\uf8ff\ufeff\ufff9-\uffff\ud800-\udfff\ufdd0-\ufdef]"
)
_BREAKS = re.compile("[ \t\r\n\u2028\u2029]{2,}|[\t\r\n\u2028\u2029]")
_PLAIN = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l"}
_PLAIN |= {"’": "'", "ʼ": "'", "`": "'"}
_REPLACED = str.maketrans(_PLAIN)
_LABEL = 60  # characters of a field's or a term's name, at most


def _remembered(make: Callable[[str], str]) -> Callable[[str], str]:
    """Have a maker remember what it made of short texts: the articles of a batch share their few labels."""
    known = lru_cache(maxsize=2048)(make)

    @wraps(make)
    def remembered(text: str) -> str:
        return known(text) if len(text) <= _LABEL else make(text)

    return remembered


def seen(text: str) -> str:
    """Return the text, composed (NFC), without control characters, bidi overrides and what XML cannot hold."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def tidy(text: str, limit: int = 300) -> str:
    """Return one line for titles and labels, cut at a word if it is longer than ``limit`` characters."""
    return cut(level(text), limit)


@_remembered
def level(text: str) -> str:
    """Return the text on one line: seen, breaks and spaces run together, no-break spaces as written."""
    return _BREAKS.sub(" ", seen(text)).strip()


def cut(text: str, limit: int) -> str:
    """Return the text, cut at a word and ended by an ellipsis where it is longer than ``limit`` characters.

    >>> cut("Les trois rivières débordent", 20)
    'Les trois rivières…'
    """
    if len(text) <= limit:
        return text
    head = text[:limit]
    words = re.match(r"(?s).*(?=\s)", head)
    return (words.group() if words else head[:-1]).rstrip(" \t\n\u00a0\u202f,;:.–—-([«") + "…"


@_remembered
def fold(text: str) -> str:
    """Return the text as it is compared: no accents, lower case, plain spaces and apostrophes.

    >>> fold("Thématiques\\u00a0:")
    'thematiques :'
    """
    plain = text.translate(_REPLACED)
    if not plain.isascii():
        plain = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", plain)))
    return " ".join(plain.casefold().split())


@_remembered
def slugify(text: str) -> str:
    """Return an ASCII slug of lower-case words and hyphens: never empty, never a path.

    >>> slugify("Actu de l’Œuvre"), slugify("../../etc")
    ('actu-de-l-oeuvre', 'etc')
    """
    words = re.findall(r"[a-z0-9]+", fold(text))
    if not words:
        return "x" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]
    return "-".join(words)[:100].rstrip("-")
