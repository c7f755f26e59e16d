"""docs/reference/feeds.md says what feeds are: formats, numbers, and an item as the program writes it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsletter import events
from newsletter.config import FeedSettings
from newsletter.configfile import parse
from newsletter.feeds import atom, jsonfeed, opml
from newsletter.feeds.forms import FORMS
from newsletter.model import Article, Attachment, Changes, EventDate, Image, Occasion, Term
from newsletter.pipeline.documents.calendars import MOST
from newsletter.pipeline.documents.feeds import TOMBSTONES
from newsletter.store.entries import VOLUME
from tests.docs.pages import blocks, codes, read, sections

PAGE_OF_FEEDS = read("docs/reference/feeds.md")
BASE = "https://www.example.org"
NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)


def part(heading: str) -> str:
    return next(section.text for section in sections(PAGE_OF_FEEDS) if section.heading == heading)


def test_every_format_is_told_with_its_media_type() -> None:
    rows = next(section.rows() for section in sections(PAGE_OF_FEEDS) if section.heading == "Formats")
    told = {codes(row[0])[0].removeprefix("."): codes(row[2])[0] for row in rows if row[0].startswith("`.")}
    assert {ending: told.get(ending) for ending in FORMS} == {ending: form.media_type for ending, form in FORMS.items()}
    assert set(FeedSettings().formats) <= set(told)
    assert f"`{opml.MEDIA_TYPE}`" in part("Formats")


def test_the_numbers_are_those_of_the_program() -> None:
    assert f"the newest {FeedSettings().entries}," in " ".join(part("Formats").split())
    assert f"{VOLUME} articles each" in part("Archives")
    assert f"the newest {TOMBSTONES} of them" in part("What leaves")


def test_the_item_is_what_the_program_writes() -> None:
    article = Article(
        "tag:www.example.org,2024:3f9a0c",
        "articles/jardin",
        f"{BASE}/articles/jardin.html",
        "Un jardin partagé aux Tanneries",
        "given",
        "Vingt parcelles et un puits.",
        "<p>Le jardin ouvre en mai.</p>",
        "Le jardin ouvre en mai.",
        "fr",
        datetime(2024, 3, 26, 14, 15, tzinfo=UTC),
        datetime(2024, 4, 2, 7, 30, microsecond=7, tzinfo=UTC),
        terms=(Term("theme", "sante", "Santé", f"{BASE}/themes/12"),),
        dates=(EventDate(datetime(2024, 5, 10, 12, tzinfo=UTC), datetime(2024, 5, 10, 14, tzinfo=UTC)),),
        deadline=datetime(2024, 4, 30, 21, 59, tzinfo=UTC),
        attachments=(Attachment(f"{BASE}/media/1f/plan.pdf", "Le plan", "application/pdf", 4321, True),),
        image=Image(f"{BASE}/media/4d/vue.jpg"),
    )
    config = parse({"site": {"name": "Centre de ressources", "url": BASE}})
    [told] = blocks(PAGE_OF_FEEDS, "json")
    assert json.loads(told) == json.loads(jsonfeed.item(article, config))
    assert list(json.loads(told)) == list(json.loads(jsonfeed.item(article, config)))
    assert atom.updated(article) == article.updated


def test_the_numbers_of_calendars_are_those_of_the_program() -> None:
    told = part("Calendars")
    assert f"the {MOST} events that end last" in told
    assert f"every {events.REFRESH // timedelta(hours=1)} hours" in told
    article = Article("tag:x", "x", f"{BASE}/x", "Titre", "given", "Chapô.", "", "", "fr", NOON, NOON, arrival=1)
    tagged = replace(article, terms=(Term("theme", "sante", "Santé"),))
    occasion = Occasion(1, EventDate(NOON, NOON + timedelta(hours=1)))
    entry = events.entry(tagged, [occasion], Changes(), parse({"site": {"name": "Centre", "url": BASE}}))
    written = {line.partition(":")[0] for line in entry.decode().split("\r\n")} - {"BEGIN", "END", "TRANSP", ""}
    rows = next(section.rows() for section in sections(PAGE_OF_FEEDS) if section.heading == "Calendars")
    assert {name for row in rows for name in codes(row[1])} - {"CONFIRMED", "CANCELLED"} == written
    assert b"TRANSP:TRANSPARENT" in entry
    assert "`TRANSP:TRANSPARENT`" in told
