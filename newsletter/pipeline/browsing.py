"""Looking at what is stored."""

from __future__ import annotations

from datetime import datetime

from newsletter.model import Article
from newsletter.pipeline.publication import Publication
from newsletter.store import articles


def every_article(publication: Publication) -> list[Article]:
    """Return all articles, shown or not, newest first."""
    with publication.store.read() as connection:
        return list(articles.everything(connection))


def withdrawn(publication: Publication) -> dict[str, datetime]:
    """Return since when articles are gone from all their sources, by their ids."""
    with publication.store.read() as connection:
        return articles.withdrawn(connection)


GIVEN = frozenset({"given", "title", "heading", "breadcrumb", "staff"})
"""Where a title stands that somebody wrote as such."""


def wants_review(article: Article) -> list[str]:
    """Return why staff should look at an article, nothing where all is well."""
    inferred = [] if article.title_source in GIVEN else [f"the title was inferred from the {article.title_source}"]
    return [*inferred, *article.warnings, *(f"not understood: {piece[:80]}" for piece in article.unparsed)]


def one_article(publication: Publication, name: str) -> Article:
    """Return the article of an id, an address or the beginning of an id.

    Raises:
        NotFoundError: when none, or more than one, is meant.
    """
    with publication.store.read() as connection:
        return articles.get(connection, articles.find(connection, name))
