"""What every XML format asks of words, addresses and instants."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

# XML 1.0 §2.2, less the C1 controls that its note discourages and validators report.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# RFC 3987 §2.2 knows none of these in an IRI.
_NO_IRI = re.compile(r'[\s<>"{}|\\^`]')


def clean(text: str) -> str:
    r"""Return the text without the characters that XML forbids.

    >>> clean("a\x00b\x0b c\ufffe")
    'ab c'
    """
    return _UNWRITABLE.sub("", text)


def iri(address: str) -> str:
    """Return an address with what an IRI cannot hold percent-encoded, and nothing else changed.

    >>> iri("https://www.example.org/a b/é%20")
    'https://www.example.org/a%20b/é%20'
    """
    return _NO_IRI.sub(lambda found: quote(found[0]), clean(address))


def language_tag(language: str) -> str:
    """Return a language as BCP 47 writes it.

    >>> language_tag("fr_FR")
    'fr-FR'
    """
    return language.strip().replace("_", "-")


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return an instant as read in a zone, or in UTC where the zone then had an odd offset (RFC 3339 §5.6: minutes)."""
    here = moment.astimezone(zone)
    offset = here.utcoffset() or timedelta()
    return moment.astimezone(UTC) if offset % timedelta(minutes=1) else here
