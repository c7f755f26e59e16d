"""Pacing: arithmetic on a clock that is an argument, in microseconds since 1970 as everywhere in the books.

Each way out, and each group of domains, has a line of *slots*, a ``gap`` apart, and each message takes one. The books
hold only where the line begins that nobody has yet (``Pace.free``: the generic cell rate algorithm), and workers fetch
it in portions of a few seconds. A message may use a slot that is past by less than ``slack``, so that a loop with other
things to do loses none; the gap is longer by a hundredth for that. So in *any* window of a second, a minute or an hour
never more messages begin than its limit, however many workers there are, if their clocks agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsletter.delivery.reply import Reply
from newsletter.store.paces import WHOLE, Pace

SECOND = 1_000_000
MINUTE = 60 * SECOND

REACH = 2 * SECOND
"""How long a portion lasts, and how far ahead of the clock one may begin."""

COOLING = 30 * SECOND
"""A pace is halved once in so long: replies that come together complain of one moment."""

SLOWEST = WHOLE // 32
GROWTH = WHOLE // 20
"""How much of the full pace comes back each minute."""

_TIGHT = 100
"""A slot may be late by one part in so many of the window whose limit binds."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One message each ``gap``, and how far behind the clock its slot may lie."""

    gap: int
    slack: int


class Portion:
    """Slots that one worker has for itself: the first at ``next``, all over by ``end``."""

    __slots__ = ("end", "gap", "next", "slack")

    def __init__(self, start: int, gap: int, count: int, slack: int) -> None:
        self.next = start
        self.gap = gap
        self.end = start + gap * count
        self.slack = slack

    def spent(self, now: int) -> bool:
        """Whether no slot is left, or the clock was set back since."""
        return max(self.next, now - self.slack) + self.gap > self.end or self.next > now + 2 * REACH

    def begin(self, now: int) -> None:
        """Use a slot for a message that begins now; the caller has seen that there is one, and that it has come."""
        self.next = max(self.next, now - self.slack) + self.gap


def limit(limits: Mapping[int, int]) -> Limit | None:
    """Return the limit that keeps all of several numbers of messages by seconds, None where there are none."""
    if not limits:
        return None
    gap = max(-(-seconds * SECOND * (_TIGHT + 1) // (_TIGHT * letters)) for seconds, letters in limits.items())
    return Limit(gap, min(letters * gap - seconds * SECOND for seconds, letters in limits.items()))


def portion(pace: Pace, limit: Limit, now: int) -> tuple[Portion | None, Pace]:
    """Return the next slots of a line and what is left of it; None while it begins too far ahead of the clock."""
    gap = limit.gap * WHOLE // share(pace, now)
    pace = steady(pace, gap, now)
    if pace.free > now + REACH:
        return None, pace
    found = Portion(max(pace.free, now - limit.slack), gap, max(REACH // gap, 1), limit.slack)
    return found, replace(pace, free=found.end)


def returned(pace: Pace, left: Portion) -> Pace:
    """Return a line into which a worker puts back what it did not use, unless others were given what follows."""
    return replace(pace, free=left.next) if pace.free == left.end else pace


def steady(pace: Pace, gap: int, now: int) -> Pace:
    """Return a pace that a clock which was set back has not left in the future; no portion reaches so far."""
    return Pace(min(pace.free, now + REACH + max(REACH, gap)), pace.share, min(pace.since, now))


def share(pace: Pace, now: int) -> int:
    """Return how much of the full pace holds now, in thousandths: it grows back slowly after it was halved."""
    return min(pace.share + max(now - pace.since, 0) * GROWTH // MINUTE, WHOLE)


def slowed(pace: Pace, now: int) -> Pace:
    """Return a pace after a server asked for less."""
    if 0 <= now - pace.since < COOLING:
        return pace
    return Pace(pace.free, max(share(pace, now) // 2, SLOWEST), now)


def asks_for_less(reply: Reply) -> bool:
    """Tell whether a reply says that we come too fast; what is about one mailbox (4.1.x, 4.2.x) does not."""
    if reply.enhanced.startswith(("4.1.", "4.2.")):
        return False
    return reply.code in (421, 450, 451, 452) or reply.enhanced.startswith("4.7.")


def lines(connections: int, share: int) -> int:
    """Return how many connections to use, of those that a route without a limit may have."""
    return max(connections * share // WHOLE, 1)
