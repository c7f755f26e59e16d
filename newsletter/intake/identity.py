"""What makes an article the same one: its canonical address, and the id that is minted from it."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

from newsletter.config import Site
from newsletter.errors import IntakeError

_PORTS = {"http": 80, "https": 443}
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)


def mint(identity: str, site: Site) -> str:
    """Return the tag: URI of an identity (RFC 4151): always the same, and never a changed one."""
    return f"tag:{site.tagged_by},{site.since}:{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def canonical(url: str) -> str:
    """Return what identifies a web address: https, lower-case host, no default port, no fragment, no ``index.html``.

    The path, its case, its final slash and the query stay: sites give them a meaning.

    Raises:
        IntakeError: if it is no web address.
    """
    parts = _split(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port not in (None, _PORTS[parts.scheme]) else ""
    path = _INDEX.sub("/", parts.path) or "/"
    return f"https://{host}{port}{path}" + (f"?{parts.query}" if parts.query else "")


def address(url: str) -> str:
    """Return a web address as it is shown and followed: escaped where it must be, without fragment.

    Raises:
        IntakeError: if it is no web address.
    """
    return _split(url)._replace(fragment="").geturl()


def escaped(url: str) -> str:
    """Return a URL without the characters that RFC 3986 forbids; what is escaped already stays."""
    return quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~")


def path(url: str) -> str:
    """Return the readable path of an address, nothing where it cannot be parsed."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(escaped(url))
        usable = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > 2000:
        raise IntakeError(f'{url[:80]!r} is no web address; write one such as "https://www.example.org/page"')
    return parts
