"""Dates, times and sizes as readers of French and English expect them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.model import Attachment, EventDate
from newsletter.pages.phrases import Phrases
from newsletter.pages.words import WORDS, spoken, words

PARIS = ZoneInfo("Europe/Paris")
FRENCH, ENGLISH = Phrases("fr", PARIS), Phrases("en-GB", PARIS)


def at(day: int, hour: int = 0, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=PARIS)


def test_days_are_read_in_the_zone_of_the_site():
    midnight = datetime(2024, 3, 31, 22, 30, tzinfo=UTC)
    assert FRENCH.day(midnight) == "1er avril 2024"
    assert FRENCH.day(at(11)) == "11 avril 2024"
    assert ENGLISH.day(midnight) == "1 April 2024"
    assert FRENCH.stamp(midnight.replace(microsecond=5)) == "2024-04-01T00:30:00+02:00"


@pytest.mark.parametrize(
    ("date", "french", "english"),
    [
        (
            EventDate(at(9, 15, 15)),
            "mardi 9 avril 2024 à 15\xa0h\xa015",
            "Tuesday, 9 April 2024 at 15:15",
        ),
        (
            EventDate(at(9, 9), at(9, 17, 30)),
            "mardi 9 avril 2024, de 9\xa0h à 17\xa0h\xa030",
            "Tuesday, 9 April 2024, 09:00 to 17:30",
        ),
        (
            EventDate(at(9, 9), at(10, 12)),
            "du mardi 9 avril 2024 à 9\xa0h au mercredi 10 avril 2024 à 12\xa0h",
            "Tuesday, 9 April 2024 at 09:00 to Wednesday, 10 April 2024 at 12:00",
        ),
        (EventDate(at(9, 9), at(8)), "mardi 9 avril 2024 à 9\xa0h", "Tuesday, 9 April 2024 at 09:00"),
        (EventDate(at(9), all_day=True), "mardi 9 avril 2024", "Tuesday, 9 April 2024"),
        (EventDate(at(9), at(10), all_day=True), "mardi 9 avril 2024", "Tuesday, 9 April 2024"),
        (
            EventDate(at(1), at(4), all_day=True),
            "du lundi 1er avril 2024 au mercredi 3 avril 2024",
            "Monday, 1 April 2024 to Wednesday, 3 April 2024",
        ),
    ],
)
def test_events_are_said_as_briefly_as_is_clear(date, french, english):
    # CLDR releases differ on a comma after the English weekday.
    assert FRENCH.event(date) == french
    assert ENGLISH.event(date).replace(",", "") == english.replace(",", "")


@pytest.mark.parametrize(
    ("url", "media_type", "size", "french", "english"),
    [
        ("bilan.pdf", "application/pdf", 3_596_616, "PDF, 3,43\xa0Mo", "PDF, 3.43\xa0MB"),
        ("file?id=3", "application/pdf", 372_695, "PDF, 363,96\xa0Ko", "PDF, 363.96\xa0KB"),
        ("a.odt", "application/vnd.oasis.opendocument.text", 900, "ODT, 900\xa0octets", "ODT, 900\xa0bytes"),
        ("a", "application/vnd.oasis.opendocument.text", 1024, "1\xa0Ko", "1\xa0KB"),
        ("film.mp4", "video/mp4", 5 * 1024**4, "MP4, 5\u202f120\xa0Go", "MP4, 5,120\xa0GB"),
        ("a.pdf", "application/pdf", None, "PDF", "PDF"),
        ("a", "", 0, "", ""),
    ],
)
def test_files_are_shown_with_type_and_weight(url, media_type, size, french, english):
    file = Attachment(f"https://www.troisrivieres.example.org/media/{url}", "", media_type, size)
    assert (FRENCH.file(file), ENGLISH.file(file)) == (french, english)


def test_a_language_without_words_is_answered_in_english():
    assert spoken("de") == "en"
    assert Phrases("de", PARIS).day(at(9)) == "April 9, 2024"
    assert Phrases("fr-ZZ", PARIS).day(at(9)) == "9 avril 2024"


def test_both_languages_have_the_same_words_with_the_same_blanks():
    french, english = words("fr"), words("en")
    assert french.keys() == english.keys()
    assert set(WORDS) == {"fr", "en"}
    for key in french:
        assert all((blank in french[key]) == (blank in english[key]) for blank in ("{day}", "{start}", "{end}"))
