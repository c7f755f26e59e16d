"""Which way an input goes: the format that is set, or the one that its content shows."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Sequence

import msgspec

from newsletter.errors import IntakeError
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.drupal import read_drupal
from newsletter.intake.feed import read_feed
from newsletter.intake.frontmatter import divide
from newsletter.intake.ical import read_ical
from newsletter.intake.jsonfeed import is_json_feed, read_json_feed
from newsletter.intake.markdown import read_markdown
from newsletter.intake.print_html import read_print_html
from newsletter.intake.printed.footer import has_traces, is_source
from newsletter.intake.printed.page import read_print
from newsletter.intake.table import is_table, read_table
from newsletter.intake.wording import level
from newsletter.intake.wordpress import read_wordpress
from newsletter.model import Article, Origin

ROUTES: dict[str, Callable[[bytes, str, Desk], Sequence[Draft | IntakeError]]] = {
    "print": read_print,
    "markdown": read_markdown,
    "feed": read_feed,
    "csv": read_table,
    "jsonfeed": read_json_feed,
    "ical": read_ical,
    "drupal": read_drupal,
    "wordpress": read_wordpress,
    "print-html": read_print_html,
}
"""The formats by name, as config.toml and ``--format`` write them."""

_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_FEEDS = (".xml", ".rss", ".atom", ".rdf", ".cdf")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(data: bytes, name: str, desk: Desk) -> list[Article | IntakeError]:
    """Return the articles of one input, and in the place of each that cannot be read, why; ``name`` is its file name.

    Raises:
        IntakeError: if nothing in it can be read, in one line: what, and what to do.
    """
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        raise IntakeError("the file is empty; remove it or write an article in it")
    text = _worded(data, desk)
    format = desk.source.format or guess(text, name, desk)
    if format not in ROUTES:
        raise IntakeError(f"format {format!r} is unknown; write one of: {', '.join(ROUTES)}")
    desk = desk.facing(source=msgspec.structs.replace(desk.source, format=format), file=desk.file or name)
    origin = Origin(desk.name, format, hashlib.sha256(data).hexdigest(), desk.source.priority)
    # a feed says itself what its bytes are, and a broken one is read all the same
    found = [_settled(each, desk, origin) for each in ROUTES[format](data if format == "feed" else text, name, desk)]
    if len(found) == 1 and isinstance(found[0], IntakeError):
        raise found[0]
    return found


def _worded(data: bytes, desk: Desk) -> bytes:
    """Return an input as UTF-8 where its mark or its transport says that it is something else."""
    if not desk.charset and data[:2] not in _WIDE:
        return data
    try:
        return decode(data, desk.charset).encode()
    except IntakeError:
        return data


def _settled(found: Draft | IntakeError, desk: Desk, origin: Origin) -> Article | IntakeError:
    if isinstance(found, IntakeError):
        return found
    try:
        return found.article(desk, origin)
    except IntakeError as error:
        return IntakeError(f"{found.where}: {error}" if found.where else str(error))


def guess(data: bytes, name: str, desk: Desk) -> str:
    """Return the format that the content shows; the file's ending decides only where the content does not.

    Raises:
        IntakeError: if it looks like nothing that can be read.
    """
    head = data[:4096].decode("utf-16" if data[:2] in _WIDE else "latin-1", "replace")
    start = head.lstrip("ï»¿\ufeff \t\r\n")
    if _FEED.search(start) and (start.startswith("<") or name.lower().endswith(_FEEDS)):
        return "feed"
    if start[:15].upper() == "BEGIN:VCALENDAR":
        return "ical"
    if is_json_feed(data):
        return "jsonfeed"
    if re.match(r"(?:---|\+\+\+)[ \t]*[\r\n]", start):
        return "markdown"
    if re.match(r"(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html)", start, re.IGNORECASE):
        if re.search(rb"class=[\"'][^\"']*print-content", data):
            return "print-html"
        raise IntakeError("this is an HTML page, but no print page; save the page at /print/…")
    text = data.decode("utf-8-sig", "replace")
    if start[:1] in ("{", "[") and (found := _object(text, data)):
        return found
    if is_table(text, desk) or name.lower().endswith((".csv", ".tsv")):
        return "csv"
    named = name.lower().endswith((".md", ".markdown"))
    if any(is_source(level(line)) for line in text.splitlines()) or (has_traces(text) and not named):
        return "print"
    if named:
        return "markdown"
    raise IntakeError("this is no article: neither front matter (---), nor a feed, nor the text of a print page")


def is_shown(data: bytes, desk: Desk) -> bool:
    """Tell whether a content is that of articles by itself, whatever its file is called."""
    try:
        return bool(guess(_worded(data, desk), "", desk))
    except IntakeError:
        return False


def _object(text: str, data: bytes) -> str:
    """Return what begins with JSON: the front matter of a text below it, or a document of a site's API.

    In a text inside such a document the quotation marks are escaped.
    """
    try:
        if not text.rstrip().endswith(("}", "]")) and divide(text)[0]:
            return "markdown"
    except IntakeError:
        pass
    if re.search(rb'"jsonapi"\s*:|"type"\s*:\s*"node--', data):
        return "drupal"
    return "wordpress" if re.search(rb'"rendered"\s*:', data) else ""
