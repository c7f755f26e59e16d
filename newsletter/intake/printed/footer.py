"""The end of a page: the source line, and below it the addresses of the links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.errors import IntakeError
from newsletter.intake.printed.lines import LINK, Line, Links
from newsletter.intake.wording import fold

_SOURCE = re.compile(
    r"(?:\*\*)?(?P<label>url\s+de\s+la\s+source|url\s+source|source\s+url)\s*"
    r"(?:\((?P<when>[^()]*)\))?\s*:\s*(?:\*\*)?\s*(?:<(?P<url>https?://[^\s<>]+)>|(?P<bare>https?://[^\s<>]+))",
    re.IGNORECASE,
)
_LONGEST = 3000  # characters of a source line
_ENTRY = re.compile(r"\[(\d{1,5})\]\s*(?:<([^<>]+)>|([^\s<>:/]*[:/][^\s<>]*)(?:\s|$))\s*")
_TRACES = re.compile(r"^(?:publie le|published on|liens$|links$|url de la source|source url|poids ?:)")


@dataclass(frozen=True, slots=True)
class Footer:
    """The source line's own facts, where it stands, and the table of links."""

    index: int
    url: str
    modified: str
    french: bool
    links: Links


def read_footer(lines: Sequence[Line]) -> Footer:
    """Find the last source line and read the table of links below it.

    Raises:
        IntakeError: if there is no source line: the page was cut off, or is none.
    """
    for index in range(len(lines) - 1, -1, -1):
        if match := _source(lines[index].text):
            lines[index].kind = "field"
            written = re.fullmatch(r"modifi\w*(?: le| on)? (.+)", fold(match["when"] or ""))
            french = fold(match["label"]) != "source url"
            links = _table(lines[index + 1 :])
            return Footer(index, match["url"] or match["bare"], written[1] if written else "", french, links)
    raise IntakeError(_absence(lines))


def is_source(text: str) -> bool:
    """Tell whether a line is a whole source line."""
    return _source(text) is not None


def has_traces(text: str) -> bool:
    """Tell whether words look like a print page, whole or cut off."""
    return any(_TRACES.match(fold(line)) for line in text.splitlines()) or LINK.search(text) is not None


def _source(text: str) -> re.Match[str] | None:
    """Match a whole source line; an address whose bracket is never closed was cut off."""
    return _SOURCE.fullmatch(text) if len(text) <= _LONGEST else None


def _absence(lines: Sequence[Line]) -> str:
    if has_traces("\n".join(line.text for line in lines)):
        return 'the print page has no whole source line ("URL de la source …: <address>"), it is cut off; save it again'
    return "this is no print page (no source line with the page's address); save the page at /print/… as text"


def _table(lines: Sequence[Line]) -> Links:
    links = Links()
    for line in lines:
        if entries := _entries(line.text):
            line.kind = "links"
            for number, url in entries:
                links.setdefault(number, url)
        elif fold(line.text).rstrip(" :") in ("liens", "links") and not links:
            line.kind = "links"
        elif re.fullmatch(r"[^\W\d][\w'\s]{1,40}:", line.text):  # an image field leaves its label and no value
            line.kind = "field"
    return links


def _entries(text: str) -> list[tuple[str, str]]:
    """Return the numbers and addresses of a line that holds nothing else; an open bracket means it was cut off."""
    found, at = [], 0
    while match := _ENTRY.match(text, at):
        found.append((match[1], (match[2] or match[3]).strip()))
        at = match.end()
    return found if at == len(text) else []
