"""Entries that share a page, as those of agendas do, are told apart by what their feed calls them: none is lost."""

import json
import re

import pytest

from newsletter.intake import read

PAGE = "https://www.troisrivieres.example.org/agenda"
BARE = "https://troisrivieres.example.org/agenda"


def entry(title, guid="", link=PAGE, date="Tue, 26 Mar 2024 15:15:00 +0100"):
    named = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<item><title>{title}</title><link>{link}</link>{named}<pubDate>{date}</pubDate></item>"


def rss(*entries):
    return f'<rss version="2.0"><channel><title>Agenda</title>{"".join(entries)}</channel></rss>'.encode()


def jsonfeed(*pairs):
    items = [{"id": id, "url": PAGE, "title": title, "date_published": "2024-03-26"} for title, id in pairs]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def calendar(*pairs):
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{id}\r\nURL:{PAGE}\r\nSUMMARY:{title}\r\nDTSTART:20240426\r\nEND:VEVENT\r\n"
        for title, id in pairs
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n".encode()


def feed(*pairs):
    return rss(*(entry(title, id) for title, id in pairs))


@pytest.mark.parametrize("document", [feed, jsonfeed, calendar])
def test_entries_of_one_page_with_ids_of_their_own_are_articles_of_their_own(desk, document):
    first, second = read(document(("Concert", "ev-1"), ("Visite", "ev-2")), "agenda", desk)
    assert (first.title, second.title) == ("Concert", "Visite")
    assert (first.identity, second.identity) == (f"{BARE}#ev-1", f"{BARE}#ev-2")
    assert (first.url, second.url) == (f"{PAGE}#ev-1", f"{PAGE}#ev-2")
    assert first.id != second.id
    assert not {first.identity, first.url, *first.aliases} & {second.identity, second.url, *second.aliases}


@pytest.mark.parametrize("document", [feed, jsonfeed, calendar])
def test_an_entry_that_has_its_page_alone_is_that_page_and_known_by_its_id_too(desk, document):
    (alone,) = read(document(("Concert", "ev-1")), "agenda", desk)
    assert (alone.identity, alone.url) == (BARE, PAGE)
    assert f"{BARE}#ev-1" in alone.aliases


@pytest.mark.parametrize(
    ("guids", "names"),
    [
        ((PAGE + "#fete", PAGE + "#visite"), ("fete", "visite")),
        (("tag:a.test,2024:1", "tag:a.test,2024:2"), ("tag:a.test,2024:1", "tag:a.test,2024:2")),
        (("b#c", "été ?1&amp;2"), ("b-c-", "ete-1-2-")),
        (("a.1:b,c~d=e+f", "A.1:b,c~d=e+f"), ("a.1:b,c~d=e+f", "A.1:b,c~d=e+f")),
    ],
)
def test_the_part_of_the_page_is_named_so_that_it_can_stand_in_an_address(desk, guids, names):
    first, second = read(rss(*(entry("Un", guid) for guid in guids)), "a.xml", desk)
    for article, name in zip((first, second), names, strict=True):
        written = article.url.removeprefix(f"{PAGE}#")
        assert re.fullmatch(re.escape(name) + ("[0-9a-f]{8}" if name.endswith("-") else ""), written)


def test_an_id_that_is_the_page_itself_keeps_its_name(desk):
    first, second = read(rss(entry("Agenda", PAGE), entry("Visite", "ev-2")), "a.xml", desk)
    assert (first.identity, second.identity) == (BARE, f"{BARE}#ev-2")


def test_an_id_that_is_an_address_serves_as_the_page(desk):
    found = read(rss(*(entry("Un", f"{PAGE}{part}", link="") for part in ("#a", "#b", "/c"))), "a.xml", desk)
    assert [each.url for each in found] == [f"{PAGE}#a", f"{PAGE}#b", f"{PAGE}/c"]
    assert found[2].aliases == ()


def test_what_is_no_address_tells_nothing_and_breaks_nothing(desk):
    found = read(rss(entry("Un", "a", "https://["), entry("Deux", "https://[", "https://["), entry("Trois")), "a", desk)
    assert [each.title for each in found] == ["Un", "Deux", "Trois"]


def test_very_long_ids_are_told_apart(desk):
    found = read(rss(*(entry("Un", "x" * 3000 + end) for end in "ab")), "a.xml", desk)
    assert len({each.identity for each in found}) == 2
    assert max(len(each.url) for each in found) < 200


def test_without_ids_titles_and_dates_tell_them_apart(desk):
    later = "Tue, 02 Apr 2024 15:15:00 +0200"
    found = read(rss(entry("Permanence"), entry("Permanence", date=later), entry("Visite")), "a.xml", desk)
    assert len({each.identity for each in found}) == 3
    assert [each.url.partition("#")[2] for each in found] == [
        "permanence-2024-03-26", "permanence-2024-04-02", "visite-2024-03-26",
    ]  # fmt: skip
    anchors = read(rss(entry("Un", link=f"{PAGE}#a"), entry("Un", link=f"{PAGE}#b")), "a.xml", desk)
    assert [each.url for each in anchors] == [f"{PAGE}#a", f"{PAGE}#b"]


def test_what_nothing_tells_apart_is_told_with_both_names(desk):
    found = read(rss(entry("Concert", "ev-1"), entry("Visite", "ev-1"), entry("Autre", "ev-2")), "a.xml", desk)
    assert found[0].identity == found[1].identity
    (warning,) = found[1].warnings
    assert warning == (
        "entry 2, 'Visite', has both address and id of entry 1, 'Concert', so one article is made of them; "
        "give each an id of its own"
    )
    assert [each.warnings for each in (found[0], found[2])] == [(), ()]


def test_the_same_entry_twice_is_no_news(desk):
    found = read(rss(entry("Concert", "ev-1"), entry("Concert", "ev-1")), "a.xml", desk)
    assert [each.warnings for each in found] == [(), ()]


def test_entries_of_several_pages_are_those_pages(desk):
    links = [f"{PAGE}/{name}" for name in "ab"]
    found = read(rss(*(entry("Un", f"ev-{link[-1]}", link) for link in links)), "a.xml", desk)
    assert [each.url for each in found] == links


def test_a_host_that_is_given_up_keeps_its_parts(make_desk):
    desk = make_desk(hosts=("agenda.example.org", "www.troisrivieres.example.org"))
    found = read(feed(("Concert", "ev-1"), ("Visite", "ev-2")), "a.xml", desk)
    assert [each.identity for each in found] == [f"https://agenda.example.org/agenda#ev-{n}" for n in "12"]
    assert [each.url for each in found] == [f"https://agenda.example.org/agenda#ev-{n}" for n in "12"]
