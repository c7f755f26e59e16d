"""Return paths: a bounce names its delivery, however its address was mangled, and nobody else can make one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.address import as_bytes
from newsletter.delivery.returning import return_path, returned
from newsletter.domains import LONGEST_BOX
from newsletter.tokens import Purpose, sign_caseless

SECRETS = {1: b"first secret, long since replaced", 2: b"the secret that signs now"}
BOUNCES = "rebonds@example.org"
deliveries = st.integers(0, 2**63 - 1)


@given(deliveries, st.sampled_from(sorted(SECRETS)), st.randoms())
def test_a_bounce_names_its_delivery_whatever_became_of_its_case(delivery: int, key: int, dice: object) -> None:
    address = return_path(BOUNCES, key, SECRETS[key], delivery)
    assert re.fullmatch(r"rebonds\+[a-z2-7]+@example\.org", address)
    assert as_bytes(address)
    mangled = "".join(dice.choice((letter.lower(), letter.upper())) for letter in address)
    for written in (address, address.lower(), address.upper(), mangled, f"<{address}>", f" {address} "):
        assert returned(written, SECRETS) == delivery


def test_a_forwarder_may_wrap_the_address() -> None:
    local, domain = return_path(BOUNCES, 2, SECRETS[2], 7).split("@")
    assert returned(f"SRS0=HHH=TT={domain}={local}@forwarder.example", SECRETS) == 7
    assert returned(f"all+{local}@forwarder.example", SECRETS) == 7
    assert returned(f"{local}@mail.example.org", SECRETS) == 7


@pytest.mark.parametrize("delivery", [1, 2**35 - 1])
def test_the_longest_mailbox_still_makes_an_address(delivery: int) -> None:
    """RFC 5321 §4.5.3.1.1: 64 octets before the @; thirty thousand million deliveries, sixteen thousand keys."""
    address = return_path(f"{'b' * LONGEST_BOX}@example.org", 2**14 - 1, b"secret", delivery)
    assert len(address.partition("@")[0]) <= 64


@given(deliveries, st.integers(0), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_touched_address_names_nothing(delivery: int, place: int, other: str) -> None:
    token = sign_caseless(2, SECRETS[2], Purpose.BOUNCE, delivery)
    place %= len(token) - 1  # the last letter holds bits that mean nothing
    touched = token[:place] + other + token[place + 1 :]
    assert (returned(f"rebonds+{touched}@example.org", SECRETS) == delivery) is (touched == token)


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.BOUNCE])
def test_a_link_of_a_letter_is_no_bounce(purpose: Purpose) -> None:
    assert returned(f"rebonds+{sign_caseless(2, SECRETS[2], purpose, 7)}@example.org", SECRETS) is None


def test_an_address_with_another_secret_or_an_unknown_key_names_nothing() -> None:
    assert returned(return_path(BOUNCES, 2, SECRETS[1], 7), SECRETS) is None
    assert returned(return_path(BOUNCES, 3, SECRETS[2], 7), SECRETS) is None


@given(st.text() | st.from_regex(r"[a-z+]*\+[A-Za-z2-7=]{0,60}@example\.org", fullmatch=True))
def test_whatever_else_comes_names_nothing(address: str) -> None:
    assert returned(address, SECRETS) is None


def test_a_plain_address_names_nothing() -> None:
    assert [returned(address, SECRETS) for address in (BOUNCES, "", "<>", "+@", "rebonds+@example.org")] == [None] * 5


def test_addresses_made_today_come_back_for_days() -> None:
    """A message may bounce days after it was sent: this value may not change between two versions."""
    assert return_path(BOUNCES, 1, b"secret", 300) == "rebonds+aeckyasazwttwdr5bby744lyb57gmwii@example.org"
