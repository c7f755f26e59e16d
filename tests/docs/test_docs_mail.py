"""docs/reference/mail.md names the headers of a message, in their order."""

from __future__ import annotations

import re

from newsletter.config import RETRY_MINUTES, Mailbox
from newsletter.delivery.answers import SPREAD
from newsletter.delivery.message import Stationery, compose, subject_header
from newsletter.tokens import SIGNATURE
from tests.docs.pages import codes, read, sections
from tests.letters import NONCE, at

PAGE = read("docs/reference/mail.md")


def message() -> bytes:
    stationery = Stationery.of(
        sender=Mailbox("lettre@example.org", "Centre de ressources"),
        date=at(2024, 4, 2, 9),
        list_id="lettre.example.org",
        title="La lettre",
        nonce=NONCE,
        reply_to="contact@example.org",
        archive="https://www.example.org/issues/lettre/2024-04-02.html",
        feedback="lettre-2024-04-02:lettre:letter:example.org",
    )
    return compose(
        stationery,
        to="lectrice@example.org",
        message_id="1@example.org",
        subject=subject_header("La lettre"),
        unsubscribe="https://www.example.org/unsubscribe/x",
        text=[b"x"],
        html=[b"x"],
    )


def test_every_header_is_documented_in_its_order_with_its_rule() -> None:
    written = re.findall(rb"^([\w-]+):", message().partition(b"\r\n\r\n")[0], re.MULTILINE)
    rows = next(section.rows() for section in sections(PAGE) if section.heading == "Headers")
    assert [row[0].strip("`") for row in rows] == [name.decode() for name in written]
    assert [row for row in rows if len(row) != 4 or not row[3]] == []


def test_numbers_that_are_told() -> None:
    assert f"{SIGNATURE * 8} bits" in " ".join(PAGE.split())
    hours = [minutes / 60 for minutes in RETRY_MINUTES]
    assert hours[:3] == [0.5, 1, 2]  # half an hour, then an hour, doubling
    assert max(hours) == 4  # up to four hours
    assert SPREAD == 1 / 5  # up to a fifth longer


def test_nothing_is_named_that_is_not_there() -> None:
    absent = [name for name in ("Bcc", "Return-Path") if re.search(rf"^{name}:".encode(), message(), re.MULTILINE)]
    assert absent == []
    assert "List-Unsubscribe=One-Click" in codes(PAGE)
