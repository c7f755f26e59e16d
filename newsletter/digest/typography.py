"""Lines of a letter: made plain, shortened and wrapped, so that nothing breaks where a printer would not break it."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from newsletter.catalogue import spoken
from newsletter.phrases import NBSP, tied

WIDTH = 72
"""Columns of the text part (RFC 5322 §2.1.1 wants at most 78)."""

_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_KEPT = (NBSP, "\u202f")
_WORDS = re.compile("[^<>]+(?=<|\\Z)")
_ZWJ = "\u200d"
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+\\Z")


def plain(text: str) -> str:
    """Return the text on one line: line breaks and controls become a space, no-break spaces stay.

    >>> plain("Ville\\r\\nBcc: x")
    'Ville Bcc: x'
    """
    return _BREAKS.sub(lambda found: found[0] if found[0] in _KEPT else " ", text).strip()


def tied_html(html: str, tag: str) -> str:
    """Return clean HTML whose words are tied as French ties them; tags stay as they are."""
    return _WORDS.sub(lambda found: tied(found[0], tag), html)


def within(text: str, language: str) -> str:
    """Return words as they stand inside quotation marks: their own become those of second rank.

    >>> within("Cahier «\u00a0Santé\u00a0»", "fr")
    'Cahier “Santé”'
    """
    return (
        re.sub(r"«\s*([^«»]*?)\s*»", r"“\1”", text) if spoken(language) == "fr" else re.sub("“([^“”]*)”", r"‘\1’", text)
    )


def shortened(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, cut at a space where there is one, never inside a character as read."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 1 and _joined(text, end):
        end -= 1
    space = text.rfind(" ", limit * 2 // 3, end + 1)
    return text[: space if space > 0 else end].rstrip(" ,;:–-") + "…"


def _joined(text: str, index: int) -> bool:
    """Tell whether the code points around an index belong to one character as read (the common part of UAX #29)."""
    before, after = text[index - 1], text[index]
    flags = len(text[:index]) - len(_FLAGS.sub("", text[:index]))
    half = flags % 2 == 1 and _FLAGS.match(after) is not None
    tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    return half or tone or _ZWJ in (before, after) or unicodedata.category(after).startswith("M")


def wrapped(text: str, indent: str = "") -> str:
    """Break the lines of a text into those of the text part; an address or a long word is never broken."""
    wrapper = textwrap.TextWrapper(
        WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join("\n".join(wrapper.wrap(line)) for line in text.splitlines())


def underlined(text: str, rule: str = "-") -> str:
    """Return a heading of the text part with its rule below."""
    title = wrapped(text)
    return f"{title}\n{rule * max(map(len, title.splitlines()), default=0)}"
