"""What makes a revision of an article: what stays of the one before, and whether its words changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from newsletter.model import Article, ArticleState, Term
from newsletter.store.arrivals import SHOWN, Fact
from newsletter.store.edits import Edited

NAMES = 100
"""Other names that an article may have; one whose source gives it another each time is not known by them anyway."""


def columns(record: Article) -> dict[str, object]:
    """Return the columns that are read off a record."""
    return {
        "id": record.id,
        "identity": record.identity,
        "state": record.state.value,
        "published": record.published,
        "words": words(record),
    }


def first(given: Article, terms: tuple[Term, ...]) -> Article:
    """Return an article that nobody knew, with the date of its words, and its terms as they are stored."""
    updated = max(given.published, given.modified or given.published)
    return replace(given, terms=terms, updated=updated, arrival=0)


def settled(given: Article, held: Article, known: Edited | None) -> Article:
    """Settle what depends on the store: the id never changes, nor the date of what came without one."""
    before = known.original if known else held
    published = given.published if given.dated else held.published
    record = replace(given, id=held.id, identity=held.identity, aliases=aliases(given, held), published=published)
    return replace(record, updated=before.updated)


def updated(record: Article, held: Article, now: datetime) -> datetime:
    """Return when the words changed: ``updated`` moves only with them."""
    if words(record) == words(held):
        return max(held.updated, record.published)
    later = record.modified if record.modified and record.modified > held.updated else now
    return max(later, record.published)


def same(record: Article, held: Article) -> bool:
    """Tell whether nothing changed but the input: a feed is another one with each new entry."""
    return replace(record, source=replace(record.source, sha256=held.source.sha256)) == held


def aliases(given: Article, held: Article) -> tuple[str, ...]:
    """Return every other name and address that it had or has, the first ``NAMES`` of them."""
    web = [given.identity] if "://" in given.identity else []
    every = dict.fromkeys([*held.aliases, *given.aliases, held.url, given.url, *web])
    return tuple(url for url in every if url not in (given.url, held.identity))[:NAMES]


def words(record: Article) -> str:
    """Return the hash of what readers read: title, lead, text, dates and attachments."""
    read = (record.title, record.lead, record.text, record.dates, record.deadline, record.attachments)
    return hashlib.sha256(msgspec.json.encode(read)).hexdigest()


def facts(record: Article, keyed: Mapping[int, Term], taxonomies: Sequence[str], now: datetime) -> set[Fact]:
    """Return what is true of an article: its terms, the taxonomies in which it has none, that it is shown."""
    facts = {(term.taxonomy, key) for key, term in keyed.items()}
    facts |= {(taxonomy, 0) for taxonomy in taxonomies if not record.slugs(taxonomy)}
    if record.state is ArticleState.READY and record.published <= now:
        facts.add(SHOWN)
    return facts
