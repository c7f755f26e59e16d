"""Opening an issue: who gets which articles is decided here, once, and frozen (docs/adr/0004-arrivals.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter import calendar
from newsletter.digest.selection import from_bytes, to_bytes
from newsletter.errors import PendingError
from newsletter.model import Subscription
from newsletter.pipeline.adopting import demand
from newsletter.pipeline.drawing import Draw
from newsletter.pipeline.freezing import draft_of, resume, take_flash, take_run
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.settling import settle_list
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import arrivals, articles, audience, cursors, drafts, issues, ledger, tally
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow
from newsletter.timetable import Turn

CHUNK = 1000
"""Readers a transaction: the write lock is held for a tenth of a second or so, and on a slow disk for less than one."""


@dataclass(frozen=True)
class Opening:
    """What an opening came to: the issue, or None where nobody had anything new."""

    issue: IssueRow | None


def open_run(publication: Publication, list_slug: str, turn: Turn | None = None, watch: Watch = unwatched) -> Opening:
    """Open the next issue of a list: settle the earlier ones, take a run, plan a row for each reader with news.

    An opening that was cut off is taken up where it stopped; else the run is that of the planned ``turn``, if there is.

    Raises:
        AdoptionError: when these books may not send from here.
        ApprovalError: when a draft waits that nobody approved as it stands.
        PendingError: when a sender is alive on an earlier issue, or the turn is taken.
    """
    publication.list(list_slug)
    demand(publication)
    with publication.store.read() as connection:
        _approved(publication, connection, list_slug)
    settle_list(publication, list_slug)
    with publication.store.write() as connection:
        begun = _begin(publication, connection, list_slug, turn)
    return begun if isinstance(begun, Opening) else _open(publication, begun, watch)


def open_flash(publication: Publication, list_slug: str, name: str, watch: Watch = unwatched) -> Opening:
    """Open a letter of one article to every reader whom it matches and who was not sent it: no window, no cursor.

    Raises:
        AdoptionError: when these books may not send from here.
        NotFoundError: when no article has that name.
        UsageError: when it is not shown.
    """
    publication.list(list_slug)
    demand(publication)
    with publication.store.write() as connection:
        begun = _begin_flash(publication, connection, list_slug, name)
    return _open(publication, begun, watch)


def plan_some(publication: Publication, connection: Transaction, issue: Draw, limit: int) -> tuple[int, int]:
    """Plan the rows of the next ``limit`` readers; returns how many there were, and what grew stale, as a bitmap."""
    begun = issues.opening_at(connection, issue.issue.id)
    if begun is None:
        return 0, 0  # another process planned the rest
    reached, picked = begun
    readers = list(audience.members(connection, issue.issue.list, reached, limit))
    if not readers:
        return 0, 0
    dropped, more = plan_these(publication, connection, issue, readers)
    issues.reach(connection, issue.issue.id, readers[-1][0].id, to_bytes(from_bytes(picked) | more))
    return len(readers), dropped


def _begin(publication: Publication, connection: Transaction, list_slug: str, turn: Turn | None) -> Draw | Opening:
    """Take a run, unless another process did so first or an opening was cut off: then that is the issue."""
    arrivals.upper(connection)  # from here on no other opening can begin
    begun = issues.being_opened(connection, list_slug)
    if begun and begun.flash:
        raise PendingError(f"{begun.name}: this flash letter was cut off; take it up with `send {list_slug} --only`")
    if begun:
        return resume(publication, connection, begun)
    waiting = issues.unsettled(connection, list_slug)
    if not waiting:
        _approved(publication, connection, list_slug)
        return take_run(publication, connection, list_slug, turn)
    if waiting[0].state == "settling":
        raise PendingError(f"{waiting[0].name}: is being settled by another command; try again when that has ended")
    return Opening(waiting[0])


def _approved(publication: Publication, connection: Transaction, list_slug: str) -> None:
    """See that what a list would open is approved, if it is a draft."""
    if row := drafts.of(connection, list_slug):
        draft_of(publication, row).demand()


def _begin_flash(publication: Publication, connection: Transaction, list_slug: str, name: str) -> Draw:
    """Take up the flash letter of an article that was cut off, else begin it: a list opens one issue at a time."""
    arrivals.upper(connection)
    begun = issues.being_opened(connection, list_slug)
    if begun is None:
        return take_flash(publication, connection, list_slug, name)
    if begun.flash and issues.candidates(connection, begun.id) == [articles.find(connection, name)]:
        return resume(publication, connection, begun)
    raise PendingError(f"{begun.name}: is being opened; finish it first, with `newsletter send {list_slug}`")


def _open(publication: Publication, issue: Draw, watch: Watch) -> Opening:
    """Plan the rows of everyone, and only then let senders see the issue."""
    with publication.store.write() as connection:
        _plan_seeds(publication, connection, issue)
    with publication.store.read() as connection:
        readers = audience.count(connection, issue.issue.list)
    stale, planned = 0, 1
    with watch(readers) as step:
        while planned:
            with publication.store.write() as connection:
                planned, dropped = plan_some(publication, connection, issue, CHUNK)
            stale |= dropped
            step(planned)
    with publication.store.write() as connection:
        opening = issues.opening_at(connection, issue.issue.id)
        held = _held(publication, connection, issue.issue)
        if opening and not issues.open_whole(connection, issue.issue.id, stale.bit_count(), held):
            issues.discard(connection, issue.issue.id)
        return Opening(issues.known(connection, issue.issue.name))


def _plan_seeds(publication: Publication, connection: Transaction, issue: Draw) -> None:
    """Plan the rows of the list's seed addresses before all others, for rows are sent in their order."""
    if issues.opening_at(connection, issue.issue.id) is not None:
        seeds = audience.some_members(connection, issue.issue.list, publication.seeds(issue.issue.list))
        plan_these(publication, connection, issue, seeds)


def _held(publication: Publication, connection: Transaction, issue: IssueRow) -> datetime | None:
    """Return until when only the seed addresses have their letters, so that somebody can look; None for no pause."""
    pause = publication.list(issue.list).seed_minutes
    seeds = audience.some_members(connection, issue.list, publication.seeds(issue.list))
    waits = pause and tally.has_rows(connection, issue.id, [reader.id for reader, _ in seeds])
    return publication.now + timedelta(minutes=pause) if waits else None


def plan_these(
    publication: Publication, connection: Transaction, issue: Draw, readers: Sequence[tuple[Subscription, bool]]
) -> tuple[int, int]:
    """Write the rows of some readers; who is due and has nothing new moves on.

    Returns two bitmaps: what grew stale, and what any of the readers gets as news.
    """
    due = _due(publication, connection, issue, readers)
    received, told = issue.received(connection, due), issue.corrections(connection, due)
    rows, idle, dropped, picked = [], [], 0, 0
    # Ids made together begin alike: the index of them is written in one place, not all over it.
    together = f"{publication.dice.getrandbits(64):016x}"
    for reader in due:
        picks = issue.news(reader, received.get(reader.id, 0), told.get(reader.id, 0))
        dropped |= issue.dropped(reader)
        picked |= picks
        if picks:
            rows.append(_row(publication, issue, reader, picks, told.get(reader.id, 0), together))
        else:
            idle.append(reader.id)
    ledger.plan(connection, issue.issue.id, rows, publication.now)
    if not issue.issue.flash:
        stale = issue.selection.rules.stale
        cursors.advance(connection, idle, issue.issue.upper)
        # What grew stale is counted once.
        cursors.advance(connection, [reader.id for reader in due if reader.cursor < stale], stale)
        cursors.served(connection, [reader.id for reader, owed in readers if owed])
    return dropped, picked


def _due(
    publication: Publication, connection: Transaction, issue: Draw, readers: Sequence[tuple[Subscription, bool]]
) -> list[Subscription]:
    """Return the readers whose turn it is: weekly and monthly ones at the first run of their week or month."""
    if issue.issue.run is None:
        return [reader for reader, _ in readers]
    last = issues.run_before(connection, issue.issue.list, issue.issue.run)
    zone, now = publication.config.zone(issue.issue.list), issues.run_at(connection, issue.issue.run)
    return [reader for reader, owed in readers if owed or calendar.first_in_period(reader.frequency, last, now, zone)]


def _row(
    publication: Publication, issue: Draw, reader: Subscription, picks: int, told: int, together: str
) -> ledger.Row:
    unique = f"{together}{publication.dice.getrandbits(64):016x}"
    return ledger.Row(
        subscription=reader.id,
        message_id=f"{unique}@{publication.config.lists[issue.issue.list].domain}",
        lower=reader.cursor,
        picks=to_bytes(picks),
        repeats=to_bytes(issue.repeats(reader.choices, picks)),
        corrections=to_bytes(told & ~picks),
        language=reader.language,
        light=reader.light,
    )
