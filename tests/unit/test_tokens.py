"""Links that prove who follows them: nobody can make one, and one of a purpose is worth nothing for another."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from newsletter.tokens import Purpose, read, sign

SECRETS = {1: b"first secret, long since replaced", 2: b"the secret that signs now"}
ids = st.integers(0, 2**63 - 1)
purposes = st.sampled_from(Purpose)


@given(ids, purposes, st.sampled_from(sorted(SECRETS)))
def test_a_token_is_read_as_it_was_signed_with_old_keys_too(subscription: int, purpose: Purpose, key: int) -> None:
    assert read(sign(key, SECRETS[key], purpose, subscription), purpose, SECRETS) == subscription


@given(ids, purposes)
def test_a_token_of_another_purpose_is_worth_nothing(subscription: int, purpose: Purpose) -> None:
    token = sign(2, SECRETS[2], purpose, subscription)
    assert [read(token, other, SECRETS) for other in Purpose if other is not purpose] == [None] * (len(Purpose) - 1)


@given(ids, st.integers(0), st.integers(1, 255))
def test_a_token_that_was_touched_is_worth_nothing(subscription: int, place: int, change: int) -> None:
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    token = sign(2, SECRETS[2], Purpose.UNSUBSCRIBE, subscription)
    data = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    data[place % len(data)] ^= change
    forged = urlsafe_b64encode(data).rstrip(b"=").decode()
    assert read(forged, Purpose.UNSUBSCRIBE, SECRETS) is None


def test_a_token_with_another_secret_or_an_unknown_key_is_worth_nothing() -> None:
    assert read(sign(2, SECRETS[1], Purpose.UNSUBSCRIBE, 7), Purpose.UNSUBSCRIBE, SECRETS) is None
    assert read(sign(3, SECRETS[2], Purpose.UNSUBSCRIBE, 7), Purpose.UNSUBSCRIBE, SECRETS) is None
    assert read(sign(2, SECRETS[2], Purpose.UNSUBSCRIBE, 7), Purpose.UNSUBSCRIBE, {}) is None


@given(st.text() | st.text("ABCdef012-_=", max_size=40))
def test_whatever_else_comes_is_worth_nothing(token: str) -> None:
    assert read(token, Purpose.PREFERENCES, SECRETS) is None


def test_a_token_cut_short_is_worth_nothing() -> None:
    token = sign(2, SECRETS[2], Purpose.PREFERENCES, 300)
    assert [read(token[:size], Purpose.PREFERENCES, SECRETS) for size in range(len(token))] == [None] * len(token)


def test_a_token_is_short_stands_in_an_address_and_names_nobody() -> None:
    token = sign(2, SECRETS[2], Purpose.UNSUBSCRIBE, 1_000_000)
    assert len(token) <= 28
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


def test_tokens_made_today_are_those_in_mails_sent_years_ago() -> None:
    """Links live in mails: this value may never change."""
    assert sign(1, b"secret", Purpose.UNSUBSCRIBE, 300) == "AQGsApI0P_Z-gXh21npuY6ROwG8"
