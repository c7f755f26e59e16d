"""Dates and instants as commands say them in a sentence."""

from __future__ import annotations

from datetime import date, datetime, tzinfo


def day(when: date) -> str:
    """Return a date in words.

    >>> day(date(2026, 10, 6))
    'Tuesday 6 October 2026'
    """
    return f"{when:%A} {when.day} {when:%B %Y}"


def moment(instant: datetime, zone: tzinfo) -> str:
    """Return an instant in words, on the clocks of a zone: ``Tuesday 6 October 2026 at 09:00``."""
    here = instant.astimezone(zone)
    return f"{day(here)} at {here:%H:%M}"
