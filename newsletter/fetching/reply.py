"""The header of an answer: what it says of the page, and what it says of us."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from newsletter.errors import BusyError, FetchError, GoneError
from newsletter.fetching.trouble import Trouble

BUSY = (429, 503)
PERMANENT = (301, 308)
REDIRECTS = (301, 302, 303, 307, 308)
PATIENCE = 7 * 86_400
"""Seconds of the longest time that a server may ask to be left alone."""

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([A-Za-z0-9._:+-]{1,40})', re.IGNORECASE)
_ADVICE = {
    401: "it wants a user and a password: write user into the source, and see password_env and password_file",
    403: "it does not let us in: ask who runs it",
    404: "check the address",
    451: "it is withheld for legal reasons: remove the source",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one address may cost: bytes after unpacking, seconds without a word and in all, redirects on the way."""

    largest: int = 20 << 20
    silence: float = 30
    seconds: float = 120
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Page:
    """What stands at an address: ``status`` 200, or 304 with an empty body where it is as it was.

    ``url`` is where it was found in the end, ``moved`` the same where all redirects on the way were for ever. ``type``
    is the media type alone, ``charset`` what the header says of it, ``headers`` has names in lower case. ``etag`` and
    ``modified`` are to be given back at the next visit.
    """

    url: str
    status: int
    body: bytes
    type: str
    charset: str
    etag: str
    modified: str
    headers: Mapping[str, str]
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an address said to what was handed in; ``wait`` are the seconds after which it wants to be asked again."""

    status: int
    wait: float | None = None

    @property
    def taken(self) -> bool:
        """Whether it was accepted."""
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """The status with the standard's words for it."""
        return f"{self.status} {_phrase(self.status)}".rstrip()


def fields(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return a header as text; what stands in it twice is joined (RFC 9110 §5.3)."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type without its parameters, in lower case.

    >>> media_type({"content-type": 'Text/HTML; charset="utf-8"'})
    'text/html'
    """
    return headers.get("content-type", "").partition(";")[0].partition(",")[0].strip().lower()


def charset(headers: Mapping[str, str]) -> str:
    """Return the charset that the header names, in lower case.

    >>> charset({"content-type": 'text/html; charset="UTF-8"'})
    'utf-8'
    """
    found = _CHARSET.search(headers.get("content-type", ""))
    return found[1].lower() if found else ""


def location(headers: Mapping[str, str]) -> str:
    """Return where a redirect says that it leads; many servers write it in UTF-8.

    Raises:
        Trouble: it does not say.
    """
    said = headers.get("location", "")
    if not said:
        raise Trouble("is redirected without a word where to; ask who runs it")
    try:
        return said.encode("latin-1").decode()
    except UnicodeDecodeError:
        return said


def wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110 §10.2.3); a date is counted on the server's own clock."""
    said = headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    until = _instant(said)
    if until is None:
        return None
    here = _instant(headers.get("date", ""))
    return max(0.0, until - (now if here is None else here))


def _later(seconds: float | None) -> str:
    if seconds is None:
        return "try later"
    if seconds > PATIENCE:
        return f"try again in {PATIENCE // 86_400} days, though it names a later day"
    return f"try again in {seconds:,.0f} seconds"


def complaint(where: str, status: int, seconds: float | None) -> FetchError:
    """Return the error that a status means."""
    said = f"{where}: answers {Receipt(status).said}"
    if status == 410:
        return GoneError(f"{said}; remove the source, or write its new address")
    if status in BUSY:
        return BusyError(f"{said}: it wants to be asked less; {_later(seconds)}", seconds)
    usual = "try later, or ask who runs it" if status >= 500 else "check the address, or ask who runs it"
    return FetchError(f"{said}; {_ADVICE.get(status, usual)}")


def _instant(date: str) -> float | None:
    from email.utils import mktime_tz, parsedate_tz

    try:
        parsed = parsedate_tz(date)
        return None if parsed is None else float(mktime_tz(parsed))
    except (ValueError, OverflowError, IndexError):
        return None


def _phrase(status: int) -> str:
    """Return the standard's words for a status, since the server's own could be anything."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
