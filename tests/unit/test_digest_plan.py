"""From picks to a Letter: where each article stands, in which form, and what gives way to the size budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.digest.letter import CORRECTED, SHORTER, TITLES, Block, Contents, Form, Heading, Letter, Sizes
from newsletter.digest.pieces import by_heading
from newsletter.digest.plan import BUDGET, LIGHT_BUDGET, plan
from newsletter.model import Article
from tests.letters import CONTENTS, article

BYTES = {Form.FULL: 3000, Form.SHORT: 900, Form.TITLE: 200}
PAGE, HEADING = 9000, 150


def contents(
    *headings: Heading, articles: int = 8, pinned: tuple[int, ...] = (), corrected: tuple[int, ...] = ()
) -> Contents:
    some = tuple(article(n, f"Titre {n}") for n in range(articles))
    return replace(CONTENTS, articles=some, headings=headings, pinned=pinned, corrected=corrected)


def heading(*order: int, form: Form = Form.FULL, **facts: object) -> Heading:
    return Heading("Rubrique", order, form=form, **facts)


def sizes(some: Contents) -> Sizes:
    places = range(len(some.articles))
    pieces = {
        (index, place, form): BYTES[form] for index in range(len(some.headings)) for place in places for form in Form
    }
    titles = {(TITLES, place, Form.TITLE): BYTES[Form.TITLE] for place in places}
    corrected = {(CORRECTED, place, Form.SHORT): BYTES[Form.SHORT] for place in some.corrected}
    headings = dict.fromkeys([CORRECTED, TITLES, *range(len(some.headings))], HEADING)
    return Sizes(PAGE, headings, by_heading((pieces | titles | corrected).items()))


def subject(articles: Sequence[Article], count: int) -> tuple[str, str]:
    return f"{count} nouvelles", " | ".join(one.title for one in articles)


def bits(*places: int) -> int:
    return sum(1 << place for place in places)


def planned(
    some: Contents, picks: int, repeats: int = 0, budget: int = 0, light: bool = False, corrections: int = 0
) -> Letter:
    return plan(some, picks, repeats, sizes(some), subject, "fr", light, budget, corrections)


def places(letter: Letter) -> dict[int, list[int]]:
    return {block.heading: [place for place, _ in block.items] for block in letter.blocks}


def weight(some: Contents, letter: Letter) -> int:
    known = sizes(some)
    blocks = sum(known.headings[block.heading] for block in letter.blocks)
    return known.page + blocks + sum(known.articles[b.heading][item] for b in letter.blocks for item in b.items)


# --- sections -------------------------------------------------------------------------------------------------------


def test_an_article_stands_in_the_first_section_that_takes_it() -> None:
    letter = planned(contents(heading(2, 1), heading(1, 2, 3)), bits(1, 2, 3))
    assert places(letter) == {0: [2, 1], 1: [3]}


def test_a_section_without_articles_disappears() -> None:
    assert places(planned(contents(heading(5), heading(1)), bits(1))) == {1: [1]}


def test_what_no_section_takes_stands_among_the_titles_at_the_end() -> None:
    letter = planned(contents(heading(1)), bits(0, 1, 4))
    assert letter.blocks == (Block(0, ((1, Form.FULL),)), Block(TITLES, ((0, Form.TITLE), (4, Form.TITLE))))


def test_what_overflows_goes_to_the_next_section_that_takes_it_and_then_to_the_titles() -> None:
    letter = planned(contents(heading(0, 1, 2, 3, max=2), heading(2)), bits(0, 1, 2, 3))
    assert places(letter) == {0: [0, 1], 1: [2], TITLES: [3]}


def test_a_section_gives_its_form_and_its_order() -> None:
    letter = planned(contents(heading(3, 0, 1, form=Form.SHORT)), bits(0, 1, 3))
    assert letter.blocks == (Block(0, ((3, Form.SHORT), (0, Form.SHORT), (1, Form.SHORT))),)


def test_only_picks_are_shown() -> None:
    assert places(planned(contents(heading(0, 1, 2)), bits(1))) == {0: [1]}


# --- reminders and pins ---------------------------------------------------------------------------------------------


def test_a_reminder_stands_in_upcoming_sections_only_and_counts_as_no_news() -> None:
    some = contents(heading(1, 2), heading(2, 3, upcoming=True))
    letter = planned(some, bits(1), repeats=bits(2, 3, 5))
    assert places(letter) == {0: [1], 1: [2, 3]}
    assert letter.count == 1
    assert letter.subject == "1 nouvelles"


def test_a_pin_repeats_in_any_section() -> None:
    some = contents(heading(4, 1, 2), pinned=(4, 5))
    assert places(planned(some, bits(1), repeats=bits(2, 4, 5))) == {0: [4, 1]}


def test_a_repeat_that_is_news_is_news() -> None:
    letter = planned(contents(heading(1)), bits(1), repeats=bits(1))
    assert (places(letter), letter.count) == ({0: [1]}, 1)


def test_a_reminder_that_overflows_is_left_out() -> None:
    assert places(planned(contents(heading(0, 1, upcoming=True, max=1)), bits(0), repeats=bits(1))) == {0: [0]}


# --- corrections ----------------------------------------------------------------------------------------------------


def test_what_was_corrected_stands_once_after_the_sections_and_is_no_news() -> None:
    some = contents(heading(0, 1, 2), articles=4, corrected=(2, 1))
    letter = planned(some, bits(0, 3), corrections=bits(1, 2))
    assert places(letter) == {0: [0], CORRECTED: [2, 1], TITLES: [3]}
    assert [block.heading for block in letter.blocks] == [0, CORRECTED, TITLES]
    assert {form for block in letter.blocks[1:2] for _, form in block.items} == {Form.SHORT}
    assert letter.count == 2


def test_a_corrected_reminder_or_pin_stands_among_the_corrections_only() -> None:
    some = contents(heading(0, 1, 2, upcoming=True), pinned=(2,), corrected=(1, 2))
    assert places(planned(some, bits(0), repeats=bits(1, 2), corrections=bits(1, 2))) == {0: [0], CORRECTED: [1, 2]}


def test_what_is_news_is_no_correction_and_who_was_not_sent_it_sees_none() -> None:
    some = contents(heading(0, 1), corrected=(1,))
    assert places(planned(some, bits(0, 1), corrections=bits(1))) == {0: [0, 1]}
    assert places(planned(some, bits(0), corrections=0)) == {0: [0]}
    assert places(planned(some, bits(0), corrections=bits(5))) == {0: [0]}, "the issue has no correction of that"


def test_corrections_give_way_last() -> None:
    some = contents(heading(0, 1), corrected=(2,))
    tight = PAGE + 2 * HEADING + BYTES[Form.SHORT] + BYTES[Form.TITLE]
    assert places(planned(some, bits(0, 1), corrections=bits(2), budget=tight)) == {CORRECTED: [2], TITLES: [0]}
    none = planned(some, bits(0), corrections=bits(2), budget=PAGE)
    assert (places(none), none.others) == ({}, 1)


# --- the one in front -----------------------------------------------------------------------------------------------


def test_each_reader_has_one_article_in_front_and_the_others_where_they_belong() -> None:
    some = contents(heading(5, 1, 2, max=1), heading(1, 2, 3, 5), pinned=(5,))
    assert places(planned(some, bits(1, 2, 3))) == {0: [1], 1: [2, 3]}
    assert places(planned(some, bits(2, 3))) == {0: [2], 1: [3]}
    assert places(planned(some, bits(1, 2), repeats=bits(5))) == {0: [5], 1: [1, 2]}
    assert places(planned(some, bits(3))) == {1: [3]}


# --- the words around -----------------------------------------------------------------------------------------------


def test_subject_and_preheader_see_the_letters_own_order() -> None:
    letter = planned(contents(heading(3), heading(1)), bits(0, 1, 3))
    assert (letter.subject, letter.preheader) == ("3 nouvelles", "Titre 3 | Titre 1 | Titre 0")


def test_language_and_form_are_passed_on() -> None:
    some = contents(heading(0))
    letter = plan(some, 1, 0, sizes(some), subject, "en", light=True)
    assert (letter.language, letter.light) == ("en", True)


def test_a_letter_of_five_articles_and_two_sections_has_a_summary() -> None:
    two, one = contents(heading(0, 1, 2), heading(3, 4)), contents(heading(0, 1, 2, 3, 4, 5))
    assert planned(two, bits(0, 1, 2, 3, 4)).summarised
    assert not planned(two, bits(0, 1, 2, 3)).summarised
    assert not planned(one, bits(0, 1, 2, 3, 4, 5)).summarised


# --- the budget -----------------------------------------------------------------------------------------------------


def test_a_letter_that_fits_is_left_as_it_is() -> None:
    some = contents(heading(0, 1))
    exactly = PAGE + HEADING + 2 * BYTES[Form.FULL]
    assert planned(some, bits(0, 1), budget=exactly).blocks[0].items == ((0, Form.FULL), (1, Form.FULL))
    assert planned(some, bits(0, 1), budget=exactly - 1).blocks[0].items == ((0, Form.FULL), (1, Form.SHORT))


def test_the_tail_gives_way_first_form_by_form() -> None:
    some = contents(heading(0, 1), heading(2, 3))
    shapes = []
    for budget in range(PAGE + 2 * HEADING + 4 * 3000, PAGE, -100):
        letter = planned(some, bits(0, 1, 2, 3), budget=budget)
        shape = "".join(form[0] for block in letter.blocks for _, form in block.items) + "." * letter.others
        if shape not in shapes:
            shapes.append(shape)
    assert shapes == [
        "ffff",
        "fffs",
        "ffss",
        "fsss",
        "ssss",
        "ssst",
        "sstt",
        "sttt",
        "tttt",
        "ttt.",
        "tt..",
        "t...",
        "....",
    ]


def test_what_becomes_a_title_leaves_its_section_and_keeps_its_place() -> None:
    some = contents(heading(0, 1), heading(2))
    letter = planned(some, bits(0, 1, 2, 5), budget=PAGE + 2 * HEADING + 900 + 3 * 200)
    assert places(letter) == {0: [0], TITLES: [1, 2, 5]}


def test_every_shorter_form_is_known() -> None:
    assert SHORTER == {Form.FULL: Form.SHORT, Form.SHORT: Form.TITLE}
    assert (BUDGET, LIGHT_BUDGET) == (100_000, 30_000)


def test_what_the_budget_shortened_is_counted() -> None:
    some = contents(heading(0, 1), heading(2, form=Form.SHORT))
    whole = PAGE + 2 * HEADING + 2 * 3000 + 900
    one_title = PAGE + 3 * HEADING + 2 * 900 + 200
    told = [planned(some, bits(0, 1, 2), budget=budget) for budget in (whole, whole - 1, one_title, PAGE + 550)]
    assert [(letter.shortened, letter.others) for letter in told] == [(0, 0), (1, 0), (3, 0), (2, 1)]
    assert planned(contents(heading(0, form=Form.SHORT)), bits(0, 5)).shortened == 0


@pytest.mark.parametrize("number", [1, 30, 300])
@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize(("light", "budget"), [(False, BUDGET), (True, LIGHT_BUDGET)])
def test_a_letter_always_ends_under_its_budget(number: int, form: Form, light: bool, budget: int) -> None:
    some = contents(heading(*range(0, number, 2), form=form), heading(*range(1, number, 3), form=form), articles=number)
    letter = planned(some, (1 << number) - 1, light=light)
    shown = [place for block in letter.blocks for place, _ in block.items]
    assert weight(some, letter) <= budget
    assert len(shown) == len(set(shown))
    assert len(shown) + letter.others == number
    assert letter.others == 0 or weight(some, letter) > budget - BYTES[Form.TITLE]


@given(
    st.lists(
        st.tuples(st.permutations(range(12)), st.integers(0, 12), st.sampled_from(Form), st.booleans()), max_size=4
    ),
    st.integers(0, 2**12 - 1),
    st.integers(0, 2**12 - 1),
    st.integers(PAGE, 60_000),
)
def test_every_pick_is_reached_once(
    drawn: list[tuple[list[int], int, Form, bool]], picks: int, repeats: int, budget: int
) -> None:
    headings = [
        Heading("Rubrique", tuple(order[: most + 1]), upcoming=soon, form=form, max=most)
        for order, most, form, soon in drawn
    ]
    some = contents(*headings, articles=12)
    letter = planned(some, picks, repeats, budget)
    shown = [place for block in letter.blocks for place, _ in block.items]
    assert len(shown) == len(set(shown))
    assert all((picks | repeats) >> place & 1 for place in shown)
    assert weight(some, letter) <= budget
    missing = [place for place in range(12) if picks >> place & 1 and place not in shown]
    assert len(missing) <= letter.others
    assert letter == planned(some, picks, repeats, budget)


def test_a_reminder_that_finds_no_room_is_not_counted_among_the_news_online() -> None:
    some = contents(heading(*range(8), upcoming=True))
    letter = planned(some, bits(0), repeats=bits(*range(1, 8)), budget=PAGE + HEADING)
    assert letter.count == 1
    assert letter.others <= 1
