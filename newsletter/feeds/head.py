"""What stands around the entries of a document, the same for every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from newsletter.config import Config
from newsletter.feeds.tree import Feed
from newsletter.feeds.xml import clean, iri


@dataclass(frozen=True)
class Head:
    """One document of a feed: its own (``number`` 0), or one of its archives, which are numbered from 1.

    ``before`` is the number of the archive document before it, 0 where there is none; ``deleted`` are id and instant of
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

    def archive(self, number: int, config: Config) -> str:
        """Return the address of one of the feed's archive documents."""
        return address(archive_path(self.feed.path, number), ".atom", config)


def changed(config: Config, moments: Iterable[datetime | None]) -> datetime:
    """Return the latest of the instants at which a document changed, never one before the year of its id.

    So an empty feed has a date that stays, and one of older articles has that too.
    """
    began = datetime(config.site.since, 1, 1, tzinfo=config.site.zone)
    return max([began, *_known(moments)])


def title(feed: Feed, config: Config) -> str:
    """Return the title by which people know a feed among others."""
    return clean(f"{feed.title} – {config.site.name}")


def page(feed: Feed, config: Config) -> str:
    """Return the address of a feed's page; where feeds have none, the index of all of them is the nearest one."""
    return address(feed.path if "html" in config.feeds.formats else "index", ".html", config)


def address(path: str, suffix: str, config: Config) -> str:
    """Return the public address of a document."""
    return iri(f"{config.base}/{quote(path)}{suffix}")


def archive_path(path: str, number: int) -> str:
    """Return where an archive document stands, without extension (DESIGN §4)."""
    return f"archive/{path}/{number}"


def _known(moments: Iterable[datetime | None]) -> Iterator[datetime]:
    return (moment for moment in moments if moment is not None)
