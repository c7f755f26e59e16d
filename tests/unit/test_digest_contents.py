"""What an issue holds: which articles each of its sections takes, in which order, printed by which piece."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from newsletter.configfile import parse
from newsletter.digest.contents import contents, flash
from newsletter.digest.letter import Contents, Form
from newsletter.model import Article, EventDate, Image, Origin
from newsletter.terms import Trees
from tests.letters import AGENDA, CALL, NEWS, article, at

NOW = at(2024, 4, 2, 9)
BASE = "https://www.troisrivieres.example.org"
OURS = Image(f"{BASE}/media/1/quai.png", "Un quai", 1200, 600)


def made(sections: list[dict[str, Any]], *articles: Article, pinned: tuple[int, ...] = (), **more: Any) -> Contents:
    document = {
        "site": {"name": "Centre", "url": BASE},
        "taxonomies": {"type": {"label": "Type", "events": ["agenda"]}, "theme": {"label": "Thème"}},
        "sources": {"nous": {"path": "articles"}, "partenaires": {"url": "https://www.example.com/feed"}},
        "lists": {"lettre": {"title": "La lettre", "sender": {"address": "l@example.org"}, "sections": sections}},
    }
    return contents(parse(document | more), "lettre", "lettre/2024-04-02", 3, NOW, articles, pinned, [], Trees([]))


def orders(found: Contents) -> list[tuple[int, ...]]:
    return [heading.order for heading in found.headings]


def test_the_newest_with_a_picture_leads() -> None:
    found = made(
        [{"title": "À la une", "select": "top"}], article(1, "a"), article(2, "b", image=OURS), article(3, "c")
    )
    assert orders(found) == [(1,)]
    assert (found.headings[0].max, found.headings[0].layout, found.headings[0].form) == (1, "top", Form.FULL)


def test_what_staff_pinned_leads_before_that_with_or_without_a_picture() -> None:
    top = {"title": "À la une", "select": "top", "filter": {"type": ["actualites"]}}
    some = (article(1, "a", image=OURS), article(2, "b", terms=(AGENDA,)), article(3, "c", image=OURS, terms=(CALL,)))
    assert orders(made([top], *some, pinned=(1, 2))) == [(1, 2, 0)]
    assert orders(made([top], *some)) == [(0,)]


def test_a_picture_of_another_site_does_not_lead() -> None:
    elsewhere = article(1, "a", image=Image("https://www.example.com/a.png"))
    assert orders(made([{"title": "À la une", "select": "top"}], elsewhere)) == [()]


def test_a_section_takes_what_certain_sources_wrote() -> None:
    mine, theirs = article(1, "a", source=Origin("nous", "", "")), article(2, "b", source=Origin("partenaires", "", ""))
    sections = [{"title": "Vu ailleurs", "sources": ["partenaires"]}, {"title": "Actualités"}]
    assert orders(made(sections, mine, theirs)) == [(1,), (0, 1)]


def test_events_stand_by_their_next_date_and_calls_by_their_deadline() -> None:
    def day(number: int, days: int, **facts: Any) -> Article:
        return article(number, "x", terms=(AGENDA,), dates=(EventDate(NOW + timedelta(days=days)),), **facts)

    call = article(9, "y", terms=(CALL,), deadline=NOW + timedelta(days=4))
    found = made(
        [{"title": "Agenda", "select": "upcoming", "horizon": 30}], day(1, 9), call, day(2, 3), day(3, 31), day(4, -1)
    )
    assert orders(found) == [(2, 1, 0)]
    assert found.headings[0].layout == "upcoming"


@pytest.mark.parametrize(("written", "piece"), [({}, "article"), ({"layout": "carte"}, "carte")])
def test_a_section_may_name_its_piece(written: dict[str, str], piece: str) -> None:
    assert made([{"title": "Actualités", **written}]).headings[0].layout == piece


def test_dates_that_are_no_event_are_not_told() -> None:
    past, event = EventDate(at(2023, 1, 5)), EventDate(at(2024, 4, 11, 9))
    old = article(1, "a", terms=(NEWS,), dates=(past, event))
    fair = article(2, "b", terms=(AGENDA,), dates=(past, event))
    assert [one.dates for one in made([], old, fair).articles] == [(event,), (past, event)]


def test_an_issue_keeps_the_look_of_its_day_and_knows_whether_there_are_calendars() -> None:
    assert made([], brand={"colour": "#1d4f91"}).brand.colour == "#1d4f91"
    assert made([]).calendars
    assert not made([], feeds={"formats": ["atom"]}).calendars


def test_a_flash_letter_shows_its_article_large() -> None:
    config = parse(
        {
            "site": {"name": "Centre", "url": BASE},
            "lists": {"lettre": {"title": "La lettre", "sender": {"address": "l@example.org"}}},
        }
    )
    [heading] = flash(config, "lettre", "lettre/2024-04-02", NOW, article(1, "a")).headings
    assert (heading.order, heading.layout) == ((0,), "top")
