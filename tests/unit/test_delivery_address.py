"""Addresses and the words beside them, as a relay and a reader's mail program understand them."""

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.delivery.address import a_labels, angled, as_bytes, mailbox, normalise
from newsletter.delivery.header import clean, phrase, unstructured
from newsletter.errors import AudienceError

FRENCH = st.text("éèàùœÉ' «»\u00a0\u202fabcdefgh-,.:;!?\"\\()<>@=_😀", max_size=300)


@pytest.mark.parametrize(
    ("written", "mailed", "key"),
    [
        ("lea@example.org", "lea@example.org", "lea@example.org"),
        ("  Lea@Example.ORG\r\n", "Lea@example.org", "lea@example.org"),
        ("\ufefflea@example.org\u200b", "lea@example.org", "lea@example.org"),
        ("lea@rivières.example.org", "lea@xn--rivires-5xa.example.org", "lea@xn--rivires-5xa.example.org"),
        ("Lea@xn--rivires-5xa.example.org", "Lea@xn--rivires-5xa.example.org", "lea@xn--rivires-5xa.example.org"),
        ("lea+eau@lettre.test", "lea+eau@lettre.test", "lea+eau@lettre.test"),
        ("lea@nulle-part.invalid", "lea@nulle-part.invalid", "lea@nulle-part.invalid"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org", "x" * 64 + "@example.org"),
    ],
)
def test_address_as_mailed_and_as_compared(written, mailed, key):
    assert normalise(written) == (mailed, key)


UNMAILABLE = """
|lea|@example.org|lea@|lea@@example.org|lea@example..org|lea@localhost|lea@[127.0.0.1]|lea@router.local|lea@a b.org
"lea b"@example.org|"lea"@example.org|lea(eau)@example.org|Léa <lea@example.org>|lea@exa_mple.org|a@x.org,b@x.org
"""
LONG = (
    "x" * 65 + "@example.org",
    "lea@" + ".".join(["x" * 60] * 5) + ".org",
    "x" * 64 + "@" + ".".join(["x" * 60] * 4),
)
BROKEN = ("lea@example.org\nBcc: x@example.org", "lea\r\n@example.org", "lea@example.org\0", "lea@é\x85.org")


@pytest.mark.parametrize("written", [*UNMAILABLE.strip("\n").replace("\n", "|").split("|"), *LONG, *BROKEN])
def test_what_cannot_be_mailed_is_refused_in_one_line(written):
    with pytest.raises(AudienceError) as caught:
        normalise(written)
    assert "\n" not in str(caught.value)
    assert "correct the address" in str(caught.value)


def test_an_accent_before_the_at_sign_is_refused_and_never_encoded():
    with pytest.raises(AudienceError, match="without accents"):
        normalise("françois@example.org")


@pytest.mark.parametrize(
    "address", ["", "lea", "léa@example.org", "a b@example.org", "a@b>c", "a@b.org\r\nDATA", "<a@b>"]
)
def test_nothing_but_an_address_goes_on_the_wire(address):
    with pytest.raises(AudienceError):
        as_bytes(address)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("", b"lea@example.org"),
        ("Lea Martin", b"Lea Martin <lea@example.org>"),
        ("Martin, Lea", b'"Martin, Lea" <lea@example.org>'),
        ('Lea "L" \\', b'"Lea \\"L\\" \\\\" <lea@example.org>'),
        ("Léa", b"=?utf-8?q?L=C3=A9a?= <lea@example.org>"),
        ("=?utf-8?q?x?=", b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= <lea@example.org>"),
        ("Lea\r\nBcc: x@example.org", b'"Lea Bcc: x@example.org" <lea@example.org>'),
    ],
)
def test_mailbox(name, header):
    assert mailbox(name, "lea@example.org", used=6) == header


def lines_are_right(value: bytes, used: int) -> None:
    first, *others = value.split(b"\r\n")
    assert used + len(first) <= 78
    assert all(len(line) <= 78 and line.startswith(b" ") and line.strip() for line in others)
    for line in (b" " * used + first, *others):
        words = re.findall(rb"=\?\S*\?=", line)
        assert not words or len(line.partition(b" <")[0]) <= 76
        for word in words:
            assert len(word) <= 75
            decode_header(word.decode())[0][0].decode()  # whole characters in each


@given(FRENCH | st.text(max_size=300))
@example("Les élèves de l'école des trois rivières découvrent la station d'épuration\u202f! " * 4)
@example("x" * 300)
@example("é" * 300)
@example("a" * 60 + " é")
@example("= ?=?utf-8?q?injected?=")
def test_subject_reads_as_it_was_written(text):
    value = unstructured(text, used=9)
    lines_are_right(value, 9)
    message = message_from_bytes(b"Subject: " + value + b"\r\nX: y\r\n\r\n")
    assert message.keys() == ["Subject", "X"]
    unfolded = message["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(unfolded))) == clean(text).encode("utf-8", "replace").decode()


def test_plain_words_stay_plain():
    long = "The three rivers and what lives in them, " * 4
    assert unstructured("The three rivers", used=9) == b"The three rivers"
    assert unstructured(long, used=9).replace(b"\r\n", b"").decode() == long.strip()
    assert b"=?" not in unstructured(long, used=9)


@given(FRENCH)
@example("Centre de ressources des Trois Rivières, pôle « eau et éducation », Saint-Étienne-des-Sources " * 2)
@example('"' * 30)
def test_display_name_reads_as_it_was_written_and_the_address_is_untouched(name):
    value = mailbox(name, "lettre@xn--rivires-5xa.example.org", used=6)
    if not clean(name).isascii():
        lines_are_right(value, 6)
    message = message_from_bytes(b"From: " + value + b"\r\nX: y\r\n\r\n")
    assert message.keys() == ["From", "X"]
    words, address = parseaddr(message["From"])
    assert address == "lettre@xn--rivires-5xa.example.org"
    assert str(make_header(decode_header(words))) == clean(name)


def test_brackets_go_to_a_line_of_their_own_where_there_is_no_room():
    assert angled(b"x" * 60, b"y" * 30, used=6) == b"x" * 60 + b"\r\n <" + b"y" * 30 + b">"
    assert angled(phrase("é" * 11, used=6), b"y" * 30, used=6).endswith(b"?= <" + b"y" * 30 + b">")
    assert angled(phrase("é" * 18, used=6), b"y" * 30, used=6).endswith(b"?=\r\n <" + b"y" * 30 + b">")


def test_domains_of_ids_are_a_labels():
    assert a_labels("eau.Rivières.example.org") == "eau.xn--rivires-5xa.example.org"
    assert a_labels("Eau.Example.org") == "eau.example.org"
    with pytest.raises(AudienceError, match="no domain name"):
        a_labels("é .org")
