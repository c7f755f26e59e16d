import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.model import ArticleState

EVENT = """UID:forum@troisrivieres.example.org
CREATED:20240326T141500Z
LAST-MODIFIED:20240328T213400Z
DTSTART:20240406T100000
DTEND:20240406T170000
SUMMARY:Forum\\, puis bal
DESCRIPTION:Quarante associations se présentent.\\n\\nEntrée libre.
LOCATION:Halle du marché
CATEGORIES:Agenda,Eau
CATEGORIES:Loisirs
ATTACH;FMTTYPE=application/pdf:https://www.troisrivieres.example.org/plan.pdf
"""
START = "DTSTART:20240406T100000\nDTEND:20240406T170000\n"


def calendar(*events):
    inside = "".join(f"BEGIN:VEVENT\n{event}END:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{inside}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def test_an_event_is_an_article_with_its_dates(desk):
    (article,) = read(calendar(EVENT), "export", desk)
    assert article.title == "Forum, puis bal"
    assert article.identity.startswith("articles/forum-troisrivieres-example-org-")
    assert article.html == "<p>Quarante associations se présentent.</p><p>Entrée libre.</p>\n<p>Halle du marché</p>"
    assert article.lead == "Quarante associations se présentent."
    (when,) = article.dates
    assert (when.start.isoformat(), when.end.isoformat()) == ("2024-04-06T10:00:00+02:00", "2024-04-06T17:00:00+02:00")
    assert article.published.isoformat() == "2024-03-26T14:15:00+00:00"
    assert article.modified.isoformat() == "2024-03-28T21:34:00+00:00"
    assert [t.slug for t in article.terms] == ["agenda", "eau", "loisirs"]
    assert [f.type for f in article.attachments] == ["application/pdf"]
    assert (article.source.format, article.warnings) == ("ical", ())


WHEN = [
    ("DTSTART;VALUE=DATE:20240406\n", "2024-04-06T00:00:00+02:00", "2024-04-07T00:00:00+02:00", True),
    ("DTSTART;VALUE=DATE:20240406\nDTEND;VALUE=DATE:20240408\n",
     "2024-04-06T00:00:00+02:00", "2024-04-08T00:00:00+02:00", True),
    ("DTSTART;VALUE=DATE:20240406\nDTEND;VALUE=DATE:20240406\n",
     "2024-04-06T00:00:00+02:00", "2024-04-07T00:00:00+02:00", True),
    ("DTSTART;VALUE=DATE:20240330\nDURATION:P2D\n", "2024-03-30T00:00:00+01:00", "2024-04-01T00:00:00+02:00", True),
    ("DTSTART:20240406T100000\nDURATION:PT90M\n", "2024-04-06T10:00:00+02:00", "2024-04-06T11:30:00+02:00", False),
    ("DTSTART;TZID=America/Montreal:20240406T100000\n", "2024-04-06T10:00:00-04:00", None, False),
    ("DTSTART:20240406T100000Z\nDTEND:20240406T090000Z\n", "2024-04-06T10:00:00+00:00", None, False),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "start", "end", "all_day"), WHEN)
def test_every_way_to_say_when(desk, lines, start, end, all_day):
    (when,) = read(calendar(EVENT.replace(START, lines)), "a.ics", desk)[0].dates
    assert (when.start.isoformat(), when.end and when.end.isoformat(), when.all_day) == (start, end, all_day)


def test_floating_times_are_of_the_source_and_unknown_zones_are_told(make_desk):
    desk = make_desk(timezone="America/Guadeloupe")
    floating, named = read(calendar(EVENT, EVENT.replace("DTSTART:", "DTSTART;TZID=Chez nous:")), "a.ics", desk)
    assert floating.dates[0].start.isoformat() == named.dates[0].start.isoformat() == "2024-04-06T10:00:00-04:00"
    assert floating.warnings == ()
    assert "'Chez nous' is unknown" in named.warnings[0]


def test_of_a_series_the_first_date_is_taken(desk):
    moved = EVENT.replace(START, "RECURRENCE-ID:20240413T100000\nDTSTART:20240414T100000\n")
    (article,) = read(calendar(f"{EVENT}RRULE:FREQ=WEEKLY\n", moved), "a.ics", desk)
    assert article.dates[0].start.day == 6
    assert "only its first date" in article.warnings[0]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED\n", "CLASS:PRIVATE\n"])
def test_what_is_cancelled_or_private_is_hidden(desk, line):
    assert read(calendar(EVENT + line), "a.ics", desk)[0].state is ArticleState.HIDDEN


STAMPS = [
    ("CREATED:20240326T141500Z\nDTSTAMP:20240401T060000Z\n", "2024-03-26T14:15", None, True),
    ("LAST-MODIFIED:20240328T213400Z\nDTSTAMP:20240401T060000Z\n", "2024-03-28T21:34", "2024-03-28T21:34", False),
    ("DTSTAMP:20240401T060000Z\n", "2024-04-01T06:00", None, False),
]


@pytest.mark.parametrize(("lines", "published", "modified", "dated"), STAMPS)
def test_only_the_day_of_creation_is_a_date_of_publication(desk, lines, published, modified, dated):
    event = EVENT.replace("CREATED:20240326T141500Z\nLAST-MODIFIED:20240328T213400Z\n", lines)
    (article,) = read(calendar(event), "a.ics", desk)
    assert article.published.isoformat() == f"{published}:00+00:00"
    assert (article.modified and article.modified.isoformat()) == (modified and f"{modified}:00+00:00")
    assert (article.dated, article.warnings) == (dated, ())


def test_a_page_of_its_own_is_the_identity(desk):
    (article,) = read(calendar(f"{EVENT}URL:https://www.troisrivieres.example.org/forum\n"), "a.ics", desk)
    assert article.identity == "https://troisrivieres.example.org/forum"


def test_a_line_folded_inside_a_character_is_whole_again(desk):
    data = calendar(EVENT).replace("é".encode(), b"\xc3\r\n \xa9")
    assert "présentent" in read(data, "a.ics", desk)[0].text


def test_html_is_cleaned_and_files_inside_are_left_out(desk):
    more = "X-ALT-DESC;FMTTYPE=text/html:<p onclick=a>Bon.</p><script>x</script>\n"
    more += "ATTACH;ENCODING=BASE64;VALUE=BINARY:aGE=\n"
    (article,) = read(calendar(EVENT + more), "a.ics", desk)
    assert article.html.startswith("<p>Bon.</p>\n")
    assert "attach it by its web address" in article.warnings[0]


def test_a_bad_event_costs_itself_alone_and_is_named(desk):
    bad, good = read(calendar(EVENT.replace(START, "DTSTART:demain\n"), EVENT), "a.ics", desk)
    assert str(bad).startswith("event 1: has no start")
    assert good.title == "Forum, puis bal"


@pytest.mark.parametrize("data", [calendar(), calendar(EVENT)[:-40], b"BEGIN:VCALENDAR\r\n"])
def test_what_is_no_calendar_gets_one_line(desk, data):
    with pytest.raises(IntakeError, match="export it again"):
        read(data, "a.ics", desk)


def test_the_rules_of_a_foreign_zone_are_not_followed(desk):
    zone = "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:00010101T000000\n"
    zone += "RRULE:FREQ=SECONDLY\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\n"
    data = calendar(EVENT.replace("DTSTART:", "DTSTART;TZID=X:")).replace(
        b"BEGIN:VEVENT", zone.encode() + b"BEGIN:VEVENT"
    )
    assert read(data, "a.ics", desk)[0].dates[0].start.isoformat() == "2024-04-06T10:00:00+02:00"


CRUMBS = [
    ":",
    ";",
    "=",
    '"',
    "\r\n",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "RRULE:FREQ=",
    "DURATION:P9999999999D",
    "\0",
]
CRUMBS += [
    "DTSTART:00010101\r\n",
    ";TZID=../../etc",
    ";VALUE=PERIOD",
    ";VALUE=TIME",
    "\u202e",
    "99999999",
    "DTEND:",
    "URL://[",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 20),
            st.one_of(st.sampled_from(CRUMBS), st.text(max_size=5)),
        ),
        max_size=6,
    )
)
def test_mutated_calendars_are_refused_or_read(make_desk, changes):
    text = calendar(EVENT, f"{EVENT}RRULE:FREQ=WEEKLY\n").decode()
    for place, length, crumb in changes:
        at = int(place * len(text))
        text = text[:at] + crumb + text[at + length :]
    with contextlib.suppress(IntakeError):
        for each in read(text.encode("utf-8", "surrogatepass"), "a.ics", make_desk(format="ical")):
            assert isinstance(each, IntakeError) or each.title


@pytest.mark.parametrize("written", ["99991231", "99991231T235959Z", "00011231"])
def test_a_year_that_cannot_be_is_told_as_such(desk, written):
    event = f"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Un\r\nDTSTART:{written}\r\nEND:VEVENT\r\n"
    with pytest.raises(
        IntakeError, match=rf"event 1: starts in the year {int(written[:4])}, which cannot be; correct DTSTART"
    ):
        read(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n".encode(), "a.ics", desk)
