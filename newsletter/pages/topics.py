"""Topics as pages show them: each feed with what it holds and what holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from newsletter.model import Filter


class Listed(Protocol):
    """A feed as pages show it: its public address without extension, and what it is about."""

    @property
    def path(self) -> str:
        """The address below the publication's, without extension."""

    @property
    def title(self) -> str:
        """What the feed is about."""

    @property
    def subtitle(self) -> str:
        """What it is about, said in full."""

    @property
    def parent(self) -> str:
        """The address of the feed that holds it."""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The union of what it takes, descendants of terms included; empty takes everything."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A feed with those that it holds."""

    feed: Listed
    within: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The feeds of one taxonomy, or the saved filters: ``whole`` takes all of it, where there is such a feed."""

    heading: str
    whole: Listed | None
    branches: tuple[Branch, ...]
    size: int


def trail(feed: Listed, feeds: Mapping[str, Listed]) -> list[Listed]:
    """Return the feeds that hold a feed, the widest first; parents that go round in circles end where they began."""
    found = [feed]
    while (wider := feeds.get(found[-1].parent)) and wider not in found:
        found.append(wider)
    return found[:0:-1]


def groups(feeds: Sequence[Listed], headings: Mapping[str, str]) -> Iterator[Group]:
    """Yield the feeds below each heading, which are given by the first word of the feeds' addresses."""
    every = defaultdict(list)
    for feed in feeds:
        every[feed.path.partition("/")[0]].append(feed)
    for first, heading in headings.items():
        if members := every[first]:
            whole = next((feed for feed in members if feed.path == first), None)
            inside = [feed for feed in members if feed is not whole]
            yield Group(heading, whole, _branches(inside, {"", first}), len(inside))


def _branches(feeds: Sequence[Listed], tops: set[str]) -> tuple[Branch, ...]:
    """Return feeds as trees below ``tops``; what only hangs on itself stands at the top too."""
    within = defaultdict(list)
    for feed in feeds:
        within[feed.parent].append(feed)
    placed: set[str] = set()

    def grown(among: Sequence[Listed]) -> Iterator[Branch]:
        for feed in among:
            if feed.path not in placed:
                placed.add(feed.path)
                yield Branch(feed, tuple(grown(within[feed.path])))

    return (*grown([feed for feed in feeds if feed.parent in tops]), *grown(feeds))
