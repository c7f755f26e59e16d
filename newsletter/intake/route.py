"""Which way an input goes: the format that is set, or the one that its content shows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from newsletter.errors import IntakeError
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.feed import read_feed
from newsletter.intake.markdown import read_markdown
from newsletter.intake.printed.footer import has_traces, is_source
from newsletter.intake.printed.page import read_print
from newsletter.intake.wording import level
from newsletter.model import Article, Origin

ROUTES: dict[str, Callable[[bytes, str, Desk], list[Draft]]] = {
    "print": read_print,
    "markdown": read_markdown,
    "feed": read_feed,
}
"""The formats by name, as config.toml and ``--format`` write them."""


def read(data: bytes, name: str, desk: Desk) -> list[Article]:
    """Return the articles of one input; ``name`` is its file name.

    Raises:
        IntakeError: if there is none in it, in one line: what, and what to do.
    """
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        raise IntakeError("the file is empty; remove it or write an article in it")
    format = desk.source.format or guess(data, name)
    if format not in ROUTES:
        raise IntakeError(f"format {format!r} is unknown; write one of: {', '.join(ROUTES)}")
    origin = Origin(desk.name, format, hashlib.sha256(data).hexdigest(), desk.source.priority)
    return [draft.article(desk, origin) for draft in ROUTES[format](data, name, desk)]


def guess(data: bytes, name: str) -> str:
    """Return the format that the content shows; the file's ending decides only where the content does not.

    Raises:
        IntakeError: if it looks like nothing that can be read.
    """
    head = data[:4096].decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")
    start = head.lstrip("ï»¿\ufeff \t\r\n")
    if re.search(r"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", start, re.IGNORECASE) and start.startswith("<"):
        return "feed"
    if re.match(r"(?:---|\+\+\+)[ \t]*[\r\n]", start):
        return "markdown"
    if re.match(r"<(?:!doctype html|html)", start, re.IGNORECASE):
        raise IntakeError("this is an HTML page, which cannot be read yet; save its print page as text")
    text = data.decode("utf-8", "replace")
    named = name.lower().endswith((".md", ".markdown"))
    if any(is_source(level(line)) for line in text.splitlines()) or (has_traces(text) and not named):
        return "print"
    if named:
        return "markdown"
    raise IntakeError("this is no article: neither front matter (---), nor a feed, nor the text of a print page")
