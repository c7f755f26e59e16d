"""Entries: what stands in which feed agrees with the plain definition, after any history; places are for good."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from newsletter.model import Article, ArticleState, Edits, Filter, Term, matches
from newsletter.store import arrivals, articles, entries, placing, revising, rules, schema, terms
from newsletter.store.engine import Store
from newsletter.store.entries import VOLUME, Standing
from newsletter.store.rules import Wanted
from tests.store.sample import DAY, HEALTH, NEWS, NOW, SCHOOL, TAXONOMIES, numbering, record, save, staff_say

AGENDA = Term("type", "agenda", "Agenda")
SPORT = Term("theme", "sport", "Sport")
TERMS = (SCHOOL, HEALTH, SPORT, NEWS, AGENDA)
SHOWN = 3


def theme(*slugs: str) -> Filter:
    return {"theme": frozenset(slugs)}


ALL = Wanted("all", (), True)
THEME = Wanted("theme", (theme("education", "sante", "sport"),), True)
HEALTHY = Wanted("theme/sante", (theme("sante", "sport"),), False)
SPORTING = Wanted("theme/sport", (theme("sport"),), False)
BOTH = Wanted("filters/agenda", ({**theme("sante"), "type": frozenset({"agenda"})}, theme("education")), True)
NOBODY = Wanted("filters/vide", ({"type": frozenset({"rien"})},), False)
FEEDS = (ALL, THEME, HEALTHY, SPORTING, BOTH, NOBODY)


def place(store: Store, feeds: tuple[Wanted, ...] = FEEDS, now: datetime = NOW) -> int:
    with store.write() as connection:
        arrivals.upper(connection)
        for key, published in arrivals.due(connection, now):
            arrivals.show(connection, key, published, numbering(now))
        return placing.place(connection, feeds, SHOWN, now)


def standing(store: Store, path: str = "all") -> Standing:
    with store.read() as connection:
        return entries.standings(connection)[path]


def names(store: Store, keys: list[int]) -> list[str]:
    with store.read() as connection:
        return [each.title.removeprefix("Atelier ") for each in articles.some(connection, keys)]


def newest(store: Store, path: str = "all") -> list[str]:
    here = standing(store, path)
    with store.read() as connection:
        keys = entries.own(connection, here, SHOWN)
    return names(store, keys)


def archive(store: Store, number: int, path: str = "all") -> list[str]:
    here = standing(store, path)
    with store.read() as connection:
        keys = entries.bound(connection, here, number)
    return names(store, keys)


def put(store: Store, number: int, *had: Term, **facts: object) -> int:
    given = record(number, published=NOW - DAY + number * (DAY / 10000), terms=had)
    with store.write() as connection:
        save(connection, replace(given, **facts))
        return articles.find(connection, given.identity)


def say(store: Store, key: int, state: ArticleState | None) -> None:
    with store.write() as connection:
        staff_say(connection, key, state)


# --- what stands where ------------------------------------------------------------------------------------------------


def test_an_article_stands_in_everything_and_in_the_feeds_of_its_terms(store: Store) -> None:
    put(store, 1, SPORT, AGENDA)
    place(store)
    assert newest(store, "all") == newest(store, "theme") == newest(store, "theme/sport") == ["1"]
    assert newest(store, "theme/sante") == ["1"]  # which holds sport
    assert newest(store, "filters/agenda") == newest(store, "filters/vide") == []


def test_a_filter_asks_for_one_term_of_each_taxonomy_and_a_union_for_any_of_them(store: Store) -> None:
    put(store, 1, HEALTH, AGENDA)
    put(store, 2, HEALTH, NEWS)
    put(store, 3, SCHOOL)
    place(store)
    assert newest(store, "filters/agenda") == ["3", "1"]


def test_a_feed_shows_the_newest_by_date_of_publication(store: Store) -> None:
    for number in (2, 5, 1, 4, 3):
        put(store, number, HEALTH)
    place(store)
    assert newest(store, "theme/sante") == ["5", "4", "3"]


def test_what_waits_for_its_time_stands_nowhere_until_then(store: Store) -> None:
    put(store, 1, published=NOW + DAY)
    place(store)
    assert newest(store) == []
    place(store, now=NOW + 2 * DAY)
    assert newest(store) == ["1"]


def test_an_article_that_loses_a_term_leaves_that_feed_alone(store: Store) -> None:
    put(store, 1, SPORT)
    place(store)
    put(store, 1, SCHOOL)
    place(store, now=NOW + DAY)
    assert newest(store, "theme/sport") == newest(store, "theme/sante") == []
    assert newest(store, "all") == newest(store, "filters/agenda") == ["1"]


# --- which feeds a change touches -------------------------------------------------------------------------------------


def test_one_article_touches_the_feeds_in_which_it_stands_and_no_other(store: Store) -> None:
    put(store, 1, SPORT)
    put(store, 2, SCHOOL)
    before = place(store)
    put(store, 2, SCHOOL, title="Atelier 2 bis")
    place(store)
    with store.read() as connection:
        assert set(entries.standings(connection, before)) == {"all", "theme", "filters/agenda"}


def test_nothing_is_touched_where_nothing_changed(store: Store) -> None:
    put(store, 1, SPORT)
    before = place(store)
    assert place(store, now=NOW + DAY) == before
    with store.read() as connection:
        assert entries.standings(connection, before) == {}


def test_a_feed_of_a_rule_that_is_new_takes_what_was_stored_before(store: Store) -> None:
    put(store, 1, SPORT)
    place(store, (ALL,))
    place(store, (ALL, SPORTING))
    assert newest(store, "theme/sport") == ["1"]


def test_a_rule_that_changed_lets_go_and_takes_in(store: Store) -> None:
    put(store, 1, SPORT)
    put(store, 2, SCHOOL)
    place(store, (ALL, SPORTING))
    place(store, (ALL, replace(SPORTING, filters=(theme("education"),))))
    assert newest(store, "theme/sport") == ["2"]


def test_a_young_term_makes_no_feed_anew_but_those_of_its_articles(store: Store) -> None:
    put(store, 1, SCHOOL)
    before = place(store)
    put(store, 2, replace(SPORT, slug="natation", label="Natation"))
    wider = replace(THEME, filters=(theme("education", "sante", "sport", "natation"),))
    place(store, (ALL, wider, *FEEDS[2:]))
    with store.read() as connection:
        assert set(entries.standings(connection, before)) == {"all", "theme"}


# --- archives ---------------------------------------------------------------------------------------------------------


def test_the_chain_holds_every_article_once(store: Store) -> None:
    numbers = list(range(1, 2 * VOLUME + SHOWN + 5))
    for number in numbers:
        put(store, number)
    place(store)
    assert standing(store).closed == 2
    chain = newest(store) + archive(store, 2) + archive(store, 1)
    assert chain == [str(number) for number in reversed(numbers)]


def test_an_archive_document_keeps_its_set_whatever_comes_later(store: Store) -> None:
    for number in range(1, VOLUME + SHOWN + 1):
        put(store, number)
    place(store)
    before = archive(store, 1)
    put(store, 900, published=NOW - 900 * DAY)  # older than all of them, and known later
    put(store, 1, published=NOW - DAY / 2)  # now the newest
    place(store)
    assert sorted(archive(store, 1)) == sorted(before)
    assert newest(store) == ["28", "27", "26", "900"]  # what stands in an archive stands there alone


def test_what_is_withdrawn_leaves_its_place_and_comes_back_to_it(store: Store) -> None:
    keys = [put(store, number) for number in range(1, VOLUME + SHOWN + 1)]
    before = place(store)
    say(store, keys[0], ArticleState.HIDDEN)
    place(store, now=NOW + DAY)
    assert "1" not in archive(store, 1)
    with store.read() as connection:
        assert entries.volumes(connection, before) == [("all", 1)]
        here = entries.standings(connection)["all"]
        assert entries.left_bound(connection, here, 1) == [(record(1).id, NOW + DAY)]
    say(store, keys[0], None)
    place(store)
    assert "1" in archive(store, 1)
    with store.read() as connection:
        assert entries.left_bound(connection, here, 1) == []


def test_what_was_withdrawn_when_its_document_was_closed_comes_back_to_another_place(store: Store) -> None:
    keys = [put(store, number) for number in range(1, VOLUME + SHOWN)]
    place(store)
    say(store, keys[4], ArticleState.HIDDEN)
    put(store, 900)
    place(store)
    assert standing(store).closed == 1
    before = archive(store, 1)
    assert "5" not in before
    say(store, keys[4], None)
    place(store)
    assert archive(store, 1) == before
    assert "5" in newest(store)


def test_a_tombstone_stands_in_the_document_that_the_article_left(store: Store) -> None:
    keys = [put(store, number) for number in range(1, VOLUME + SHOWN)]
    place(store)
    here = newest(store)
    assert "3" in here
    say(store, keys[2], ArticleState.HIDDEN)
    place(store, now=NOW + DAY)
    with store.read() as connection:
        found = entries.left_own(connection, entries.standings(connection)["all"], SHOWN, 20)
    assert found == [(record(3).id, NOW + DAY)]


def test_an_archive_document_changes_only_with_its_articles(store: Store) -> None:
    for number in range(1, VOLUME + SHOWN + 1):
        put(store, number)
    before = place(store)
    put(store, 800, published=NOW)
    place(store)
    with store.read() as connection:
        assert entries.volumes(connection, before) == []


def test_more_entries_a_feed_reopen_no_archive(store: Store) -> None:
    for number in range(1, VOLUME + SHOWN + 1):
        put(store, number)
    place(store)
    with store.write() as connection:
        put_again = record(1, title="Atelier un")
        save(connection, put_again)
        placing.place(connection, FEEDS, SHOWN + VOLUME, NOW)
    assert standing(store).closed == 1


def test_a_feed_that_is_to_have_archives_gets_them(store: Store) -> None:
    for number in range(1, VOLUME + SHOWN + 1):
        put(store, number, SPORT)
    place(store)
    assert standing(store, "theme/sport").closed == 0
    place(store, (*FEEDS[:3], replace(SPORTING, archived=True), *FEEDS[4:]))
    assert standing(store, "theme/sport").closed == 1
    assert len(archive(store, 1, "theme/sport")) == VOLUME


# --- tombstones -------------------------------------------------------------------------------------------------------


def test_a_withdrawn_article_is_told_where_it_would_stand(store: Store) -> None:
    keys = [put(store, number, HEALTH) for number in range(1, 6)]
    place(store)
    say(store, keys[0], ArticleState.HIDDEN)
    say(store, keys[4], ArticleState.HIDDEN)
    place(store, now=NOW + DAY)
    here = standing(store, "theme/sante")
    with store.read() as connection:
        assert entries.left_own(connection, here, SHOWN, 20) == [(record(5).id, NOW + DAY)]
        assert len(entries.left_own(connection, here, SHOWN + 1, 20)) == 2
        assert len(entries.left_own(connection, here, SHOWN + 1, 1)) == 1


def test_what_only_lost_its_term_is_not_told_as_deleted(store: Store) -> None:
    put(store, 1, SCHOOL)
    place(store)
    put(store, 1, HEALTH)
    place(store)
    for path in ("filters/agenda", "theme"):
        here = standing(store, path)
        with store.read() as connection:
            assert entries.left_own(connection, here, SHOWN, 20) == []


def test_what_lost_its_term_and_is_withdrawn_later_is_told_with_the_later_instant(store: Store) -> None:
    key = put(store, 1, HEALTH)
    place(store)
    put(store, 1)
    place(store, now=NOW + DAY)
    say(store, key, ArticleState.HIDDEN)
    place(store, now=NOW + 2 * DAY)
    put(store, 1, title="Atelier 1 bis")  # still hidden, whatever its words
    place(store, now=NOW + 3 * DAY)
    with store.read() as connection:
        found = entries.left_own(connection, entries.standings(connection)["theme"], SHOWN, 20)
    assert found == [(record(1).id, NOW + 2 * DAY)]


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_feed_that_moves_keeps_its_name_and_another_at_its_place_gets_its_own(store: Store) -> None:
    put(store, 1, SPORT)
    place(store)
    natation = replace(SPORTING, path="theme/natation")
    with store.write() as connection:
        rules.rename(connection, "theme/sport", "theme/natation")
    place(store, (*FEEDS, natation))
    here, there = standing(store, "theme/natation"), standing(store, "theme/sport")
    assert (here.name, there.name) == ("theme/sport", "theme/sport.2")
    with store.write() as connection:
        rules.rename(connection, "theme/natation", "theme/sport")  # back again, over the other
    assert standing(store, "theme/sport") == here
    place(store)
    assert newest(store, "theme/sport") == ["1"]


# --- any history ------------------------------------------------------------------------------------------------------


def change(store: Store, dice: random.Random, now: datetime) -> None:
    """Let something happen to an article or a term."""
    number, some = dice.randrange(1, 40), dice.sample(TERMS, dice.randrange(4))
    with store.write() as connection:
        held = sorted(articles.named(connection, [record(number).identity]).values())
        match dice.randrange(8):
            case 0 if held:
                edits = Edits(state=dice.choice([None, ArticleState.HIDDEN, ArticleState.DRAFT]))
                revising.edit(connection, held[0], edits, lambda _: None, TAXONOMIES, numbering(now))
            case 1 if held:
                revising.withdraw(connection, held[0], TAXONOMIES, numbering(now))
            case 2:
                known = {term.slug: key for key, term in terms.keys(connection).items()}
                old, new = dice.sample(["education", "sante", "sport"], 2)
                if old in known and new in known:
                    merge(connection, known[old], known[new], now)
            case _:
                later = dice.choice([-3, -2, -1, 1])
                given = record(number, terms=tuple(some), title=f"Atelier {number}, {dice.random()}")
                save(connection, replace(given, published=now + later * DAY), now)


def merge(connection: sa.Connection, old: int, new: int, now: datetime) -> None:
    """Merge terms as ``newsletter terms merge`` does."""
    before, after = terms.keys(connection)[old], terms.keys(connection)[new]
    carriers = articles.by_key(connection, arrivals.having(connection, "theme", old))
    arrivals.upper(connection)
    arrivals.merge(connection, "theme", old, new)
    terms.absorb(connection, old, new)
    for key, article in carriers.items():
        current = tuple(dict.fromkeys(after if term == before else term for term in article.terms))
        revising.rewrite(connection, key, replace(article, terms=current, arrival=0), now, ends=None)


def expected(shown: list[Article], wanted: Wanted) -> set[str]:
    return {article.id for article in shown if matches(article, wanted.filters)}


def found(connection: sa.Connection, path: str) -> set[str]:
    entry, article, feed = schema.entry, schema.article, schema.feed
    query = sa.select(article.c.id).join(entry, entry.c.article == article.c.key).join(feed, feed.c.key == entry.c.feed)
    return set(connection.scalars(query.where(feed.c.path == path, entry.c.gone.is_(None))))


def sets(connection: sa.Connection, path: str) -> list[set[str]]:
    """Return the archive documents of a feed as they are published."""
    here = entries.standings(connection)[path]
    keys = [entries.bound(connection, here, number) for number in range(1, here.closed + 1)]
    return [{article.id for article in articles.some(connection, each)} for each in keys]


@pytest.mark.parametrize("seed", range(6))
def test_after_any_history_everything_stands_where_the_plain_rule_says(
    store: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "VOLUME", 4)
    monkeypatch.setitem(globals(), "VOLUME", 4)
    dice, now = random.Random(seed), NOW
    closed: dict[str, list[set[str]]] = {}
    for _ in range(25):
        for _ in range(dice.randrange(6)):
            change(store, dice, now)
        now += dice.choice([DAY / 24, DAY])
        feeds = tuple(each for each in FEEDS if each is ALL or dice.random() < 0.9)
        place(store, feeds, now)
        with store.read() as connection:
            shown = list(articles.shown(connection))
            for each in feeds:
                assert found(connection, each.path) == expected(shown, each), each.path
                if each.archived:
                    known, documents = closed.setdefault(each.path, []), sets(connection, each.path)
                    assert all(now_ <= first for now_, first in zip(documents, known, strict=False)), each.path
                    known += documents[len(known) :]
