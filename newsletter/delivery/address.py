"""Mail addresses: as they are mailed, as they are compared, as they stand in a header."""

from __future__ import annotations

import re

from newsletter.delivery.header import FOLD, phrase
from newsletter.errors import AudienceError

_INVISIBLE = " \t\r\n\u00a0\u200b\u2060\ufeff"
_MAILED = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[0-9A-Za-z.-]+")
_RESERVED = ("test", "invalid")  # RFC 2606


def normalise(address: str) -> tuple[str, str]:
    """Return an address as it is mailed, its domain in A-labels, and the key under which it is found without case.

    Syntax alone decides; no name is looked up.

    Raises:
        AudienceError: no such address can be mailed (RFC 5321 §4.5.3.1, RFC 5890), with the reason.
    """
    mailed = _checked(address.strip(_INVISIBLE))
    return mailed, mailed.lower()


def as_bytes(address: str) -> bytes:
    """Return a mailed address as bytes, if it can do no harm in a command or a header.

    Raises:
        AudienceError: it is not of the form that ``normalise`` returns.
    """
    if not _MAILED.fullmatch(address):
        raise AudienceError(f"{address!r} cannot be written on the wire; correct the address")
    return address.encode()


def mailbox(name: str, address: str, *, used: int) -> bytes:
    """Return the form of a header such as From; ``used`` characters of its first line are taken."""
    if not name:
        return as_bytes(address)
    return angled(phrase(name, used=used), as_bytes(address), used=used)


def angled(words: bytes, inside: bytes, *, used: int) -> bytes:
    """Return words and what follows them in angle brackets, on a further line where the first has no room."""
    line = words.rpartition(FOLD)[2]
    taken = len(line) + (1 if FOLD in words else used)
    return b"%s%s<%s>" % (words, FOLD if taken + len(inside) > 75 else b" ", inside)


def a_labels(domain: str) -> str:
    """Return a domain as it stands in DNS (RFC 5890), for ids that are built on it.

    Raises:
        AudienceError: it is no domain name.
    """
    if domain.isascii():
        return domain.lower()
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise AudienceError(f"{domain!r} is no domain name: {error}; correct it") from None


def _checked(address: str) -> str:
    import email_validator

    # The library refuses .test and .invalid, which RFC 2606 keeps for rehearsals: ours are done with them, and they
    # harm nobody. Its list is documented as ours to change; changing it again changes nothing.
    special = email_validator.SPECIAL_USE_DOMAIN_NAMES
    special[:] = [name for name in special if name not in _RESERVED]
    try:
        found = email_validator.validate_email(address, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as error:
        raise AudienceError(f"{address!r}: {str(error).rstrip('.')}; correct the address or leave it out") from None
    if not found.ascii_email:
        # SMTPUTF8 (RFC 6531) would be needed on every relay of the way; an encoded word is an address of nobody.
        raise AudienceError(f"{address!r}: letters before the @ must be without accents; ask for another address")
    return found.ascii_email
