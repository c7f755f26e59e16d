"""What is news: the bitmaps of all candidates at once say what the definition says of each one alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.digest.selection import (
    NONE,
    Candidate,
    Number,
    Rules,
    Selection,
    from_bytes,
    positions,
    to_bytes,
)
from newsletter.model import Filter, Term
from newsletter.terms import Trees

TREES = Trees(
    [
        Term("theme", "education", ""),
        Term("theme", "ecole", "", parent="education"),
        Term("theme", "college", "", parent="education"),
        Term("theme", "sante", ""),
        Term("type", "agenda", ""),
        Term("type", "actualite", ""),
    ]
)
SLUGS = {"theme": ["education", "ecole", "college", "sante"], "type": ["agenda", "actualite"]}
BOTH = frozenset(SLUGS)


def rules(*filters: Filter, upper: int = 100, stale: int = 0, to_everyone: frozenset[str] = BOTH) -> Rules:
    return Rules([TREES.widen_all(rule) for rule in filters], TREES, to_everyone, upper, stale)


def article(shown: int, theme: dict[str, int] | None = None, type: dict[str, int] | None = None) -> Candidate:
    """A candidate by the numbers at which it was shown and got its terms, by default none since it was shown."""
    terms = {
        name: {slug: Number(value) for slug, value in (given or {NONE: shown}).items()}
        for name, given in (("theme", theme), ("type", type))
    }
    return Candidate(shown, Number(shown), terms)


def news(candidate: Candidate, choices: Filter, lower: int, settled: Rules) -> bool:
    return bool(Selection([candidate], settled).news(choices, lower))


def chosen(**choices: str) -> Filter:
    return {taxonomy: frozenset(slugs.split()) for taxonomy, slugs in choices.items()}


# --- one clause at a time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lower", "upper", "new"), [(4, 5, True), (5, 9, False), (0, 4, False), (0, 5, True)])
def test_news_arrived_after_lower_and_up_to_upper(lower: int, upper: int, new: bool) -> None:
    assert news(article(5), {}, lower, rules(upper=upper)) is new


def test_a_term_attached_later_is_news_for_who_chose_it_only() -> None:
    late = article(3, theme={"sante": 3, "education": 8})
    assert news(late, chosen(theme="education"), 5, rules())
    assert not news(late, chosen(theme="sante"), 5, rules())
    assert not news(late, {}, 5, rules())


def test_who_chose_any_of_an_articles_terms_had_it_by_the_first() -> None:
    late = article(3, theme={"sante": 3, "education": 8})
    assert not news(late, chosen(theme="education sante"), 5, rules())


def test_choices_in_two_taxonomies_must_both_match() -> None:
    mixed = article(3, theme={"sante": 3}, type={"agenda": 7})
    assert news(mixed, chosen(theme="sante", type="agenda"), 5, rules())
    assert not news(mixed, chosen(theme="sante", type="actualite"), 0, rules())


def test_a_term_includes_those_below_it() -> None:
    school = article(3, theme={"ecole": 3})
    assert news(school, chosen(theme="education"), 0, rules())
    assert not news(article(3, theme={"education": 3}), chosen(theme="ecole"), 0, rules())


def test_the_numbers_of_the_lists_filter_count() -> None:
    late = article(3, theme={"sante": 8})
    assert news(late, {}, 5, rules(chosen(theme="sante")))
    assert not news(late, {}, 0, rules(chosen(theme="education")))


def test_a_union_of_filters_counts_from_the_first_that_takes_it() -> None:
    both = article(3, theme={"sante": 3}, type={"agenda": 9})
    union = rules(chosen(theme="sante"), chosen(type="agenda"))
    assert not news(both, {}, 5, union)
    assert news(both, {}, 2, union)
    assert news(both, {}, 5, rules(chosen(type="agenda")))
    assert news(article(3, type={"agenda": 9}), {}, 5, union)


@pytest.mark.parametrize("everyone", [True, False])
def test_an_untagged_article_reaches_everyone_where_the_taxonomy_says_so(everyone: bool) -> None:
    settled = rules(to_everyone=BOTH if everyone else frozenset({"type"}))
    assert news(article(3), chosen(theme="sante"), 0, settled) is everyone
    assert news(article(3), chosen(type="agenda"), 0, settled)
    assert news(article(3), {}, 0, settled)


def test_untagged_articles_do_not_pass_the_lists_filter_by_themselves() -> None:
    assert not news(article(3), {}, 0, rules(chosen(theme="sante")))
    assert news(article(3), {}, 0, rules({"theme": frozenset({"sante", NONE})}))


def test_losing_the_last_term_is_news_for_those_whom_the_untagged_reach() -> None:
    bare = article(3, theme={NONE: 8})
    assert news(bare, chosen(theme="sante"), 5, rules())
    assert not news(bare, {}, 5, rules())


def test_in_a_taxonomy_configured_since_it_had_no_term_for_as_long_as_it_was_shown() -> None:
    known_before = Candidate(1, Number(3), {"theme": {"sante": Number(3)}})
    assert not news(known_before, chosen(type="agenda"), 5, rules())
    assert news(known_before, chosen(type="agenda"), 2, rules())


def test_an_archive_number_is_no_news_but_another_way_to_match_may_be() -> None:
    old = replace(article(3), shown=Number(3, archive=True), terms={"theme": {"sante": Number(8)}, "type": {}})
    assert not news(old, {}, 0, rules())
    assert news(old, chosen(theme="sante"), 0, rules())
    filed = replace(article(3), terms={"theme": {"sante": Number(8, archive=True)}, "type": {NONE: Number(3)}})
    assert news(filed, {}, 0, rules())
    assert not news(filed, chosen(theme="sante"), 0, rules())


def test_what_waited_too_long_is_dropped_and_counted() -> None:
    selection = Selection([article(3), article(6), article(9)], rules(stale=5))
    assert positions(selection.news({}, 0)) == [1, 2]
    assert positions(selection.dropped({}, 0)) == [0]
    assert selection.dropped({}, 3) == 0
    assert selection.dropped({}, 7) == 0


def test_matching_is_news_or_not() -> None:
    selection = Selection([article(3), article(6, theme={"sante": 6}), article(200)], rules())
    assert positions(selection.matching({})) == [0, 1]
    assert positions(selection.matching(chosen(theme="education"))) == [0]


def test_a_candidate_knows_its_newest_number() -> None:
    assert article(3, theme={"sante": 9, "ecole": 4}).newest == 9
    assert len(article(3, theme={"sante": 9, "ecole": 4}).numbers) == 4


# --- the whole definition on random candidates ----------------------------------------------------------------------

LATEST = 12


@st.composite
def candidates(draw: st.DrawFn, archives: bool = True) -> Candidate:
    archive = draw(st.frozensets(st.integers(1, LATEST))) if archives else frozenset()
    number = st.integers(1, LATEST).map(lambda value: Number(value, value in archive))
    terms = {}
    for taxonomy, slugs in SLUGS.items():
        mine = draw(st.dictionaries(st.sampled_from(slugs), number, max_size=3))
        if mine or draw(st.booleans()):
            terms[taxonomy] = mine or {NONE: draw(number)}
    return Candidate(1, draw(number), terms)


filters = st.fixed_dictionaries(
    {},
    optional={name: st.frozensets(st.sampled_from(slugs), min_size=1) for name, slugs in SLUGS.items()},
)
settled = st.builds(
    lambda union, upper, stale, everyone: rules(*union, upper=upper, stale=stale, to_everyone=everyone),
    st.lists(filters.filter(bool), max_size=2),
    st.integers(0, LATEST),
    st.integers(0, LATEST // 2),
    st.frozensets(st.sampled_from(sorted(SLUGS))),
)
lowers = st.integers(0, LATEST)


@given(st.lists(candidates(), max_size=6), settled, filters, lowers)
def test_all_at_once_is_the_definition_of_each(
    some: list[Candidate], settled: Rules, choices: Filter, lower: int
) -> None:
    selection = Selection(some, settled)
    expected = 0
    for position in range(len(some)):
        arrival = selection.arrival(position, choices)
        if arrival and max(lower, settled.stale) < arrival.value <= settled.upper and not arrival.archive:
            expected |= 1 << position
    assert selection.news(choices, lower) == expected


@given(candidates(), settled, filters)
def test_the_definition_is_the_one_of_the_design(candidate: Candidate, settled: Rules, choices: Filter) -> None:
    """The largest of: shown, and the smallest match in each taxonomy filtered or chosen; of a union the smallest."""

    def by(taxonomy: str, slugs: frozenset[str]) -> int | None:
        mine = candidate.terms.get(taxonomy, {NONE: candidate.shown})
        return min((mine[slug].value for slug in slugs if slug in mine), default=None)

    wanted = {
        taxonomy: TREES.widen(taxonomy, slugs) | ({NONE} if taxonomy in settled.to_everyone else set())
        for taxonomy, slugs in choices.items()
    }
    results = []
    for rule in settled.filters or [{}]:
        parts = [candidate.shown.value, *(by(*item) for item in rule.items()), *(by(*item) for item in wanted.items())]
        if None not in parts:
            results.append(max(parts))
    arrival = Selection([candidate], settled).arrival(0, choices)
    assert (arrival.value if arrival else None) == min(results, default=None)


@given(st.lists(candidates(archives=False), max_size=6), settled, filters, lowers)
def test_what_is_dropped_is_what_would_have_been_news(
    some: list[Candidate], settled: Rules, choices: Filter, lower: int
) -> None:
    settled = replace(settled, upper=LATEST)
    fresh = Selection(some, replace(settled, stale=0))
    selection = Selection(some, settled)
    assert selection.dropped(choices, lower) == fresh.news(choices, lower) & ~selection.news(choices, lower)


@given(st.lists(candidates(archives=False), max_size=4), settled, filters, st.lists(lowers, min_size=2, max_size=2))
def test_two_runs_in_a_row_repeat_nothing_and_miss_nothing(
    some: list[Candidate], settled: Rules, choices: Filter, cursors: list[int]
) -> None:
    """As long as nothing changes, the news of two windows are the news of the window that spans them."""
    first, second = sorted(cursors)
    early = Selection(some, replace(settled, upper=first, stale=0)).news(choices, 0)
    late = Selection(some, replace(settled, upper=second, stale=0)).news(choices, first)
    assert early & late == 0
    assert early | late == Selection(some, replace(settled, upper=second, stale=0)).news(choices, 0)


# --- bitmaps --------------------------------------------------------------------------------------------------------


@given(st.sets(st.integers(0, 300)))
def test_a_bitmap_is_stored_and_read(places: set[int]) -> None:
    bitmap = sum(1 << place for place in places)
    assert positions(bitmap) == sorted(places)
    assert from_bytes(to_bytes(bitmap)) == bitmap
    assert len(to_bytes(bitmap)) == (max(places) // 8 + 1 if places else 0)


def test_bitmaps_are_stored_little_endian() -> None:
    assert to_bytes(0b1_0000_0010) == b"\x02\x01"
