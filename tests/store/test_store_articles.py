"""Articles as stored: identity, revisions, `updated`, finding them again; on both dialects."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from newsletter.errors import NotFoundError
from newsletter.model import Article, ArticleState, Attachment, EventDate, Image, Origin, Part, Term
from newsletter.store import articles, incoming, schema
from newsletter.store.articles import Raw
from newsletter.store.engine import Store
from newsletter.store.incoming import Change, Given
from newsletter.store.revisions import words
from tests.store.sample import (
    DAY,
    HEALTH,
    NEWS,
    NOW,
    SCHOOL,
    SITE,
    TAXONOMIES,
    numbering,
    record,
    save,
    saved,
    staff_say,
)

HOUR = timedelta(hours=1)


def change(store: Store, given: Article, now: object = NOW) -> Change:
    with store.write() as connection:
        return save(connection, given, now)


def stored(store: Store, name: str = record().identity) -> Article:
    with store.read() as connection:
        return articles.get(connection, articles.find(connection, name))


def revisions(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.revision)) or 0


def test_everything_that_was_read_comes_back(store: Store) -> None:
    whole = record(
        lead="Une matinée d’échanges.",
        terms=(NEWS, SCHOOL),
        dates=(EventDate(NOW + DAY, NOW + DAY + HOUR), EventDate(NOW + 3 * DAY, all_day=True)),
        deadline=NOW + 9 * DAY,
        attachments=(Attachment(f"{SITE}/a.pdf", "Programme", "application/pdf", 3, True),),
        image=Image(f"{SITE}/a.jpg", "La salle", 3, 2),
        aliases=(f"{SITE}/ancien",),
        parts=(Part("titre", "Atelier"),),
        unparsed=("???",),
        warnings=("la date manque",),
        modified=NOW,
    )
    assert change(store, whole) is Change.NEW
    assert stored(store) == replace(whole, arrival=1, updated=NOW)


def test_what_comes_again_unchanged_is_no_revision(store: Store) -> None:
    assert [change(store, record(terms=(SCHOOL,)), NOW + n * DAY) for n in range(2)] == [Change.NEW, Change.UNCHANGED]
    assert revisions(store) == 1


def test_other_words_are_an_update_at_the_instant_of_intake(store: Store) -> None:
    change(store, record())
    assert stored(store).updated == record().published
    assert change(store, record(text="Autre texte."), NOW + DAY) is Change.UPDATED
    assert stored(store).updated == NOW + DAY
    assert revisions(store) == 2


@pytest.mark.parametrize(
    "word",
    [
        {"title": "Autre titre"},
        {"lead": "Un chapeau"},
        {"text": "Un texte"},
        {"dates": (EventDate(NOW + DAY),)},
        {"deadline": NOW + DAY},
        {"attachments": (Attachment(f"{SITE}/a.pdf", "Programme", "application/pdf"),)},
    ],
)
def test_each_part_of_the_words_moves_updated(store: Store, word: dict[str, object]) -> None:
    change(store, record())
    change(store, record(**word), NOW + DAY)
    assert stored(store).updated == NOW + DAY


@pytest.mark.parametrize("other", [{"html": "<p lang='fr'>Venez.</p>"}, {"terms": (SCHOOL,)}, {"url": f"{SITE}/neuf"}])
def test_what_is_not_words_moves_no_date(store: Store, other: dict[str, object]) -> None:
    change(store, record())
    assert change(store, record(**other), NOW + DAY) is Change.UPDATED
    assert stored(store).updated == record().updated


def test_updated_is_the_sources_own_date_where_that_is_later(store: Store) -> None:
    change(store, record(modified=NOW))
    change(store, record(text="Deux.", modified=NOW + HOUR), NOW + DAY)
    assert stored(store).updated == NOW + HOUR
    change(store, record(text="Trois.", modified=NOW + HOUR), NOW + 2 * DAY)
    assert stored(store).updated == NOW + 2 * DAY


def test_an_older_revision_never_replaces(store: Store) -> None:
    change(store, record(text="Le nouveau.", modified=NOW))
    assert change(store, record(text="L’ancien.", modified=NOW - HOUR), NOW + DAY) is Change.OLDER
    assert stored(store).text == "Le nouveau."
    assert revisions(store) == 1


def test_priority_weighs_more_than_dates(store: Store) -> None:
    site, feed = Origin("site", "html", "a", 10), Origin("flux", "atom", "b", 1)
    change(store, record(text="Le site.", modified=NOW, source=site))
    assert change(store, record(text="Le flux.", modified=NOW + DAY, source=feed)) is Change.OLDER
    assert change(store, record(text="Le site encore.", modified=NOW - DAY, source=replace(site, priority=11))) is (
        Change.UPDATED
    )


def test_the_id_never_changes(store: Store) -> None:
    change(store, record())
    change(store, record(id="tag:other.example.org,2030:9", title="Autre"))
    assert stored(store).id == record().id


def test_an_article_that_moved_is_found_by_its_old_address(store: Store) -> None:
    change(store, record())
    moved = record(9, aliases=(record().url,))
    assert change(store, moved) is Change.UPDATED
    found = stored(store, moved.url)
    assert (found.id, found.url, found.identity) == (record().id, moved.url, record().identity)
    assert stored(store, record().url) == found
    with store.read() as connection:
        assert len(list(articles.everything(connection))) == 1


def test_a_page_that_is_an_alias_is_the_same_article(store: Store) -> None:
    short = f"{SITE}/node/12"
    change(store, record(aliases=(short,)))
    assert change(store, record(5, identity=short, url=short, title="Sans doublon")) is Change.UPDATED
    assert stored(store).title == "Sans doublon"


def test_a_local_article_is_found_by_its_identity_and_its_address(store: Store) -> None:
    change(store, record(identity="articles/atelier"))
    assert stored(store, "articles/atelier") == stored(store, record().url)


def test_an_article_is_found_by_a_prefix_that_is_unique(store: Store) -> None:
    change(store, record(11))
    change(store, record(12))
    prefix = "tag:troisrivieres.example.org,2024:00"
    assert stored(store, f"{prefix}11").title == "Atelier 11"
    with pytest.raises(NotFoundError, match="several articles begin so; `newsletter articles list` shows them"):
        stored(store, prefix)
    for nothing in ("tag:nobody", "%", "_ag:", ""):
        with pytest.raises(NotFoundError, match=r"no such article|several articles"):
            stored(store, nothing)


def test_an_exact_name_wins_over_what_it_begins(store: Store) -> None:
    change(store, record(1, identity="articles/atelier"))
    change(store, record(2, identity="articles/atelier-2"))
    assert stored(store, "articles/atelier").title == "Atelier 1"


def test_the_same_term_by_label_and_by_iri_stands_once(store: Store) -> None:
    iri = f"{SITE}/themes/3"
    change(store, record(2, terms=(Term("theme", "education", "Éducation", iri),)))
    change(store, record(1, terms=(Term("theme", "ecole", "ÉDUCATION"), Term("theme", "ecole", "École", iri))))
    assert stored(store).terms == (Term("theme", "education", "Éducation", iri),)


def test_a_term_that_was_relabelled_is_told_as_it_is_called_now(store: Store) -> None:
    from newsletter.store import terms

    change(store, record(terms=(SCHOOL,)))
    with store.write() as connection:
        terms.declare(connection, [replace(SCHOOL, label="École et éducation")])
    assert stored(store).terms[0].label == "École et éducation"


def test_some_come_in_the_order_asked_for(store: Store) -> None:
    keys = [saved(store, record(n)) for n in range(4)]
    with store.read() as connection:
        assert [a.title for a in articles.some(connection, [keys[2], keys[0], keys[3]])] == [
            "Atelier 2", "Atelier 0", "Atelier 3",
        ]  # fmt: skip
        assert articles.some(connection, []) == []


def test_all_come_newest_first_and_shown_leaves_out_what_is_not(store: Store) -> None:
    saved(store, record(1, published=NOW - 3 * DAY))
    saved(store, record(2, published=NOW - DAY))
    saved(store, record(3, published=NOW - 2 * DAY, state=ArticleState.DRAFT))
    saved(store, record(4, published=NOW + DAY))
    with store.read() as connection:
        titles = [article.title for article in articles.everything(connection)]
        assert titles == ["Atelier 4", "Atelier 2", "Atelier 3", "Atelier 1"]
        assert [article.title for article in articles.shown(connection)] == ["Atelier 2", "Atelier 1"]


def test_newest_first_orders_by_publication(store: Store) -> None:
    keys = [saved(store, record(n, published=NOW - days * DAY)) for n, days in enumerate((3, 1, 2, 1))]
    with store.read() as connection:
        assert articles.newest_first(connection, [*keys, 999]) == [keys[3], keys[1], keys[2], keys[0]]


def test_first_shown_stays_what_it_was(store: Store) -> None:
    from tests.store.sample import run

    shown, draft = saved(store, record(1)), saved(store, record(2, state=ArticleState.DRAFT))
    saved(store, record(1, state=ArticleState.HIDDEN))
    run(store)
    saved(store, record(1))
    with store.read() as connection:
        assert articles.get(connection, shown).arrival == 3
        assert articles.first_shown(connection, [shown, draft]) == {shown: 1, draft: 0}


def test_upcoming_is_what_is_shown_and_not_over(store: Store) -> None:
    with store.write() as connection:
        for number, ends in enumerate((NOW - HOUR, NOW, NOW + DAY, None)):
            incoming.save(connection, record(number), lambda _, ends=ends: ends, TAXONOMIES, numbering())
        hidden = record(7, state=ArticleState.HIDDEN)
        incoming.save(connection, hidden, lambda _: NOW + DAY, TAXONOMIES, numbering())
        found = articles.some(connection, articles.upcoming(connection, NOW))
    assert [article.title for article in found] == ["Atelier 1", "Atelier 2"]


def test_hiding_keeps_everything_else(store: Store) -> None:
    key = saved(store, record(terms=(SCHOOL, HEALTH)))
    before = stored(store)
    with store.write() as connection:
        staff_say(connection, key, ArticleState.HIDDEN)
    assert stored(store) == replace(before, state=ArticleState.HIDDEN, arrival=0)
    with store.write() as connection:
        staff_say(connection, key, None)
    assert stored(store) == before


def test_pins_are_set_and_taken_away(store: Store) -> None:
    keys = [saved(store, record(n)) for n in range(3)]
    with store.write() as connection:
        articles.pin(connection, keys[0], "everyone")
        articles.pin(connection, keys[2], "matching")
        assert articles.pins(connection) == {keys[0]: "everyone", keys[2]: "matching"}
        articles.pin(connection, keys[0], None)
        assert articles.pins(connection) == {keys[2]: "matching"}


def test_an_edit_does_not_unpin(store: Store) -> None:
    key = saved(store, record())
    with store.write() as connection:
        articles.pin(connection, key, "everyone")
    saved(store, record(title="Autre titre"))
    with store.read() as connection:
        assert articles.pins(connection) == {key: "everyone"}


def test_raw_input_is_kept_byte_for_byte_once(store: Store) -> None:
    body = b"\x00\xff titre\r\n"
    with store.write() as connection:
        articles.keep_raw(connection, [Raw("ab", "a.md", body, "latin-1")], NOW)
        articles.keep_raw(connection, [Raw("ab", "b.md", body), Raw("cd", "c.md", b"")], NOW + DAY)
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.raw)) == 2
        assert articles.raw_of(connection, "ab") == Raw("ab", "a.md", body, "latin-1")


def test_the_hash_of_words_sees_words_only() -> None:
    assert words(record()) == words(record(html="<p>x</p>", lang="en", terms=(SCHOOL,)))
    assert words(record()) != words(record(lead="x"))


def test_what_did_not_change_is_looked_up_together(store: Store) -> None:
    given = [Given(record(number, terms=(NEWS,)), f"{number}.md", NOW, f"{number}.md") for number in range(200)]

    def again(some: list[Given]) -> tuple[set[Change], int]:
        said: list[str] = []
        with store.write() as connection:
            sa.event.listen(connection, "before_cursor_execute", lambda *about: said.append(about[2]))
            changes = incoming.save_all(connection, some, lambda _: None, TAXONOMIES, numbering())
        return set(changes), len(said)

    again(given)
    assert again(given[:2])[0] == {Change.UNCHANGED}
    few, many = again(given[:2])[1], again(given)[1]
    assert many < few + 10, "of many no more statements than of few"


def test_names_that_are_others_each_time_are_not_gathered_for_ever(store: Store) -> None:
    page = record().url
    for number in range(130):
        change(store, record(aliases=(f"{page}#{number}",)))
    assert change(store, record(aliases=(f"{page}#next",))) is Change.UNCHANGED
    assert revisions(store) < 110
    assert known(store) < 110
    assert change(store, record(aliases=(f"{page}#0",))) is Change.UNCHANGED


def test_addresses_that_are_others_each_time_are_not_gathered_for_ever(store: Store) -> None:
    page, short = record().url, f"{SITE}/?p=12"
    for number in range(130):
        change(store, record(identity=f"{page}?s={number}", url=f"{page}?s={number}", aliases=(short,)))
    assert stored(store, short).url == f"{page}?s=129"
    assert stored(store, f"{page}?s=1").url == stored(store, f"{page}?s=129").url
    assert known(store) < 110


def known(store: Store) -> int:
    """Return under how many addresses articles are known."""
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.alias)) or 0
