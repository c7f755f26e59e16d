"""The intro that staff write for an issue, in Markdown: as clean as what comes from any source."""

from __future__ import annotations

import re

from newsletter.intake.clean import clean
from newsletter.intake.markup import render
from newsletter.intake.plain import text

_PICTURE = re.compile(r"<img\b[^>]*>")
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>')


def intro(markdown: str, base: str) -> tuple[str, str]:
    """Return clean HTML, links absolute against ``base``, and the same as plain text, addresses behind their words.

    Pictures are left out: one of another site would tell it who reads the letter (DESIGN §5, promise 7).
    """
    html = clean(_PICTURE.sub("", clean(render(markdown), base)), base)
    return html, text(_LINK.sub(_spelled, html))


def _spelled(link: re.Match[str]) -> str:
    address, words = link[1], link[2]
    return words if address in (words, f"mailto:{words}") else f"{words} ({address})"
