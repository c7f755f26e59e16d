"""The numbers at which things became true of articles (DESIGN §3, Numbers), on both dialects."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from newsletter.model import ArticleState
from newsletter.store import arrivals, articles, issues, schema
from newsletter.store.engine import Store
from tests.store.sample import (
    DAY,
    HEALTH,
    NEWS,
    NOW,
    SCHOOL,
    given_numbers,
    numbering,
    record,
    run,
    save,
    saved,
    staff_say,
)

HIDDEN = ArticleState.HIDDEN


def counter(store: Store) -> int:
    with store.write() as connection:
        return arrivals.upper(connection)


def archived(store: Store, key: int) -> dict[str, bool]:
    with store.read() as connection:
        return {taxonomy or "shown": old for taxonomy, _, _, old in arrivals.numbers(connection, [key])[key]}


def test_what_is_new_gets_one_number_for_all_that_is_true(store: Store) -> None:
    first = saved(store, record(1, terms=(SCHOOL,)))
    second = saved(store, record(2))
    assert given_numbers(store, first) == {"shown": 1, "theme/education": 1, "type/": 1}
    assert given_numbers(store, second) == {"shown": 2, "theme/": 2, "type/": 2}
    assert counter(store) == 2


def test_an_edit_numbers_nothing(store: Store) -> None:
    key = saved(store, record(1, terms=(SCHOOL,)))
    saved(store, record(1, terms=(SCHOOL,), title="Atelier du soir", text="Autre texte."))
    assert given_numbers(store, key)["shown"] == 1
    assert counter(store) == 1


def test_a_new_term_is_numbered_and_the_rest_stays(store: Store) -> None:
    key = saved(store, record(1, terms=(SCHOOL,)))
    saved(store, record(1, terms=(SCHOOL, HEALTH)))
    assert given_numbers(store, key) == {"shown": 1, "theme/education": 1, "theme/sante": 2, "type/": 1}


def test_the_first_term_ends_having_none(store: Store) -> None:
    key = saved(store, record(1))
    saved(store, record(1, terms=(SCHOOL,)))
    assert given_numbers(store, key) == {"shown": 1, "theme/education": 2, "type/": 1}


@pytest.mark.parametrize("runs", [0, 1])
def test_a_term_that_went_and_came_back_is_new_only_after_a_run(store: Store, runs: int) -> None:
    run(store)
    key = saved(store, record(1, terms=(SCHOOL, HEALTH)))
    saved(store, record(1, terms=(HEALTH,)))
    assert "theme/education" not in given_numbers(store, key)
    for _ in range(runs):
        run(store, name="une autre liste")
    saved(store, record(1, terms=(SCHOOL, HEALTH)))
    assert given_numbers(store, key)["theme/education"] == (2 if runs else 1)
    assert given_numbers(store, key)["theme/sante"] == 1


@pytest.mark.parametrize("runs", [0, 1])
def test_an_article_hidden_and_shown_again_is_new_only_after_a_run(store: Store, runs: int) -> None:
    key = saved(store, record(1, terms=(SCHOOL,)))
    saved(store, record(1, terms=(SCHOOL,), state=HIDDEN))
    assert "shown" not in given_numbers(store, key)
    for _ in range(runs):
        run(store)
    saved(store, record(1, terms=(SCHOOL,)))
    assert given_numbers(store, key)["shown"] == (2 if runs else 1)
    assert given_numbers(store, key)["theme/education"] == 1


def test_a_second_absence_is_judged_by_itself(store: Store) -> None:
    key = saved(store, record(1))
    saved(store, record(1, state=HIDDEN))
    saved(store, record(1))
    run(store)
    saved(store, record(1, state=HIDDEN))
    saved(store, record(1))
    assert given_numbers(store, key)["shown"] == 1


def test_a_skipped_run_counts_as_a_run(store: Store) -> None:
    key = saved(store, record(1))
    saved(store, record(1, state=HIDDEN))
    number = run(store)
    with store.read() as connection:
        assert connection.scalar(sa.select(schema.run.c.skipped).where(schema.run.c.id == number))
        assert arrivals.last_run(connection) == number
    saved(store, record(1))
    assert given_numbers(store, key)["shown"] == 2


def test_no_run_yet_is_number_zero(store: Store) -> None:
    with store.read() as connection:
        assert arrivals.last_run(connection) == 0


def test_in_a_new_taxonomy_an_article_had_no_term_since_it_was_shown(store: Store) -> None:
    key = saved(store, record(1, terms=(SCHOOL,)), taxonomies=["theme"])
    saved(store, record(2), taxonomies=["theme"])
    saved(store, record(1, terms=(SCHOOL,)), taxonomies=["theme", "type"])
    assert given_numbers(store, key) == {"shown": 1, "theme/education": 1, "type/": 1}
    assert counter(store) == 2


def test_a_term_of_a_new_taxonomy_is_numbered_now(store: Store) -> None:
    key = saved(store, record(1), taxonomies=["theme"])
    saved(store, record(1, terms=(NEWS,)), taxonomies=["theme", "type"])
    assert given_numbers(store, key) == {"shown": 1, "theme/": 1, "type/actualite": 2}


def test_a_taxonomy_that_is_configured_no_more_is_left_alone(store: Store) -> None:
    key = saved(store, record(1, terms=(NEWS,)))
    saved(store, record(1), taxonomies=["theme"])
    assert given_numbers(store, key)["type/actualite"] == 1


def test_what_is_old_when_numbered_is_archive(store: Store) -> None:
    fresh = saved(store, record(1, published=NOW - 60 * DAY))
    old = saved(store, record(2, published=NOW - 60 * DAY - timedelta(seconds=1)))
    assert not any(archived(store, fresh).values())
    assert all(archived(store, old).values())


def test_a_late_term_is_archive_though_the_article_was_news(store: Store) -> None:
    key = saved(store, record(1))
    saved(store, record(1, terms=(SCHOOL,)), now=NOW + 70 * DAY)
    assert archived(store, key) == {"shown": False, "type": False, "theme": True}


@pytest.mark.parametrize("said", [True, False])
def test_staff_may_say_what_is_archive(store: Store, said: bool) -> None:
    published = NOW if said else NOW - 900 * DAY
    with store.write() as connection:
        save(connection, record(1, published=published), archive=said)
        key = articles.find(connection, record(1).identity)
    assert set(archived(store, key).values()) == {said}


def test_an_embargoed_article_is_numbered_when_it_is_due(store: Store) -> None:
    due = NOW + DAY
    key = saved(store, record(1, published=due, terms=(SCHOOL,)))
    assert "shown" not in given_numbers(store, key)
    saved(store, record(2))
    with store.write() as connection:
        assert arrivals.due(connection, NOW) == []
        assert arrivals.due(connection, due) == [(key, due)]
        arrivals.show(connection, key, due, numbering(due))
        assert arrivals.due(connection, due) == []
    assert given_numbers(store, key) == {"shown": 3, "theme/education": 1, "type/": 1}


def test_drafts_and_hidden_articles_are_never_due(store: Store) -> None:
    for number, state in enumerate((ArticleState.DRAFT, HIDDEN)):
        saved(store, record(number, state=state))
    with store.read() as connection:
        assert arrivals.due(connection, NOW + DAY) == []


def test_newer_names_what_became_true_of_shown_articles_since(store: Store) -> None:
    first = saved(store, record(1))
    second = saved(store, record(2))
    saved(store, record(3, state=HIDDEN))
    saved(store, record(4, published=NOW - 90 * DAY))
    saved(store, record(1, terms=(SCHOOL,)))
    with store.read() as connection:
        assert arrivals.newer(connection, 0) == [first, second]
        assert arrivals.newer(connection, 2) == [first]
        assert arrivals.newer(connection, 5) == []


def test_stale_is_the_newest_number_given_before(store: Store) -> None:
    saved(store, record(1), now=NOW - 3 * DAY)
    saved(store, record(2), now=NOW - DAY)
    saved(store, record(3))
    with store.read() as connection:
        assert [arrivals.stale(connection, NOW - days * DAY) for days in (3, 2, 1, 0, -1)] == [0, 1, 1, 2, 3]


def test_numbers_of_many_articles_come_in_short_statements(store: Store) -> None:
    assert [len(some) for some in arrivals.chunks(range(1201))] == [500, 500, 201]
    key = saved(store, record(1))
    with store.read() as connection:
        found = arrivals.numbers(connection, [key, *range(1000, 2500)])
    assert sorted(found[key]) == [("", 0, 1, False), ("theme", 0, 1, False), ("type", 0, 1, False)]
    assert found[1000] == []


def in_a_thread(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_numbers_are_given_one_after_the_other(store: Store) -> None:
    """While a transaction that numbered is open, nobody else can number, so nothing appears below what was read."""
    began, done = threading.Event(), []

    def second() -> None:
        began.set()
        saved(store, record(2))
        done.append(True)

    with store.write() as connection:
        save(connection, record(1))
        thread = in_a_thread(second)
        began.wait(10)
        thread.join(0.1)
        assert not done
        assert arrivals.upper(connection) == 1
    thread.join(30)
    assert done == [True]
    assert counter(store) == 2


def test_what_comes_back_while_a_run_is_taken_gets_a_new_number(store: Store) -> None:
    """The run did not see it, so with its old number it would stay below every cursor and be missed."""
    key = saved(store, record(1))
    saved(store, record(1, state=HIDDEN))
    began = threading.Event()

    def show_again() -> None:
        began.set()
        saved(store, record(1))

    with store.write() as connection:
        issues.take_run(connection, "lettre", NOW, arrivals.upper(connection))
        thread = in_a_thread(show_again)
        began.wait(10)
        thread.join(0.2)
        assert articles.get(connection, key).arrival == 0
    thread.join(30)
    assert given_numbers(store, key)["shown"] == 2


def test_the_state_alone_changes_whether_it_is_shown(store: Store) -> None:
    key = saved(store, record(1, terms=(SCHOOL,)))
    with store.write() as connection:
        staff_say(connection, key, HIDDEN)
    assert given_numbers(store, key) == {"theme/education": 1, "type/": 1}
    with store.write() as connection:
        staff_say(connection, key, None)
        assert articles.get(connection, key) == replace(articles.get(connection, key), arrival=1)
