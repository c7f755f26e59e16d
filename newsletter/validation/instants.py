"""Dates as feeds write them: RFC 3339, and RFC 822 with the years of RSS."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_RFC822 = re.compile(
    rf"(?:({_DAYS}), )?\d\d? (?:{_MONTHS}) \d{{4}} \d\d:\d\d(?::\d\d)? (?:[+-]\d{{4}}|GMT|UT)", re.ASCII
)


def rfc3339(text: str) -> datetime | None:
    """Return an instant as Atom and JSON Feed write it (RFC 3339 §5.6), nothing where it is none."""
    if not _RFC3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def rfc822(text: str) -> datetime | None:
    """Return an instant as RSS writes it: English names, the year in four digits, and the right day of the week."""
    match = _RFC822.fullmatch(text)
    if not match:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    day = _DAYS.split("|")[moment.weekday()]
    return moment if moment.tzinfo and match[1] in (None, day) else None
