"""Outcomes: what the scheduler did for a list, or what kept it from it."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.errors import NewsletterError
from newsletter.pipeline.freezing import Draft
from newsletter.pipeline.sending import Sent
from newsletter.timetable import Turn


@dataclass(frozen=True)
class Outcome:
    """Something that was done for a list, or that kept it from being done.

    ``what`` is watched, paused, by hand, missed, drafted, waits, folded, opened, sent, skipped or failed; ``turns`` are
    the planned dates that it is about, ``next`` is the next one, ``draft`` what was drafted or waits for its approval.
    """

    what: str
    list: str
    turns: tuple[Turn, ...] = ()
    next: Turn | None = None
    sent: Sent | None = None
    draft: Draft | None = None
    error: NewsletterError | None = None
