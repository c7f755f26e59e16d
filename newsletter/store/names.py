"""Names by which an article that comes in is known to be one that is held (docs/adr/0016-entries.md).

A web address names an article wherever it was read. A name of our own, ``articles/…``, is one only where it was given:
what another source sends is never taken for a file of the publication, nor a file for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from newsletter.model import SPOT, Article
from newsletter.store.articles import OWN

_SCOPED = re.compile(rf"({OWN}.+)-([0-9a-f]{{12}})")
_PAGE = ".html"  # an address that is a page of ours is told from its name by this


def every(given: Article) -> set[str]:
    """Return every name of an article."""
    return {given.identity, given.url, *given.aliases}


def sought(given: Article) -> set[str]:
    """Return every name under which an article may be held, its former one included."""
    return {*every(given), _page(given), _origin(given), _former(given)}


def meant(given: Article, held: Mapping[str, int], records: Mapping[int, Article]) -> str | None:
    """Return the name by which an incoming article is one that is held, None if it is none of them."""
    for name in (*_ordered(given), _former(given)):
        if name in held and _may(given, name, records[held[name]]):
            return name
    return None


def owner(given: Article, held: Mapping[str, int]) -> int | None:
    """Return the key of the article to which the very name or page of an incoming one belongs."""
    return held.get(given.identity, held.get(_page(given)))


def is_page(given: Article) -> bool:
    """Tell whether what came in has a page of the publication's own for its address."""
    return given.identity.startswith(OWN) and given.identity.endswith(_PAGE)


def _page(given: Article) -> str:
    """Return the name of the article whose page is the address of what came in, else its own name."""
    return given.identity.removesuffix(_PAGE) if is_page(given) else given.identity


def as_held(given: Article, name: str, held: Article) -> Article:
    """Return an incoming article at the page that the held one has, if it is known by a name that is no page."""
    if name in every(given) and not name.startswith(SPOT):
        return given
    folder, page = given.url.rpartition("/")[0], held.url.rpartition("/")[2]
    return replace(given, url=f"{folder}/{page}", identity=held.identity, aliases=(*given.aliases, _origin(given)))


def is_written(article: Article) -> bool:
    """Tell whether an article was written here, as a file of the publication's own."""
    return article.source.format == "markdown"


def _may(given: Article, name: str, held: Article) -> bool:
    """Tell whether an incoming article may be a held one that has this name of it."""
    if not held.identity.startswith(OWN):
        return True
    if is_written(given) or is_written(held):
        return is_written(given) and is_written(held)
    if name == _former(given):
        return (given.source.name, given.source.format) == (held.source.name, held.source.format)
    return name.startswith((OWN, SPOT))


def _former(given: Article) -> str:
    """Return the name that a page of our own had before its source stood in it, its own name where there is none."""
    return _scoped(given)[0]


def _origin(given: Article) -> str:
    """Return the name that only tells where what has a page of our own came from, its own name where it has none."""
    return _scoped(given)[1]


def _scoped(given: Article) -> tuple[str, str]:
    match = None if is_written(given) else _SCOPED.fullmatch(given.identity)
    return (match[1], f"{SPOT}{match[2]}") if match else (given.identity, given.identity)


def _ordered(given: Article) -> list[str]:
    """Return its names, the exact ones first: an entry of a page that others share is meant before the page."""
    named = (given.identity, given.url, _origin(given), *given.aliases)
    return sorted(named, key=lambda name: "#" not in name)
