"""Markdown with front matter, as staff write it in ``articles/``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from newsletter.intake import clean
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.frontmatter import divide, settings
from newsletter.intake.markup import render
from newsletter.intake.sheet import Sheet, stem, word
from newsletter.intake.wording import fold
from newsletter.model import Part


def read_markdown(data: bytes, name: str, desk: Desk) -> list[Draft]:
    """Read one Markdown file.

    Raises:
        IntakeError: if a key cannot be understood, or there is nothing to read.
    """
    fenced, body = divide(decode(data))
    keys = settings(fenced)
    title, source, text = _titled(keys, body)
    parts = tuple(Part(kind, piece) for kind, piece in (("field", fenced), ("body", body)) if piece)
    return [Sheet(desk, {**keys, "title": title}, stem(name), render(text), source, parts).draft()]


def _titled(keys: Mapping[str, Any], body: str) -> tuple[str, str, str]:
    """Return title, where it came from, and the body without the heading that says the same."""
    given = word(keys, "title")
    heading = re.match(r"\s*#[ \t]+(?P<words>[^\r\n]+?)[ \t]*#*[ \t]*(?:[\r\n]+|$)", body)
    if heading and (not given or fold(given) == fold(heading["words"])):
        return given or clean.words(heading["words"]), "given" if given else "heading", body[heading.end() :]
    return given, "given", body
