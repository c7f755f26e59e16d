"""What a single value must be: each function says what is wrong with one, nothing where it is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from newsletter.validation.instants import rfc822, rfc3339

Check = Callable[[str], str]

UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 §2.2 forbids, and the C1 controls that its note discourages."""

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_NAME = re.compile(r"(?:tag:[^\s,:]+,[0-9-]+|urn:[A-Za-z0-9-]+):[^\s<>\"{}|\\^`]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*(?: *; *[\w-]+=[^;\s]+)*", re.ASCII)


def anything(value: str) -> str:
    """Take every text that can be read, however short."""
    return "holds a character that no reader shows; take it out" if UNREADABLE.search(value) else ""


def words(value: str) -> str:
    """Ask for words."""
    return anything(value) if value.strip() else "says nothing; give it words"


def iri(value: str) -> str:
    """Ask for an absolute IRI (RFC 3987 §2.2) of a kind that names something for good."""
    return "" if _NAME.fullmatch(value) or not web(value) else "is no absolute address; write one with its scheme"


def web(value: str) -> str:
    """Ask for the address of something on the web."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "is no address; correct it"
    if not _IRI.fullmatch(value) or parts.scheme not in ("http", "https") or not parts.hostname:
        return "is no absolute web address; write one that begins with https://"
    return ""


def uri(value: str) -> str:
    """Ask for a web address without characters that a URI has to escape (RFC 3986 §2)."""
    return web(value) or ("" if value.isascii() else "has letters that a URI must escape; escape them")


def language(value: str) -> str:
    """Ask for a language tag (BCP 47)."""
    return "" if _LANGUAGE.fullmatch(value) else "is no language; write one such as fr or fr-FR"


def media_type(value: str) -> str:
    """Ask for a media type (RFC 6838 §4.2)."""
    return "" if _TYPE.fullmatch(value) else "is no media type; write one such as application/pdf"


def number(value: str) -> str:
    """Ask for a whole number above zero."""
    known = value.isascii() and value.isdecimal() and int(value[:20])
    return "" if known else "is no number above zero; write the real one, or leave it out"


def instant(value: str) -> str:
    """Ask for an instant of RFC 3339."""
    return "" if rfc3339(value) else "is no instant; write one such as 2024-04-02T09:00:00+02:00"


def mail_date(value: str) -> str:
    """Ask for a date of RFC 822, in English, whose day of the week is right."""
    return "" if rfc822(value) else "is no date of RSS; write one such as Tue, 02 Apr 2024 09:00:00 +0200"


def one_of(*known: str) -> Check:
    """Ask for one of these."""
    return lambda value: "" if value in known else f"must be {' or '.join(known)}; correct it"
