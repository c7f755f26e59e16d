"""Rereading: the inputs that were kept are read again by today's parsers, without fetching and without making news."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from newsletter import intake
from newsletter.config import Source
from newsletter.errors import NewsletterError, NotFoundError
from newsletter.model import Article
from newsletter.pipeline.copies import Copies, addresses, offline
from newsletter.pipeline.media import Shelf
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.receiving import Received
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import articles, copies, incoming, sightings
from newsletter.store.engine import Transaction
from newsletter.store.incoming import Given


def raw(publication: Publication, name: str) -> bytes:
    """Return the input of an article byte for byte.

    Raises:
        NotFoundError: when no article has that name, or its input was not kept.
    """
    with publication.store.read() as connection:
        article = articles.get(connection, articles.find(connection, name))
        return articles.raw_of(connection, article.source.sha256).body


def reparse(publication: Publication, watch: Watch = unwatched) -> Received:
    """Read every kept input again, and store of it the articles that stand as it has them."""
    with publication.store.read() as connection:
        inputs = list(articles.by_input(connection))
    report = Received()
    with watch(len(inputs)) as step:
        for sha256, keys in inputs:
            _reread(publication, sha256, keys, report)
            step(1)
    return report


def _reread(publication: Publication, sha256: str, keys: list[int], report: Received) -> None:
    with publication.store.write() as connection:
        held = articles.by_key(connection, keys)
        origin = next(iter(held.values())).source
        place = sightings.place(connection, keys[0], origin.name)
        try:
            kept = articles.raw_of(connection, sha256)
            read = intake.read(
                kept.body, kept.name, _desk(publication, origin.name, origin.format, place, kept.charset)
            )
        except NotFoundError:
            return  # it was written by a program, not read from an input
        except NewsletterError as error:
            report.failures.append(f"{place or kept.name}: {error}")
            return
        found = [article for article in read if isinstance(article, Article)]
        home = _copies(publication, connection, origin.name, found)
        mine = {name for article in held.values() for name in (article.identity, article.url, *article.aliases)}
        again = [
            _as_held(home.bring(article), held)
            for article in found
            if not mine.isdisjoint((article.identity, article.url, *article.aliases))
        ]
        numbering = replace(publication.numbering(), quiet=True)
        changes = incoming.save_all(
            connection,
            [Given(article, place) for article in again],
            publication.ends,
            list(publication.taxonomies),
            numbering,
        )
    for change in changes:
        if isinstance(change, NewsletterError):
            report.failures.append(f"{place or kept.name}: {change}")
        else:
            report.counts[change] += 1


def _as_held(article: Article, held: dict[int, Article]) -> Article:
    """Return an article with the priority that it came with: a setting that changed since is no news either."""
    before = next(iter(held.values())).source
    return replace(article, source=replace(article.source, priority=before.priority))


def _copies(publication: Publication, connection: Transaction, name: str, found: list[Article]) -> Copies:
    """Return what was copied of pictures and files before; nothing is fetched."""
    shelf = Shelf.of(publication.config)
    known = copies.held(connection, addresses(found, shelf))
    source = publication.config.sources.get(name, Source())
    return Copies(shelf, publication.now, offline if source.copies else None, known)


def _desk(publication: Publication, name: str, format: str, place: str, charset: str) -> intake.Desk:
    source = msgspec.structs.replace(publication.config.sources.get(name, Source()), format=format)
    folder = (Path(publication.config.root) / place).parent
    shelf = Shelf.of(publication.config)
    return publication.desk(name, source, lambda relative: shelf.load(folder, relative), charset)
