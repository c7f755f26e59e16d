"""Terms as stored: matched by IRI first, by folded label second, never merged silently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from newsletter.model import Term
from newsletter.store.schema import term
from newsletter.terms import fold


def everything(connection: sa.Connection) -> list[Term]:
    """Return all terms, by taxonomy and slug."""
    rows = connection.execute(sa.select(term).order_by(term.c.taxonomy, term.c.slug))
    return [_record(row) for row in rows]


def keys(connection: sa.Connection) -> dict[int, Term]:
    """Return all terms by their keys."""
    return {row.key: _record(row) for row in connection.execute(sa.select(term))}


def declare(connection: sa.Connection, terms: Iterable[Term]) -> None:
    """Write the terms that the configuration names, by their slugs; label, IRI and parent follow the configuration."""
    known = {(found.taxonomy, found.slug): found for found in everything(connection)}
    for given in terms:
        held = known.get((given.taxonomy, given.slug))
        # An IRI that an article taught us stays, where the configuration names none.
        iri = given.iri or (held.iri if held else "")
        if held == replace(given, iri=iri):
            continue
        values = {"label": given.label, "folded": fold(given.label), "iri": iri, "parent": given.parent}
        if held is None:
            connection.execute(term.insert().values(taxonomy=given.taxonomy, slug=given.slug, **values))
        else:
            where = (term.c.taxonomy == given.taxonomy, term.c.slug == given.slug)
            connection.execute(term.update().where(*where).values(values))


def resolve(connection: sa.Connection, given: Term) -> tuple[int, Term]:
    """Return key and stored form of a term that an article came with, storing it when it is unknown."""
    mine = sa.select(term).where(term.c.taxonomy == given.taxonomy).order_by(term.c.key)
    ways = [term.c.folded == fold(given.label), term.c.slug == given.slug]
    if given.iri:
        # A term known under another IRI is another term, even where the label is the same.
        ways = [term.c.iri == given.iri, *(way & (term.c.iri == "") for way in ways)]
    for way in ways:
        if row := connection.execute(mine.where(way)).first():
            return row.key, _learn(connection, row, given)
    slug = _free_slug(connection, given)
    values = {"taxonomy": given.taxonomy, "slug": slug, "label": given.label, "folded": fold(given.label)}
    row = connection.execute(term.insert().values(**values, iri=given.iri, parent="").returning(term)).one()
    return row.key, _record(row)


def _learn(connection: sa.Connection, row: sa.Row[tuple[object, ...]], given: Term) -> Term:
    known = _record(row)
    if known.iri or not given.iri:
        return known
    connection.execute(term.update().where(term.c.key == row.key).values(iri=given.iri))
    return Term(known.taxonomy, known.slug, known.label, given.iri, known.parent)


def _free_slug(connection: sa.Connection, given: Term) -> str:
    taken = set(connection.scalars(sa.select(term.c.slug).where(term.c.taxonomy == given.taxonomy)))
    number = 2
    slug = given.slug
    while slug in taken:
        slug = f"{given.slug}-{number}"
        number += 1
    return slug


def _record(row: sa.Row[tuple[object, ...]]) -> Term:
    return Term(row.taxonomy, row.slug, row.label, row.iri, row.parent)
