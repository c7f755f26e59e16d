"""What makes an article the same one: its canonical address, and the id that is minted from it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, quote, unquote, urlsplit

from newsletter.config import Site
from newsletter.errors import IntakeError
from newsletter.intake.wording import tidy

_PORTS = {"http": 80, "https": 443}
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
_UNRESERVED = re.compile(r"[a-z0-9._~-]", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|[0-9a-f:.]*:[0-9a-f:.]*", re.IGNORECASE)
# What newsletters, social networks and audience counters hang on an address: who came by it, never what it shows.
# Of the counters' own letters only the known names: "pk_id" may well be the number of the page.
_TRACKS = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|mkt_tok|xtor|xts"
    r"|at_(?:medium|campaign|creation|custom\d+|recipient_\w+|send_date|link\w*|format|variant|platform|emailtype)"
    r"|(?:mtm|matomo)_\w+|(?:pk|piwik)_(?:campaign|cpn|kwd|keyword|source|medium|content|cid|group|placement))",
    re.IGNORECASE,
)


def mint(identity: str, site: Site) -> str:
    """Return the tag: URI of an identity (RFC 4151): always the same, and never a changed one."""
    return f"tag:{site.tagged_by},{site.since}:{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def canonical(url: str) -> str:
    """Return what identifies a web address: https, lower-case host without ``www.``, and nothing that only decorates.

    A default port, a fragment, ``index.html`` and the parameters of audience counters go. The path, its case, its
    final slash and the rest of the query stay: sites give them a meaning.

    Raises:
        IntakeError: if it is no web address.
    """
    parts = _split(url)
    path = _INDEX.sub("/", parts.path) or "/"
    return f"https://{_bare(parts)}{path}" + (f"?{parts.query}" if parts.query else "")


def spelled(name: str) -> str:
    """Return an identity in the one spelling of RFC 3986 §6.2.2: escapes in capitals and where needed, no dot segments.

    It is a further name of an article, not its identity: those that are held keep theirs, and the id made of it.

    >>> spelled("https://example.org/./caf%c3%a9/%7Ejardin")
    'https://example.org/caf%C3%A9/~jardin'
    """
    if "://" not in name:
        return name
    parts = urlsplit(name)
    return parts._replace(path=_undotted(_unescaped(parts.path)), query=_unescaped(parts.query)).geturl()


def _unescaped(text: str) -> str:
    """Return a part of an address without the escapes that it does not need (RFC 3986 §2.3)."""

    def one(match: re.Match[str]) -> str:
        character = chr(int(match[0][1:], 16))
        return character if _UNRESERVED.fullmatch(character) else match[0].upper()

    return _ESCAPE.sub(one, text)


def _undotted(path: str) -> str:
    """Return a path without its dot segments (RFC 3986 §5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    last = [""] if path.endswith(("/.", "/..")) else []
    return "/" + "/".join(kept + last)


def address(url: str) -> str:
    """Return a web address as it is shown and followed: escaped where it must be, without fragment or counters.

    Raises:
        IntakeError: if it is no web address.
    """
    return _split(url)._replace(fragment="").geturl()


def iri(url: str) -> str:
    """Return what names a term on the web, its fragment kept; nothing where it is no web address."""
    try:
        return _split(url).geturl()
    except IntakeError:
        return ""


def moved(url: str, hosts: Sequence[str]) -> str:
    """Return an address with the first of a site's host names in the place of any other of them.

    >>> moved("http://old.example.org/a", ["www.example.org", "old.example.org"])
    'http://www.example.org/a'
    """
    parts = urlsplit(url)
    if not hosts or _bare(parts) not in {_bare(urlsplit(f"//{host}")) for host in hosts}:
        return url
    return parts._replace(netloc=hosts[0]).geturl()


def escaped(url: str) -> str:
    """Return a URL without the characters that RFC 3986 forbids; what is escaped already stays."""
    return quote(url.strip(), safe="!#$%&'()*+,/:;=?@[]~")


def path(url: str) -> str:
    """Return the readable path of an address, nothing where it cannot be parsed."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def _bare(parts: SplitResult) -> str:
    """Return a host and its port as they are compared."""
    name = (parts.hostname or "").rstrip(".")
    short = name.removeprefix("www.")
    name = short if "." in short else name
    port = f":{parts.port}" if parts.port not in (None, _PORTS.get(parts.scheme)) else ""
    return f"[{name}]{port}" if ":" in name else f"{name}{port}"


def _split(url: str) -> SplitResult:
    """Return the parts of a web address without names and passwords of users, and without counters."""
    try:
        parts = urlsplit(escaped(url))
        netloc = host(url)
        usable = parts.scheme in _PORTS and netloc and parts.port != 0
    except ValueError:
        usable = False
    if not usable or len(url) > 2000:
        raise IntakeError(f'{tidy(url, 80)!r} is no web address; write one such as "https://www.example.org/page"')
    kept = [each for each in parts.query.split("&") if not _TRACKS.fullmatch(each.partition("=")[0])]
    return parts._replace(netloc=netloc, query="&".join(kept))


def host(url: str) -> str:
    """Return host and port of a URL as the net writes them (RFC 5891), nothing where no host can be called so.

    Raises:
        ValueError: if it cannot be read.
    """
    netloc = urlsplit(url.strip()).netloc.rpartition("@")[2]
    match = re.fullmatch(r"(\[.*\]|[^:]*)((?::\d+)?):?", netloc)
    if match is None:
        return ""
    plain = match[1] if match[1].isascii() and "xn--" not in match[1].lower() else _encoded(match[1])
    return plain + match[2] if _HOST.fullmatch(plain.strip("[]")) else ""


def _encoded(name: str) -> str:
    import idna

    return idna.encode(name, uts46=True).decode()
