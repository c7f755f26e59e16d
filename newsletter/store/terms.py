"""Terms as stored: matched by IRI first, by folded label second, never merged silently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from newsletter.model import Term
from newsletter.store.arrivals import SHOWN
from newsletter.store.schema import arrival, former, term
from newsletter.terms import fold


def everything(connection: sa.Connection) -> list[Term]:
    """Return all terms, by taxonomy and slug."""
    rows = connection.execute(sa.select(term).order_by(term.c.taxonomy, term.c.slug))
    return [_record(row) for row in rows]


def uses(connection: sa.Connection) -> dict[int, int]:
    """Return how many shown articles have each term, by its key."""
    shown = sa.select(arrival.c.article).where(arrival.c.taxonomy == SHOWN[0], arrival.c.gone.is_(None))
    query = sa.select(arrival.c.term, sa.func.count().label("number")).where(
        arrival.c.term != 0, arrival.c.gone.is_(None), arrival.c.article.in_(shown)
    )
    return {row.term: row.number for row in connection.execute(query.group_by(arrival.c.term))}


def keys(connection: sa.Connection) -> dict[int, Term]:
    """Return all terms by their keys."""
    return {row.key: _record(row) for row in connection.execute(sa.select(term).order_by(term.c.key))}


def declare(connection: sa.Connection, terms: Iterable[Term]) -> list[tuple[str, int]]:
    """Write the terms that the configuration names, by their slugs; label, IRI and parent follow the configuration.

    Returns taxonomy and key of those that have another label than before.
    """
    known = {(found.taxonomy, found.slug): (key, found) for key, found in keys(connection).items()}
    relabelled = []
    for given in terms:
        key, held = known.get((given.taxonomy, given.slug), (0, None))
        # An IRI that an article taught us stays, where the configuration names none.
        iri = given.iri or (held.iri if held else "")
        if held == replace(given, iri=iri):
            continue
        values = {"label": given.label, "folded": fold(given.label), "iri": iri, "parent": given.parent}
        if held is None:
            connection.execute(term.insert().values(taxonomy=given.taxonomy, slug=given.slug, **values))
            continue
        connection.execute(term.update().where(term.c.key == key).values(values))
        if held.label != given.label:
            relabelled.append((given.taxonomy, key))
    return relabelled


class Vocabulary:
    """All terms at one moment of a transaction, by which those that articles come with are known again.

    A term is known by its IRI first, by its folded label second, then by its slug; never merged silently.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.terms = keys(connection)
        self._current = _Index(self.terms.items())
        self._former = _Index(_former(connection))
        self._known: dict[Term, int] = {}

    def resolve(self, given: Term) -> tuple[int, Term]:
        """Return key and stored form of a term that an article came with, storing it when it is unknown."""
        key = self._known.get(given)
        if key is None:
            key = self._current.find(given) or self._former.find(given) or self._add(given)
            self._known[given] = key
            self._learn(key, given)
        return key, self.terms[key]

    def _add(self, given: Term) -> int:
        slug = self._free_slug(given)
        stored = Term(given.taxonomy, slug, given.label, given.iri)
        values = {"taxonomy": stored.taxonomy, "slug": slug, "label": stored.label, "folded": fold(stored.label)}
        new = term.insert().values(**values, iri=stored.iri, parent="")
        key: int = self._connection.execute(new.returning(term.c.key)).scalar_one()
        self.terms[key] = stored
        self._current.put(key, stored)
        return key

    def _learn(self, key: int, given: Term) -> None:
        known = self.terms[key]
        if given.iri and not known.iri and _is(known, given):
            self._connection.execute(term.update().where(term.c.key == key).values(iri=given.iri))
            self.terms[key] = replace(known, iri=given.iri)
            self._current.put(key, self.terms[key])

    def _free_slug(self, given: Term) -> str:
        taken = {term.slug for term in self.terms.values() if term.taxonomy == given.taxonomy}
        number = 2
        slug = given.slug
        while slug in taken:
            slug = f"{given.slug}-{number}"
            number += 1
        return slug


def rename(connection: sa.Connection, key: int, label: str, slug: str) -> None:
    """Give a term another label and slug; under the old ones it is known for good."""
    held = keys(connection)[key]
    _remember(connection, held, key)
    # A slug that is given back is no former one any more.
    connection.execute(former.delete().where(former.c.taxonomy == held.taxonomy, former.c.slug == slug))
    values = {"label": label, "folded": fold(label), "slug": slug}
    connection.execute(term.update().where(term.c.key == key).values(values))
    _adopt(connection, held, slug)


def absorb(connection: sa.Connection, old: int, new: int) -> None:
    """Let one term take the place of another, which goes; under the other's names it is known for good."""
    terms = keys(connection)
    connection.execute(former.update().where(former.c.term == old).values(term=new))
    _adopt(connection, terms[old], terms[new].slug)
    connection.execute(term.delete().where(term.c.key == old))
    _remember(connection, terms[old], new)


def former_names(connection: sa.Connection) -> list[tuple[str, str, str]]:
    """Return taxonomy, former slug and present slug of terms that were renamed or merged."""
    query = sa.select(former.c.taxonomy, former.c.slug, term.c.slug.label("now")).join(
        term, term.c.key == former.c.term
    )
    rows = connection.execute(query.order_by(former.c.taxonomy, former.c.slug))
    return [(row.taxonomy, row.slug, row.now) for row in rows]


def _remember(connection: sa.Connection, held: Term, key: int) -> None:
    where = (former.c.taxonomy == held.taxonomy, former.c.slug == held.slug)
    connection.execute(former.delete().where(*where))
    names = {"taxonomy": held.taxonomy, "slug": held.slug, "folded": fold(held.label), "iri": held.iri}
    connection.execute(former.insert().values(**names, term=key))


def _adopt(connection: sa.Connection, parent: Term, slug: str) -> None:
    """Put the children of a term under its new slug."""
    below = (term.c.taxonomy == parent.taxonomy, term.c.parent == parent.slug, term.c.slug != slug)
    connection.execute(term.update().where(*below).values(parent=slug))


def _former(connection: sa.Connection) -> list[tuple[int, Term]]:
    rows = connection.execute(sa.select(former).order_by(former.c.taxonomy, former.c.slug))
    # The folded label serves as label: it is only compared.
    return [(row.term, Term(row.taxonomy, row.slug, row.folded, row.iri)) for row in rows]


class _Index:
    """Terms by each of the ways in which they are known; the first one with a name keeps it."""

    def __init__(self, terms: Iterable[tuple[int, Term]]) -> None:
        self._by_iri: dict[tuple[str, str], int] = {}
        self._by_name: dict[tuple[str, str, str], dict[int, str]] = {}
        for key, known in terms:
            self.put(key, known)

    def put(self, key: int, known: Term) -> None:
        """Add a term, or what was learnt of it."""
        if known.iri:
            self._by_iri.setdefault((known.taxonomy, known.iri), key)
        for name in _names(known):
            self._by_name.setdefault(name, {})[key] = known.iri

    def find(self, given: Term) -> int | None:
        """Return the key of the term that is meant."""
        if given.iri and (key := self._by_iri.get((given.taxonomy, given.iri))):
            return key
        for name in _names(given):
            for key, iri in self._by_name.get(name, {}).items():
                # A term known under another IRI is another term, even where the label is the same.
                if not (given.iri and iri):
                    return key
        return None


def _names(given: Term) -> tuple[tuple[str, str, str], ...]:
    return ("label", given.taxonomy, fold(given.label)), ("slug", given.taxonomy, given.slug)


def _is(known: Term, given: Term) -> bool:
    """Tell whether a term is called so today, not formerly."""
    return fold(known.label) == fold(given.label) or known.slug == given.slug


def _record(row: sa.Row[tuple[object, ...]]) -> Term:
    return Term(row.taxonomy, row.slug, row.label, row.iri, row.parent)
