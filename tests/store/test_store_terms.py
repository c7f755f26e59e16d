"""Terms as stored: matched by IRI first, by label second; and the keys that sign links. On both dialects."""

from __future__ import annotations

from dataclasses import replace

from newsletter.model import Term
from newsletter.store import keys, terms
from newsletter.store.engine import Store
from tests.store.sample import HEALTH, NEWS, NOW, SCHOOL, SITE

IRI = f"{SITE}/themes/3"


def resolve(store: Store, *given: Term) -> list[Term]:
    with store.write() as connection:
        return [terms.Vocabulary(connection).resolve(term)[1] for term in given]


def known(store: Store) -> list[Term]:
    with store.read() as connection:
        return terms.everything(connection)


def test_an_unknown_term_is_stored_as_it_came(store: Store) -> None:
    assert resolve(store, SCHOOL) == [SCHOOL]
    assert known(store) == [SCHOOL]


def test_a_label_is_the_same_in_capitals_without_accents_and_with_blanks(store: Store) -> None:
    resolve(store, SCHOOL)
    others = [
        Term("theme", f"autre-{n}", label) for n, label in enumerate(("EDUCATION", " Éducation ", "e\u0301ducation"))
    ]
    assert resolve(store, *others) == [SCHOOL] * 3


def test_the_iri_decides_before_the_label(store: Store) -> None:
    school = replace(SCHOOL, iri=IRI)
    resolve(store, HEALTH, school)
    assert resolve(store, Term("theme", "sante", "Santé", IRI)) == [school]


def test_a_term_learns_its_iri_and_keeps_it(store: Store) -> None:
    resolve(store, SCHOOL)
    assert resolve(store, replace(SCHOOL, iri=IRI)) == [replace(SCHOOL, iri=IRI)]
    assert resolve(store, SCHOOL) == [replace(SCHOOL, iri=IRI)]
    assert known(store) == [replace(SCHOOL, iri=IRI)]


def test_one_label_with_two_iris_is_two_terms(store: Store) -> None:
    first, second = resolve(store, replace(SCHOOL, iri=IRI), replace(SCHOOL, iri=f"{IRI}0"))
    assert (first.slug, second.slug) == ("education", "education-2")
    third = resolve(store, replace(SCHOOL, iri=f"{IRI}00"))[0]
    assert third.slug == "education-3"


def test_a_slug_finds_its_term_where_the_label_does_not(store: Store) -> None:
    resolve(store, SCHOOL)
    assert resolve(store, replace(SCHOOL, label="Enseignement")) == [SCHOOL]


def test_the_same_label_in_another_taxonomy_is_another_term(store: Store) -> None:
    resolve(store, SCHOOL)
    assert resolve(store, replace(SCHOOL, taxonomy="type"))[0].taxonomy == "type"
    assert len(known(store)) == 2


def test_configured_terms_are_written_and_follow_the_configuration(store: Store) -> None:
    child = Term("theme", "college", "Collège", parent="education")
    with store.write() as connection:
        terms.declare(connection, [SCHOOL, child])
        terms.declare(connection, [replace(SCHOOL, label="École", iri=IRI), child])
    assert known(store) == [child, replace(SCHOOL, label="École", iri=IRI)]
    assert resolve(store, Term("theme", "x", "ecole")) == [replace(SCHOOL, label="École", iri=IRI)]


def test_terms_come_by_taxonomy_and_slug_and_by_their_keys(store: Store) -> None:
    resolve(store, NEWS, HEALTH, SCHOOL)
    assert known(store) == [SCHOOL, HEALTH, NEWS]
    with store.write() as connection:
        held = terms.keys(connection)
        assert {terms.Vocabulary(connection).resolve(term)[0]: term for term in (NEWS, HEALTH, SCHOOL)} == held


def test_the_newest_key_signs_and_all_are_kept(store: Store) -> None:
    with store.write() as connection:
        assert keys.newest(connection) is None
        first = keys.add(connection, b"\x00one", NOW)
        second = keys.add(connection, b"two", NOW)
        assert keys.newest(connection) == (second, b"two")
        assert keys.everything(connection) == {first: b"\x00one", second: b"two"}
