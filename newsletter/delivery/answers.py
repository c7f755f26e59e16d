"""Answers: what a reply means for its row, for its address and for the rest of the run.

RFC 5321 §4.2.1 gives the code the last word: an enhanced code (RFC 3463) of another class says nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from newsletter.config import List
from newsletter.delivery.reply import Reply
from newsletter.model import DeliveryState as State
from newsletter.store.claims import Claim

SPREAD = 0.2
"""The part by which a pause may be longer, so that those who were deferred together do not return together."""

_DEAD = {
    "5.1.1": "there is no such mailbox",
    "5.1.10": "its domain takes no mail",
    "5.2.1": "the mailbox is closed",
}
"""Refusals that are about the address for good, whoever writes to it (RFC 3463, RFC 7505 §4.2)."""

_SIGN_IN = (530, 534, 535, 538)


class Stop(Enum):
    """Why a relay takes nothing more from us, whoever is written to: what to do about it."""

    SENDER = "check the sender of the list and the user of the route"
    SIGN_IN = "check user and the password in mail.routes"
    FULL = "its disk is full: send again when there is room, or ask who runs it"
    SIZE = "our letters are too large for it: ask who runs it, or let the list show fewer articles"
    UNWELL = "send again when the relay is well"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a list tries again: after each of the ``pauses``, then after the last, until so long after the first try."""

    pauses: tuple[timedelta, ...]
    until: timedelta


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row: its ``state``, and when it is ``due`` if that is deferred; planned means nothing happened.

    ``suppress`` says why its address is mailed no more, "" where it is; ``stop`` why the run cannot go on this way.
    """

    state: State
    due: datetime | None = None
    suppress: str = ""
    stop: Stop | None = None


def schedule(settings: List) -> Schedule:
    """Return when a list tries again."""
    pauses = tuple(timedelta(minutes=minutes) for minutes in settings.retry_minutes)
    return Schedule(pauses, timedelta(days=settings.retry_days))


def judge(reply: Reply, row: Claim, schedule: Schedule, now: datetime) -> Verdict:
    """Return what a reply means for its row.

    What is no fault of the reader's burns nothing: the row stays planned, with no try counted. After the dot every
    reply is about the message, and counts.
    """
    ended = reply.stage == "DOT"
    if 200 <= reply.code < 400:
        return Verdict(State.SENT if ended else State.PLANNED)
    stop = _stop(reply, _detail(reply))
    if not ended and (stop or reply.code == 421):
        return Verdict(State.PLANNED, stop=stop)
    if not reply.transient:
        return Verdict(State.REFUSED, suppress=_suppress(reply))
    if row.first_tried and now - row.first_tried >= schedule.until:
        return Verdict(State.REFUSED, stop=stop)
    return Verdict(State.DEFERRED, now + wait(row.id, row.tries + 1, schedule.pauses), stop=stop)


def wait(row: int, tries: int, pauses: tuple[timedelta, ...]) -> timedelta:
    """Return how long a row waits after its n-th try: never less than the pause, and always the same."""
    share = zlib.crc32(b"%d/%d" % (row, tries)) / 0x1_0000_0000
    return pauses[min(max(tries, 1), len(pauses)) - 1] * (1 + SPREAD * share)


def why(stop: Stop, where: str, sender: str, reply: Reply) -> str:
    """Return why a run ended, in one line: what, where, what to do."""
    what = f"refuses the sender {sender}" if reply.stage == "MAIL" else f"takes nothing from {sender} now"
    return f"{where}: {what}: {reply.code} {reply.text}; nothing more was sent: {stop.value}"


def _stop(reply: Reply, detail: str) -> Stop | None:
    """Return why the relay refuses everyone, None where it may be this one reader or message."""
    announced = reply.stage in ("MAIL", "DATA")  # it has not seen the message yet
    if reply.code in _SIGN_IN:
        return Stop.SIGN_IN
    if detail == "3.1" or (reply.code == 452 and not detail and reply.stage == "MAIL"):
        return Stop.FULL
    if announced and (detail == "3.4" or (reply.code == 552 and not detail)):
        return Stop.SIZE
    if detail in ("1.7", "1.8"):  # at RCPT too: Postfix judges the sender only then
        return Stop.SENDER
    if reply.stage == "MAIL" and reply.code != 421:
        return Stop.UNWELL if reply.transient else Stop.SENDER
    return None


def _suppress(reply: Reply) -> str:
    dead = _DEAD.get(reply.enhanced)
    return f"{dead} ({reply.code} {reply.enhanced})" if dead else ""


def _detail(reply: Reply) -> str:
    """Return subject and detail of an enhanced code, "" where it contradicts the code."""
    kind, _, detail = reply.enhanced.partition(".")
    return detail if kind == str(reply.code)[0] else ""
