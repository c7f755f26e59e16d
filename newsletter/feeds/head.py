"""What stands around the entries of a document, the same for every format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from newsletter.config import Config
from newsletter.feeds.tree import Feed
from newsletter.feeds.xml import clean, iri


@dataclass(frozen=True)
class Head:
    """One document of a feed: its own (``number`` 0), or one of its volumes, which are numbered from 1.

    ``before`` is the number of the volume before it, 0 where there is none; ``deleted`` are id and instant of
    articles that were withdrawn from it.
    """

    feed: Feed
    updated: datetime
    number: int = 0
    before: int = 0
    deleted: tuple[tuple[str, datetime], ...] = ()

    def title(self, config: Config) -> str:
        """Return the title by which readers know the feed among others."""
        return title(self.feed, config)

    def page(self, config: Config) -> str:
        """Return the address of the page that shows the feed to people."""
        return page(self.feed, config)

    def volume(self, number: int, config: Config) -> str:
        """Return the address of one of the feed's volumes."""
        return address(volume_path(self.feed.path, number), ".atom", config)


def newest(config: Config, entries: Iterable[datetime]) -> datetime:
    """Return the latest of the instants that entries show; without any, the beginning of the year of the ids."""
    return max([datetime(config.site.since, 1, 1, tzinfo=config.site.zone), *entries])


def changed(config: Config, entries: Iterable[datetime], told: datetime | None, now: datetime) -> datetime:
    """Return the instant at which a document changed that told another one before, or none: it never becomes older.

    That is the one of its newest entry; where none is newer than what was told, entries left or came late, just now.
    """
    latest = newest(config, entries)
    return latest if told is None or latest > told else max(told, now)


def title(feed: Feed, config: Config) -> str:
    """Return the title by which people know a feed among others."""
    return clean(f"{feed.title} – {config.site.name}")


def page(feed: Feed, config: Config) -> str:
    """Return the address of a feed's page; where feeds have none, the index of all of them is the nearest one."""
    beside = feed.path if "html" in config.feeds.formats else "index"
    return address(feed.page or beside, ".html", config)


def address(path: str, suffix: str, config: Config) -> str:
    """Return the public address of a document."""
    return iri(f"{config.base}/{quote(path)}{suffix}")


def volume_path(path: str, number: int) -> str:
    """Return where a volume stands, without extension (DESIGN §4)."""
    return f"archive/{path}/{number}"
