"""Links that prove who follows them: a subscription, a purpose, a key and a signature, without a row to look up.

A token is the base64url of: key id, purpose, a number (each a variable-length integer) and 128 bits of HMAC-SHA256 over
them. The number is a subscription's id or, to approve a draft, the draft and its editor. A token holds no address and
never expires: an unsubscribe link works years later (RFC 8058).

In the local part of an address a token is written in base32, since some mail systems write those in lower case; there
the number is a delivery's id.
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache

SIGNATURE = 16
"""Bytes of signature: 128 bits, as short as cannot be guessed."""


class Purpose(IntEnum):
    """What a link may do; a token of one purpose is worth nothing for another."""

    UNSUBSCRIBE = 1
    PREFERENCES = 2
    APPROVE = 3
    BOUNCE = 4


def sign(key_id: int, secret: bytes, purpose: Purpose, number: int) -> str:
    """Return the token for one purpose, and the number of whom or what it is about."""
    return urlsafe_b64encode(_signed(key_id, secret, purpose, number)).rstrip(b"=").decode()


def sign_caseless(key_id: int, secret: bytes, purpose: Purpose, number: int) -> str:
    """Return the same as lower-case letters and digits, which mean the same in upper case."""
    return b32encode(_signed(key_id, secret, purpose, number)).rstrip(b"=").decode().lower()


def read(token: str, purpose: Purpose, secrets: Mapping[int, bytes]) -> int | None:
    """Return the number that a token holds, None when it is not ours or is for another purpose."""
    try:
        data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    return _number(data, purpose, secrets)


def read_caseless(token: str, purpose: Purpose, secrets: Mapping[int, bytes]) -> int | None:
    """Return the number that such a token holds, however its letters were changed in case."""
    try:
        data = b32decode(token + "=" * (-len(token) % 8), casefold=True)
    except ValueError:
        return None
    return _number(data, purpose, secrets)


def _signed(key_id: int, secret: bytes, purpose: Purpose, number: int) -> bytes:
    body = _head(key_id, purpose) + _varint(number)
    return body + _signature(secret, body)


def _number(data: bytes, purpose: Purpose, secrets: Mapping[int, bytes]) -> int | None:
    body, signature = data[:-SIGNATURE], data[-SIGNATURE:]
    try:
        key_id, found, number = _integers(body)
    except ValueError:
        return None
    secret = secrets.get(key_id)
    genuine = secret is not None and hmac.compare_digest(signature, _signature(secret, body))
    return number if genuine and found == purpose else None


def _signature(secret: bytes, body: bytes) -> bytes:
    signing = _keyed(secret).copy()
    signing.update(body)
    return signing.digest()[:SIGNATURE]


@lru_cache(maxsize=16)
def _keyed(secret: bytes) -> hmac.HMAC:
    """Return what signs with a secret, to be copied: half of the work is to take the key in."""
    return hmac.new(secret, digestmod="sha256")


@lru_cache(maxsize=64)
def _head(key_id: int, purpose: Purpose) -> bytes:
    return _varint(key_id) + _varint(purpose)


def _varint(number: int) -> bytes:
    done = bytearray()
    while number > 0x7F:
        done.append(number & 0x7F | 0x80)
        number >>= 7
    done.append(number)
    return bytes(done)


def _integers(body: bytes) -> list[int]:
    numbers, number, shift = [], 0, 0
    for byte in body:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return numbers
