"""What a sender is told to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from newsletter.config import Group, Route
from newsletter.delivery.answers import Schedule
from newsletter.delivery.composing import Composer


@dataclass(frozen=True)
class Job:
    """What a sender works on: the issue, its composer, its way out, and the clock of the command.

    ``routes`` are the ways out by name, best first, with their ``secrets``, and ``groups`` the
    providers of readers with limits of their own. ``only`` are the subscriptions whose
    letters go out now, None for all; ``schedule`` is when deferred ones are tried again. Once ``halt`` is set nothing
    new is begun.
    """

    issue: int
    composer: Composer
    routes: dict[str, Route]
    secrets: dict[str, str | None]
    now: datetime
    halt: Event
    schedule: Schedule
    groups: dict[str, Group]
    only: Sequence[int] | None = None
