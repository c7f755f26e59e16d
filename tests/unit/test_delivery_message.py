"""Whole messages, read back by a mail parser, against what they were made of."""

import random
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from zoneinfo import ZoneInfo

import pytest

from newsletter.config import Mailbox
from newsletter.delivery.message import Stationery, compose, subject_header
from newsletter.delivery.quoted import encode
from newsletter.errors import AudienceError, DeliveryError

SENDER = Mailbox("lettre@rivières.example.org", "Centre de ressources des Trois Rivières")
ISSUE = {
    "sender": SENDER,
    "date": datetime(2024, 4, 2, 9, tzinfo=ZoneInfo("Europe/Paris")),
    "list_id": "eau.www.troisrivieres.example.org",
    "title": "La lettre de l'eau et des élèves",
    "nonce": "k7Qx2",
    "reply_to": "accueil@troisrivieres.example.org",
    "archive": "https://www.troisrivieres.example.org/issues/eau/2024-04-02.html",
    "feedback": "2024-04-02:eau:digest:troisrivieres",
}
STATIONERY = Stationery.of(**ISSUE)
UNSUBSCRIBE = "https://www.troisrivieres.example.org/unsubscribe/" + "aB3-" * 62 + "fin"
READER = {
    "to": "lea@xn--rivires-5xa.example.org",
    "message_id": "7f3a.12@troisrivieres.example.org",
    "subject": subject_header("L'été"),
    "unsubscribe": UNSUBSCRIBE,
    "text": [encode("Bonjour")],
    "html": [encode("<p>Bonjour</p>")],
}
CHARACTERS = "aeéèàçœ.,;:!?=-_<>&\"'/ \u00a0\u202f«»€\nFrom .😀"


def read(data):
    message = message_from_bytes(data, policy=policy.SMTP)
    assert [part.defects for part in message.walk()] == [[], [], []]
    return message


def raw(data, name):
    """The value of a header, unfolded by the rule of RFC 5322 §2.2.3 and nothing else."""
    return str(message_from_bytes(data)[name]).replace("\r\n", "")


def words(generator, most):
    return "".join(generator.choices(CHARACTERS, k=generator.randrange(1, most)))


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_messages_say_what_they_were_made_of(seed):
    generator = random.Random(seed)
    for number in range(500):
        subject = words(generator, 200).replace("\n", " ")
        text, html = (words(generator, 300) for _ in range(2))
        unsubscribe = f"https://www.troisrivieres.example.org/u/{'x' * generator.randrange(1, 900)}"
        to, message_id = f"reader.{number}@example.org", f"{number}.{seed}@example.org"
        data = compose(
            STATIONERY,
            to=to,
            message_id=message_id,
            subject=subject_header(subject),
            unsubscribe=unsubscribe,
            text=[encode(text[:50]), encode(text[50:])],
            html=[encode(html)],
        )
        lines = data.split(b"\r\n")
        assert data.isascii()
        assert b"\n" not in b"".join(lines)
        assert b"=\r\n\r\n--=_" not in data  # a body does not end in a soft break
        assert all(len(line) <= 998 and not line.startswith((b".", b"From ")) for line in lines)
        assert [
            line for line in lines if len(line) > 78 and not line.startswith((b"List-Unsubscribe: ", b"List-Archive: "))
        ] == []
        message = read(data)
        plain, page = message.iter_parts()
        assert message.get_content_type() == "multipart/alternative"
        assert (plain.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
        assert plain.get_payload(decode=True).decode() == text.replace("\n", "\r\n")
        assert page.get_payload(decode=True).decode() == html.replace("\n", "\r\n")
        old = message_from_bytes(data)  # as it stands, without the modern policy's understanding of headers
        assert str(make_header(decode_header(old["Subject"].replace("\r\n", "")))) == re.sub(" +", " ", subject).strip(
            " "
        )
        assert (old["To"], old["Message-ID"]) == (message["To"], message["Message-ID"]) == (to, f"<{message_id}>")
        assert old["List-Unsubscribe"] == message["List-Unsubscribe"] == f"<{unsubscribe}>"


def test_headers_that_staff_and_providers_look_for():
    data = compose(STATIONERY, **READER)
    message = message_from_bytes(data)
    assert sorted(set(message.keys())) == sorted(message.keys())
    assert {name: raw(data, name) for name in message if name not in ("From", "List-Id")} == {
        "To": "lea@xn--rivires-5xa.example.org",
        "Message-ID": "<7f3a.12@troisrivieres.example.org>",
        "Subject": "=?utf-8?q?L=27=C3=A9t=C3=A9?=",
        "List-Unsubscribe": f"<{UNSUBSCRIBE}>",
        "Reply-To": "accueil@troisrivieres.example.org",
        "Date": "Tue, 02 Apr 2024 09:00:00 +0200",
        "MIME-Version": "1.0",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://www.troisrivieres.example.org/issues/eau/2024-04-02.html>",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": "2024-04-02:eau:digest:troisrivieres",
        "Content-Type": 'multipart/alternative; boundary="=_k7Qx2"',
    }
    assert data.startswith(b"To: ")
    assert data.endswith(b"\r\n--=_k7Qx2--\r\n")


def test_foreign_letters_are_encoded_in_names_and_never_in_addresses():
    data = compose(STATIONERY, **READER)
    name, address = raw(data, "From").rsplit(" ", 1)
    title, list_id = raw(data, "List-Id").rsplit(" ", 1)
    assert address == "<lettre@xn--rivires-5xa.example.org>"
    assert list_id == "<eau.www.troisrivieres.example.org>"
    assert str(make_header(decode_header(name))) == SENDER.name
    assert str(make_header(decode_header(title))) == ISSUE["title"]


def test_parts_are_text_first_and_both_say_how_they_are_written():
    plain, page = read(compose(STATIONERY, **READER)).iter_parts()
    for part, kind in ((plain, "plain"), (page, "html")):
        assert part.items() == [
            ("Content-Type", f'text/{kind}; charset="utf-8"'),
            ("Content-Transfer-Encoding", "quoted-printable"),
        ]


def test_the_boundary_is_in_no_body():
    text = "--=_k7Qx2\n--=_k7Qx2--\n"
    plain, _ = read(compose(STATIONERY, **READER | {"text": [encode(text)], "html": [encode(text)]})).iter_parts()
    assert plain.get_payload(decode=True).decode() == text.replace("\n", "\r\n")


def test_the_same_reader_gets_the_same_bytes():
    assert compose(STATIONERY, **READER) == compose(Stationery.of(**ISSUE), **READER)


def test_what_is_not_given_is_no_header():
    bare = Stationery.of(**ISSUE | {"reply_to": "", "archive": "", "feedback": ""})
    names = message_from_bytes(compose(bare, **READER)).keys()
    assert not {"Reply-To", "List-Archive", "Feedback-ID"} & set(names)


def test_no_value_opens_a_header_of_its_own():
    evil = "été\r\nBcc: x@example.org\n\n<p>"
    stationery = Stationery.of(**ISSUE | {"title": evil, "sender": Mailbox(SENDER.address, evil)})
    message = read(compose(stationery, **READER | {"subject": subject_header(evil)}))
    assert message["Bcc"] is None
    assert message["Subject"] == "été Bcc: x@example.org <p>"


@pytest.mark.parametrize("field", ["message_id", "unsubscribe"])
@pytest.mark.parametrize(
    "value", ["a b@example.org", "a\r\nBcc: x@example.org", "é@example.org", "a>b@example.org", ""]
)
def test_ids_and_urls_stand_as_they_are_or_not_at_all(field, value):
    with pytest.raises(DeliveryError, match="cannot stand in a mail header"):
        compose(STATIONERY, **READER | {field: value})


def test_the_feedback_id_is_never_encoded_however_long_it_is():
    """The standard library and our own words for people would make an encoded word of it, which Gmail cannot read."""
    long = f"{'la-lettre-hebdomadaire-' * 4}2024-04-02:lettre:letter:troisrivieres.e"
    assert raw(compose(Stationery.of(**ISSUE | {"feedback": long}), **READER), "Feedback-ID") == long
    with pytest.raises(DeliveryError, match="cannot stand in a mail header"):
        Stationery.of(**ISSUE | {"feedback": "a\r\nBcc: x@example.org"})


def test_unsubscribe_address_that_no_line_can_hold():
    longest = "https://x.example.org/" + "x" * 956
    assert max(map(len, compose(STATIONERY, **READER | {"unsubscribe": longest}).split(b"\r\n"))) == 998
    with pytest.raises(DeliveryError, match=r"shorten web\.url"):
        compose(STATIONERY, **READER | {"unsubscribe": longest + "x"})


@pytest.mark.parametrize("to", ["", "lea", "léa@example.org", "a@example.org\r\nBcc: x@example.org"])
def test_nobody_else_is_addressed(to):
    with pytest.raises(AudienceError):
        compose(STATIONERY, **READER | {"to": to})


def test_a_date_needs_its_zone():
    with pytest.raises(ValueError, match="zone"):
        Stationery.of(**ISSUE | {"date": datetime(2024, 4, 2)})
    utc = Stationery.of(**ISSUE | {"date": datetime(2024, 4, 2, tzinfo=UTC)})
    assert b"\r\nDate: Tue, 02 Apr 2024 00:00:00 +0000\r\n" in utc.headers
