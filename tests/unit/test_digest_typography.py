"""Days, hours, weights and lines as a careful printer writes them."""

import pytest

from newsletter.digest.typography import deadline, event, full_day, plain, shortened, underlined, weight, wrapped
from newsletter.digest.words import news, others
from newsletter.model import EventDate
from tests.letters import at

DAY = at(2024, 4, 11)
TIMED = EventDate(at(2024, 4, 11, 9, 30), at(2024, 4, 11, 12, 30))
NIGHT = EventDate(at(2024, 4, 11, 18), at(2024, 4, 12, 1))
WHOLE = EventDate(at(2024, 4, 11), at(2024, 4, 12), all_day=True)
THREE = EventDate(at(2024, 4, 11), at(2024, 4, 14), all_day=True)
ACROSS = EventDate(at(2024, 4, 30), at(2024, 5, 3), all_day=True)


@pytest.mark.parametrize(
    ("when", "language", "written"),
    [
        (TIMED, "fr", "jeu. 11 avril, 9 h 30 – 12 h 30"),
        (TIMED, "en", "Thu 11 April, 9:30 – 12:30"),
        (EventDate(at(2024, 4, 11, 9)), "fr", "jeu. 11 avril, 9 h"),
        (EventDate(at(2024, 4, 11, 0, 5)), "fr", "jeu. 11 avril, 0 h 05"),
        (NIGHT, "fr", "du jeu. 11 avril, 18 h au ven. 12 avril, 1 h"),
        (WHOLE, "fr", "jeu. 11 avril"),
        (EventDate(DAY, all_day=True), "fr", "jeu. 11 avril"),
        (THREE, "fr", "du jeu. 11 au sam. 13 avril"),
        (THREE, "en", "Thu 11 to Sat 13 April"),
        (ACROSS, "fr", "du mar. 30 avril au jeu. 2 mai"),
        (EventDate(at(2025, 2, 1), all_day=True), "fr", "sam. 1er février 2025"),
        (EventDate(at(2025, 2, 11), all_day=True), "fr", "mar. 11 février 2025"),
        (
            EventDate(at(2024, 12, 31), at(2025, 1, 2), all_day=True),
            "fr",
            "du mar. 31 décembre au mer. 1er janvier 2025",
        ),
    ],
)
def test_an_event_is_written_as_people_say_it(when, language, written):
    assert event(when, language, 2024).replace("\u00a0", " ") == written


def test_days_and_hours_do_not_break_over_two_lines():
    assert event(TIMED, "fr", 2024) == "jeu.\u00a011\u00a0avril, 9\u00a0h\u00a030 – 12\u00a0h\u00a030"


def test_an_end_before_its_start_is_not_shown():
    assert event(EventDate(at(2024, 4, 11, 9), at(2024, 4, 10)), "fr", 2024) == event(
        EventDate(at(2024, 4, 11, 9)), "fr", 2024
    )


def test_full_days_name_the_first_of_a_month():
    assert full_day(at(2024, 2, 1), "fr").replace("\u00a0", " ") == "jeudi 1er février 2024"
    assert full_day(at(2024, 2, 1), "en-GB").replace("\u00a0", " ") == "Thursday 1 February 2024"


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (at(2024, 12, 15, 12), "dim. 15 décembre à 12 h"),
        (at(2024, 12, 15, 23, 59), "dim. 15 décembre"),
        (at(2025, 1, 15, 17, 30), "mer. 15 janvier 2025 à 17 h 30"),
    ],
)
def test_a_deadline_says_the_hour_unless_it_is_the_end_of_the_day(moment, written):
    assert deadline(moment, "fr", 2024).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (3596616, "3,43 Mo", "3.43 MB"),
        (372695, "364 ko", "364 kB"),
        (812, "812 octets", "812 bytes"),
        (1024**2, "1 Mo", "1 MB"),
        (5 * 1024**3, "5 Go", "5 GB"),
    ],
)
def test_a_weight_is_what_the_site_says(size, french, english):
    assert weight(size, "fr") == french.replace(" ", "\u00a0")
    assert weight(size, "en") == english.replace(" ", "\u00a0")


def test_counts_agree_with_their_noun():
    said = [news(count, language) for language in ("fr", "en") for count in (0, 1, 2)]
    assert [text.replace("\u00a0", " ") for text in said] == [
        "0 nouveauté",
        "1 nouveauté",
        "2 nouveautés",
        "0 new items",
        "1 new item",
        "2 new items",
    ]
    assert others(1, "de").replace("\u00a0", " ") == "1 more article online"


def test_plain_text_has_no_line_breaks_and_keeps_its_no_break_spaces():
    assert plain("  Un\r\n titre\x00\x1f\u2028long\u00a0: oui\u202f! ") == "Un titre long\u00a0: oui\u202f!"


@pytest.mark.parametrize("character", ["e\u0301", "👩\u200d👩\u200d👧", "👍🏽", "🇫🇷", "❤\ufe0f"])
def test_no_cut_inside_a_character(character):
    for limit in range(2, 30):
        short = shortened(character * 30, limit)
        assert len(short) <= limit
        assert short.removesuffix("…").replace(character, "") == "" or limit <= len(character)


def test_a_long_line_is_cut_at_a_word():
    assert shortened("Des ateliers, des jardins, des livres", 27) == "Des ateliers, des jardins…"
    assert shortened("court", 5) == "court"


def test_lines_of_the_text_part_never_break_an_address():
    address = "https://www.troisrivieres.example.org/" + "tres-long-" * 12
    lines = wrapped(f"Le programme complet se lit à l’adresse {address} dès maintenant.").splitlines()
    assert address in lines
    assert all(len(line) <= 72 for line in lines if line != address)
    assert underlined("AGENDA") == "AGENDA\n------"
