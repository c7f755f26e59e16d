"""Return paths: the address in a message's envelope, to which it comes back, names the delivery in a signed token.

A bounce may quote little or nothing of its message, and anybody may write one: the token tells which delivery failed,
and nobody else can make it. It survives systems that write the local part of an address in lower or upper case.
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.tokens import Purpose, read_caseless, sign_caseless

MARK = "+"
"""What mail servers set a detail of one mailbox apart with (RFC 5233)."""


def return_path(bounces: str, key_id: int, secret: bytes, delivery: int) -> str:
    """Return the address to which the message of a delivery comes back, in the mailbox for bounces."""
    box, _, domain = bounces.rpartition("@")
    return f"{box}{MARK}{sign_caseless(key_id, secret, Purpose.BOUNCE, delivery)}@{domain}"


def returned(address: str, secrets: Mapping[int, bytes]) -> int | None:
    """Return the delivery that an address of a bounce names, None where it names none or we did not write it.

    Forwarders wrap an address into one of their own (SRS), so only what follows the mark is looked at.
    """
    detail = address.strip().strip("<>").rpartition("@")[0].rpartition(MARK)[2]
    return read_caseless(detail, Purpose.BOUNCE, secrets)
