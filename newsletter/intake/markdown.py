"""Markdown with front matter, as staff write it in ``articles/``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from newsletter.errors import IntakeError
from newsletter.intake import clean
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.frontmatter import divide, settings
from newsletter.intake.markup import render
from newsletter.intake.sheet import Sheet, listed, stem, word
from newsletter.intake.wording import fold
from newsletter.keys import BODY
from newsletter.model import Part


def read_markdown(data: bytes, name: str, desk: Desk) -> list[Draft]:
    """Read one Markdown file.

    Raises:
        IntakeError: if a key cannot be understood, or there is nothing to read.
    """
    fenced, body = divide(decode(data))
    if not fenced and is_unfenced(body, desk):
        raise IntakeError("the keys at the top stand without their fence; write --- on a line above and below them")
    keys = _keys(settings(fenced), desk)
    title, source, text = _titled(keys, body)
    parts = tuple(Part(kind, piece) for kind, piece in (("field", fenced), ("body", body)) if piece)
    return [Sheet(desk, {**keys, "title": title}, stem(name), render(text), source, parts).draft()]


def is_unfenced(text: str, desk: Desk) -> bool:
    """Tell whether a text begins with a title and other keys, to which somebody forgot to write the first fence."""
    head = re.match(
        r"\s*((?:[^\W\d_][^\r\n:]{0,40}:(?:[ \t][^\r\n]*)?(?:\r\n?|\n|$)|[ \t-][^\r\n]*(?:\r\n?|\n|$))+)", text
    )
    names = re.findall(r"^([^\W\d_][^\r\n:]{0,40}):", head[1], re.MULTILINE) if head else []
    known = [key for name in names if (key := desk.key(name))]
    closed = head is not None and re.search(r"^---[ \t]*$", head[1], re.MULTILINE) is not None
    return "title" in known and (len(known) > 1 or closed)


def _keys(written: Mapping[str, Any], desk: Desk) -> dict[str, Any]:
    """Return the keys as we call them; of two names for one the first, of two for one taxonomy what both say."""
    found: dict[str, Any] = {}
    for name, value in written.items():
        key = desk.key(name)
        key = name if key in ("", *BODY) else key
        if key in desk.taxonomies and key in found:
            found[key] = [*listed(found[key]), *listed(value)]
        else:
            found.setdefault(key, value)
    return found


def _titled(keys: Mapping[str, Any], body: str) -> tuple[str, str, str]:
    """Return title, where it came from, and the body without the heading that says the same."""
    given = word(keys, "title")
    heading = re.match(r"\s*#[ \t]+(?P<words>[^\r\n]+?)[ \t]*#*[ \t]*(?:[\r\n]+|$)", body)
    if heading and (not given or fold(given) == fold(heading["words"])):
        return given or clean.words(heading["words"]), "given" if given else "heading", body[heading.end() :]
    return given, "given", body
