"""Conditions of a request: whether what the client has is still what there is (RFC 9110 §13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def answer(asked: Mapping[str, str], etag: str, modified: int) -> HTTPStatus:
    """Return what the conditions of a GET come to, in the order of RFC 9110 §13.2.2: 200, 304 or 412."""
    if "if-match" in asked:
        held = asked["if-match"].strip() == "*" or etag in _TAG.findall(asked["if-match"])
    else:
        held = modified <= _instant(asked.get("if-unmodified-since", ""), otherwise=modified)
    if not held:
        return HTTPStatus.PRECONDITION_FAILED
    if "if-none-match" in asked:
        known = _names(asked["if-none-match"], etag)
    else:
        known = modified <= _instant(asked.get("if-modified-since", ""), otherwise=modified - 1)
    return HTTPStatus.NOT_MODIFIED if known else HTTPStatus.OK


def still(validator: str, etag: str, modified: int) -> bool:
    """Tell whether the part that is asked for goes with the parts that the client has (If-Range, RFC 9110 §13.1.5)."""
    return validator == etag or _instant(validator, otherwise=modified - 1) == modified


def _names(tags: str, etag: str) -> bool:
    """Compare weakly (RFC 9110 §8.8.3.2)."""
    return tags.strip() == "*" or etag in (tag.removeprefix("W/") for tag in _TAG.findall(tags))


def _instant(written: str, *, otherwise: int) -> int:
    """Return a date of HTTP, of which there are three forms (RFC 9110 §5.6.7); what is none is passed over."""
    try:
        moment = parsedate_to_datetime(written)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return otherwise
