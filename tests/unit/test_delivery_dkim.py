"""Signatures, verified by dkimpy, which shares no code with ours; whatever was altered on the way fails."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from newsletter.config import Mailbox
from newsletter.delivery.dkim import Signer, unsigned
from newsletter.delivery.keyfile import PrivateKey
from newsletter.delivery.message import Stationery, compose, subject_header
from newsletter.delivery.notice import notice
from newsletter.delivery.quoted import encode
from newsletter.digest.assemble import Body

NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
CHARACTERS = "aeéèàçœ.,;:!?=-_<>&\"'/ \t\u00a0\u202f«»€\nFrom .😀"
OVERSIGNED = (
    *("From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID"),
    *("Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post"),
)


@cache
def key() -> PrivateKey:
    return PrivateKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def signer(moment: datetime = NOW) -> Signer:
    return Signer("troisrivieres.example.org", "letters", moment, key().sign)


def verified(message: bytes, *, public: str = "") -> bool:
    """What a receiver finds who knows the key from DNS."""
    record = f"v=DKIM1; k=rsa; p={public or key().public}".encode()
    asked = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record

    good = dkim.verify(message, dnsfunc=dns, minkey=2048)
    assert set(asked) <= {b"letters._domainkey.troisrivieres.example.org."}
    return good


def letter(dice: random.Random, **changed: object) -> bytes:
    def words(most: int) -> str:
        return "".join(dice.choices(CHARACTERS, k=dice.randrange(1, most)))

    stationery = Stationery.of(
        sender=Mailbox("lettre@troisrivieres.example.org", words(60).replace("\n", " ")),
        date=NOW,
        list_id="eau.troisrivieres.example.org",
        title=words(120),
        nonce="k7Qx2",
        **{"reply_to": "accueil@example.org", "archive": "https://example.org/a", "feedback": "a:b:c:d"} | changed,
    )
    return compose(
        stationery,
        to=f"lecteur.{dice.randrange(999)}@example.org",
        message_id=f"{dice.randrange(10**9)}@example.org",
        subject=subject_header(words(200)),
        unsubscribe=f"https://www.example.org/unsubscribe/{'x' * dice.randrange(1, 900)}",
        text=[encode(words(400)), encode("." * dice.randrange(3))],
        html=[encode(words(400)), encode("\n" * dice.randrange(5))],
    )


LETTER = letter(random.Random(0))


@pytest.mark.parametrize("seed", range(3))
def test_hundreds_of_letters_verify_and_no_altered_copy_does(seed: int) -> None:
    dice, sign = random.Random(seed), signer()
    for _ in range(100):
        plain = letter(dice)
        signed = sign(plain)
        assert signed.endswith(plain)
        assert all(len(line) <= 78 for line in signed.removesuffix(plain).split(b"\r\n"))
        assert verified(signed)
        # one letter of the body becomes another one
        place = dice.choice([n for n in range(signed.index(b"\r\n\r\n"), len(signed)) if signed[n : n + 1].isalpha()])
        other = b"x" if signed[place : place + 1] != b"x" else b"y"
        assert not verified(signed[:place] + other + signed[place + 1 :])


@pytest.mark.parametrize("missing", ["reply_to", "archive", "feedback"])
def test_a_letter_without_some_header_verifies(missing: str) -> None:
    assert verified(signer()(letter(random.Random(1), **{missing: ""})))


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"\r\n\r\n", b"a", b"a\r\n", b"a \r\n\r\n\r\n", b"\r\n\r\na\r\n\r\n", b"."]
)
def test_however_a_body_ends(body: bytes) -> None:
    """The trap of the empty lines: a pattern for them matches twice at the end, and a body gets two line ends."""
    signed = signer()(b"From: a@troisrivieres.example.org\r\nSubject: a\r\n b\r\n\r\n" + body)
    assert verified(signed)
    assert verified(signed.rstrip(b"\r\n") + b"\r\n" * 3 if body.strip() else signed)  # a relay adds empty lines


def test_headers_may_be_folded_anew_on_the_way() -> None:
    signed = signer()(b"From:  a@example.org \r\nSubject: one\r\n\ttwo   three\r\nDATE: x\r\n\r\nbody\r\n")
    assert verified(signed)
    refolded = b"From: a@example.org\r\nsubject: one two\r\n  three\r\nDate: x\r\n\r\nbody\r\n"
    assert verified(signed[: signed.index(b"From:")] + refolded)


def test_of_several_headers_of_a_name_the_last_is_signed_first() -> None:
    signed = signer()(b"From: a@example.org\r\nList-Id: <a>\r\nSubject: a\r\nList-Id: <b>\r\n\r\nbody\r\n")
    assert verified(signed)


@pytest.mark.parametrize("name", OVERSIGNED)
def test_nobody_adds_a_further_header(name: str) -> None:
    """Mail programs show the first or the last of two, as they like."""
    signed = signer()(LETTER)
    assert verified(signed)
    assert verified(b"X-Spam: no\r\n" + signed)
    further = f"{name}: boss@evil.example\r\n".encode()
    assert not verified(further + signed)
    head, _, body = signed.partition(b"\r\n\r\n")
    assert not verified(head + b"\r\n" + further + b"\r\n" + body)


def test_headers_cannot_be_changed_or_taken_out() -> None:
    signed = signer()(LETTER)
    names = [name for name in message_from_bytes(LETTER) if name not in ("Precedence", "X-Auto-Response-Suppress")]
    assert {"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID"} < set(names)
    for name in names:
        at = signed.index(f"\r\n{name}: ".encode()) + 2
        assert not verified(signed[:at] + b"X-" + signed[at:]), name


def test_a_notice_verifies() -> None:
    made = notice(
        sender=Mailbox("lettre@troisrivieres.example.org", "Lettre"),
        to="lea@example.org",
        date=NOW,
        message_id="1@example.org",
        nonce="abc",
        subject="Votre confirmation, s’il vous plaît",
        body=Body("<p>.\n\n", "Bonjour\n\n\n"),
    )
    signed = signer()(made)
    assert verified(signed)
    assert not verified(signed.replace(b"auto-generated", b"no"))


def test_another_key_verifies_nothing() -> None:
    other = PrivateKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert not verified(signer()(LETTER), public=other.public)


def test_a_resumed_send_signs_the_same_bytes() -> None:
    assert signer()(LETTER) == signer()(LETTER)
    assert b" t=1712041200;" in signer()(LETTER)
    assert signer(NOW + timedelta(seconds=1))(LETTER) != signer()(LETTER)


def test_the_signature_says_nothing_that_weakens_it() -> None:
    """No l=, which lets anyone append; no x=, which would end before the retries do (RFC 6376 §8.2)."""
    value = signer().signature(*LETTER.split(b"\r\n\r\n", 1)).partition(b":")[2]
    tags = dict(part.strip().split(b"=", 1) for part in value.split(b";"))
    assert [*tags] == [b"v", b"a", b"c", b"t", b"d", b"s", b"h", b"bh", b"b"]
    assert (tags[b"a"], tags[b"c"], tags[b"d"]) == (b"rsa-sha256", b"relaxed/simple", b"troisrivieres.example.org")


def test_many_threads_share_a_signer() -> None:
    sign, letters = signer(), [letter(random.Random(seed)) for seed in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(sign, letters)) == [sign(each) for each in letters]


def test_without_a_key_nothing_changes() -> None:
    assert unsigned(LETTER) is LETTER
