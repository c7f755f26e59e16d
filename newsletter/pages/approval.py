"""What the page shows on which an editor approves a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A draft as its editor sees it.

    ``done`` names what the editor just did, or what went wrong with it, empty at first; ``later`` are the instants to
    which it may be postponed; ``history`` is who did what, and when.
    """

    title: str
    name: str
    hash: str
    approved: bool
    planned: datetime | None
    sent_anyway: bool
    articles: int
    subject: str
    intro: str
    letter: str
    done: str
    later: Sequence[datetime]
    history: Sequence[tuple[datetime, str, str]]
