"""What staff say of the domains that send: which key signs their mail, and where bounces come back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from newsletter.settings import Settings

LONGEST_BOX = 24
"""Letters before the @ of an address for bounces: with "+" and a token they make 64 at most (RFC 5321 §4.5.3.1.1)."""

_DOMAIN = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_BOX = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)


class DomainKey(Settings, frozen=True):
    """The key that signs mail of a domain and of those below it, and the name under which DNS shows its other half."""

    selector: str
    key_file: str


def key_complaints(keys: Mapping[str, DomainKey]) -> Iterator[str]:
    """Yield what cannot be meant in the keys of domains: key's path, what to do."""
    for domain, key in keys.items():
        where = f'mail.dkim."{domain}"'
        if not _DOMAIN.fullmatch(domain):
            yield f'{where}: is no domain; write the one of your senders in quotation marks: [mail.dkim."example.org"]'
        if not _SELECTOR.fullmatch(key.selector):
            yield f'{where}.selector: {key.selector!r} cannot stand in DNS; write one word of a-z and 0-9: "letters"'
        if not key.key_file.strip():
            yield f'{where}.key_file: is empty; name the file that holds the private key: "dkim.pem"'


def operators_complaints(addresses: Iterable[str]) -> Iterator[str]:
    """Yield the operators to whom nobody could write: one of them would keep the others from being told."""
    for address in addresses:
        box, _, domain = address.rpartition("@")
        if not _BOX.fullmatch(box.replace("+", ".")) or not _DOMAIN.fullmatch(domain):
            yield f'mail.operators: {address!r} is no plain address; write one such as "technique@example.org"'


def bounces_complaints(where: str, address: str) -> Iterator[str]:
    """Yield why bounces cannot come back to an address."""
    box, _, domain = address.rpartition("@")
    if not address:
        return
    if not _BOX.fullmatch(box) or not _DOMAIN.fullmatch(domain):
        yield f'{where}.bounces: {address!r} is no plain address; write one such as "bounces@example.org"'
    elif len(box) > LONGEST_BOX:
        yield f"{where}.bounces: {box!r} is over {LONGEST_BOX} letters, and a token follows it; use a shorter one"
