"""Atom documents as the standard and their readers see them."""

import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import feedparser
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.feeds import atom
from newsletter.feeds.head import Head, changed, newest
from newsletter.feeds.parts import updated
from newsletter.feeds.tree import Feed
from newsletter.model import Article, Attachment, Image, Term

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "https://www.troisrivieres.example.org"
BEGUN = datetime(2024, 1, 2, 8, tzinfo=UTC)
SANTE = Feed("theme/sante", "Santé", "Thème\xa0: Santé", ({"theme": frozenset({"sante"})},), "theme")
ARTICLE = Article(
    id="tag:www.troisrivieres.example.org,2024:3f9a",
    identity="https://www.troisrivieres.example.org/actualites/maison-de-sante",
    url="https://www.troisrivieres.example.org/actualites/maison-de-sante",
    title="Une maison de santé ouvre à Confluence",
    title_source="given",
    lead="Quatre communes ouvrent une maison de santé.",
    html='<p>Quatre communes <a href="https://www.troisrivieres.example.org/x?a=1&amp;b=2">ouvrent</a> une maison.</p>',
    text="Quatre communes ouvrent une maison.",
    lang="fr",
    published=datetime(2024, 3, 26, 14, 15, tzinfo=UTC),
    updated=datetime(2024, 4, 2, 7, 30, tzinfo=UTC),
    terms=(Term("theme", "sante", "Santé & soins"), Term("territoire", "nord", "Nord")),
    attachments=(
        Attachment(f"{BASE}/media/1f/bilan.pdf", "Bilan « 2023 »", "application/pdf", 3_596_616, True),
        Attachment(f"{BASE}/media/2a/carte.png", "Carte", "image/png", 372_695, False),
        Attachment(f"{BASE}/media/3c/note", "", ""),
    ),
)


def publication(**site: object) -> Config:
    return parse(
        {
            "site": {
                "name": "Centre de ressources des Trois Rivières",
                "url": f"{BASE}/",
                "rights": "Licence ouverte 2.0",
                **site,
            },
            "taxonomies": {
                "theme": {"label": "Thème", "iri": "https://vocabulaire.example.org/themes"},
                "territoire": {"label": "Territoire"},
            },
        }
    )


def document(feed: Feed, articles: Sequence[Article], config: Config, removal: datetime, **around: object) -> bytes:
    """A feed with these articles, as a build makes it of what was serialised."""
    head = Head(feed, newest(config, [removal, *map(updated, articles)]), **around)
    return atom.document(head, [atom.entry(article, config) for article in articles], config)


def replace_feeds(**changes: object) -> Config:
    config = publication()
    return msgspec.structs.replace(config, feeds=msgspec.structs.replace(config.feeds, **changes))


def root(*entries: Article, feed: Feed = SANTE, config: Config | None = None) -> etree._Element:
    return etree.fromstring(document(feed, entries, config or publication(), BEGUN))


def entry(**changes: object) -> etree._Element:
    found = root(replace(ARTICLE, **changes)).find(f"{ATOM}entry")
    assert found is not None
    return found


def text(element: etree._Element, name: str) -> str | None:
    return element.findtext(ATOM + name)


def links(element: etree._Element, rel: str) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in element.findall(f"{ATOM}link") if link.get("rel", "alternate") == rel]


def test_the_feed_names_itself_as_the_standard_asks():
    feed = root(ARTICLE)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANG) == "fr"
    assert text(feed, "id") == "tag:www.troisrivieres.example.org,2024:feed/theme/sante"
    assert text(feed, "title") == "Santé – Centre de ressources des Trois Rivières"
    assert text(feed, "subtitle") == "Thème\xa0: Santé"
    assert text(feed, "rights") == "Licence ouverte 2.0"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Centre de ressources des Trois Rivières"
    assert text(feed, "generator") == "newsletter"
    assert links(feed, "self") == [
        {"href": f"{BASE}/theme/sante.atom", "rel": "self", "type": "application/atom+xml"},
    ]
    page = {"href": f"{BASE}/theme/sante.html", "rel": "alternate", "type": "text/html"}
    assert links(feed, "alternate") == [page]


def test_ids_outlive_a_move_of_the_site_and_a_new_title():
    moved = publication(url="https://nouveau.example.org", authority="www.troisrivieres.example.org", name="Autre nom")
    before, after = root(ARTICLE), root(ARTICLE, feed=replace(SANTE, title="Soins"), config=moved)
    for path in (f"{ATOM}id", f"{ATOM}entry/{ATOM}id"):
        assert before.findtext(path) == after.findtext(path)


def test_the_entry_holds_the_article():
    found = entry()
    assert text(found, "id") == ARTICLE.id
    assert text(found, "title") == ARTICLE.title
    assert text(found, "summary") == ARTICLE.lead
    assert text(found, "content") == ARTICLE.html
    assert found.find(f"{ATOM}content").get("type") == "html"
    assert links(found, "alternate") == [{"href": ARTICLE.url}]


def test_categories_have_scheme_term_and_label_once_each_in_a_steady_order():
    expected = [
        {"term": "nord", "scheme": f"{BASE}/territoire/", "label": "Nord"},
        {"term": "sante", "scheme": "https://vocabulaire.example.org/themes", "label": "Santé & soins"},
    ]
    for terms in (ARTICLE.terms, ARTICLE.terms[::-1], ARTICLE.terms * 2, (*ARTICLE.terms, Term("theme", "", "?"))):
        assert [dict(c.attrib) for c in entry(terms=terms).findall(f"{ATOM}category")] == expected


def test_enclosures_say_only_what_is_known():
    assert links(entry(), "enclosure") == [
        {
            "href": f"{BASE}/media/1f/bilan.pdf",
            "rel": "enclosure",
            "type": "application/pdf",
            "title": "Bilan « 2023 »",
            "length": "3596616",
        },
        {"href": f"{BASE}/media/2a/carte.png", "rel": "enclosure", "type": "image/png", "title": "Carte"},
        {"href": f"{BASE}/media/3c/note", "rel": "enclosure"},
    ]


def test_feedparser_finds_the_enclosure():
    parsed = feedparser.parse(document(SANTE, [ARTICLE], publication(), BEGUN))
    assert not parsed.bozo
    first = parsed.entries[0].enclosures[0]
    assert (first.type, first.length) == ("application/pdf", "3596616")


@pytest.mark.parametrize(("lang", "shown"), [("fr", None), ("FR", None), ("", None), ("en", "en"), ("pt_BR", "pt-BR")])
def test_an_entry_says_its_language_only_where_it_differs(lang, shown):
    assert entry(lang=lang).get(LANG) == shown


def test_dates_stand_in_the_offset_of_the_site():
    found = entry()
    assert text(found, "published") == "2024-03-26T15:15:00+01:00"
    assert datetime.fromisoformat(text(found, "updated")).replace(microsecond=0).isoformat() == (
        "2024-04-02T09:30:00+02:00"
    )


def test_an_offset_with_seconds_gives_way_to_utc():
    old = datetime(1905, 12, 9, 12, tzinfo=UTC)
    assert text(entry(published=old, updated=old), "published") == "1905-12-09T12:00:00+00:00"


def test_an_entry_is_never_updated_before_it_was_published():
    early = replace(ARTICLE, updated=ARTICLE.published - timedelta(days=3))
    assert updated(early) >= early.published


def test_entries_of_one_instant_show_different_ones_that_stay():
    one, other = ARTICLE, replace(ARTICLE, id=ARTICLE.id + "0")
    shown = [text(e, "updated") for e in root(one, other).findall(f"{ATOM}entry")]
    assert len(set(shown)) == 2
    assert {datetime.fromisoformat(value).replace(microsecond=0) for value in shown} == {ARTICLE.updated}
    assert shown == [text(root(e).find(f"{ATOM}entry"), "updated") for e in (one, other)]
    precise = replace(ARTICLE, updated=ARTICLE.updated.replace(microsecond=7))
    assert updated(precise) == precise.updated


def test_the_feed_is_as_new_as_its_newest_change():
    older = replace(ARTICLE, id=ARTICLE.id + "0", updated=ARTICLE.updated - timedelta(days=9))
    assert datetime.fromisoformat(text(root(older, ARTICLE), "updated")) == updated(ARTICLE)
    assert text(root(), "updated") == "2024-01-02T09:00:00+01:00"
    assert newest(publication(), []) == datetime(2023, 12, 31, 23, tzinfo=UTC)


def test_a_document_that_changed_is_newer_than_before_and_never_older():
    config, told, now = publication(), ARTICLE.updated, ARTICLE.updated + timedelta(days=1)
    early, late = told - timedelta(hours=1), told + timedelta(hours=1)
    assert changed(config, [early], None, now) == early  # as new as its articles, when it is made first
    assert changed(config, [early, late], told, now) == late
    assert changed(config, [early], told, now) == changed(config, [told], told, now) == now
    assert changed(config, [], told, told - timedelta(days=1)) == told  # a clock that was put back


def test_entries_keep_the_order_they_are_given_in():
    ids = [f"tag:www.troisrivieres.example.org,2024:{n}" for n in (2, 3, 1)]
    feed = root(*(replace(ARTICLE, id=name) for name in ids))
    assert [text(e, "id") for e in feed.findall(f"{ATOM}entry")] == ids


@pytest.mark.parametrize(
    ("html", "lead", "content", "summary"),
    [("", "", None, ARTICLE.title), ("", "Un mot.", None, "Un mot."), ("<p>x</p>", "", "<p>x</p>", None)],
)
def test_something_is_always_said_and_nothing_is_empty(html, lead, content, summary):
    found = entry(html=html, lead=lead)
    assert (text(found, "content"), text(found, "summary")) == (content, summary)


def test_a_title_of_nothing_gives_way_to_the_address():
    assert text(entry(title="\x00 \ufffe"), "title") == ARTICLE.url


def test_addresses_are_iris():
    hostile = Attachment(f'{BASE}/media/a "b"<c>\x01.pdf', "x", "application/pdf")
    found = entry(url=f"{BASE}/é è", attachments=(hostile,))
    assert links(found, "alternate")[0]["href"] == f"{BASE}/é%20è"
    assert links(found, "enclosure")[0]["href"] == f"{BASE}/media/a%20%22b%22%3Cc%3E.pdf"


def test_the_document_is_utf_8_says_so_and_has_no_doctype():
    data = document(SANTE, [ARTICLE], publication(), BEGUN)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<feed ")
    assert "Santé".encode() in data
    assert b"<!" not in data


# --- archives (RFC 5005) and what was withdrawn (RFC 6721) ------------------------------------------------------------

HISTORY = "{http://purl.org/syndication/history/1.0}archive"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def test_the_feed_s_own_document_leads_to_its_newest_archive():
    feed = etree.fromstring(document(SANTE, [ARTICLE], publication(), BEGUN, before=3))
    assert [link["href"] for link in links(feed, "prev-archive")] == [f"{BASE}/archive/theme/sante/3.atom"]
    assert feed.find(HISTORY) is None
    assert links(root(ARTICLE), "prev-archive") == []


def test_an_archive_says_so_and_leads_to_the_one_before_and_to_the_feed():
    feed = etree.fromstring(document(SANTE, [ARTICLE], publication(), BEGUN, number=3, before=2))
    assert feed.find(HISTORY) is not None
    assert [link["href"] for link in links(feed, "self")] == [f"{BASE}/archive/theme/sante/3.atom"]
    assert [link["href"] for link in links(feed, "current")] == [f"{BASE}/theme/sante.atom"]
    assert [link["href"] for link in links(feed, "prev-archive")] == [f"{BASE}/archive/theme/sante/2.atom"]
    assert text(feed, "id") == text(root(ARTICLE), "id")
    first = etree.fromstring(document(SANTE, [ARTICLE], publication(), BEGUN, number=1))
    assert links(first, "prev-archive") == []


def test_a_withdrawn_article_is_told_with_its_id_and_instant():
    gone = (("tag:www.troisrivieres.example.org,2024:1", datetime(2024, 4, 3, 7, tzinfo=UTC)),)
    feed = etree.fromstring(document(SANTE, [ARTICLE], publication(), BEGUN, deleted=gone))
    [told] = feed.findall(DELETED)
    assert dict(told.attrib) == {"ref": gone[0][0], "when": "2024-04-03T09:00:00+02:00"}
    assert root(ARTICLE).find(DELETED) is None


def test_a_hub_is_named_where_there_is_one_and_not_in_archives():
    config = replace_feeds(hub="https://hub.example.org/")
    assert [link["href"] for link in links(root(ARTICLE, config=config), "hub")] == ["https://hub.example.org/"]
    archive = etree.fromstring(document(SANTE, [ARTICLE], config, BEGUN, number=1))
    assert links(archive, "hub") == links(root(ARTICLE), "hub") == []


def test_a_picture_is_shown_beside_its_title_with_its_size():
    found = entry(image=Image(f"{BASE}/media/1f/vue-1200.jpg", "La vue", 1200, 800))
    thumbnail = found.find("{http://search.yahoo.com/mrss/}thumbnail")
    assert dict(thumbnail.attrib) == {"url": f"{BASE}/media/1f/vue-1200.jpg", "width": "1200", "height": "800"}


def test_the_same_input_gives_the_same_bytes_in_any_process_and_locale():
    both = [ARTICLE, replace(ARTICLE, id=ARTICLE.id + "0")]
    here = document(SANTE, both, publication(), BEGUN)
    program = (
        "import sys, pickle; from newsletter.feeds.atom import document, entry;"
        "head, articles, config = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(document(head, [entry(each, config) for each in articles], config))"
    )
    question = pickle.dumps((Head(SANTE, max(map(updated, both))), both, publication()))
    for set_ in ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "fr_FR.UTF-8"}):
        there = subprocess.run(
            [sys.executable, "-c", program], input=question, capture_output=True, check=True, env=os.environ | set_
        )
        assert there.stdout == here


TITLES = [
    "Eau & énergie < 2 °C > 1",
    "Le <b>gras</b> n’est pas du gras",
    "&amp; reste &amp;",
    "Elle dit « oui », \"non\" et 'peut-être'",
    "Fête 🎉👩‍🚒 des voisins",
    "Prix\N{NO-BREAK SPACE}: 12\N{NARROW NO-BREAK SPACE}€",
    "سلام بالعالم وشكرا",
    "]]> <!-- x -->",
]


@pytest.mark.parametrize("title", TITLES)
def test_titles_survive_a_round_trip(title):
    parsed = feedparser.parse(document(SANTE, [replace(ARTICLE, title=title)], publication(), BEGUN))
    assert not parsed.bozo
    assert parsed.entries[0].title == title
    assert parsed.entries[0].title_detail.type == "text/plain"


def as_feedparser_reads_it(text: str) -> bool:
    """feedparser strips the ends, and takes for UTF-8 read as Latin-1 what could be that."""
    try:
        misread = text.encode("latin-1").decode()
    except UnicodeError:
        misread = text
    return text == misread.strip() != ""


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])).filter(as_feedparser_reads_it)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=OFFSETS)


@settings(deadline=None)
@given(title=PLAIN, lead=PLAIN, label=PLAIN, published=INSTANTS, changed=INSTANTS)
def test_any_article_is_read_back_as_it_was(title, lead, label, published, changed):
    article = replace(
        ARTICLE,
        title=title,
        lead=lead,
        terms=(Term("theme", "x", label),),
        published=published,
        updated=max(published, changed),
    )
    parsed = feedparser.parse(document(SANTE, [article], publication(), BEGUN), sanitize_html=False)
    assert not parsed.bozo
    [found] = parsed.entries
    assert (found.id, found.title, found.summary, found.tags[0].label) == (article.id, title, lead, label)
    assert found.published_parsed[:6] == published.astimezone(UTC).timetuple()[:6]
    assert found.updated_parsed[:6] == article.updated.astimezone(UTC).timetuple()[:6]


@settings(deadline=None)
@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_no_text_whatever_breaks_the_document(text, more):
    article = replace(
        ARTICLE,
        title=text,
        lead=more,
        html=text + more,
        url=f"{BASE}/{text}",
        terms=(Term("theme", "x", text),),
        attachments=(Attachment(f"{BASE}/{more}", text, "text/plain"),),
    )
    config = publication(name=f"x{text}", rights=more)
    data = document(replace(SANTE, title=text, subtitle=more), [article], config, BEGUN)
    assert data == document(replace(SANTE, title=text, subtitle=more), [article], config, BEGUN)
    assert len(etree.fromstring(data).findall(f"{ATOM}entry")) == 1
