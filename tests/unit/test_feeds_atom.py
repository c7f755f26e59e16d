"""Atom documents as the standard and their readers see them."""

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.feeds.atom import document, updated
from newsletter.feeds.tree import Feed
from newsletter.model import Article, Attachment, Term

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
BASE = "https://www.troisrivieres.example.org"
BEGUN = datetime(2024, 1, 2, 8, tzinfo=UTC)
SANTE = Feed("theme/sante", "Santé", "Thème\xa0: Santé", {"theme": frozenset({"sante"})})
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
    assert links(feed, "alternate") == [{"href": f"{BASE}/index.html", "rel": "alternate", "type": "text/html"}]


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
    removal = ARTICLE.updated + timedelta(days=1)
    later = etree.fromstring(document(SANTE, [ARTICLE], publication(), removal))
    assert datetime.fromisoformat(text(later, "updated")) == removal


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


def test_the_same_input_gives_the_same_bytes_in_any_process_and_locale():
    here = document(SANTE, [ARTICLE, replace(ARTICLE, id=ARTICLE.id + "0")], publication(), BEGUN)
    program = (
        "import sys, pickle; from newsletter.feeds.atom import document;"
        "sys.stdout.buffer.write(document(*pickle.load(sys.stdin.buffer)))"
    )
    question = pickle.dumps((SANTE, [ARTICLE, replace(ARTICLE, id=ARTICLE.id + "0")], publication(), BEGUN))
    for changed in ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "fr_FR.UTF-8"}):
        there = subprocess.run(
            [sys.executable, "-c", program], input=question, capture_output=True, check=True, env=os.environ | changed
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
