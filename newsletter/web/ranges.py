"""Parts of a file, as players and broken downloads ask for them (RFC 9110 §14)."""

from __future__ import annotations

import re

_ONE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})-([0-9]{0,18})\s*", re.IGNORECASE)


def part(asked: str, size: int) -> range | None:
    """Return which bytes are asked for, an empty range where the file has none of them.

    None stands for all of it: what makes no sense is passed over, and so are several parts at once (§14.2).
    """
    match = _ONE.fullmatch(asked)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return range(max(size - int(match[2]), 0), size)
    first, last = int(match[1]), int(match[2] or size)
    if match[2] and last < first:
        return None
    return range(first, min(last + 1, size))
