from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from newsletter.intake import dates

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("written", "day", "clock"),
    [
        ("Mardi 26 mars 2024 - 15:15", date(2024, 3, 26), time(15, 15)),
        ("26 mars 2024", date(2024, 3, 26), None),
        ("28/03/2024 - 22:34", date(2024, 3, 28), time(22, 34)),
        ("Jeudi, 13 décembre, 2018", date(2018, 12, 13), None),
        ("jeu, 13/12/2018 - 10:27", date(2018, 12, 13), time(10, 27)),
        ("1er août 2024", date(2024, 8, 1), None),
        ("1ER AOÛT 2024 à 9h", date(2024, 8, 1), time(9)),
        ("le 3 févr. 2024 à 14h30", date(2024, 2, 3), time(14, 30)),
        ("Thursday, December 13, 2018 - 10:27", date(2018, 12, 13), time(10, 27)),
        ("Mar 5, 2024 at 3:05 pm", date(2024, 3, 5), time(15, 5)),
        ("mar. 5 mars 2024", date(2024, 3, 5), None),
        ("13.12.2018", date(2018, 12, 13), None),
        ("2024-03-26", date(2024, 3, 26), None),
        ("2024-03-26 15:15", date(2024, 3, 26), time(15, 15)),
        ("29 février 2024", date(2024, 2, 29), None),
        ("26\u00a0mars\u202f2024", date(2024, 3, 26), None),
    ],
)
def test_every_shape_is_read(written, day, clock):
    found = dates.moment(written)
    assert (found.day, found.time, found.other) == (day, clock, None)
    assert dates.shaped(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hier",
        "31 février 2024",
        "29/02/2023",
        "26 mars 0000",
        "01/01/9999",
        "26 mars 2024 - 25:00",
        "1 2 3",
        "13/13/2024",
    ],
)
def test_what_no_calendar_has_is_no_date(written):
    assert dates.moment(written) is None


def test_an_offset_is_kept():
    assert dates.moment("2024-03-26T15:15:00Z").at(PARIS).isoformat() == "2024-03-26T15:15:00+00:00"
    assert dates.moment("2024-03-26T15:15:00-05:00").at(PARIS).isoformat() == "2024-03-26T15:15:00-05:00"


def test_the_setting_orders_day_and_month_and_the_other_reading_is_told():
    assert dates.moment("03/04/2024", day_first=True).day == date(2024, 4, 3)
    assert dates.moment("03/04/2024", day_first=False).day == date(2024, 3, 4)
    assert dates.moment("03/04/2024", day_first=False).other == date(2024, 4, 3)
    assert dates.moment("04/04/2024").other is None


def test_a_number_above_twelve_or_a_weekday_overrides_the_setting():
    assert dates.moment("28/03/2024", day_first=False).day == date(2024, 3, 28)
    assert dates.moment("03/28/2024", day_first=True).day == date(2024, 3, 28)
    monday = dates.moment("lun, 03/04/2024 - 10:00", day_first=True)  # 4 March was a Monday, 3 April was none
    assert (monday.day, monday.other) == (date(2024, 3, 4), None)


def test_what_cannot_precede_a_day_is_settled_by_it():
    unsure = dates.moment("03/04/2024", day_first=False)
    assert unsure.since(date(2024, 3, 20)).day == date(2024, 4, 3)
    assert unsure.since(date(2024, 3, 20)).other is None
    assert unsure.since(date(2024, 1, 1)).other == date(2024, 4, 3)


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("du 26 au 28 mars 2024", "2024-03-26T00:00:00+01:00", "2024-03-29T00:00:00+01:00"),
        ("du 28 mars au 2 avril 2024", "2024-03-28T00:00:00+01:00", "2024-04-03T00:00:00+02:00"),
        ("26/03/2024 - 14:00 à 17:00", "2024-03-26T14:00:00+01:00", "2024-03-26T17:00:00+01:00"),
        (
            "Mardi 26 mars 2024 - 14:00 au Jeudi 28 mars 2024 - 17h30",
            "2024-03-26T14:00:00+01:00",
            "2024-03-28T17:30:00+01:00",
        ),
        ("from 26 March 2024 to 28 March 2024", "2024-03-26T00:00:00+01:00", "2024-03-29T00:00:00+01:00"),
        ("26 mars 2024", "2024-03-26T00:00:00+01:00", "2024-03-27T00:00:00+01:00"),
    ],
)
def test_spans_are_read_and_whole_days_end_after_their_last(written, start, end):
    assert dates.shaped(written)
    found = dates.event(*dates.span(written), PARIS)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


def test_a_sentence_with_a_date_is_no_date():
    for words in ("Rendez-vous le 26 mars 2024", "Dates: du 26 au 28 mars 2024", "la fête a lieu au 28 mars 2024"):
        assert not dates.shaped(words), words


def test_an_event_that_ends_before_it_begins_is_none():
    start, end = dates.moment("28 mars 2024"), dates.moment("26 mars 2024")
    assert dates.event(start, end, PARIS) is None


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("26-28 mars 2024", ("2024-03-26", "2024-03-28")),
        ("26–28 mars 2024", ("2024-03-26", "2024-03-28")),
        ("March 26 - 28, 2024", ("2024-03-26", "2024-03-28")),
        ("Tuesday March 26-28, 2024", ("2024-03-26", "2024-03-28")),
        ("26/03/2024-28/03/2024", ("2024-03-26", "2024-03-28")),
        ("Mardi 26 mars 2024 (Toute la journée) - Jeudi 28 mars 2024 (Toute la journée)", ("2024-03-26", "2024-03-28")),
        ("3rd of April 2024", ("2024-04-03", None)),
        ("Tue, 03/26/2024 (All day)", ("2024-03-26", None)),
    ],
)
def test_spans_without_spaces_with_the_month_first_and_of_whole_days(written, days):
    start, end = dates.span(written)
    assert (start.day.isoformat(), end and end.day.isoformat()) == days
    assert start.time is None
    assert dates.shaped(written)


@pytest.mark.parametrize("written", ["2024-03-26", "13-12-2018", "26-03", "12-2024", "5-6"])
def test_a_hyphen_inside_a_date_makes_no_span_of_it(written):
    found = dates.span(written)
    assert found is None or found[1] is None
