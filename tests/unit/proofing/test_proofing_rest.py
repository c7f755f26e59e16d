"""Colours, senders and twins: the rules that need no whole proof."""

from __future__ import annotations

import doctest

import pytest

from newsletter.config import List, Mailbox
from newsletter.digest.letter import TITLES, Block, Form
from newsletter.digest.master import master
from newsletter.proofing import colours
from newsletter.proofing.colours import colour, contrast
from newsletter.proofing.sender import sender
from newsletter.proofing.twins import twins
from tests.letters import CONTENTS, LINKS, NONCE, letter, templates


def test_the_examples_of_colours_are_true() -> None:
    assert doctest.testmod(colours).failed == 0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("#FFF", (255, 255, 255)),
        ("#0b4a5c", (11, 74, 92)),
        ("rgb(1, 2,300)", (1, 2, 255)),
        (" Navy ", (0, 0, 128)),
        ("rgb(0 0 0 / 50%)", None),
        ("#12345678", None),
        ("transparent", None),
        ("", None),
    ],
)
def test_colours_as_they_are_written(written: str, meant: object) -> None:
    assert colour(written) == meant


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast((119, 119, 119), (255, 255, 255)), 2) == 4.48  # #777 fails by a hair, as everybody knows
    assert contrast((1, 2, 3), (1, 2, 3)) == 1


def listed(address: str, name: str = "Le centre", reply_to: str = "") -> List:
    return List(title="Lettre", sender=Mailbox(address, name), reply_to=reply_to)


@pytest.mark.parametrize(
    ("settings", "severity", "said"),
    [
        (listed("centre@gmail.com"), "error", "provider"),
        (listed("centre@Orange.fr"), "error", "provider"),
        (listed("root@localhost"), "error", "no domain"),
        (listed("lettre@example.org", name=""), "warning", "no name"),
        (listed("no-reply@example.org"), "warning", "nobody reads"),
        (listed("lettre@example.org", reply_to="ne-pas-repondre@example.org"), "warning", "nobody reads"),
    ],
)
def test_senders_that_should_be_another(settings: List, severity: str, said: str) -> None:
    [told] = sender("lettre", settings, {})
    assert (told.severity, told.check, told.where) == (severity, "sender", "config.toml, lists.lettre")
    assert said in told.what


def test_addresses_that_cannot_be_mailed_are_told_with_their_reason() -> None:
    settings = listed("lettre@example.org", reply_to="a b@example.org")
    [told] = sender("lettre", settings, {"a b@example.org": "has a blank"})
    assert (told.severity, told.what) == ("error", "reply_to: has a blank")


@pytest.mark.parametrize(
    "settings", [listed("lettre@example.org"), listed("noreply@example.org", reply_to="a@example.org")]
)
def test_a_sender_that_answers_is_fine(settings: List) -> None:
    assert list(sender("lettre", settings, {})) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_shipped_letters_are_twins(language: str) -> None:
    pieces = master(CONTENTS, language, NONCE, templates())
    assert list(twins(CONTENTS, letter(language), pieces, templates(), LINKS)) == []


def test_a_neighbour_in_the_style_sheet_makes_them_differ() -> None:
    """Alone, the second article of this letter is first; in the master it is not."""
    files = templates(style_css=templates()["style.css"] + ".section tr + tr + tr td.article { padding: 40px }")
    some = letter(blocks=(Block(0, ((0, Form.FULL),)), Block(2, ((4, Form.FULL), (2, Form.FULL))), Block(TITLES, ())))
    [told] = twins(CONTENTS, some, master(CONTENTS, "fr", NONCE, files), files, LINKS)
    assert (told.severity, told.check) == ("error", "assembly")
    assert "padding:40px" in told.what.replace(" ", "")


def test_pieces_that_were_printed_before_a_template_changed_differ_in_the_text_too() -> None:
    pieces = master(CONTENTS, "fr", NONCE, templates())
    files = templates(line_txt="{{ article.title }} - {{ article.url }}\n")
    [told] = twins(CONTENTS, letter(), pieces, files, LINKS)
    assert "in the text part" in told.what


def test_a_letter_that_is_too_heavy_is_told() -> None:
    files = templates(page_html=templates()["page.html"].replace('<p class="why">', f'<p class="why">{"x" * 100_000}'))
    [told] = twins(CONTENTS, letter(), master(CONTENTS, "fr", NONCE, files), files, LINKS)
    assert (told.severity, told.check, told.where) == ("error", "size", "page.html")
