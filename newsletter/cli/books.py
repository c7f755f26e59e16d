"""How the books of an issue are shown: as lines for people, as one object for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from newsletter.pipeline.sending import Sent

STATES = ("planned", "handed", "sent", "deferred", "refused", "withdrawn", "uncertain")


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
    books = sent.books
    counts = [f"{state} {getattr(books, state)}" for state in STATES if getattr(books, state)]
    sign = "=" if books.balanced else "≠"
    lines = [f"{sent.issue.name}: audience {books.audience} {sign} {' + '.join(counts) or '0'}"]
    if not books.balanced:
        lines.append("  the books do not balance: please report this, with a copy of the database")
    if books.uncertain:
        lines.append(
            f"  {books.uncertain} in doubt: look into the relay's log, then"
            f" `newsletter issues resolve {sent.issue.name} --assume-sent` or `--resend`"
        )
    if books.deferred and sent.next_due:
        lines.append(f"  {books.deferred} deferred: next try due {when(sent.next_due, zone)}")
    if sent.issue.dropped:
        lines.append(f"  {sent.issue.dropped} articles had grown too old to be news and were left out")
    state = "closed" if books.closed else "complete" if books.complete else "open"
    return [*lines, f"  {state}"]


def exit_code(sent: Sent) -> int:
    """Return 0 when done and closed, 1 when a person must act, 3 when retries are due later (DESIGN §4)."""
    books = sent.books
    if books.uncertain or not books.balanced or books.planned or books.handed:
        return 1
    return 3 if books.deferred else 0


def when(instant: datetime, zone: tzinfo) -> str:
    """Return an instant as staff write it, in the zone of the site."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
