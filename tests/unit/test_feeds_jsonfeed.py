"""JSON Feed documents as version 1.1 of the standard and their readers see them."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.config import Config, Source
from newsletter.configfile import parse
from newsletter.feeds import jsonfeed
from newsletter.feeds.head import Head
from newsletter.feeds.parts import updated
from newsletter.feeds.tree import Feed
from newsletter.intake import Desk, read
from newsletter.intake.wording import tidy
from newsletter.model import Article, Attachment, EventDate, Image, Term

BASE = "https://www.troisrivieres.example.org"
NAME = "Centre de ressources des Trois Rivières"
CHANGED = datetime(2024, 5, 3, 8, tzinfo=UTC)
SANTE = Feed("theme/sante", "Santé", "Thème\xa0: Santé", ({"theme": frozenset({"sante"})},), "theme")
ARTICLE = Article(
    id="tag:www.troisrivieres.example.org,2024:91be",
    identity="https://troisrivieres.example.org/actualites/jardin",
    url=f"{BASE}/actualites/jardin",
    title="Le jardin des Tanneries cherche des mains",
    title_source="given",
    lead="Vingt parcelles & un puits.",
    html='<p>Le jardin <a href="https://www.troisrivieres.example.org/x?a=1&amp;b=2">ouvre</a>.</p>',
    text="Le jardin ouvre.",
    lang="fr",
    published=datetime(2024, 3, 26, 14, 15, tzinfo=UTC),
    updated=datetime(2024, 4, 2, 7, 30, tzinfo=UTC),
    terms=(
        Term("theme", "sante", "Santé & soins", "https://vocabulaire.example.org/themes/12"),
        Term("territoire", "nord", "Nord"),
    ),
    attachments=(
        Attachment(f"{BASE}/media/1f/bilan.pdf", "Bilan « 2023 »", "application/pdf", 3_596_616, True),
        Attachment(f"{BASE}/media/2a/carte.png", "Carte", "image/png", 372_695, False),
        Attachment(f"{BASE}/media/3c/note", "", ""),
    ),
    image=Image(f"{BASE}/media/4d/vue.jpg", "La vue", 1200, 800),
)

# What version 1.1 knows: each member with its type, the required ones marked.
FEED = {
    "version!": str, "title!": str, "items!": list, "home_page_url": str, "feed_url": str, "description": str,
    "user_comment": str, "next_url": str, "icon": str, "favicon": str, "authors": list, "language": str,
    "expired": bool, "hubs": list,
}  # fmt: skip
ITEM = {
    "id!": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str,
    "summary": str, "image": str, "banner_image": str, "date_published": str, "date_modified": str, "authors": list,
    "tags": list, "language": str, "attachments": list,
}  # fmt: skip
AUTHOR = {"name": str, "url": str, "avatar": str}
ATTACHMENT = {"url!": str, "mime_type!": str, "title": str, "size_in_bytes": int, "duration_in_seconds": int}
HUB = {"type!": str, "url!": str}


def complaints(record: dict[str, Any], known: dict[str, type]) -> Iterator[str]:
    """Yield what the standard says against a record, and against those in it."""
    allowed = {name.rstrip("!"): kind for name, kind in known.items()}
    yield from (f"{name} is missing" for name in known if name.endswith("!") and name.rstrip("!") not in record)
    for name, value in record.items():
        if name.startswith("_"):
            if not isinstance(value, dict):
                yield f"{name} is no object"
        elif not isinstance(value, allowed.get(name, ())) or isinstance(value, bool) != (allowed[name] is bool):
            yield f"{name}: {value!r} is unknown or of the wrong type"
    inside = {"items": ITEM, "authors": AUTHOR, "attachments": ATTACHMENT, "hubs": HUB}
    for name, kind in inside.items():
        for each in record.get(name, []):
            yield from complaints(each, kind)
    yield from (f"tag {tag!r}" for tag in record.get("tags", []) if not isinstance(tag, str))
    yield from (f"{name} is empty" for name, value in record.items() if name != "items" and value in ("", [], {}, None))
    if known is ITEM and not {"content_html", "content_text"} & record.keys():
        yield "an item has neither content_html nor content_text"
    for name in ("date_published", "date_modified"):
        if name in record and datetime.fromisoformat(record[name]).tzinfo is None:
            yield f"{name} is not of RFC 3339"


def publication(feeds: dict[str, object] | None = None, **site: object) -> Config:
    return parse(
        {
            "site": {"name": NAME, "url": f"{BASE}/", **site},
            "taxonomies": {"theme": {"label": "Thème"}, "territoire": {"label": "Territoire"}},
            "feeds": feeds or {},
        }
    )


def document(articles: Sequence[Article], config: Config | None = None, feed: Feed = SANTE) -> bytes:
    config = config or publication()
    return jsonfeed.document(Head(feed, CHANGED), [jsonfeed.item(each, config) for each in articles], config)


def found(*articles: Article, config: Config | None = None, feed: Feed = SANTE) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(document(articles, config, feed))
    assert list(complaints(read, FEED)) == []
    return read


def item(**changes: object) -> dict[str, Any]:
    [one] = found(replace(ARTICLE, **changes))["items"]
    return one


# --- J1: the feed -----------------------------------------------------------------------------------------------------


def test_the_feed_names_itself_as_the_standard_asks():
    told = found(ARTICLE)
    del told["items"]
    assert told == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Santé – {NAME}",
        "description": "Thème\xa0: Santé",
        "home_page_url": f"{BASE}/theme/sante.html",
        "feed_url": f"{BASE}/theme/sante.json",
        "language": "fr",
        "authors": [{"name": NAME, "url": f"{BASE}/"}],
    }


def test_an_empty_feed_is_a_whole_one():
    assert found()["items"] == []


def test_icon_and_hub_are_named_where_there_are_any():
    told = found(config=publication({"icon": f"{BASE}/icône.png", "hub": "https://hub.example.org/"}))
    assert told["icon"] == f"{BASE}/ic%C3%B4ne.png"
    assert told["hubs"] == [{"type": "WebSub", "url": "https://hub.example.org/"}]


def test_the_document_is_utf_8_an_item_a_line():
    lines = document([ARTICLE, replace(ARTICLE, html="<p>a</p>\n<p>b</p>")]).decode().splitlines()
    assert [line[:6] for line in lines] == ['{"vers', '{"id":', '{"id":', "]}"]
    assert "Santé" in lines[0]


# --- J1: the items ----------------------------------------------------------------------------------------------------


def test_the_item_holds_the_article():
    told = item()
    for name in ("attachments", "_newsletter", "date_modified"):
        del told[name]
    assert told == {
        "id": ARTICLE.id,
        "url": ARTICLE.url,
        "title": ARTICLE.title,
        "summary": ARTICLE.lead,
        "content_html": ARTICLE.html,
        "image": f"{BASE}/media/4d/vue.jpg",
        "date_published": "2024-03-26T15:15:00+01:00",
        "tags": ["Nord", "Santé & soins"],
    }


def test_all_formats_tell_one_instant_of_change():
    assert datetime.fromisoformat(item()["date_modified"]) == updated(ARTICLE)


@pytest.mark.parametrize(
    ("html", "lead", "content", "summary"),
    [
        ("", "", {"content_text": ARTICLE.title}, None),
        (" ", "Un mot.", {"content_text": "Un mot."}, "Un mot."),
        ("<p>x</p>", "", {"content_html": "<p>x</p>"}, None),
        ("<p>x</p>", "Un mot.", {"content_html": "<p>x</p>"}, "Un mot."),
    ],
)
def test_something_is_always_said_and_nothing_is_empty(html, lead, content, summary):
    told = item(html=html, lead=lead)
    assert {name: told[name] for name in told if name.startswith("content_")} == content
    assert told.get("summary") == summary


@pytest.mark.parametrize("title", ["", " \xa0", "\x00\ufffe"])
def test_a_title_of_nothing_gives_way_to_the_address(title):
    assert item(title=title)["title"] == ARTICLE.url


def test_an_article_of_nothing_is_an_item():
    told = item(title="", lead="", html="", terms=(), attachments=(), image=None)
    assert set(told) == {"id", "url", "title", "content_text", "date_published", "date_modified"}


@pytest.mark.parametrize(("lang", "shown"), [("fr", None), ("FR", None), ("", None), ("en", "en"), ("pt_BR", "pt-BR")])
def test_an_item_says_its_language_only_where_it_differs(lang, shown):
    assert item(lang=lang).get("language") == shown


def test_attachments_say_only_what_is_known():
    assert item()["attachments"] == [
        {
            "url": f"{BASE}/media/1f/bilan.pdf",
            "mime_type": "application/pdf",
            "title": "Bilan « 2023 »",
            "size_in_bytes": 3_596_616,
        },
        {"url": f"{BASE}/media/2a/carte.png", "mime_type": "image/png", "title": "Carte"},
        {"url": f"{BASE}/media/3c/note", "mime_type": "application/octet-stream"},
    ]


def test_terms_are_told_with_their_taxonomies_once_each_in_a_steady_order():
    expected = [
        {"taxonomy": "territoire", "slug": "nord", "label": "Nord"},
        {
            "taxonomy": "theme",
            "slug": "sante",
            "label": "Santé & soins",
            "iri": "https://vocabulaire.example.org/themes/12",
        },
    ]
    for terms in (ARTICLE.terms, ARTICLE.terms[::-1], ARTICLE.terms * 2, (*ARTICLE.terms, Term("theme", "", "?"))):
        told = item(terms=terms)
        assert told["_newsletter"]["terms"] == expected
        assert told["tags"] == ["Nord", "Santé & soins"]
    both = item(terms=(Term("theme", "nord", "Nord"), Term("territoire", "nord", "Nord")))
    assert both["tags"] == ["Nord"]


def test_events_and_deadlines_are_told():
    zone = timezone(timedelta(hours=-4))
    dates = (
        EventDate(datetime(2024, 5, 10, 12, tzinfo=UTC), datetime(2024, 5, 10, 14, tzinfo=UTC)),
        EventDate(datetime(2024, 6, 1, tzinfo=zone), datetime(2024, 6, 3, tzinfo=zone), all_day=True),
        EventDate(datetime(2024, 7, 1, 8, tzinfo=UTC)),
    )
    told = item(dates=dates, deadline=datetime(2024, 4, 30, 21, 59, tzinfo=UTC))["_newsletter"]
    assert told["dates"] == [
        {"start": "2024-05-10T14:00:00+02:00", "end": "2024-05-10T16:00:00+02:00", "all_day": False},
        {"start": "2024-06-01T00:00:00-04:00", "end": "2024-06-03T00:00:00-04:00", "all_day": True},
        {"start": "2024-07-01T10:00:00+02:00", "all_day": False},
    ]
    assert told["deadline"] == "2024-04-30T23:59:00+02:00"


def test_addresses_are_uris():
    told = item(url=f"{BASE}/é è?f[0]=a", image=Image(f"{BASE}/é.jpg"))
    assert (told["url"], told["image"]) == (f"{BASE}/%C3%A9%20%C3%A8?f%5B0%5D=a", f"{BASE}/%C3%A9.jpg")


def test_items_keep_the_order_they_are_given_in():
    ids = [f"tag:www.troisrivieres.example.org,2024:{n}" for n in (2, 3, 1)]
    assert [each["id"] for each in found(*(replace(ARTICLE, id=id) for id in ids))["items"]] == ids


def test_the_same_input_gives_the_same_bytes_in_any_process_and_locale():
    both = [ARTICLE, replace(ARTICLE, id=ARTICLE.id + "0", terms=ARTICLE.terms[::-1])]
    program = (
        "import sys, pickle; from newsletter.feeds.jsonfeed import document, item;"
        "head, articles, config = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(document(head, [item(each, config) for each in articles], config))"
    )
    question = pickle.dumps((Head(SANTE, CHANGED), both, publication()))
    for set_ in ({"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}, {"PYTHONHASHSEED": "2", "LC_ALL": "C"}):
        there = subprocess.run(
            [sys.executable, "-c", program], input=question, capture_output=True, check=True, env=os.environ | set_
        )
        assert there.stdout == document(both)


# --- what readers make of it ------------------------------------------------------------------------------------------

TITLES = [
    "Eau & énergie < 2 °C > 1",
    "Le <b>gras</b> n’est pas du gras",
    "&amp; reste &amp;",
    "Elle dit « oui », \"non\" et 'peut-être' \\ \\n",
    "Fête 🎉👩‍🚒 des voisins",
    "Prix\N{NO-BREAK SPACE}: 12\N{NARROW NO-BREAK SPACE}€",
    "سلام بالعالم وشكرا",
    "]]> <!-- x --> </script>",
]


@pytest.mark.parametrize("title", TITLES)
def test_titles_survive_a_round_trip(title):
    told = item(title=title, lead=title, terms=(Term("theme", "x", title),))
    assert (told["title"], told["summary"], told["tags"]) == (title, title, [title])


def desk() -> Desk:
    """Another site that collects the feed."""
    now = datetime(2024, 6, 1, 9, tzinfo=UTC)
    config = parse(
        {
            "site": {"name": "Réseau des centres", "url": "https://reseau.example.org"},
            "taxonomies": {"theme": {"label": "Thème", "fields": ["category"]}},
        }
    )
    return Desk(config.site, config.base, config.taxonomies, Source(path="x"), "centre", now, lambda _: None)


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60).filter(lambda s: tidy(s) == s)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1990, 1, 2), datetime(2024, 5, 1), timezones=OFFSETS)


@settings(deadline=None)
@given(
    title=WORDS,
    lead=WORDS,
    label=st.from_regex("[a-z]{1,9}", fullmatch=True),
    published=INSTANTS,
    changed=INSTANTS,
    size=st.integers(1, 10**12),
)
def test_a_site_that_collects_the_feed_has_the_article_as_it_was(title, lead, label, published, changed, size):
    article = replace(
        ARTICLE,
        title=title,
        lead=lead,
        lang="en-gb",
        terms=(Term("theme", label, label),),
        published=published,
        updated=max(published, changed),
        attachments=(Attachment(f"{BASE}/media/1f/bilan.pdf", title, "application/pdf", size, True),),
        image=Image(f"{BASE}/media/4d/vue.jpg"),
    )
    [theirs] = read(document([article]), "all.json", desk())
    assert (theirs.identity, theirs.url) == (article.identity, article.url)
    assert (theirs.title, theirs.lead, theirs.html) == (title, lead, article.html)
    assert (theirs.lang, theirs.image) == ("en-gb", article.image)
    assert (theirs.published, theirs.modified) == (article.published, updated(article))
    assert [(term.taxonomy, term.slug, term.label) for term in theirs.terms] == [("theme", label, label)]
    assert theirs.attachments == article.attachments
    assert theirs.warnings == ()


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
        terms=(Term("theme", "x" + text, more, text),),
        attachments=(Attachment(f"{BASE}/{more}", text, more),),
        image=Image(f"{BASE}/{text}"),
    )
    config = publication({"icon": f"{BASE}/{more}", "hub": f"{BASE}/{text}"}, name=f"x{text}")
    told = found(article, config=config, feed=replace(SANTE, title=text, subtitle=more))
    assert len(told["items"]) == 1
