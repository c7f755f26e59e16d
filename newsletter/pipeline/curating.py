"""What staff decide of single articles: pinned, hidden, shown again."""

from __future__ import annotations

from typing import Literal

from newsletter.model import ArticleState
from newsletter.pipeline.publication import Publication
from newsletter.store import articles


def pin(publication: Publication, name: str, whom: Literal["everyone", "matching"] = "matching") -> None:
    """Show an article in every letter until it is unpinned: to readers whom it matches, or to everyone.

    A pin opens no issue by itself: it stands in letters that have news.

    Raises:
        NotFoundError: when no article has that name.
    """
    with publication.store.write() as connection:
        articles.pin(connection, articles.find(connection, name), whom)


def unpin(publication: Publication, name: str) -> None:
    """Let an article stand only where it is news."""
    with publication.store.write() as connection:
        articles.pin(connection, articles.find(connection, name), None)


def hide(publication: Publication, name: str) -> None:
    """Withhold an article from feeds, pages and letters to come."""
    _set_state(publication, name, ArticleState.HIDDEN)


def show_again(publication: Publication, name: str) -> None:
    """Show a hidden article; it is news again only if a run took place meanwhile."""
    _set_state(publication, name, ArticleState.READY)


def _set_state(publication: Publication, name: str, state: ArticleState) -> None:
    with publication.store.write() as connection:
        key = articles.find(connection, name)
        articles.set_state(connection, key, state, list(publication.taxonomies), publication.numbering())
