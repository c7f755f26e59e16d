"""The pages of articles that have none elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from newsletter.config import Config
from newsletter.model import Article
from newsletter.pipeline.documents import Build, Document
from newsletter.store import articles
from newsletter.store.engine import Transaction

_PAGE = re.compile(r"articles/[a-z0-9-]+\.html")


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the pages of articles that were revised and are shown."""
    for article in articles.revised_pages(connection, build.since, build.config.base):
        path = path_of(article, build.config)
        if path and article.arrival:
            yield path, partial(build.pages.article, article)


def count(build: Build, connection: Transaction) -> int:
    """Return about how many pages are stale."""
    return articles.count_revised_pages(connection, build.since, build.config.base)


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where the pages stand of articles that were not revised."""
    if build.since < 0:
        return
    stale = {
        path
        for article in articles.revised_pages(connection, build.since, build.config.base)
        for path in _places(article, build.config)
    }
    yield from (path for path in build.published if _PAGE.fullmatch(path) and path not in stale)


def _places(article: Article, config: Config) -> Iterator[str]:
    """Yield where pages of an article may stand, under this name and former ones."""
    for name in (article.url, *article.aliases):
        yield name.removeprefix(f"{config.base}/")
        yield f"{name}.html"


def path_of(article: Article, config: Config) -> str:
    """Return where an article's own page stands, nothing where it is read elsewhere."""
    path = article.url.removeprefix(f"{config.base}/")
    return path if _PAGE.fullmatch(path) else ""
