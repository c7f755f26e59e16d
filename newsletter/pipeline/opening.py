"""Opening an issue: who gets which articles is decided here, once, and frozen (docs/adr/0004-arrivals.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from newsletter import calendar
from newsletter.digest.contents import contents, flash
from newsletter.digest.letter import Contents
from newsletter.digest.selection import from_bytes, to_bytes
from newsletter.errors import PendingError, UsageError
from newsletter.model import Subscription
from newsletter.pipeline.drawing import Draw, candidates, draw
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.settling import settle_list
from newsletter.store import arrivals, articles, audience, issues, keys, ledger
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow

CHUNK = 2000
"""Readers a transaction."""


@dataclass(frozen=True)
class Opening:
    """What an opening came to: the issue, or None where nobody had anything new."""

    issue: IssueRow | None


def open_run(publication: Publication, list_slug: str) -> Opening:
    """Open the next issue of a list: settle the earlier ones, take a run, plan a row for each reader with news.

    An opening that was cut off is taken up where it stopped.

    Raises:
        PendingError: when a sender is alive on an earlier issue.
    """
    publication.list(list_slug)
    settle_list(publication, list_slug)
    with publication.store.write() as connection:
        begun = _begin(publication, connection, list_slug)
    return begun if isinstance(begun, Opening) else _open(publication, begun)


def open_flash(publication: Publication, list_slug: str, name: str) -> Opening:
    """Open a letter of one article to every reader whom it matches and who was not sent it: no window, no cursor.

    Raises:
        NotFoundError: when no article has that name.
        UsageError: when it is not shown.
    """
    publication.list(list_slug)
    with publication.store.write() as connection:
        begun = _begin_flash(publication, connection, list_slug, name)
    return _open(publication, begun)


def number_due(publication: Publication, connection: Transaction) -> int:
    """Number the articles whose embargo has ended; returns how many."""
    arrivals.upper(connection)  # so that nobody hides one of them meanwhile
    due = arrivals.due(connection, publication.now)
    for key, published in due:
        arrivals.show(connection, key, published, publication.numbering())
    return len(due)


def take_run(publication: Publication, connection: Transaction, list_slug: str) -> Draw:
    """Let a run of a list take place: fix ``upper``, freeze what its letters are made from."""
    arrivals.upper(connection)
    publication.declare(connection)
    number_due(publication, connection)
    run = issues.take_run(connection, list_slug, publication.now, arrivals.upper(connection))
    found = candidates(publication, connection, list_slug)
    pins = articles.pins(connection)
    frozen = contents(
        publication.config,
        list_slug,
        issues.free_name(connection, list_slug, publication.today),
        issues.count(connection, list_slug) + 1,
        publication.now,
        articles.some(connection, found),
        [place for place, key in enumerate(found) if key in pins],
        publication.trees(connection),
    )
    return _frozen(publication, connection, frozen, found, run)


def take_flash(publication: Publication, connection: Transaction, list_slug: str, name: str) -> Draw:
    """Freeze a letter of one article."""
    publication.declare(connection)
    key = articles.find(connection, name)
    record = articles.get(connection, key)
    if not record.arrival:
        raise UsageError(f"{record.id}: is not shown; make it ready and due, then send it")
    issue_name = issues.free_name(connection, list_slug, publication.today)
    frozen = flash(publication.config, list_slug, issue_name, publication.now, record)
    return _frozen(publication, connection, frozen, [key], None)


def plan_some(publication: Publication, connection: Transaction, issue: Draw, limit: int) -> tuple[bool, int]:
    """Plan the rows of the next ``limit`` readers; returns whether there were any, and what grew stale, as a bitmap."""
    begun = issues.opening_at(connection, issue.issue.id)
    if begun is None:
        return False, 0  # another process planned the rest
    reached, picked = begun
    readers = list(audience.members(connection, issue.issue.list, reached, limit))
    if not readers:
        return False, 0
    dropped, more = _plan(publication, connection, issue, readers)
    issues.reach(connection, issue.issue.id, readers[-1][0].id, to_bytes(from_bytes(picked) | more))
    return True, dropped


def _begin(publication: Publication, connection: Transaction, list_slug: str) -> Draw | Opening:
    """Take a run, unless another process did so first or an opening was cut off: then that is the issue."""
    arrivals.upper(connection)  # from here on no other opening can begin
    begun = issues.being_opened(connection, list_slug)
    if begun and begun.flash:
        raise PendingError(f"{begun.name}: this flash letter was cut off; take it up with `send {list_slug} --only`")
    if begun:
        return _resumed(publication, connection, begun)
    waiting = issues.unsettled(connection, list_slug)
    if not waiting:
        return take_run(publication, connection, list_slug)
    if waiting[0].state == "settling":
        raise PendingError(f"{waiting[0].name}: is being settled by another command; try again when that has ended")
    return Opening(waiting[0])


def _begin_flash(publication: Publication, connection: Transaction, list_slug: str, name: str) -> Draw:
    """Take up the flash letter of an article that was cut off, else begin it: a list opens one issue at a time."""
    arrivals.upper(connection)
    begun = issues.being_opened(connection, list_slug)
    if begun is None:
        return take_flash(publication, connection, list_slug, name)
    if begun.flash and issues.candidates(connection, begun.id) == [articles.find(connection, name)]:
        return _resumed(publication, connection, begun)
    raise PendingError(f"{begun.name}: is being opened; finish it first, with `newsletter send {list_slug}`")


def _resumed(publication: Publication, connection: Transaction, begun: IssueRow) -> Draw:
    frozen = msgspec.json.decode(begun.contents, type=Contents)
    return draw(publication, connection, begun, frozen, issues.candidates(connection, begun.id))


def _frozen(
    publication: Publication, connection: Transaction, made: Contents, found: Sequence[int], run: int | None
) -> Draw:
    """Write a new issue, with the subject of its list or else of the template as it is now."""
    subject = made.subject or publication.templates(made.list)["subject.txt"]
    frozen = replace(made, subject=subject)
    return draw(publication, connection, _create(publication, connection, frozen, found, run), frozen, found)


def _create(
    publication: Publication, connection: Transaction, frozen: Contents, found: Sequence[int], run: int | None
) -> IssueRow:
    letters = "abcdefghijklmnopqrstuvwxyz"
    row = IssueRow(
        id=0,
        name=frozen.name,
        list=frozen.list,
        run=run,
        date=publication.today,
        at=publication.now,
        state="opening",
        reached=0,
        audience=None,
        picked=b"",
        dropped=0,
        nonce="".join(publication.dice.choices(letters, k=16)),
        signing_key=_signing_key(publication, connection),
        contents=msgspec.json.encode(frozen).decode(),
        upper=arrivals.upper(connection),
    )
    return replace(row, id=issues.create(connection, row, found))


def _open(publication: Publication, issue: Draw) -> Opening:
    """Plan the rows of everyone, and only then let senders see the issue."""
    stale, more = 0, True
    while more:
        with publication.store.write() as connection:
            more, dropped = plan_some(publication, connection, issue, CHUNK)
        stale |= dropped
    with publication.store.write() as connection:
        opening = issues.opening_at(connection, issue.issue.id)
        if opening and not issues.open_whole(connection, issue.issue.id, stale.bit_count()):
            issues.discard(connection, issue.issue.id)
        return Opening(issues.known(connection, issue.issue.name))


def _plan(
    publication: Publication, connection: Transaction, issue: Draw, readers: Sequence[tuple[Subscription, bool]]
) -> tuple[int, int]:
    """Write the rows of some readers; who is due and has nothing new moves on.

    Returns two bitmaps: what grew stale, and what any of the readers gets as news.
    """
    due = _due(publication, connection, issue, readers)
    received = issue.received(connection, due)
    rows, idle, dropped, picked = [], [], 0, 0
    for reader in due:
        picks = issue.news(reader, received.get(reader.id, 0))
        dropped |= issue.dropped(reader)
        picked |= picks
        if picks:
            rows.append(_row(publication, issue, reader, picks))
        else:
            idle.append(reader.id)
    ledger.plan(connection, issue.issue.id, rows, publication.now)
    if not issue.issue.flash:
        everyone = [reader.id for reader in due]
        audience.advance(connection, idle, issue.issue.upper)
        audience.advance(connection, everyone, issue.selection.rules.stale)  # what grew stale is counted once
        audience.served(connection, everyone)
    return dropped, picked


def _due(
    publication: Publication, connection: Transaction, issue: Draw, readers: Sequence[tuple[Subscription, bool]]
) -> list[Subscription]:
    """Return the readers whose turn it is: weekly and monthly ones at the first run of their week or month."""
    if issue.issue.run is None:
        return [reader for reader, _ in readers]
    last = issues.run_before(connection, issue.issue.list, issue.issue.run)
    zone, now = publication.config.site.zone, issue.issue.at
    return [reader for reader, owed in readers if owed or calendar.first_in_period(reader.frequency, last, now, zone)]


def _row(publication: Publication, issue: Draw, reader: Subscription, picks: int) -> ledger.Row:
    unique = f"{publication.dice.getrandbits(128):032x}"
    return ledger.Row(
        subscription=reader.id,
        message_id=f"{unique}@{publication.config.lists[issue.issue.list].domain}",
        lower=reader.cursor,
        picks=to_bytes(picks),
        repeats=to_bytes(issue.repeats(reader.choices, picks)),
        language=reader.language,
        light=reader.light,
    )


def _signing_key(publication: Publication, connection: Transaction) -> int:
    newest = keys.newest(connection)
    return newest[0] if newest else keys.add(connection, publication.dice.randbytes(32), publication.now)
