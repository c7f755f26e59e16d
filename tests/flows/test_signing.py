"""What leaves the house is signed where a key is configured, and comes back to an address of its own."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from functools import cache
from pathlib import Path
from threading import Event

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from newsletter.delivery.keyfile import PrivateKey
from newsletter.delivery.returning import returned
from newsletter.domains import DomainKey
from newsletter.errors import ConfigError, DeliveryError
from newsletter.model import Books
from newsletter.pipeline import drafting, inspecting, inviting, noticing, rehearsing
from newsletter.store import keys
from tests.flows.office import BOB, FROM, HOUR, LEA, Office, office
from tests.unit.test_delivery_dkim import verified
from tests.unit.test_delivery_keyfile import kept, pem

BOUNCES = "rebonds@troisrivieres.example.org"


@cache
def secret() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(here: Office) -> None:
    """Give the office a key."""
    kept(here.root, pem(secret()))
    config = here.publication.config
    dkim = {"troisrivieres.example.org": DomainKey(selector="letters", key_file="dkim.pem")}
    mail = msgspec.structs.replace(config.mail, dkim=dkim)
    here.publication = replace(here.publication, config=msgspec.structs.replace(config, mail=mail))


def listed(here: Office, **settings: object) -> None:
    config = here.publication.config
    lists = {"lettre": msgspec.structs.replace(config.lists["lettre"], **settings)}
    here.publication = replace(here.publication, config=msgspec.structs.replace(config, lists=lists))


def good(here: Office) -> list[bool]:
    here.relay.settle()
    return [verified(message.data, public=PrivateKey(secret()).public) for message in here.relay.messages]


def test_every_letter_is_signed(tmp_path: Path) -> None:
    with office(tmp_path, connections=2) as here:
        signed(here)
        assert here.send().books == Books(4, sent=4)
        assert good(here) == [True] * 4
        assert {message.sender for message in here.relay.messages} == {FROM}


@pytest.mark.parametrize(
    ("authority", "sender_id"),
    [("", "troisrivieres.e"), ("www.eau.fr", "eau.fr"), ("a.fr", "a.fr-"), ("rivières.fr", "xn--rivires-5xa")],
)
def test_gmail_knows_the_sender_by_five_to_fifteen_letters(tmp_path: Path, authority: str, sender_id: str) -> None:
    with office(tmp_path) as here:
        config = here.publication.config
        site = msgspec.structs.replace(config.site, authority=authority)
        here.publication = replace(here.publication, config=msgspec.structs.replace(config, site=site))
        rehearsing.send_test(here.publication, "lettre", BOB)
        here.relay.settle()
        (letter,) = here.relay.messages
        found = message_from_bytes(letter.data)["Feedback-ID"]
        assert found == f"lettre-2024-04-02:lettre:letter:{sender_id}"


def test_letters_are_not_signed_without_a_key(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.send()
        assert not any(b"DKIM-Signature" in message.data for message in here.relay.messages)


def test_a_letter_that_is_tried_again_is_the_same_to_the_byte(tmp_path: Path) -> None:
    with office(tmp_path, {LEA: ["keep, then 451 later at DOT"]}) as here:
        signed(here)
        listed(here, bounces=BOUNCES)
        here.send()
        here.wait(HOUR)
        assert here.retry().books == Books(4, sent=4)
        here.relay.settle()
        first, again = (message for message in here.relay.messages if message.recipient == LEA)
        assert first == again
        assert b"DKIM-Signature" in first.data


def test_what_stands_in_no_ledger_is_signed_too(tmp_path: Path) -> None:
    """A test letter, which staff look at to see whether signing works, and a letter to an editor."""
    with office(tmp_path) as here:
        signed(here)
        listed(here, editors=("chef@example.org",), bounces=BOUNCES)
        rehearsing.send_test(here.publication, "lettre", BOB)
        made = drafting.freeze(here.publication, "lettre", lambda edits: edits, "ada")
        assert made is not None
        inviting.invite(here.publication, made)
        assert list(noticing.drain(here.publication, Event())) == []
        assert good(here) == [True, True]
        assert {message.sender for message in here.relay.messages} == {BOUNCES}
        notice = message_from_bytes(here.relay.messages[1].data)
        assert (notice["Auto-Submitted"], notice["List-Unsubscribe"]) == ("auto-generated", None)


def test_each_letter_comes_back_to_an_address_of_its_own(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        listed(here, bounces=BOUNCES)
        here.send()
        here.relay.settle()
        with here.publication.store.read() as connection:
            secrets = keys.everything(connection)
            rows = dict(connection.exec_driver_sql("SELECT message_id, id FROM delivery").fetchall())
        found = {message.message_id: returned(message.sender, secrets) for message in here.relay.messages}
        assert found == rows
        assert len(set(rows.values())) == 4
        assert all(message.sender.startswith("rebonds+") for message in here.relay.messages)
        assert not any(b"rebonds" in message.data for message in here.relay.messages)


def test_a_relay_that_refuses_the_return_path_is_told_with_it(tmp_path: Path) -> None:
    with office(tmp_path, {"*": "553 not yours at MAIL"}) as here:
        listed(here, bounces=BOUNCES)
        with pytest.raises(
            DeliveryError, match=r"refuses the sender rebonds\+[a-z2-7]+@troisrivieres\.example\.org: 553"
        ):
            here.send()


def test_a_key_that_cannot_be_used_stops_a_send_before_its_first_letter(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        signed(here)
        (tmp_path / "dkim.pem").chmod(0o644)
        (found,) = [
            each for each in inspecting.inspect(here.publication, "lettre").findings if each.severity == "error"
        ]
        assert (found.check, found.where) == ("sender", "config.toml, mail.dkim")
        assert "everybody on this machine" in found.what
        with pytest.raises(ConfigError, match="everybody on this machine"):
            here.send()
        assert here.recipients() == []
        assert here.books() == Books(4, planned=4)
        (tmp_path / "dkim.pem").chmod(0o600)
        assert here.send().books == Books(4, sent=4)
