"""The tree of feeds as OPML 2.0 and feed readers see it."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.feeds import opml
from newsletter.feeds.tree import Feed, tree
from newsletter.model import Term

BASE = "https://www.troisrivieres.example.org"
NAME = "Centre de ressources des Trois Rivières"
TERMS = (
    Term("territoire", "region", "Région"),
    Term("territoire", "nord", "Nord", parent="region"),
    Term("territoire", "docks", "Les Docks", parent="nord"),
    Term("theme", "sante", "Santé"),
)


def publication(formats: Sequence[str] = ("atom", "rss", "json", "html"), language: str = "fr") -> Config:
    saved = {"title": {"fr": "Santé au nord", "en": "Health up north"}, "filter": {"theme": ["sante"]}}
    return parse(
        {
            "site": {"name": NAME, "url": f"{BASE}/", "language": language},
            "taxonomies": {
                "theme": {"label": {"fr": "Thème", "en": "Theme"}},
                "territoire": {"label": {"fr": "Territoire", "en": "Place"}},
            },
            "feeds": {"formats": formats, "filters": {"sante-nord": saved}},
        }
    )


def body(config: Config, feeds: Sequence[Feed] | None = None) -> etree._Element:
    feeds = tree(config, TERMS) if feeds is None else feeds
    return etree.fromstring(opml.document(feeds, config)).find("body")


def shape(outline: etree._Element) -> list[object]:
    """What a reader shows: names, and below each folder what is in it."""
    return [[each.get("text"), shape(each)] if len(each) else each.get("text") for each in outline]


def subscribed(outline: etree._Element) -> Iterator[str]:
    """What a feed reader finds: one that has met a feed does not look for others inside it."""
    for each in outline:
        if address := each.get("xmlUrl"):
            yield address
        else:
            yield from subscribed(each)


def test_the_document_is_opml_2_and_tells_whose_it_is():
    config = publication()
    data = opml.document(tree(config, TERMS), config)
    root = etree.fromstring(data)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<opml ")
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert {each.tag: each.text for each in root.find("head")} == {"title": NAME, "ownerName": NAME}


def test_feeds_hang_below_what_holds_them_and_saved_filters_together():
    assert shape(body(publication())) == [
        "Toutes les publications",
        ["Thème", ["Thème\xa0: toutes les publications", "Santé"]],
        [
            "Territoire",
            [
                "Territoire\xa0: toutes les publications",
                ["Région", ["Région", ["Nord", ["Nord", "Les Docks"]]]],
            ],
        ],
        ["Sélections", ["Santé au nord"]],
    ]


def test_folders_speak_the_language_of_the_site():
    folders = [each.get("text") for each in body(publication(language="en")) if len(each)]
    assert folders == ["Theme", "Place", "Selections"]


def test_a_reader_finds_every_feed_once():
    config = publication()
    found = list(subscribed(body(config)))
    assert sorted(found) == sorted(f"{BASE}/{feed.path}.atom" for feed in tree(config, TERMS))


def test_a_feed_is_told_with_all_that_a_reader_shows_before_it_asks_for_it():
    [found] = body(publication()).xpath("//outline[@text='Santé']")
    assert dict(found.attrib) == {
        "text": "Santé",
        "title": f"Santé – {NAME}",
        "description": "Thème\xa0: Santé",
        "type": "rss",
        "xmlUrl": f"{BASE}/theme/sante.atom",
        "htmlUrl": f"{BASE}/theme/sante.html",
    }


@pytest.mark.parametrize(
    ("formats", "ending"), [(["json", "rss", "html"], "rss"), (["html", "json"], "json"), (["rss", "atom"], "atom")]
)
def test_the_richest_format_there_is_is_named(formats, ending):
    assert all(address.endswith(f".{ending}") for address in subscribed(body(publication(formats))))


def test_without_feeds_it_is_a_list_of_pages():
    found = body(publication(["html"]))
    assert list(subscribed(found)) == []
    assert dict(found[0].attrib) == {
        "text": "Toutes les publications",
        "type": "link",
        "url": f"{BASE}/all.html",
    }


def test_without_taxonomies_and_filters_there_is_one_feed():
    config = parse({"site": {"name": NAME, "url": BASE}})
    assert shape(body(config, tree(config, ()))) == ["Toutes les publications"]


def test_terms_that_hold_each_other_in_a_circle_or_hang_on_nothing_are_not_lost():
    feeds = [
        Feed("all", "Tout"),
        Feed("a", "A", parent="b"),
        Feed("b", "B", parent="a"),
        Feed("c", "C", parent="c"),
        Feed("d", "D", parent="nowhere"),
    ]
    found = list(subscribed(body(publication(), feeds)))
    assert sorted(found) == sorted(f"{BASE}/{feed.path}.atom" for feed in feeds)


def test_the_same_feeds_give_the_same_bytes_in_any_process():
    config = publication()
    program = (
        "import sys, pickle; from newsletter.feeds.opml import document;"
        "sys.stdout.buffer.write(document(*pickle.load(sys.stdin.buffer)))"
    )
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", program],
            input=pickle.dumps((tree(config, TERMS), config)),
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Tokyo"},
        )
        assert there.stdout == opml.document(tree(config, TERMS), config)


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
@example("a\ud800\x00\x85b\ufffe")
def test_no_name_whatever_breaks_the_document(text):
    config = publication()
    feeds = tree(config, [*TERMS, Term("theme", "x", text), Term("theme", "y", text, parent="x")])
    found = body(config, feeds)
    assert len(list(subscribed(found))) == len(feeds)
    assert opml.document(feeds, config) == opml.document(feeds, config)
