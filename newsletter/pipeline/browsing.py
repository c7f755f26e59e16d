"""Looking at what is stored."""

from __future__ import annotations

from newsletter.model import Article
from newsletter.pipeline.publication import Publication
from newsletter.store import articles


def every_article(publication: Publication) -> list[Article]:
    """Return all articles, shown or not, newest first."""
    with publication.store.read() as connection:
        return list(articles.everything(connection))


def one_article(publication: Publication, name: str) -> Article:
    """Return the article of an id, an address or the beginning of an id.

    Raises:
        NotFoundError: when none, or more than one, is meant.
    """
    with publication.store.read() as connection:
        return articles.get(connection, articles.find(connection, name))
