"""Answers: what a reply means for its row."""

from __future__ import annotations

from datetime import timedelta

LONGEST_PAUSE = timedelta(hours=4)


def pause(tries: int) -> timedelta:
    """Return how long a row waits after its n-th deferral: half an hour, growing (RFC 5321 §4.5.4.1)."""
    doubled: timedelta = timedelta(minutes=30) * 2 ** max(tries - 1, 0)
    return min(doubled, LONGEST_PAUSE)
