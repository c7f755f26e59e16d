"""Which coding of a document a client wants (RFC 9110 §12.5.3)."""

from __future__ import annotations

import re

GZIP = "gzip"

_CODING = re.compile(r"\s*([\w!#$%&'*+.^`|~-]+)\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?")


def wants_gzip(accepted: str) -> bool:
    """Tell whether gzip is accepted, and the plain document is not preferred; what makes no sense is passed over.

    >>> wants_gzip("gzip, br"), wants_gzip("gzip;q=0, *"), wants_gzip("identity, gzip;q=0.5"), wants_gzip("")
    (True, False, False, False)
    """
    found = (_CODING.fullmatch(member) for member in accepted.split(","))
    weights = {match[1].lower(): float(match[2] or 1) for match in found if match}
    weight = weights.get(GZIP, weights.get("x-gzip", weights.get("*", 0.0)))
    return weight > 0 and weight >= weights.get("identity", 0.0)
