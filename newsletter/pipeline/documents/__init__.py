"""Documents: every file that a build may write, and which of them are stale since the last one.

Each module here makes one kind of file, in the same words. ``stale`` yields what may differ from what is published,
``count`` tells about how many those are, and ``paths`` yields where all of its kind stand that are wanted, be it only
those that are not stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from newsletter import __version__, shipped
from newsletter.config import Config, Mail, StoreSettings
from newsletter.feeds.tree import Feed
from newsletter.pages import Pages

Document = tuple[str, Callable[[], bytes]]
"""A path below the output folder, and what makes its bytes."""


@dataclass(frozen=True)
class Build:
    """A build under way: a publication's configuration and feeds, and the paths of what is published already.

    ``since`` is the revision at which that was published, -1 where nothing is known of it.
    """

    config: Config
    feeds: Sequence[Feed]
    published: Collection[str] = ()
    since: int = -1

    @cached_property
    def by_path(self) -> dict[str, Feed]:
        """The feeds by their public address."""
        return {feed.path: feed for feed in self.feeds}

    @cached_property
    def pages(self) -> Pages:
        """What makes pages."""
        return Pages(self.config, [self.config.at("templates")])

    @cached_property
    def of_entries(self) -> str:
        """What an entry is made of besides its article, as a hash."""
        iris = {slug: taxonomy.iri for slug, taxonomy in self.config.taxonomies.items()}
        return _hash([__version__, self.config.site, iris])

    @cached_property
    def of_documents(self) -> str:
        """What a document is made of besides articles, as a hash."""
        told = msgspec.structs.replace(self.config, root="", sources={}, mail=Mail(), store=StoreSettings())
        return _hash([__version__, told, [_facts(feed) for feed in self.feeds], list(self._templates())])

    def _templates(self) -> Iterator[tuple[str, str]]:
        for folder in (self.config.at("templates") / "web", shipped.templates() / "web"):
            for path in sorted(folder.glob("*")) if folder.is_dir() else ():
                if path.is_file():
                    yield path.name, path.read_text(encoding="utf-8", errors="replace")


def _facts(feed: Feed) -> tuple[object, ...]:
    return feed.path, feed.name, feed.title, feed.subtitle, feed.parent, feed.archived


def _hash(value: object) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:32]
