"""Days, hours, events, deadlines and files as readers of French and English expect them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.catalogue import spoken
from newsletter.model import Attachment, EventDate
from newsletter.phrases import Phrases, file_name, foreign, month, tied, weight
from tests.letters import PARIS, at

LETTER, ENGLISH_LETTER = (Phrases(language, PARIS, 2024) for language in ("fr", "en"))
PAGE, ENGLISH_PAGE = (Phrases(language, PARIS) for language in ("fr", "en-GB"))

TIMED = EventDate(at(2024, 4, 11, 9, 30), at(2024, 4, 11, 12, 30))
NIGHT = EventDate(at(2024, 4, 11, 18), at(2024, 4, 12, 1))
NEW_YEAR = EventDate(at(2024, 12, 31), at(2025, 1, 2), all_day=True)


def days(first: datetime, end: datetime | None = None) -> EventDate:
    return EventDate(first, end, all_day=True)


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_days_are_read_in_the_zone_of_the_site():
    midnight = datetime(2024, 3, 31, 22, 30, tzinfo=UTC)
    assert spaced(PAGE.day(midnight)) == "1er avril 2024"
    assert spaced(PAGE.day(at(2024, 4, 11))) == "11 avril 2024"
    assert spaced(ENGLISH_PAGE.day(midnight)) == "1 April 2024"
    assert PAGE.stamp(midnight.replace(microsecond=5)) == "2024-04-01T00:30:00+02:00"


def test_full_days_name_the_first_of_a_month():
    assert spaced(PAGE.full_day(at(2024, 2, 1))) == "jeudi 1er février 2024"
    assert spaced(LETTER.full_day(at(2024, 2, 1))) == "jeudi 1er février 2024"
    assert spaced(ENGLISH_PAGE.full_day(at(2024, 2, 1))) == "Thursday 1 February 2024"


@pytest.mark.parametrize(
    ("when", "said_by", "written"),
    [
        (TIMED, LETTER, "jeu. 11 avril, 9 h 30 – 12 h 30"),
        (TIMED, ENGLISH_LETTER, "Thu 11 April, 9:30 – 12:30"),
        (EventDate(at(2024, 4, 11, 9)), LETTER, "jeu. 11 avril à 9 h"),
        (EventDate(at(2024, 4, 11, 0, 5)), LETTER, "jeu. 11 avril à 0 h 05"),
        (NIGHT, LETTER, "du jeu. 11 avril à 18 h au ven. 12 avril à 1 h"),
        (days(at(2024, 4, 11), at(2024, 4, 12)), LETTER, "jeu. 11 avril"),
        (days(at(2024, 4, 11)), LETTER, "jeu. 11 avril"),
        (days(at(2024, 4, 11), at(2024, 4, 14)), LETTER, "du jeu. 11 au sam. 13 avril"),
        (days(at(2024, 4, 11), at(2024, 4, 14)), ENGLISH_LETTER, "Thu 11 to Sat 13 April"),
        (days(at(2024, 4, 30), at(2024, 5, 3)), LETTER, "du mar. 30 avril au jeu. 2 mai"),
        (days(at(2024, 4, 30), at(2025, 4, 3)), LETTER, "du mar. 30 avril au mer. 2 avril 2025"),
        (EventDate(at(2024, 4, 11, 9), at(2024, 5, 11, 10)), LETTER, "du jeu. 11 avril à 9 h au sam. 11 mai à 10 h"),
        (days(at(2025, 2, 1)), LETTER, "sam. 1er février 2025"),
        (days(at(2025, 2, 11)), LETTER, "mar. 11 février 2025"),
        (NEW_YEAR, LETTER, "du mar. 31 décembre au mer. 1er janvier 2025"),
        (EventDate(at(2024, 4, 9, 15, 15)), PAGE, "mardi 9 avril 2024 à 15 h 15"),
        (EventDate(at(2024, 4, 9, 15, 15)), ENGLISH_PAGE, "Tuesday 9 April 2024 at 15:15"),
        (EventDate(at(2024, 4, 9, 9), at(2024, 4, 9, 17, 30)), PAGE, "mardi 9 avril 2024, 9 h – 17 h 30"),
        (EventDate(at(2024, 4, 9, 9), at(2024, 4, 9, 17, 30)), ENGLISH_PAGE, "Tuesday 9 April 2024, 9:00 – 17:30"),
        (NIGHT, PAGE, "du jeudi 11 avril 2024 à 18 h au vendredi 12 avril 2024 à 1 h"),
        (NIGHT, ENGLISH_PAGE, "Thursday 11 April 2024 at 18:00 to Friday 12 April 2024 at 1:00"),
        (days(at(2024, 4, 9), at(2024, 4, 10)), PAGE, "mardi 9 avril 2024"),
        (days(at(2024, 4, 1), at(2024, 4, 4)), PAGE, "du lundi 1er au mercredi 3 avril 2024"),
        (days(at(2024, 4, 1), at(2024, 4, 4)), ENGLISH_PAGE, "Monday 1 to Wednesday 3 April 2024"),
        (NEW_YEAR, PAGE, "du mardi 31 décembre 2024 au mercredi 1er janvier 2025"),
    ],
)
def test_an_event_is_said_as_briefly_as_is_clear(when, said_by, written):
    assert spaced(said_by.event(when)) == written


def test_days_and_hours_do_not_break_over_two_lines():
    assert LETTER.event(TIMED) == "jeu.\u00a011\u00a0avril, 9\u00a0h\u00a030\u00a0–\u00a012\u00a0h\u00a030"
    assert PAGE.full_day(at(2024, 4, 11)) == "jeudi\u00a011\u00a0avril\u00a02024"


def test_an_end_before_its_start_is_not_shown():
    for wrong, right in (
        (EventDate(at(2024, 4, 11, 9), at(2024, 4, 10)), EventDate(at(2024, 4, 11, 9))),
        (days(at(2024, 4, 11), at(2024, 4, 10)), days(at(2024, 4, 11))),
    ):
        assert LETTER.event(wrong) == LETTER.event(right)


def test_hours_are_read_in_the_zone_of_the_site_and_whole_days_where_they_were_written():
    tokyo = ZoneInfo("Asia/Tokyo")
    night = EventDate(datetime(2024, 4, 12, 1, tzinfo=tokyo))
    whole = days(datetime(2024, 4, 12, tzinfo=tokyo), datetime(2024, 4, 13, tzinfo=tokyo))
    assert spaced(LETTER.event(night)) == "jeu. 11 avril à 18 h"
    assert spaced(LETTER.event(whole)) == "ven. 12 avril"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (at(2024, 12, 15, 12), "dim. 15 décembre à 12 h"),
        (at(2024, 12, 15, 23, 59), "dim. 15 décembre"),
        (at(2025, 1, 15, 17, 30), "mer. 15 janvier 2025 à 17 h 30"),
        (datetime(2024, 12, 15, 22, 59, tzinfo=UTC), "dim. 15 décembre"),
    ],
)
def test_a_deadline_says_the_hour_unless_it_is_the_end_of_the_day(moment, written):
    assert spaced(LETTER.deadline(moment)) == written


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (3596616, "3,43 Mo", "3.43 MB"),
        (372695, "364 ko", "364 kB"),
        (812, "812 octets", "812 bytes"),
        (1023, "1\u202f023 octets", "1,023 bytes"),
        (1024, "1 ko", "1 kB"),
        (1024**2, "1 Mo", "1 MB"),
        (5 * 1024**3, "5 Go", "5 GB"),
        (5 * 1024**4, "5\u202f120 Go", "5,120 GB"),
    ],
)
def test_a_weight_is_what_sites_say(size, french, english):
    assert weight(size, "fr") == french.replace(" ", "\u00a0")
    assert weight(size, "en") == english.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("url", "media_type", "size", "french", "english"),
    [
        ("bilan.pdf", "application/pdf", 3_596_616, "PDF, 3,43 Mo", "PDF, 3.43 MB"),
        ("file?id=3", "application/pdf", 372_695, "PDF, 364 ko", "PDF, 364 kB"),
        ("file.php", "application/pdf", None, "PDF", "PDF"),
        ("a.odt", "application/vnd.oasis.opendocument.text", 900, "ODT, 900 octets", "ODT, 900 bytes"),
        ("a", "application/vnd.oasis.opendocument.text", 1024, "ODT, 1 ko", "ODT, 1 kB"),
        ("a.ods", "application/octet-stream", None, "ODS", "ODS"),
        ("a", "application/epub", None, "EPUB", "EPUB"),
        ("a", "application/octet-stream", 2048, "2 ko", "2 kB"),
        ("film.mp4", "video/mp4", 5 * 1024**3, "MP4, 5 Go", "MP4, 5 GB"),
        ("a.pdf", "application/pdf", None, "PDF", "PDF"),
        ("a", "", 0, "", ""),
    ],
)
def test_files_are_shown_with_kind_and_weight(url, media_type, size, french, english):
    file = Attachment(f"https://www.troisrivieres.example.org/media/{url}", "", media_type, size)
    assert (spaced(PAGE.file(file)), spaced(ENGLISH_LETTER.file(file))) == (french, english)


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        (" Bilan ", "https://www.troisrivieres.example.org/a.pdf", "Bilan"),
        ("", "https://www.troisrivieres.example.org/media/bilan%202023.pdf?v=2", "bilan 2023.pdf"),
        (" ", "https://www.troisrivieres.example.org/", "https://www.troisrivieres.example.org/"),
    ],
)
def test_a_file_always_has_a_name(title, url, name):
    assert file_name(Attachment(url, title, "application/pdf")) == name


def test_months_have_their_names():
    assert [month(8, language) for language in ("fr-BE", "en", "zxx")] == ["août", "August", "August"]


def test_a_language_without_words_is_answered_in_english():
    assert [spoken(tag) for tag in ("zxx", "fr_BE", "FR", "en-GB", "")] == ["en", "fr", "fr", "en", "en"]
    assert spaced(Phrases("zxx", PARIS).day(at(2024, 4, 9))) == "9 April 2024"
    assert spaced(Phrases("fr-ZZ", PARIS).day(at(2024, 4, 9))) == "9 avril 2024"


def test_only_words_of_another_language_are_foreign():
    assert [foreign(tag, "fr-BE") for tag in ("", "fr", "FR_ca", "en", "pt_BR")] == ["", "", "", "en", "pt-BR"]


def test_french_signs_never_begin_a_line_and_nothing_else_changes():
    loose = "« Qui vient ? » : dix % de 300 € ; et alors ! Voir a:b, ::, :-) et « ceci », fin"
    assert tied(loose, "fr-CA").replace("\u00a0", "~") == (
        "«~Qui vient~?~»~: dix~% de 300~€~; et alors~! Voir a:b, ::, :-) et «~ceci~», fin"
    )
    assert tied(loose, "en") == loose
    assert tied(tied(loose, "fr"), "fr") == tied(loose, "fr")
