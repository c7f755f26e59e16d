"""What staff decide of single articles: pinned, hidden, shown again, their words put right."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

from newsletter.errors import MediaError, NewsletterError, UsageError
from newsletter.intake.draft import LEAD
from newsletter.intake.wording import tidy
from newsletter.model import Article, ArticleState, Edits, Image
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.store import articles, corrections, edits, revising

Revise = Callable[[Edits, Article], Edits]
"""Gives staff's edits anew, from those that stand and the article as its source has it."""


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


def correct(publication: Publication, name: str) -> None:
    """Tell everyone who was sent an article, in their next letter, that it was put right since.

    Raises:
        NotFoundError: when no article has that name.
    """
    with publication.store.write() as connection:
        corrections.correct(connection, articles.find(connection, name), publication.now)


def uncorrect(publication: Publication, name: str) -> None:
    """Take a correction back; who was told of it was told."""
    with publication.store.write() as connection:
        corrections.forget(connection, articles.find(connection, name))


def hide(publication: Publication, name: str) -> Article:
    """Withhold an article from feeds, pages and letters to come, whatever its source says."""
    return edit(publication, name, lambda stands, _: replace(stands, state=ArticleState.HIDDEN))


def show_again(publication: Publication, name: str) -> Article:
    """Show a hidden article; it is news again only if a run took place meanwhile."""

    def shown(stands: Edits, original: Article) -> Edits:
        ready = original.state is ArticleState.READY
        return replace(stands, state=None if ready else ArticleState.READY)

    return edit(publication, name, shown)


def picture(publication: Publication, path: Path) -> Image:
    """Keep a picture of staff's choice and return it as it will be published.

    Raises:
        NewsletterError: when it is no picture or cannot be read.
    """
    try:
        found = Shelf.of(publication.config).load(path.resolve().parent, path.name)
    except MediaError as error:
        raise NewsletterError(f"{path}: {error}") from None
    if found is None or not found.width:
        raise NewsletterError(f"{path}: is no picture that can be shown; give a JPEG, PNG, GIF or WebP file")
    return Image(found.url, "", found.width, found.height, found.small)


def written(title: str | None = None, lead: str | None = None, alt: str | None = None) -> Edits:
    """Return words of staff's own as edits, as clean as those of any source.

    Raises:
        UsageError: when nothing of a title can be seen.
    """
    if title is not None and not tidy(title):
        raise UsageError("a title needs words that can be seen; to have the source's again, write --reset title")
    return Edits(
        title=None if title is None else tidy(title),
        lead=None if lead is None else tidy(lead, LEAD),
        alt=None if alt is None else tidy(alt),
    )


def joined(stands: Edits, given: Edits, forgotten: Collection[str]) -> Edits:
    """Return edits with some fields forgotten and others given anew."""
    return Edits(
        title=_one(given.title, None if "title" in forgotten else stands.title),
        lead=_one(given.lead, None if "lead" in forgotten else stands.lead),
        image=_one(given.image, None if "image" in forgotten else stands.image),
        alt=_one(given.alt, None if "alt" in forgotten else stands.alt),
        state=_one(given.state, None if "state" in forgotten else stands.state),
    )


T = TypeVar("T")


def _one(given: T | None, stands: T | None) -> T | None:
    return stands if given is None else given


def edit(publication: Publication, name: str, revise: Revise) -> Article:
    """Put staff's own words in the place of a source's; every later import leaves them. Returns the article then.

    Raises:
        NotFoundError: when no article has that name.
    """
    with publication.store.write() as connection:
        key = articles.find(connection, name)
        known = edits.of(connection, [key]).get(key)
        held = known.original if known else articles.get(connection, key)
        revised = revise(known.edits if known else Edits(), held)
        taxonomies = list(publication.taxonomies)
        revising.edit(connection, key, revised, publication.ends, taxonomies, publication.numbering())
        return articles.get(connection, key)
