"""Classifying: terms are renamed and merged, with their articles, their readers and their addresses."""

from __future__ import annotations

from dataclasses import replace

from newsletter.config import rules
from newsletter.errors import NotFoundError, UsageError
from newsletter.intake.wording import slugify, tidy
from newsletter.model import Article, Term
from newsletter.pipeline.publication import Publication
from newsletter.store import arrivals, articles, audience, revising, terms
from newsletter.store.engine import Transaction
from newsletter.store.rules import rename as rename_feed


def every_term(publication: Publication) -> list[tuple[Term, int]]:
    """Return all terms, each with the number of shown articles that have it."""
    with publication.store.write() as connection:
        publication.declare(connection)
        counted = terms.uses(connection)
        return sorted(
            ((term, counted.get(key, 0)) for key, term in terms.keys(connection).items()),
            key=lambda each: (each[0].taxonomy, each[0].slug),
        )


def rename(publication: Publication, name: str, label: str, slug: str = "") -> Term:
    """Give a term another label, and the slug that it makes or that is given; the old names go on leading to it.

    Raises:
        NotFoundError: when there is no such term.
        UsageError: when the label is empty, config.toml names it, or another term has the new slug.
    """
    shown = tidy(label, 200)
    if not shown:
        raise UsageError(f"{name}: a label needs words that can be seen; write one")
    wanted = slugify(slug or shown)
    with publication.store.write() as connection:
        publication.declare(connection)
        key, held = _find(connection, name)
        _complain(publication, held)
        known = {(term.taxonomy, term.slug) for term in terms.keys(connection).values()} - {(held.taxonomy, held.slug)}
        if (held.taxonomy, wanted) in known:
            both = f"{held.taxonomy}/{held.slug} {held.taxonomy}/{wanted}"
            raise UsageError(f"{held.taxonomy}/{wanted}: is a term already; `newsletter terms merge {both}` joins them")
        carriers = arrivals.having(connection, held.taxonomy, key)
        before = articles.by_key(connection, carriers)
        terms.rename(connection, key, shown, wanted)
        rename_feed(connection, f"{held.taxonomy}/{held.slug}", f"{held.taxonomy}/{wanted}")
        _carry(publication, connection, held, replace(held, slug=wanted, label=shown), before)
        return terms.keys(connection)[key]


def merge(publication: Publication, old: str, new: str) -> Term:
    """Let one term take the place of another in articles and in readers' choices; nothing of it becomes news.

    Raises:
        NotFoundError: when there is no such term.
        UsageError: when config.toml names the one that goes, or the two are of different taxonomies.
    """
    with publication.store.write() as connection:
        publication.declare(connection)
        (old_key, gone), (new_key, stays) = _find(connection, old), _find(connection, new)
        if gone.taxonomy != stays.taxonomy or old_key == new_key:
            raise UsageError(
                f"{old}, {new}: only two terms of one taxonomy are merged; `newsletter terms list` shows them"
            )
        _complain(publication, gone)
        carriers = arrivals.having(connection, gone.taxonomy, old_key)
        before = articles.by_key(connection, carriers)
        arrivals.merge(connection, gone.taxonomy, old_key, new_key)
        terms.absorb(connection, old_key, new_key)
        _carry(publication, connection, gone, stays, before)
        return stays


def _find(connection: Transaction, name: str) -> tuple[int, Term]:
    taxonomy, _, slug = name.partition("/")
    for key, term in terms.keys(connection).items():
        if (term.taxonomy, term.slug) == (taxonomy, slug):
            return key, term
    raise NotFoundError(f"{name}: no such term; `newsletter terms list` shows them, write taxonomy/term")


def _complain(publication: Publication, gone: Term) -> None:
    """Refuse to take away a name by which config.toml calls a term: it would come back with the next import."""
    config, name = publication.config, f"{gone.taxonomy}/{gone.slug}"
    if gone.slug in config.taxonomies[gone.taxonomy].terms if gone.taxonomy in config.taxonomies else False:
        raise UsageError(
            f"taxonomies.{gone.taxonomy}.terms.{gone.slug}: config.toml names {name}; remove it there first"
        )
    for slug, saved in config.feeds.filters.items():
        if any(gone.slug in rule.get(gone.taxonomy, ()) for rule in rules(saved.filter)):
            raise UsageError(f"feeds.filters.{slug}: its filter names {name}; write the new name there first")
    for slug, each in config.lists.items():
        filters = [each.filter, *(section.filter for section in each.sections)]
        if any(gone.slug in rule.get(gone.taxonomy, ()) for written in filters for rule in rules(written)):
            raise UsageError(f"lists.{slug}: its filter names {name}; write the new name there first")


def _carry(publication: Publication, connection: Transaction, old: Term, new: Term, before: dict[int, Article]) -> None:
    """Put the new term in the place of the old one in articles and in choices."""
    for key, article in before.items():
        current = tuple(dict.fromkeys(new if _same(term, old) else term for term in article.terms))
        record = replace(article, terms=current, arrival=0)
        revising.rewrite(
            connection, key, record, publication.now, ends=publication.ends(record), gone=articles.gone(connection, key)
        )
    audience.replace_choice(connection, old.taxonomy, old.slug, new.slug)


def _same(term: Term, other: Term) -> bool:
    return (term.taxonomy, term.slug) == (other.taxonomy, other.slug)
