"""Quoted-printable pieces: whatever is joined reads as what was written, and no line is one that mail systems touch."""

import quopri
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.delivery.quoted import encode, finish

MARKS = (
    "From ",
    "From",
    "rom ",
    ".",
    "..",
    "=",
    "=20",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "é",
    "€",
    "😀",
    "\u202f",
    "\u2028",
)
RUNS = ("https://www.troisrivieres.example.org/u/" + "aB3" * 30, "x" * 73, "x" * 72, "é" * 25, "\x00", "\x0b")
WORDS = st.sampled_from((*MARKS, *RUNS))
TEXTS = st.lists(WORDS | st.text(max_size=90)).map("".join)


def crlf(text: str) -> str:
    return "\r\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def as_read(body: bytes) -> str:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    message = message_from_bytes(head + body, policy=policy.SMTP)
    assert not message.defects
    return message.get_payload(decode=True).decode()


@given(st.lists(TEXTS, max_size=6))
@example(["From", " here", ".", ".", "\n", ".\nFrom x"])
@example([" ", "\t", "\r", "\n", ""])
@example(["x" * 71 + "=", "x" * 72 + "é", "x" * 73 + "."])
def test_joined_pieces_read_as_the_joined_text(pieces):
    body = b"".join(finish([encode(piece) for piece in pieces]))
    assert as_read(body) == "".join(crlf(piece) for piece in pieces)
    assert quopri.decodestring(body).decode() == "".join(crlf(piece) for piece in pieces)


@given(st.lists(TEXTS, max_size=6))
@example(["x", "", ""])
@example(["." * 80, "From " * 40, "=" * 30])
def test_no_line_needs_mending_on_the_way(pieces):
    body = b"".join(finish([encode(piece) for piece in pieces]))
    assert body.isascii()
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert not body.endswith(b"=\r\n")
    for line in body.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))


@given(TEXTS)
def test_every_piece_ends_where_a_line_begins(text):
    assert encode(text)[-2:] in (b"", b"\r\n")


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("", b""),
        ("a", b"a=\r\n"),
        ("a\n", b"a\r\n"),
        (".", b"=2E=\r\n"),
        ("a\n.\nFrom b", b"a\r\n=2E\r\n=46rom b=\r\n"),
        ("Fromage", b"Fromage=\r\n"),
        ("a \nb\t", b"a=20\r\nb=09=\r\n"),
        ("a=b", b"a=3Db=\r\n"),
        ("x" * 73 + ".", b"x" * 73 + b"=\r\n=2E=\r\n"),
        ("x" * 71 + "é", b"x" * 71 + b"=\r\n=C3=A9=\r\n"),
        ("x" * 70 + "é", b"x" * 70 + b"=C3=\r\n=A9=\r\n"),
        ("\ud800", b"?=\r\n"),
    ],
)
def test_piece(text, piece):
    assert encode(text) == piece
