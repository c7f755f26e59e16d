"""What is said of a file besides its bytes: its media type, how long it stays fresh, who may read it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from newsletter.intake.attachments import kind

TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".ico": "image/x-icon",
    ".svg": "image/svg+xml",
    ".avif": "image/avif",
    ".woff2": "font/woff2",
    ".gz": "application/gzip",
}
"""By ending; what is not here has the type that feeds declare for it."""

PAGE = TYPES[".html"]
PACKED = frozenset({".atom", ".rss", ".json", ".ics", ".opml", ".html", ".txt", ".css", ".xml", ".svg"})
"""What gzip makes smaller."""

FRESH = "public, max-age=300"
FOR_EVER = "public, max-age=31536000, immutable"
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; font-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Pages run no script and ask nobody else for anything (DESIGN §5, 7); their style stands in them."""

_SHARED = frozenset({".atom", ".rss", ".json", ".ics", ".opml"})
_HASHED = re.compile(r"media/[0-9a-f]{16}/[^/]+")


def media_type(path: str) -> str:
    """Return the media type of a file, with its charset where it is text of ours."""
    return TYPES.get(_ending(path)) or kind(path)


def is_packed(path: str) -> bool:
    """Tell whether a file is sent as gzip to those who can read that."""
    return _ending(path) in PACKED


def manners(path: str) -> dict[str, str]:
    """Return the fields that every answer about a path has, whatever it says."""
    found = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
    if _ending(path) in _SHARED:  # scripts of partner sites read them
        found["Access-Control-Allow-Origin"] = "*"
    return found


def about(path: str) -> dict[str, str]:
    """Return the fields that answers with a file have, and those that say that it is unchanged."""
    found = manners(path) | {"Cache-Control": FOR_EVER if _HASHED.fullmatch(path) else FRESH}
    if is_packed(path):
        found["Vary"] = "Accept-Encoding"
    if media_type(path) == PAGE:
        found["Content-Security-Policy"] = POLICY
    return found


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
