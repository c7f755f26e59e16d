"""Counts and lines as a careful printer sets them."""

import pytest

from newsletter.digest.typography import plain, shortened, underlined, wrapped


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
