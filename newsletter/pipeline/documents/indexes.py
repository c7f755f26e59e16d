"""What leads to everything else: the index, and where former addresses lead today."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from newsletter.config import Config
from newsletter.feeds import redirects
from newsletter.feeds.redirects import GONE
from newsletter.pipeline.documents import Build, Document, issues
from newsletter.pipeline.documents.pages import path_of
from newsletter.store import articles, entries, terms
from newsletter.store.engine import Transaction


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the index of feeds and issues, and the lists of former addresses."""
    yield "index.html", partial(build.pages.index, build.feeds, list(issues.titles(build, connection)))
    moved = dict(_moved(build, connection))
    yield "redirects.txt", partial(redirects.as_text, moved)
    yield "redirects.nginx", partial(redirects.as_nginx, moved)


def paths() -> Iterator[str]:
    """Yield where they stand."""
    yield from ("index.html", "redirects.txt", "redirects.nginx")


def _moved(build: Build, connection: Transaction) -> Iterator[tuple[str, str]]:
    """Yield every former path with the present one, or that it is gone; what is said last counts."""
    yield from redirects.of_lost(path for path in entries.standings(connection) if path not in build.by_path)
    former = terms.former_names(connection)
    yield from redirects.of_terms(each for each in former if each[0] in build.config.taxonomies)
    yield from ((f"/{path_of(article, build.config)}", GONE) for article in articles.left(connection))
    yield from _renamed(build.config, connection)


def _renamed(config: Config, connection: Transaction) -> Iterator[tuple[str, str]]:
    """Yield old and new path of the pages of our own that had another name."""
    for former, article in articles.renamed(connection):
        here = article.url.removeprefix(config.base)
        if (there := f"/{former}.html") != here:
            yield there, here if here.startswith("/") else article.url
