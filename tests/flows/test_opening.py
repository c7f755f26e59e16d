"""What an opening decides: news once, reminders and pins beside them, archive and embargo, frequencies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.digest.letter import thawed
from newsletter.digest.selection import from_bytes, positions
from newsletter.errors import PendingError
from newsletter.model import Article, EventDate
from newsletter.pipeline import curating, sending
from newsletter.pipeline.opening import open_flash, open_run
from newsletter.pipeline.publication import Publication
from newsletter.store import articles, claims, incoming
from newsletter.store.issues import IssueRow
from tests.flows.publications import NOW, add_articles, add_readers, article, configured, published
from tests.relay import Relay
from tests.year.world import chunks_of, dying

HEALTH = {"theme": frozenset({"sante"})}
SECTIONS = [
    {"title": "Agenda", "select": "upcoming", "horizon": 30, "form": "short"},
    {"title": "Actualités"},
]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Publication]:
    with Relay() as relay:
        config = configured(tmp_path, relay.port)
        lettre = {"title": "Lettre", "sender": {"address": "lettre@example.org"}, "sections": SECTIONS}
        config = configured(tmp_path, relay.port, lists={"lettre": lettre})
        publication = published(tmp_path, config)
        yield publication
        publication.store.close()


def later(publication: Publication, days: float) -> Publication:
    return replace(publication, now=publication.now + timedelta(days=days))


def with_event(one: Article, days: float) -> Article:
    return replace(one, dates=(EventDate(NOW + timedelta(days=days)),))


def store_event(publication: Publication, one: Article) -> None:
    with publication.store.write() as connection:
        incoming.save(connection, one, publication.ends, list(publication.taxonomies), publication.numbering())


def letters(publication: Publication, issue: IssueRow | None) -> dict[str, tuple[set[str], set[str]]]:
    """Return picks and repeats of an issue by address, as names of articles."""
    if issue is None:
        return {}
    names = [
        one.identity.removeprefix("articles/") for one in thawed(issue.contents, publication.config.site.zone).articles
    ]
    with publication.store.write() as connection:
        rows = claims.claim(connection, issue.id, 10**6, 100, NOW + timedelta(days=9999))
        claims.release(connection, 10**6)
    return {
        row.address: tuple({names[place] for place in positions(from_bytes(some))} for some in (row.picks, row.repeats))
        for row in rows
    }  # type: ignore[return-value]


def send(publication: Publication) -> dict[str, tuple[set[str], set[str]]]:
    """Open and send a run; return its letters."""
    issue = open_run(publication, "lettre").issue
    found = letters(publication, issue)
    if issue:
        assert sending.attempt(publication, issue, lambda _: None).books.closed
    return found


def test_an_event_is_news_once_and_then_a_reminder_until_it_is_over(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    store_event(office, with_event(article("forum"), days=20))
    assert send(office) == {"a@example.org": ({"forum"}, set())}
    assert send(later(office, 7)) == {}, "a reminder alone opens no issue"
    add_articles(later(office, 7), [article("un", now=NOW + timedelta(days=7))])
    assert send(later(office, 8)) == {"a@example.org": ({"un"}, {"forum"})}
    add_articles(later(office, 21), [article("deux", now=NOW + timedelta(days=21))])
    assert send(later(office, 22)) == {"a@example.org": ({"deux"}, set())}


def test_a_newcomer_is_reminded_of_what_they_were_never_sent(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    store_event(office, with_event(article("forum"), days=20))
    send(office)
    add_readers(later(office, 1), {"b@example.org": {}})
    add_articles(later(office, 2), [article("un", now=NOW + timedelta(days=2))])
    assert send(later(office, 2))["b@example.org"] == ({"un"}, {"forum"})


def test_a_pin_repeats_for_everyone_or_for_those_it_matches(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}, "s@example.org": HEALTH})
    add_articles(office, [article("ecole", "education"), article("soin", "sante")])
    send(office)
    curating.pin(office, "articles/ecole", "everyone")
    curating.pin(office, "articles/soin")
    add_articles(later(office, 1), [article("pour-tous", now=NOW + timedelta(days=1))])
    second = send(later(office, 1))
    assert second["s@example.org"] == ({"pour-tous"}, {"ecole", "soin"})
    curating.unpin(office, "articles/ecole")
    add_articles(later(office, 2), [article("encore", now=NOW + timedelta(days=2))])
    assert send(later(office, 2))["s@example.org"] == ({"encore"}, {"soin"})


def test_archive_stock_is_in_no_letter(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    add_articles(office, [article("vieux", age=timedelta(days=61)), article("recent", age=timedelta(days=59))])
    store_event(office, with_event(article("vieux-rendez-vous", age=timedelta(days=90)), days=10))
    assert send(office) == {"a@example.org": ({"recent"}, set())}


def test_what_grew_stale_is_dropped_and_counted(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    add_articles(office, [article("oublie")])
    add_articles(later(office, 70), [article("neuf", now=NOW + timedelta(days=70))])
    issue = open_run(later(office, 71), "lettre").issue
    assert letters(office, issue) == {"a@example.org": ({"neuf"}, set())}
    assert issue is not None
    assert issue.dropped == 1


def test_an_embargoed_article_comes_when_it_is_due(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    add_articles(office, [article("un"), article("demain", age=timedelta(days=-1))])
    assert send(office) == {"a@example.org": ({"un"}, set())}
    assert send(later(office, 2)) == {"a@example.org": ({"demain"}, set())}


def test_hidden_before_the_run_is_not_sent_and_shown_again_is_news(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    add_articles(office, [article("un"), article("deux")])
    curating.hide(office, "articles/deux")
    assert send(office) == {"a@example.org": ({"un"}, set())}
    curating.show_again(later(office, 1), "articles/deux")
    assert send(later(office, 1)) == {"a@example.org": ({"deux"}, set())}


def test_a_flash_letter_is_not_repeated_and_moves_no_window(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}, "s@example.org": HEALTH})
    add_articles(office, [article("alerte", "sante"), article("autre", "education")])
    flash = open_flash(office, "lettre", "articles/alerte").issue
    assert flash is not None
    assert letters(office, flash) == {"a@example.org": ({"alerte"}, set()), "s@example.org": ({"alerte"}, set())}
    assert sending.attempt(office, flash, lambda _: None).books.closed
    assert flash.name == "lettre/2024-04-02"
    assert send(office) == {"a@example.org": ({"autre"}, set())}
    assert open_flash(office, "lettre", "articles/alerte").issue is None, "everyone has it"


def test_a_reader_of_two_overlapping_topics_gets_one_letter_with_each_article_once(office: Publication) -> None:
    both = {"theme": frozenset({"sante", "education"})}
    add_readers(office, {"b@example.org": both})
    add_articles(office, [article("commun", "sante", "education"), article("soin", "sante")])
    assert send(office) == {"b@example.org": ({"commun", "soin"}, set())}
    assert send(later(office, 1)) == {}


def test_who_chose_later_gets_what_arrives_from_then_on(office: Publication) -> None:
    add_readers(office, {"s@example.org": HEALTH})
    add_articles(office, [article("ecole", "education"), article("soin", "sante")])
    send(office)
    add_readers(later(office, 1), {"s@example.org": {}})
    add_articles(later(office, 1), [article("lycee", "education", now=NOW + timedelta(days=1))])
    assert send(later(office, 1)) == {"s@example.org": ({"lycee"}, set())}


def test_a_flash_letter_that_was_cut_off_is_taken_up(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}, "b@example.org": {}, "c@example.org": {}})
    add_articles(office, [article("alerte")])
    with dying(), chunks_of(2), pytest.raises(InterruptedError):
        open_flash(office, "lettre", "articles/alerte")
    with pytest.raises(PendingError, match="cut off"):
        open_run(office, "lettre")
    flash = open_flash(office, "lettre", "articles/alerte").issue
    assert flash is not None
    assert flash.audience == 3


def test_a_flash_letter_waits_for_the_opening_of_a_run(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}, "b@example.org": {}, "c@example.org": {}})
    add_articles(office, [article("un")])
    with dying(), chunks_of(2), pytest.raises(InterruptedError):
        open_run(office, "lettre")
    with pytest.raises(PendingError, match="is being opened"):
        open_flash(office, "lettre", "articles/un")
    run = open_run(office, "lettre").issue
    assert run is not None
    assert run.audience == 3


def test_hidden_while_an_issue_is_being_opened_is_news_for_whom_it_missed(office: Publication) -> None:
    add_readers(office, {f"{name}@example.org": {} for name in "abcd"})
    add_articles(office, [article("un"), article("deux")])
    with dying(), chunks_of(2), pytest.raises(InterruptedError):
        open_run(office, "lettre")
    curating.hide(office, "articles/deux")
    first = send(office)
    assert [first[f"{name}@example.org"][0] for name in "ad"] == [{"un", "deux"}, {"un"}]
    curating.show_again(later(office, 1), "articles/deux")
    assert {address: picks for address, (picks, _) in send(later(office, 1)).items()} == {
        "c@example.org": {"deux"}, "d@example.org": {"deux"},
    }  # fmt: skip


def test_what_staff_hid_stays_hidden_when_it_is_imported_again(office: Publication) -> None:
    add_articles(office, [article("un")])
    curating.hide(office, "articles/un")
    add_articles(office, [article("un")])
    with office.store.read() as connection:
        assert list(articles.shown(connection)) == []
    curating.show_again(office, "articles/un")
    with office.store.read() as connection:
        assert [one.identity for one in articles.shown(connection)] == ["articles/un"]


def test_what_grew_stale_is_counted_once(office: Publication) -> None:
    add_readers(office, {"a@example.org": {}})
    add_articles(office, [article("oublie")])
    for days in (70, 71):
        add_articles(later(office, days), [article(f"neuf-{days}", now=NOW + timedelta(days=days))])
        issue = open_run(later(office, days), "lettre").issue
        assert issue is not None
        assert issue.dropped == (days == 70)
