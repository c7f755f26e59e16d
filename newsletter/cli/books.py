"""How the books of an issue are shown: as lines for people, as one object for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from newsletter.cli.session import Session
    from newsletter.pipeline.sending import Sent

STATES = ("planned", "handed", "sent", "deferred", "refused", "withdrawn", "uncertain")


def report(session: Session, sent: Sent) -> int:
    """Show how an issue stands; returns what the process exits with."""
    if session.as_json:
        session.data(as_object(sent))
    else:
        for line in as_lines(sent, session.config.site.zone):
            session.line(line)
    return exit_code(sent)


def as_object(sent: Sent) -> dict[str, Any]:
    """Return the fields that other programs rely on (DESIGN §4)."""
    books = sent.books
    counts = {state: getattr(books, state) for state in STATES}
    return {
        "issue": sent.issue.name,
        "audience": books.audience,
        **counts,
        "complete": books.complete,
        "closed": books.closed,
    }


def as_lines(sent: Sent, zone: tzinfo) -> list[str]:
    """Return the balance, and what a person must do."""
    name, books = sent.issue.name, sent.books
    if sent.issue.audience is None:
        return [f"{name}: is being opened, {books.planned} planned so far; `newsletter send {sent.issue.list}` goes on"]
    counts = [f"{state} {getattr(books, state)}" for state in STATES if getattr(books, state)]
    sign = "=" if books.balanced else "≠"
    balance = f"{name}: audience {books.audience} {sign} {' + '.join(counts) or '0'}"
    halted = "stopped" if sent.issue.state == "stopped" else "open"
    return [
        balance,
        *_advice(sent, zone),
        f"  {'closed' if books.closed else 'complete' if books.complete else halted}",
    ]


def _advice(sent: Sent, zone: tzinfo) -> Iterator[str]:
    name, books = sent.issue.name, sent.books
    if not books.balanced:
        yield "  the books do not balance: please report this, with a copy of the database"
    if sent.issue.held:
        yield f"  the seed addresses come first: the next send from {when(sent.issue.held, zone)} on goes on"
    elif books.planned or books.handed:
        waiting = books.planned + books.handed
        yield f"  {waiting} not sent yet: if no send is at it, `newsletter issues retry {name}` goes on"
    if books.uncertain:
        yield (
            f"  {books.uncertain} in doubt: `newsletter issues resolve {name} --from-log FILE` asks the relay's log;"
            " or decide with `--assume-sent` or `--resend`"
        )
    if books.deferred and sent.next_due:
        yield f"  {books.deferred} deferred: next try due {when(sent.next_due, zone)}"
    for trouble in sent.troubles:
        yield f"  another route took over: {trouble}"
    if sent.shortened:
        yield f"  {counted(sent.shortened, 'different letter')} shortened to fit the size budget"
    if sent.issue.dropped:
        yield f"  {counted(sent.issue.dropped, 'article')} too old to be news by now: left out"


def exit_code(sent: Sent) -> int:
    """Return 0 when done and closed, 1 when a person must act, 3 when retries are due later (DESIGN §4)."""
    books = sent.books
    waits = (books.planned or books.handed) and not sent.issue.held
    if books.uncertain or not books.balanced or waits:
        return 1
    return 3 if books.deferred or sent.issue.held else 0


def worst(codes: Iterable[int]) -> int:
    """Return the exit of several issues: that a person must act weighs more than that something is due later."""
    return min((code for code in codes if code), default=0)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 letter``, ``2 letters``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def when(instant: datetime, zone: tzinfo) -> str:
    """Return an instant as staff write it, in the zone of the site."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
