"""RSS documents as the standard, the profile and their readers see them."""

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from pathlib import Path

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.feeds import rss
from newsletter.feeds.head import Head
from newsletter.feeds.parts import updated, uri
from newsletter.feeds.tree import Feed
from newsletter.model import Article, Attachment, Image, Term

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
THUMBNAIL = "{http://search.yahoo.com/mrss/}thumbnail"
BASE = "https://www.troisrivieres.example.org"
NAME = "Centre de ressources des Trois Rivières"
CHANGED = datetime(2024, 5, 3, 8, tzinfo=UTC)
SANTE = Feed("theme/sante", "Santé", "Thème\xa0: Santé", ({"theme": frozenset({"sante"})},), "theme")
ARTICLE = Article(
    id="tag:www.troisrivieres.example.org,2024:7c1d",
    identity=f"{BASE}/actualites/passerelle",
    url=f"{BASE}/actualites/passerelle",
    title="La passerelle du Thiel rouvre aux piétons",
    title_source="given",
    lead="Six mois de travaux & une crue.",
    html='<p>La passerelle <a href="https://www.troisrivieres.example.org/x?a=1&amp;b=2">rouvre</a>.</p>',
    text="La passerelle rouvre.",
    lang="fr",
    published=datetime(2024, 2, 26, 14, 15, tzinfo=UTC),
    updated=datetime(2024, 4, 2, 7, 30, tzinfo=UTC),
    terms=(Term("theme", "sante", "Santé & soins"), Term("territoire", "nord", "Nord")),
    attachments=(
        Attachment(f"{BASE}/media/2a/plan.png", "Plan", "image/png", 372_695, False),
        Attachment(f"{BASE}/media/1f/bilan.pdf", "Bilan", "application/pdf", 3_596_616, True),
        Attachment(f"{BASE}/media/3c/arrete.pdf", "Arrêté", "application/pdf", 12, True),
    ),
)


def publication(feeds: dict[str, object] | None = None, **site: object) -> Config:
    return parse(
        {
            "site": {"name": NAME, "url": f"{BASE}/", "rights": "Licence ouverte 2.0", **site},
            "taxonomies": {
                "theme": {"label": "Thème", "iri": "https://vocabulaire.example.org/themes"},
                "territoire": {"label": "Territoire"},
            },
            "feeds": feeds or {},
        }
    )


def document(articles: Sequence[Article], config: Config | None = None, feed: Feed = SANTE) -> bytes:
    config = config or publication()
    return rss.document(Head(feed, CHANGED), [rss.item(article, config) for article in articles], config)


def channel(*articles: Article, config: Config | None = None, feed: Feed = SANTE) -> etree._Element:
    root = etree.fromstring(document(articles, config, feed))
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    return root[0]


def item(**changes: object) -> etree._Element:
    [found] = channel(replace(ARTICLE, **changes)).findall("item")
    return found


# --- R1, R5: the channel ----------------------------------------------------------------------------------------------


def test_the_channel_names_itself_as_the_standard_asks():
    found = channel(ARTICLE)
    told = {each.tag: each.text for each in found if each.tag != "item" and each.text}
    assert told == {
        "title": f"Santé – {NAME}",
        "link": f"{BASE}/theme/sante.html",
        "description": "Thème\xa0: Santé",
        "language": "fr",
        "copyright": "Licence ouverte 2.0",
        "lastBuildDate": "Fri, 03 May 2024 10:00:00 +0200",
        "generator": told["generator"],
        "docs": "http://www.rssboard.org/rss-specification",
    }
    assert told["generator"].startswith("newsletter ")
    [own] = found.findall(f"{ATOM}link")
    assert dict(own.attrib) == {"href": f"{BASE}/theme/sante.rss", "rel": "self", "type": "application/rss+xml"}


def test_a_feed_without_words_about_it_is_described_by_its_title():
    assert channel(feed=replace(SANTE, subtitle=" ")).findtext("description") == f"Santé – {NAME}"


def test_an_item_of_nothing_but_a_title_says_that():
    [found] = channel(replace(ARTICLE, html="", lead="")).findall("item")
    assert found.findtext("description") == ARTICLE.title


def test_an_empty_feed_is_a_whole_one():
    assert channel().findall("item") == []
    assert not feedparser.parse(document([])).bozo


def test_a_logo_is_the_picture_of_the_channel_and_says_what_the_channel_says():
    found = channel(config=publication({"logo": f"{BASE}/logo été.png"}))
    picture = {each.tag: each.text for each in found.find("image")}
    assert picture == {
        "url": f"{BASE}/logo%20%C3%A9t%C3%A9.png",
        "title": found.findtext("title"),
        "link": found.findtext("link"),
    }
    assert channel().find("image") is None


def test_a_hub_is_named_where_there_is_one():
    found = channel(config=publication({"hub": "https://hub.example.org/"})).findall(f"{ATOM}link[@rel='hub']")
    assert [each.get("href") for each in found] == ["https://hub.example.org/"]


def test_what_describes_the_channel_stands_before_its_items():
    config = publication({"hub": "https://hub.example.org/", "logo": f"{BASE}/logo.png"})
    tags = [each.tag for each in channel(ARTICLE, ARTICLE, config=config)]
    assert tags[-2:] == ["item", "item"]
    assert "item" not in tags[:-2]


def test_namespaces_are_declared_once_around_all_items():
    several = [replace(ARTICLE, image=Image(f"{BASE}/vue.jpg"), lang="en")] * 3
    data = document(several)
    opening = data[: data.index(b"<channel>")]
    assert (data.count(b"xmlns"), opening.count(b"xmlns")) == (4, 4)


# --- R2 to R5: the items ----------------------------------------------------------------------------------------------


def test_the_item_holds_the_article():
    found = item()
    assert found.findtext("title") == ARTICLE.title
    assert found.findtext("link") == ARTICLE.url
    assert found.findtext(CONTENT) == ARTICLE.html
    assert found.findtext(f"{DC}creator") == NAME
    assert found.find("author") is None
    assert datetime.fromisoformat(found.findtext(f"{ATOM}updated")) == updated(ARTICLE)


def test_the_guid_is_the_id_of_all_feeds_and_no_address():
    guid = item().find("guid")
    assert (guid.text, dict(guid.attrib)) == (ARTICLE.id, {"isPermaLink": "false"})
    assert len(channel(ARTICLE).findall("item/guid")) == 1


def test_a_description_is_html_and_stands_before_the_content():
    found = item(lead="Moins de 2 < 3 & <b>gras</b>")
    assert found.findtext("description") == "Moins de 2 &lt; 3 &amp; &lt;b&gt;gras&lt;/b&gt;"
    tags = [each.tag for each in found]
    assert tags.index("description") < tags.index(CONTENT)


@pytest.mark.parametrize(
    ("html", "lead", "description", "content"),
    [
        ("", "", ARTICLE.title, None),
        ("", "Un mot.", "Un mot.", None),
        ("<p>x</p>", " ", "<p>x</p>", None),
        ("<p>x</p>", "Un mot.", "Un mot.", "<p>x</p>"),
    ],
)
def test_nothing_is_said_twice_and_nothing_is_empty(html, lead, description, content):
    found = item(html=html, lead=lead)
    assert (found.findtext("description"), found.findtext(CONTENT)) == (description, content)
    assert [each.tag for each in found.iter() if not (each.text or "").strip() and not each.attrib] == ["item"]


@pytest.mark.parametrize("title", ["", " \xa0", "\x00\ufffe"])
def test_a_title_of_nothing_gives_way_to_the_address(title):
    assert item(title=title).findtext("title") == ARTICLE.url


def test_dates_are_english_with_four_digits_in_the_offset_of_the_site():
    assert item().findtext("pubDate") == "Mon, 26 Feb 2024 15:15:00 +0100"
    old = datetime(1905, 12, 9, 12, tzinfo=UTC)
    assert item(published=old, updated=old).findtext("pubDate") == "Sat, 09 Dec 1905 12:00:00 +0000"


def test_categories_have_the_address_of_their_taxonomy_in_a_steady_order():
    expected = [("Nord", f"{BASE}/territoire/"), ("Santé & soins", "https://vocabulaire.example.org/themes")]
    for terms in (ARTICLE.terms, ARTICLE.terms[::-1], ARTICLE.terms * 2):
        assert [(c.text, c.get("domain")) for c in item(terms=terms).findall("category")] == expected
    assert item(terms=()).findall("category") == []
    assert item(terms=(Term("theme", "eau", " "),)).findtext("category") == "eau"
    same = (Term("theme", "eau", "Eau"), Term("theme", "eaux", "Eau"))
    assert [each.text for each in item(terms=same).findall("category")] == ["Eau"]


def test_the_enclosure_is_the_first_file_whose_length_is_real():
    [found] = item().findall("enclosure")
    expected = {"url": f"{BASE}/media/1f/bilan.pdf", "length": "3596616", "type": "application/pdf"}
    assert dict(found.attrib) == expected


@pytest.mark.parametrize(("size", "exact"), [(None, False), (None, True), (0, True), (372_695, False)])
def test_a_file_of_unknown_length_is_no_enclosure(size, exact):
    file = Attachment(f"{BASE}/media/1f/bilan.pdf", "Bilan", "application/pdf", size, exact)
    assert item(attachments=(file,)).find("enclosure") is None


@pytest.mark.parametrize("kind", ["", "pdf", "text/html; x", "text/\x00"])
def test_a_file_of_unknown_type_says_so(kind):
    file = Attachment(f"{BASE}/media/1f/bilan", "", kind, 5, True)
    assert item(attachments=(file,)).find("enclosure").get("type") == "application/octet-stream"


def test_a_picture_is_shown_beside_its_title_with_its_size():
    thumbnail = item(image=Image(f"{BASE}/media/1f/vue à pied.jpg", "La vue", 1200, 800)).find(THUMBNAIL)
    expected = {"url": f"{BASE}/media/1f/vue%20%C3%A0%20pied.jpg", "width": "1200", "height": "800"}
    assert dict(thumbnail.attrib) == expected
    assert item().find(THUMBNAIL) is None


@pytest.mark.parametrize(("lang", "shown"), [("fr", None), ("FR", None), ("", None), ("en", "en"), ("pt_BR", "pt-BR")])
def test_an_item_says_its_language_only_where_it_differs(lang, shown):
    assert item(lang=lang).findtext(f"{DC}language") == shown


def test_addresses_are_uris():
    hostile = Attachment(f'{BASE}/media/é "b"<c>\x01[1].pdf', "x", "application/pdf", 5, True)
    found = item(url=f"{BASE}/é è?f[0]=a&b=%20", attachments=(hostile,))
    assert found.findtext("link") == f"{BASE}/%C3%A9%20%C3%A8?f%5B0%5D=a&b=%20"
    assert found.find("enclosure").get("url") == f"{BASE}/media/%C3%A9%20%22b%22%3Cc%3E%5B1%5D.pdf"
    assert uri("http://[::1]:8000/a") == "http://[::1]:8000/a"


def test_items_keep_the_order_they_are_given_in():
    ids = [f"tag:www.troisrivieres.example.org,2024:{n}" for n in (2, 3, 1)]
    found = channel(*(replace(ARTICLE, id=name) for name in ids))
    assert [guid.text for guid in found.findall("item/guid")] == ids


def test_the_document_is_utf_8_says_so_and_has_no_doctype():
    data = document([ARTICLE])
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss ")
    assert "Santé".encode() in data
    assert b"<!" not in data


# --- the same everywhere ----------------------------------------------------------------------------------------------

PROGRAM = """
import locale, pickle, sys
from newsletter.feeds.rss import document, item
locale.setlocale(locale.LC_ALL, "")
head, articles, config = pickle.load(sys.stdin.buffer)
sys.stdout.buffer.write(document(head, [item(each, config) for each in articles], config))
sys.stderr.write(locale.setlocale(locale.LC_TIME))
"""


def elsewhere(articles: Sequence[Article], **settings: str) -> subprocess.CompletedProcess[bytes]:
    question = pickle.dumps((Head(SANTE, CHANGED), articles, publication()))
    environment = os.environ | settings
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], input=question, capture_output=True, check=True, env=environment
    )


def test_the_same_input_gives_the_same_bytes_in_any_process():
    both = [ARTICLE, replace(ARTICLE, id=ARTICLE.id + "0")]
    for set_ in ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C"}):
        assert elsewhere(both, **set_).stdout == document(both)


def test_dates_stay_english_where_the_machine_speaks_french(tmp_path: Path):
    folder = tmp_path / "fr_FR.UTF-8"
    compiler = shutil.which("localedef")
    made = compiler and subprocess.run([compiler, "-i", "fr_FR", "-f", "UTF-8", folder], capture_output=True).returncode
    if made != 0:
        pytest.skip("no French locale can be made here: localedef and the sources of locales are needed")
    done = elsewhere([ARTICLE], LC_ALL="fr_FR.UTF-8", LOCPATH=str(tmp_path))
    assert done.stderr == b"fr_FR.UTF-8"
    assert done.stdout == document([ARTICLE])
    assert b"Mon, 26 Feb 2024" in done.stdout


# --- what readers make of it ------------------------------------------------------------------------------------------

TITLES = [
    "Eau & énergie < 2 °C > 1",
    "Le <b>gras</b> n’est pas du gras",
    "&amp; reste &amp;, &lt;b> aussi",
    "Elle dit « oui », \"non\" et 'peut-être'",
    "Fête 🎉👩‍🚒 des voisins",
    "Prix\N{NO-BREAK SPACE}: 12\N{NARROW NO-BREAK SPACE}€",
    "سلام بالعالم وشكرا",
    "]]> <!-- x -->",
    "deux\nlignes\tet une tabulation",
]


@pytest.mark.parametrize("title", TITLES)
def test_titles_are_text_and_survive_every_parser_of_xml(title):
    article = replace(ARTICLE, title=title, lead=title, terms=(Term("theme", "x", title),))
    [found] = channel(article, feed=replace(SANTE, title=title)).findall("item")
    assert (found.findtext("title"), found.findtext("category")) == (title, title)
    assert unescape(found.findtext("description")) == title
    assert found.getparent().findtext("title") == f"{title} – {NAME}"


def test_words_are_written_as_the_profile_asks():
    data = document([replace(ARTICLE, title="a < b & c", terms=(Term("theme", "x", "d < e"),), html="<p>f</p>")])
    assert b"<title>a &#x3C; b &#x26; c</title>" in data
    assert b">d &#x3C; e</category>" in data
    assert b"&lt;p&gt;f&lt;/p&gt;" in data


def as_feedparser_reads_it(text: str) -> bool:
    """feedparser strips the ends, takes words of RSS for HTML, and for UTF-8 read as Latin-1 what could be that."""
    try:
        misread = text.encode("latin-1").decode()
    except UnicodeError:
        misread = text
    return text == misread.strip() != "" and not set(text) & set("<>&")


PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])).filter(as_feedparser_reads_it)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=OFFSETS)
PATHS = st.text("abcé/?&=[]%20 ", max_size=20)


@settings(deadline=None)
@given(title=PLAIN, lead=PLAIN, label=PLAIN, path=PATHS, published=INSTANTS, changed=INSTANTS, size=st.integers(1))
def test_any_article_is_read_back_as_it_was(title, lead, label, path, published, changed, size):
    article = replace(
        ARTICLE,
        title=title,
        lead=lead,
        lang="en",
        url=f"{BASE}/{path}",
        terms=(Term("theme", "x", label),),
        published=published,
        updated=max(published, changed),
        attachments=(Attachment(f"{BASE}/{path}x", "x", "text/csv", size, True),),
        image=Image(f"{BASE}/{path}.jpg"),
    )
    parsed = feedparser.parse(document([article]), sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo
    [found] = parsed.entries
    assert (found.id, found.title, found.summary) == (article.id, title, lead)
    assert (found.link, found.author, found.language) == (uri(article.url), NAME, "en")
    assert [content.value for content in found.content] == [article.html]
    assert [(tag.term, tag.scheme) for tag in found.tags] == [(label, "https://vocabulaire.example.org/themes")]
    [file] = found.enclosures
    assert (file.href, file.type, file.length) == (uri(article.attachments[0].url), "text/csv", str(size))
    assert [picture["url"] for picture in found.media_thumbnail] == [uri(article.image.url)]
    assert found.published_parsed[:6] == published.astimezone(UTC).timetuple()[:6]
    assert found.updated_parsed[:6] == article.updated.astimezone(UTC).timetuple()[:6]


@settings(deadline=None)
@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
@example("a\ud800\x00\x85b\ufffe", "\udfff")
def test_no_text_whatever_breaks_the_document(text, more):
    article = replace(
        ARTICLE,
        title=text,
        lead=more,
        html=text + more,
        url=f"{BASE}/{text}",
        lang=more,
        terms=(Term("theme", "x", text),),
        attachments=(Attachment(f"{BASE}/{more}", text, more, 7, True),),
        image=Image(f"{BASE}/{text}"),
    )
    config = publication({"logo": f"{BASE}/{text}", "hub": f"{BASE}/{more}"}, name=f"x{text}", rights=more)
    data = document([article], config, replace(SANTE, title=text, subtitle=more))
    assert data == document([article], config, replace(SANTE, title=text, subtitle=more))
    assert len(etree.fromstring(data).findall("channel/item")) == 1
