"""What is said of a calendar."""

from __future__ import annotations

import pytest

from tests.unit.validation.folder_sample import BASE, DOCUMENTS, said, told

PATH = "theme/sante.ics"
UIDS = [line for line in DOCUMENTS[PATH].decode().split("\r\n") if line.startswith("UID:")]
ONLY_ZONE = "\r\n".join(
    ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", f"SOURCE:{BASE}/{PATH}", "BEGIN:VTIMEZONE", "TZID:UTC",
     "BEGIN:STANDARD", "END:STANDARD", "END:VTIMEZONE", "END:VCALENDAR", ""]
)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("\r\n", "\n", "1: the line does not end with CR LF"),
        ("VERSION:2.0\r\n", "", "1: must have VERSION 2.0 and one PRODID"),
        ("PRODID:", "PRODID:a\r\nPRODID:", "1: must have VERSION 2.0 and one PRODID"),
        ("VERSION:2.0", f"VERSION:2.0\r\nX-A:{'é' * 36}", ": the line is longer than 75 bytes"),
        ("VERSION:2.0", "VERSION", "2: is no line of a calendar, 'VERSION'"),
        ("END:VCALENDAR\r\n", "END:VCALENDAR", "does not end with a whole line"),
        ("END:VCALENDAR\r\n", "", "is no whole calendar"),
        ("END:VCALENDAR\r\n", "END:VCALENDAR\r\nX-A:1\r\n", "goes on after the end of the calendar"),
        ("END:VEVENT\r\n", "END:VTODO\r\n", "'END:VTODO' stands outside of what it belongs to"),
        ("VEVENT", "VTODO", "holds a VTODO, which is nothing that a feed has"),
        ("theme/sante.ics", "sante.ics", "1: does not say once that it stands at"),
        ("theme/sante.html", "theme/x.html", "1: leads to theme/x.html, which is not there"),
        (f"{UIDS[0]}\r\n", "", "10: the event must have one UID"),
        (UIDS[0], UIDS[1], "10: the UID "),
        ("SEQUENCE:0", "SEQUENCE:-1", "SEQUENCE '-1' is no number"),
        ("STATUS:CONFIRMED", "STATUS:SURE", "STATUS 'SURE' must be one of TENTATIVE, CONFIRMED, CANCELLED"),
        ("STATUS:CONFIRMED", "STATUS:CONFIRMED\r\nSTATUS:CONFIRMED", "the event has STATUS twice"),
        ("DTSTAMP:20240326T140000Z", "DTSTAMP:20240326T140000", "DTSTAMP '20240326T140000' is no instant in UTC"),
        ("DTSTAMP:20240326T140000Z", "DTSTAMP:20240402T080000Z", "DTSTAMP '20240402T080000Z' is in the future"),
        ("DTSTAMP:20240326T140000Z\r\n", "", "must have one DTSTAMP"),
        ("DTSTART:20240510T120000Z", "DTSTART:20240532T120000Z", "is neither a day nor an instant in UTC"),
        ("DTSTART:20240510T120000Z", "DTSTART:20240510T140000Z", "does not end after it begins"),
        ("DTSTART:20240510T120000Z", "DTSTART;VALUE=DATE:20240510", "begins with a day and ends with an instant"),
        ("STATUS:CONFIRMED", "DURATION:PT1H", "has both DTEND and DURATION"),
        ("STATUS:CONFIRMED", "DURATION:1H", "DURATION '1H' is no duration"),
        ("articles/jardin.html\r\nCATEGORIES", "articles/x.html\r\nCATEGORIES", "URL"),
        ("SUMMARY:L’article jardin", "SUMMARY: ", "the event must have one SUMMARY"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_calendar_is_told(old: str, new: str, what: str) -> None:
    found = told(PATH, old, new)
    assert any(each.startswith(f"{PATH}:") and what in each for each in found), found
    assert all("; " in each for each in found), "and what to do"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("TZID:UTC\r\n", "", "5: a time zone has no TZID or no rule"),
        ("BEGIN:STANDARD\r\nEND:STANDARD\r\n", "", "5: a time zone has no TZID or no rule"),
        ("BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n", "", "1: holds nothing"),
    ],
)
def test_a_calendar_without_events_is_whole_too(old: str, new: str, what: str) -> None:
    assert said({PATH: ONLY_ZONE.encode()}) == []
    assert old in ONLY_ZONE
    assert any(what in each for each in said({PATH: ONLY_ZONE.replace(old, new).encode()}))


def test_a_time_zone_that_stands_twice_is_told() -> None:
    start, end = ONLY_ZONE.index("BEGIN:VTIMEZONE"), ONLY_ZONE.index("END:VCALENDAR")
    twice = ONLY_ZONE.replace("END:VCALENDAR", f"{ONLY_ZONE[start:end]}END:VCALENDAR")
    assert any("has a time zone twice" in each for each in said({PATH: twice.encode()}))
