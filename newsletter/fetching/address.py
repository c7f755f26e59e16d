"""Web addresses, taken apart once: what is checked, what is asked and what is shown are the same parts.

>>> print(parse("https://lea:secret@Médiathèque.example.org/actualités?page=2#haut"))
https://xn--mdiathque-53af.example.org/actualit%C3%A9s?page=2
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from newsletter.fetching.trouble import Trouble

_PORTS = {"http": 80, "https": 443}
_LONGEST = 8000
_SAFE = "!$%&'()*+,/:;=?@[]~"
_HOST = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_BEFORE_HOST = re.compile(r"^([^:/?#]*:/*)?.*@", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes, and what it asks for there; ``credentials`` are never part of its text."""

    scheme: str
    host: str
    port: int
    target: str
    credentials: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """The host as it stands in an address and in the Host header, with its port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def trusts(self, other: Address) -> bool:
        """Tell whether a password for here may be told there: the same server, or the same one behind TLS."""
        here, there = (self.scheme, self.port), (other.scheme, other.port)
        return self.host == other.host and (here == there or (here, there) == (("http", 80), ("https", 443)))


def parse(url: str) -> Address:
    """Return the parts of a web address, its host in A-labels and its target without characters that must be escaped.

    Raises:
        Trouble: it is none that can be fetched.
    """
    try:
        url.encode()
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Trouble('is no web address; write one such as "https://www.example.org/feed"') from None
    if parts.scheme not in _PORTS:
        raise Trouble("only addresses that begin with http:// or https:// are fetched; correct it")
    if port == 0 or len(url) > _LONGEST:
        raise Trouble("has port 0, or is too long; correct it")
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    return Address(parts.scheme, _host(host), port or _PORTS[parts.scheme], target, _credentials(parts))


def follow(base: Address, location: str) -> Address:
    """Return where a redirect leads, with the credentials of the base where they may be told.

    Raises:
        Trouble: it leads nowhere, or to where no redirect may lead.
    """
    try:
        found = parse(urljoin(str(base), location))
    except (ValueError, Trouble):
        raise Trouble(f"is redirected to {shown(location)!r}, which is not fetched; ask who runs it") from None
    if base.scheme == "https" and found.scheme == "http":
        raise Trouble(f"is redirected from https to {found}, which anybody could read and change; ask who runs it")
    return replace(found, credentials=base.credentials if base.trusts(found) else "")


def signed(url: str, home: str, user: str, password: str) -> str:
    """Return an address with a user and password where those of the server of ``home`` may be told, else as it is."""
    try:
        trusted = parse(home).trusts(parse(url))
    except Trouble:
        return url
    parts = urlsplit(url)
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{login}@{parts.netloc}").geturl() if trusted else url


def shown(url: str) -> str:
    """Return an address that could not be parsed as it may be printed: ASCII, not too long, without any password."""
    return quote(_BEFORE_HOST.sub(r"\1", url.strip()), safe=_SAFE + "#", errors="replace")[:200]


def _host(host: str) -> str:
    if ":" in host:
        return _literal(host)
    if not host.isascii():
        host = _a_labels(host)
    if not _HOST.fullmatch(host):
        raise Trouble("names no host that can exist; correct the part after //")
    return host


def _literal(host: str) -> str:
    try:
        return IPv6Address(host if "%" not in host else "").compressed
    except ValueError:
        raise Trouble("names no address that can exist; correct the part after //") from None


def _a_labels(host: str) -> str:
    import idna

    try:
        return idna.encode(host, uts46=True).decode()
    except UnicodeError:
        return ""


def _credentials(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    return f"{unquote(parts.username)}:{unquote(parts.password or '')}"
