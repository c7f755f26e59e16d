"""How a topic is followed: in a feed reader, in a calendar, by mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from newsletter.config import Config, List, rules, say
from newsletter.model import Filter
from newsletter.pages.topics import Listed

NAMES = {
    "atom": ("Atom", "application/atom+xml"),
    "rss": ("RSS", "application/rss+xml"),
    "json": ("JSON Feed", "application/feed+json"),
    "ics": ("iCalendar", "text/calendar"),
}
"""The formats that programs read, by the ending of their files: name and media type."""


@dataclass(frozen=True, slots=True)
class Way:
    """A document by which programs follow a topic; ``path`` is its address below the publication's, quoted."""

    name: str
    type: str
    path: str

    @property
    def calendar(self) -> bool:
        """Whether it is a calendar, and no feed."""
        return self.type == NAMES["ics"][1]


@dataclass(frozen=True, slots=True)
class Offer:
    """A letter that takes a topic, and where one subscribes to just that."""

    title: str
    description: str
    url: str


def ways(path: str, config: Config) -> list[Way]:
    """Return the documents of a feed that programs read, in the order of the configuration."""
    read = [ending for ending in config.feeds.formats if ending in NAMES]
    return [Way(*NAMES[ending], f"{quote(path)}.{ending}") for ending in read]


def offers(feed: Listed, feeds: Mapping[str, Listed], config: Config, language: str) -> Iterator[Offer]:
    """Yield the letters in which articles of a feed may stand, where the configuration says where one subscribes."""
    for slug, letter in config.lists.items() if config.web.url else ():
        if _meet(feed.filters, _taken(letter, feeds)):
            asked = urlencode({"list": slug, "term": _terms(feed, config)}, doseq=True, safe="/")
            title, description = say(letter.title, language), say(letter.description, language)
            yield Offer(title, description, f"{config.web_base}/subscribe?{asked}")


def _taken(letter: List, feeds: Mapping[str, Listed]) -> tuple[Filter, ...]:
    """Return what a list takes, descendants included, as the feeds of its terms know them."""
    return tuple(
        {taxonomy: frozenset(_wide(taxonomy, slugs, feeds)) for taxonomy, slugs in rule.items()}
        for rule in rules(letter.filter)
    )


def _wide(taxonomy: str, slugs: frozenset[str], feeds: Mapping[str, Listed]) -> Iterator[str]:
    for slug in slugs:
        term = feeds.get(f"{taxonomy}/{slug}")
        yield from term.filters[0][taxonomy] if term else (slug,)


def _meet(some: tuple[Filter, ...], others: tuple[Filter, ...]) -> bool:
    """Tell whether an article may match both unions."""
    return any(
        all(one[taxonomy] & other[taxonomy] for taxonomy in one.keys() & other.keys())
        for one in some or ({},)
        for other in others or ({},)
    )


def _terms(feed: Listed, config: Config) -> list[str]:
    """Return the terms that a reader chooses to get just what a feed takes; none where no choice says that."""
    first, _, last = feed.path.partition("/")
    if first in config.taxonomies:
        return [feed.path] if last else []
    saved = config.feeds.filters.get(last) if first == "filters" else None
    union = rules(saved.filter) if saved else ()
    only = union[0] if len(union) == 1 else {}
    return [f"{taxonomy}/{slug}" for taxonomy in only for slug in sorted(only[taxonomy])]
