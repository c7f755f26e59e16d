"""Revising: a stored article gets another record, by staff's hand or because its sources have it no more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from newsletter.model import Article, ArticleState, Edits
from newsletter.store import arrivals, articles, edits, revisions, terms
from newsletter.store.arrivals import Numbering
from newsletter.store.edits import edited
from newsletter.store.schema import article, revision

Ends = Callable[[Article], datetime | None]
"""Gives the last moment of an article's events and deadline, once its terms are those of the store."""


def edit(
    connection: sa.Connection, key: int, edits_: Edits, ends: Ends, taxonomies: Sequence[str], numbering: Numbering
) -> None:
    """Put staff's words in the place of the source's; no number is given for words, only for what is shown again."""
    arrivals.upper(connection)
    held = replace(articles.get(connection, key), arrival=0)
    known = edits.of(connection, [key]).get(key)
    original = known.original if known else held
    edits.keep(connection, key, edits_, original, numbering.now)
    # The terms are those of today, whatever they were called when it was edited first.
    record = edited(replace(original, terms=held.terms), edits_)
    record = replace(record, updated=revisions.updated(record, held, numbering.now))
    if record != held:
        rewrite(connection, key, record, numbering.now, ends=ends(record))
    settle_facts(connection, key, record, taxonomies, numbering)


def withdraw(connection: sa.Connection, key: int, taxonomies: Sequence[str], numbering: Numbering) -> None:
    """Hide an article that its sources no longer have, and remember when."""
    arrivals.upper(connection)
    hidden = replace(articles.get(connection, key), state=ArticleState.HIDDEN, arrival=0)
    if known := edits.of(connection, [key]).get(key):
        original = replace(known.original, state=ArticleState.HIDDEN)
        edits.keep(connection, key, known.edits, original, numbering.now)
    rewrite(connection, key, hidden, numbering.now, ends=None, gone=numbering.now)
    settle_facts(connection, key, hidden, taxonomies, numbering)


def rewrite(
    connection: sa.Connection,
    key: int,
    record: Article,
    now: datetime,
    *,
    ends: datetime | None,
    gone: datetime | None = None,
) -> None:
    """Put a record in the place of the one that is held, as a new revision."""
    body = msgspec.json.encode(record)
    values = {**revisions.columns(record), "record": body.decode(), "ends": ends, "gone": gone}
    connection.execute(article.update().where(article.c.key == key).values(values))
    connection.execute(revision.insert().values(article=key, content=hashlib.sha256(body).hexdigest(), at=now))


def settle_facts(
    connection: sa.Connection, key: int, record: Article, taxonomies: Sequence[str], numbering: Numbering
) -> None:
    """Bring the numbers of an article in line with its record, whose terms are those of the store."""
    keyed = {key: term for key, term in terms.keys(connection).items() if term in record.terms}
    facts = revisions.facts(record, keyed, taxonomies, numbering.now)
    arrivals.settle(connection, [(key, facts, record.published)], taxonomies, numbering)
