"""What reads which document, by the ending of its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from newsletter.validation import atom, calendars, jsonfeed, opml, page, rss
from newsletter.validation.folder import Folder
from newsletter.validation.reading import Reading

READERS: Mapping[str, Callable[[bytes, str, Folder], Reading]] = {
    ".atom": atom.read,
    ".rss": rss.read,
    ".json": jsonfeed.read,
    ".opml": opml.read,
    ".ics": calendars.read,
    ".html": page.read,
}
