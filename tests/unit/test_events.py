"""Events as calendar programs read them: parsed back, and held against RFC 5545 and RFC 7986."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import events
from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.model import Article, Changes, EventDate, Occasion, Term
from tests.letters import article, at

BASE = "https://www.troisrivieres.example.org"
ABOUT = events.About("Santé – Trois Rivières", f"{BASE}/theme/sante.ics", f"{BASE}/theme/sante.html")
AFTERNOON = EventDate(at(2024, 5, 10, 14), at(2024, 5, 10, 16))
DAYS = EventDate(
    datetime.fromisoformat("2024-06-01T00:00:00+02:00"), datetime.fromisoformat("2024-06-03T00:00:00+02:00"), True
)
FORUM = article(
    1,
    "Forum des métiers",
    id="tag:troisrivieres.example.org,2024:1f2e",
    url=f"{BASE}/articles/forum.html",
    lead="Quarante employeurs, de 9 à 99 ans.",
    published=datetime(2024, 3, 22, 9, tzinfo=UTC),
    updated=datetime(2024, 4, 2, 7, 30, 0, 250, tzinfo=UTC),
    arrival=7,
    terms=(Term("theme", "sante", "Santé; soins"), Term("type", "agenda", "Agenda, rencontres")),
)


NEVER = Changes()


def publication(**site: object) -> Config:
    return parse({"site": {"name": "Trois Rivières", "url": BASE, **site}})


def written(*occasions: Occasion, of: Article = FORUM, changes: Changes = NEVER, **site: object) -> bytes:
    return events.document([events.entry(of, occasions, changes, publication(**site))], ABOUT)


def read(data: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def one(when: EventDate, number: int = 1, **facts: Any) -> Any:
    [found] = read(written(Occasion(number, when, facts.pop("gone", None)), **facts))
    return found


def lines(data: bytes) -> list[bytes]:
    """The lines of a calendar, unfolded."""
    return data.replace(b"\r\n ", b"").split(b"\r\n")


# --- an event ---------------------------------------------------------------------------------------------------------


def test_an_event_says_what_when_and_where_to_read_more():
    found = one(AFTERNOON, changes=Changes(3))
    assert found["SUMMARY"] == "Forum des métiers"
    assert found["DESCRIPTION"] == f"Quarante employeurs, de 9 à 99 ans.\n\n{BASE}/articles/forum.html"
    assert found["URL"] == f"{BASE}/articles/forum.html"
    assert found["CATEGORIES"].cats == ["Santé; soins", "Agenda, rencontres"]
    assert (found["STATUS"], found["TRANSP"], found["SEQUENCE"]) == ("CONFIRMED", "TRANSPARENT", 3)
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (AFTERNOON.start, AFTERNOON.end)


def test_instants_are_in_utc_on_both_sides_of_a_change_of_clocks():
    night = EventDate(
        datetime.fromisoformat("2024-10-27T01:30:00+02:00"), datetime.fromisoformat("2024-10-27T02:30:00+01:00")
    )
    told = lines(written(Occasion(1, night)))
    assert b"DTSTART:20241026T233000Z" in told
    assert b"DTEND:20241027T013000Z" in told


@pytest.mark.parametrize("end", [None, AFTERNOON.start, AFTERNOON.start - timedelta(hours=1)])
def test_an_end_that_is_not_later_than_the_start_is_left_out(end: datetime | None):
    assert "DTEND" not in one(replace(AFTERNOON, end=end))


def test_whole_days_are_those_of_the_place_and_end_before_their_end():
    found = one(DAYS, timezone="America/Martinique")
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (date(2024, 6, 1), date(2024, 6, 3))
    assert b"DTSTART;VALUE=DATE:20240601" in written(Occasion(1, DAYS))
    assert one(replace(DAYS, end=None))["DTEND"].dt == date(2024, 6, 2)
    assert one(replace(DAYS, end=DAYS.start))["DTEND"].dt == date(2024, 6, 2)


def test_a_deadline_is_told_from_an_event():
    noon = EventDate(at(2024, 5, 31, 12))
    assert one(noon, number=0)["SUMMARY"] == "Date limite\xa0: Forum des métiers"
    assert one(noon, number=0, language="en")["SUMMARY"] == "Deadline: Forum des métiers"
    assert (one(noon, number=0)["DTSTART"].dt, "DTEND" in one(noon, number=0)) == (noon.start, False)


def test_the_last_minute_of_a_day_is_the_day_for_deadlines_alone():
    midnight = EventDate(datetime.fromisoformat("2024-05-31T23:59:59+02:00"))
    assert one(midnight, number=0)["DTSTART"].dt == date(2024, 5, 31)
    assert one(midnight, number=0)["DTEND"].dt == date(2024, 6, 1)
    assert one(midnight, number=1)["DTSTART"].dt == midnight.start


def test_each_time_has_an_identity_that_only_the_article_and_its_number_make():
    found = read(written(Occasion(0, AFTERNOON), Occasion(1, AFTERNOON), Occasion(2, DAYS)))
    assert len({each["UID"] for each in found}) == 3
    later = replace(FORUM, title="Autre", url="https://nouveau.example.org/x", updated=datetime(2025, 1, 1, tzinfo=UTC))
    moved = read(written(Occasion(0, DAYS), Occasion(1, DAYS), Occasion(2, AFTERNOON), of=later, changes=Changes(4)))
    assert [each["UID"] for each in moved] == [each["UID"] for each in found]
    assert one(AFTERNOON, of=replace(FORUM, id="tag:x.example.org,2024:1"))["UID"] not in {e["UID"] for e in found}


def test_an_identity_is_the_same_for_ever():
    assert one(AFTERNOON)["UID"] == "64ab1220-7771-55c9-bff0-eebd0127053a"


def test_the_instant_of_change_is_that_of_the_article():
    found = one(AFTERNOON)
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == datetime(2024, 4, 2, 7, 30, tzinfo=UTC)
    gone = datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert one(AFTERNOON, gone=gone)["LAST-MODIFIED"].dt == gone
    revised = Changes(3, datetime(2024, 6, 1, 8, tzinfo=UTC))  # shown again, say
    assert one(AFTERNOON, changes=revised)["LAST-MODIFIED"].dt == revised.last


def test_an_event_of_an_article_that_is_put_off_is_stamped_when_it_was_given_up():
    gone, later = datetime(2024, 5, 1, 8, tzinfo=UTC), datetime(2024, 9, 1, 8, tzinfo=UTC)
    found = one(AFTERNOON, gone=gone, of=replace(FORUM, published=later, updated=later, arrival=0))
    assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == gone


def test_an_article_without_words_is_still_an_event():
    found = one(AFTERNOON, of=replace(FORUM, title=" ", lead="", terms=()))
    assert found["SUMMARY"] == found["DESCRIPTION"] == found["URL"] == FORUM.url
    assert "CATEGORIES" not in found


# --- what takes place no more -----------------------------------------------------------------------------------------

BEFORE, AFTER = datetime(2024, 5, 9, tzinfo=UTC), datetime(2024, 5, 11, tzinfo=UTC)


def test_what_was_given_up_is_kept_as_cancelled():
    found = one(AFTERNOON, gone=BEFORE)
    assert (found["STATUS"], found["SUMMARY"]) == ("CANCELLED", "Annulé\xa0: Forum des métiers")
    assert found["UID"] == one(AFTERNOON)["UID"]
    assert found["DTSTART"].dt == AFTERNOON.start


def test_what_was_over_before_was_not_cancelled_and_is_told_no_more():
    assert read(written(Occasion(1, AFTERNOON, AFTER))) == []


def test_of_a_withheld_article_nothing_is_told_but_that_it_is_cancelled():
    data = written(Occasion(1, AFTERNOON, BEFORE), of=replace(FORUM, arrival=0))
    [found] = read(data)
    assert (found["STATUS"], found["SUMMARY"]) == ("CANCELLED", "Rendez-vous annulé")
    assert not {"DESCRIPTION", "URL", "CATEGORIES"} & set(found)
    for word in ("Forum", "employeurs", "forum.html", "soins"):
        assert word.encode() not in data


# --- a calendar -------------------------------------------------------------------------------------------------------


def test_a_calendar_names_itself_to_every_kind_of_program():
    made = icalendar.Calendar.from_ical(written(Occasion(1, AFTERNOON)))
    assert made["NAME"] == made["X-WR-CALNAME"] == "Santé – Trois Rivières"
    assert (made["VERSION"], made["SOURCE"], made["URL"]) == ("2.0", ABOUT.source, ABOUT.page)
    assert made["REFRESH-INTERVAL"].dt == timedelta(hours=6)
    assert made["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert "METHOD" not in made  # that would be an invitation, which has an organiser (RFC 5546 §3.2.1)


def test_a_calendar_without_events_has_the_component_that_the_standard_wants():
    data = events.document([], ABOUT)
    made = icalendar.Calendar.from_ical(data)
    assert [each.name for each in made.subcomponents] == ["VTIMEZONE"]
    assert events.document([events.entry(FORUM, [], Changes(), publication())], ABOUT) == data


def test_a_calendar_for_one_event_needs_nothing_around_it():
    data = events.document([events.entry(FORUM, [Occasion(1, AFTERNOON)], Changes(), publication())])
    assert [each["SUMMARY"] for each in read(data)] == [FORUM.title]
    assert b"NAME" not in data


def test_the_same_events_are_the_same_bytes():
    told = (Occasion(0, DAYS), Occasion(1, AFTERNOON))
    turned = replace(FORUM, terms=FORUM.terms[::-1])
    assert written(*told) == written(*told) == written(*told, of=turned)


# --- hostile words ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "a, b; c \\ d \\n e",
    "une\r\nEND:VEVENT\r\nligne",
    "noir\x00 \x07 blanc\x1b\x7f\x85 gris",
    "\u202eabc\u202c שלום",
    'https://x.example.org/";X=1:y',
    "e\u0301🎉👩‍👩‍👧" * 40,
    "mot " * 2000,
    "demi \ud800 signe",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_break_nothing_and_are_read_as_they_were(words: str):
    odd = replace(FORUM, title=words, lead=words, terms=(Term("theme", "x", words),))
    data = written(Occasion(1, AFTERNOON), Occasion(2, DAYS, BEFORE), of=odd)
    told = "".join(each for each in " ".join(words.split()) if not "\ud800" <= each <= "\udfff")
    told = told.translate(dict.fromkeys([*range(32), *range(127, 160)]))
    first, second = read(data)
    assert first["SUMMARY"] == told
    assert first["DESCRIPTION"] == f"{told}\n\n{FORUM.url}"
    assert first["CATEGORIES"].cats == [told]
    assert second["SUMMARY"] == f"Annulé\xa0: {told}"


WORDS = st.text(st.characters(codec=None))


@given(WORDS, WORDS, WORDS)
@settings(max_examples=150, deadline=None)
def test_any_words_make_lines_that_the_standard_allows(title: str, lead: str, label: str):
    odd = replace(FORUM, title=title, lead=lead, url=f"{BASE}/{lead}", terms=(Term("theme", "x", label),))
    data = written(Occasion(1, AFTERNOON), of=odd)
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert not any((byte < 32 and byte != 9) or byte == 127 for byte in line)
    names = [line.partition(b":")[0] for line in lines(data)]
    assert names.count(b"BEGIN") == names.count(b"END") == 2
    assert len(read(data)) == 1


def test_an_address_is_one_that_every_program_can_open():
    found = one(AFTERNOON, of=replace(FORUM, url=f"{BASE}/santé?a=1,2;b=<x> y"))
    assert found["URL"] == f"{BASE}/sant%C3%A9?a=1,2;b=%3Cx%3E%20y"
