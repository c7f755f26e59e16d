"""A look at a relay: how it proves who it is, what it offers, and whether it lets us sign in."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsletter.config import Route
from newsletter.delivery.relay import sign_in

SMALLEST = 200_000
"""Bytes that a letter may have before a relay's limit is worth a warning: most mail programs cut off well before."""


@dataclass(frozen=True)
class Certificate:
    """Who a relay is by its certificate, and when that ends."""

    subject: str
    ends: datetime


@dataclass(frozen=True)
class Look:
    """What was seen of a relay that can be used.

    ``tls`` is the version, "" in the clear; ``signing_in`` the mechanisms of AUTH; ``largest`` the bytes a message may
    have, None where it does not say; ``extensions`` all else that it offers.
    """

    tls: str
    certificate: Certificate | None
    signing_in: tuple[str, ...]
    largest: int | None
    extensions: tuple[str, ...]


def look(route: Route, secret: str | None) -> Look:
    """Connect, sign in where the route names a user, and leave again.

    Raises:
        RouteError: the relay cannot be reached, trusted or used: its words, and what to do.
    """
    door = sign_in(route, secret)
    with door.stream as stream:
        wrapped = stream if isinstance(stream, ssl.SSLSocket) else None
        found = Look(
            tls=(wrapped.version() or "") if wrapped else "",
            certificate=_certificate(wrapped) if wrapped else None,
            signing_in=tuple(door.offers.get("auth", "").upper().split()),
            largest=door.largest,
            extensions=tuple(sorted(name.upper() for name in door.offers if name not in ("auth", "size", "starttls"))),
        )
        stream.sendall(b"QUIT\r\n")
    return found


def _certificate(stream: ssl.SSLSocket) -> Certificate:
    shown: dict[str, Any] = dict(stream.getpeercert() or {})
    # Who it is stands in the alternative names; the subject may be empty (RFC 9525 §2).
    subject = [value for group in shown.get("subject", ()) for kind, value in group if kind == "commonName"]
    names = [value for kind, value in shown.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
    return Certificate(", ".join(dict.fromkeys(subject + names)), ends)
