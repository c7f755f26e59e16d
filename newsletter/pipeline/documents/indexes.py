"""What leads to everything else: the index, and where former addresses lead today."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from newsletter.config import Config
from newsletter.feeds import opml, redirects
from newsletter.feeds.redirects import GONE
from newsletter.feeds.tree import letters
from newsletter.model import Article
from newsletter.pipeline.documents import Build, Document, issues
from newsletter.pipeline.documents.pages import path_of
from newsletter.store import articles, entries, terms
from newsletter.store.engine import Transaction

LATEST = 5
"""Articles that the index shows."""


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the indexes of feeds and issues, for people and for feed readers, and the lists of former addresses."""
    yield "index.html", partial(_index, build, connection)
    yield "feeds.opml", partial(opml.document, [*build.feeds, *letters(build.config)], build.config)
    moved = dict(_moved(build, connection))
    yield "redirects.txt", partial(redirects.as_text, moved)
    yield "redirects.nginx", partial(redirects.as_nginx, moved)


def count(build: Build, connection: Transaction) -> int:
    """Return how many they are: they are always made anew."""
    return sum(1 for _ in paths(build, connection))


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where they stand."""
    yield from ("index.html", "feeds.opml", "redirects.txt", "redirects.nginx")


def _index(build: Build, connection: Transaction) -> bytes:
    told = list(issues.titles(build, connection))
    return build.pages.index(build.feeds, told, _latest(build, connection), letters(build.config))


def _latest(build: Build, connection: Transaction) -> list[Article]:
    """Return the latest articles of everything, where there are pages that go on from there."""
    standing = entries.standings(connection).get("all")
    if standing is None or "html" not in build.config.feeds.formats:
        return []
    return articles.some(connection, entries.newest(connection, standing, LATEST))


def _moved(build: Build, connection: Transaction) -> Iterator[tuple[str, str]]:
    """Yield every former path with the present one, or that it is gone; what is said last counts."""
    yield from redirects.of_lost(path for path in entries.standings(connection) if path not in build.by_path)
    yield from redirects.of_lost(issues.lost(build, connection))
    yield from redirects.of_volumes(_lost_volumes(build, connection))
    former = terms.former_names(connection)
    yield from redirects.of_terms(each for each in former if each[0] in build.config.taxonomies)
    yield from ((f"/{path_of(article, build.config)}", GONE) for article in articles.left(connection))
    yield from _renamed(build.config, connection)


def _lost_volumes(build: Build, connection: Transaction) -> Iterator[tuple[str, int]]:
    """Yield path and number of the volumes of feeds that are not published, or have no archives any more."""
    kept = (
        {path for path, feed in build.by_path.items() if feed.archived} if "atom" in build.config.feeds.formats else ()
    )
    return (each for each in entries.volumes(connection) if each[0] not in kept)


def _renamed(config: Config, connection: Transaction) -> Iterator[tuple[str, str]]:
    """Yield old and new path of the pages of our own that had another name."""
    for former, article in articles.renamed(connection):
        here = article.url.removeprefix(config.base)
        if (there := f"/{former}.html") != here:
            yield there, here if here.startswith("/") else article.url
