"""Who writes: addresses that can be mailed, that people may answer, and that are the publication's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.config import List
from newsletter.proofing.finding import Finding, error, warning

PROVIDERS = frozenset(
    {"gmail.com", "googlemail.com", "yahoo.com", "yahoo.fr", "ymail.com", "aol.com", "outlook.com", "outlook.fr"}
    | {"hotmail.com", "hotmail.fr", "live.com", "live.fr", "msn.com", "icloud.com", "me.com", "gmx.com", "gmx.fr"}
    | {
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "sfr.fr",
        "neuf.fr",
        "bbox.fr",
        "laposte.net",
        "proton.me",
        "protonmail.com",
    }
)
"""Domains whose owners let nobody else send in their name (DMARC, RFC 9989)."""

_DEAF = re.compile(r"(?:no|ne)[-_.]?(?:reply|repondre|pas[-_.]?repondre)|donotreply", re.IGNORECASE)


def sender(slug: str, settings: List, broken: dict[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with a list's sender; ``broken`` says of addresses why they cannot be mailed."""
    where, address = f"config.toml, lists.{slug}", settings.sender.address
    for key, value in (("sender", address), ("reply_to", settings.reply_to)):
        if value in broken:
            yield error("sender", where, f"{key}: {broken[value]}")
    domain = settings.domain.lower().rstrip(".")
    if domain in PROVIDERS:
        told = f"sender: {address} is of a provider that lets nobody else send in its name; use a domain of your own"
        yield error("sender", where, told)
    elif "." not in domain:
        yield error("sender", where, f"sender: {domain!r} is no domain that receivers find; use one of your own")
    if not settings.sender.name.strip():
        yield warning("sender", where, f"sender: {address} has no name; add one, by which readers know you")
    if _DEAF.match(settings.reply_to or address):
        yield warning("sender", where, "sender: nobody reads answers; set reply_to to an address that is read")
