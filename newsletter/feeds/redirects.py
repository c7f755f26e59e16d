"""Former addresses: where each leads today, in the words of the web servers that answer for it.

``redirects.txt`` has an old and a new path a line, as ``newsletter serve`` and Caddy's map read it; ``redirects.nginx``
is for nginx. What is gone for good leads to ``gone``: a ``-`` would be nothing at all to Caddy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from newsletter.feeds.head import volume_path

SUFFIXES = (".atom", ".rss", ".json", ".ics", ".html")
"""What the address of a feed may end with (DESIGN §4)."""

GONE = "gone"


def of_terms(former: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    """Yield old and new path of every document of terms that are called otherwise now: taxonomy, old and new slug."""
    for taxonomy, old, new in former:
        yield from ((f"/{taxonomy}/{old}{suffix}", f"/{taxonomy}/{new}{suffix}") for suffix in SUFFIXES)


def of_lost(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every document of feeds that are published no more."""
    for path in paths:
        yield from ((f"/{path}{suffix}", GONE) for suffix in SUFFIXES)


def of_volumes(volumes: Iterable[tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """Yield every archive document, by path of feed and number, of feeds that have none any more."""
    yield from ((f"/{volume_path(path, number)}.atom", GONE) for path, number in volumes)


def as_text(moved: Mapping[str, str]) -> bytes:
    """Return the lines of ``redirects.txt``."""
    return "".join(f"{old} {_quoted(new)}\n" for old, new in sorted(moved.items())).encode()


def from_text(data: bytes) -> dict[str, str]:
    """Return old and new paths as ``redirects.txt`` has them; a line that has not both is passed over."""
    lines = (line.split() for line in data.decode(errors="replace").splitlines())
    return {words[0]: _quoted(words[1]) for words in lines if len(words) == 2}


def as_nginx(moved: Mapping[str, str]) -> bytes:
    """Return the lines of ``redirects.nginx``, to be included in a ``map`` of ``$uri``."""
    return "".join(f'"{old}" "{_quoted(new)}";\n' for old, new in sorted(moved.items())).encode()


def _quoted(address: str) -> str:
    """Return an address without what web servers would take for a variable of theirs, or for its end."""
    return quote(address, safe="/:?#[]@!&'()*+,;=~%")
