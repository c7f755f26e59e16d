"""Terms and their trees: which slugs a named term stands for."""

from __future__ import annotations

import pytest

from newsletter.model import Term
from newsletter.terms import Trees, fold


def term(slug: str, parent: str = "", taxonomy: str = "territory") -> Term:
    return Term(taxonomy, slug, slug.title(), parent=parent)


TERMS = [
    term("region"),
    term("vallee", "region"),
    term("bourg", "vallee"),
    term("plaine", "region"),
    term("ailleurs"),
    term("region", taxonomy="theme"),
    term("vallee", "region", "theme"),
]


@pytest.mark.parametrize(
    ("slug", "below"),
    [("region", "region vallee bourg plaine"), ("vallee", "vallee bourg"), ("bourg", "bourg"), ("inconnu", "inconnu")],
)
def test_a_term_stands_for_what_is_below_it(slug: str, below: str) -> None:
    assert Trees(TERMS).below("territory", slug) == set(below.split())


@pytest.mark.parametrize(("slug", "above"), [("bourg", "vallee region"), ("region", ""), ("inconnu", "")])
def test_what_is_above_a_term(slug: str, above: str) -> None:
    assert Trees(TERMS).above("territory", slug) == set(above.split())


def test_trees_of_two_taxonomies_do_not_mix() -> None:
    assert Trees(TERMS).below("theme", "region") == {"region", "vallee"}
    assert Trees(TERMS).above("theme", "bourg") == set()


def test_a_choice_goes_upwards_only_where_the_taxonomy_says_so() -> None:
    assert Trees(TERMS).widen("territory", ["vallee"]) == {"vallee", "bourg"}
    assert Trees(TERMS, {"territory"}).widen("territory", ["vallee"]) == {"vallee", "bourg", "region"}
    assert Trees(TERMS, {"theme"}).widen("territory", ["vallee"]) == {"vallee", "bourg"}


def test_what_goes_upwards_does_not_come_down_again() -> None:
    """Who chose the valley gets what concerns the whole region, but not what concerns only the plain."""
    assert "plaine" not in Trees(TERMS, {"territory"}).widen("territory", ["vallee"])


def test_a_whole_choice_is_widened_and_an_empty_one_is_everything() -> None:
    chosen = {"territory": ["vallee", "ailleurs"], "theme": []}
    assert Trees(TERMS).widen_all(chosen) == {"territory": {"vallee", "bourg", "ailleurs"}}


def test_a_circle_of_parents_ends() -> None:
    circle = Trees([term("a", "c"), term("b", "a"), term("c", "b"), term("self", "self")], {"territory"})
    assert circle.below("territory", "a") == {"a", "b", "c"}
    assert circle.above("territory", "a") >= {"b", "c"}
    assert circle.widen("territory", ["self"]) == {"self"}


@pytest.mark.parametrize(
    ("label", "folded"),
    [
        ("Égalité  femmes-hommes", "egalite femmes-hommes"),
        ("e\u0301cole", "ecole"),
        (" Santé\u00a0publique\n", "sante publique"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁlière", "filiere"),
        ("", ""),
    ],
)
def test_labels_are_compared_without_case_accents_and_extra_blanks(label: str, folded: str) -> None:
    assert fold(label) == folded
    assert fold(folded) == folded
