"""Sending a list: which issue it is, and its books afterwards."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event

from newsletter.delivery.address import as_bytes
from newsletter.delivery.answers import schedule
from newsletter.delivery.job import Job
from newsletter.delivery.sender import Sender
from newsletter.delivery.ways import routes_of
from newsletter.errors import PendingError
from newsletter.model import Books, DeliveryState
from newsletter.passwords import secret
from newsletter.pipeline.adopting import demand, logged
from newsletter.pipeline.drafting import of_list
from newsletter.pipeline.freezing import Draft
from newsletter.pipeline.opening import open_flash, open_run
from newsletter.pipeline.printing import composer_of
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.settling import CHUNK, bury_dead
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import acts, audience, claims, issues, ledger, tally
from newsletter.store.acts import Act
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow
from newsletter.store.senders import sender_of
from newsletter.store.tally import Doubt

Progress = Callable[[Counter[DeliveryState]], None]


@dataclass(frozen=True)
class Plan:
    """What ``send`` is about to do: go on with an issue or its opening, or open a new one, folding others into it.

    The new one is opened from the list's ``draft``, where it has one.
    """

    continues: IssueRow | None
    folds: tuple[IssueRow, ...] = ()
    draft: Draft | None = None


@dataclass(frozen=True)
class Sent:
    """How an issue stands after a pass.

    ``shortened`` is how many different letters of it did not fit whole, ``troubles`` why relays were given up.
    """

    issue: IssueRow
    books: Books
    next_due: datetime | None = None
    shortened: int = 0
    troubles: tuple[str, ...] = ()


def decide(publication: Publication, list_slug: str) -> Plan:
    """Decide whether a list goes on with an open issue or opens a new one.

    An issue of the same date is continued and never folded. An older one with rows that nobody attempted is continued
    while it is younger than the list's missed-run limit; else its rows are folded into a new run.

    Raises:
        AudienceError: the list's sender is no address that can be written on the wire.
    """
    settings = publication.list(list_slug)
    as_bytes(settings.sender.address)  # an issue freezes it: a wrong one is told before
    limit = publication.now - timedelta(hours=settings.missed_hours)
    folds = []
    with publication.store.read() as connection:
        for issue in issues.unsettled(connection, list_slug):
            if issue.state == "opening":
                return Plan(issue)
            books = tally.books(connection, issue.id)
            young = issue.date == publication.today(list_slug) or (issue.at > limit and _cut_off(connection, issue))
            if young and not books.complete and issue.state != "settling":
                return Plan(issue)
            if books.planned or books.deferred:
                folds.append(issue)
    return Plan(None, tuple(folds), of_list(publication, list_slug))


def _cut_off(connection: Transaction, issue: IssueRow) -> bool:
    """Tell whether the sender of an issue died, or left rows that it never attempted."""
    return tally.never_tried(connection, issue.id) or bool(tally.holders(connection, issue.id))


def prepare(publication: Publication, list_slug: str, plan: Plan, watch: Watch = unwatched) -> IssueRow | None:
    """Carry out a plan up to the first message: the issue to send, or None where nobody has anything new.

    While a person thought about the plan, another send may have opened an issue: then that one is continued.
    """
    continues = plan.continues or decide(publication, list_slug).continues
    if continues and continues.state != "opening":
        return continues
    return open_run(publication, list_slug, watch=watch).issue


def prepare_flash(publication: Publication, list_slug: str, article: str, watch: Watch = unwatched) -> IssueRow | None:
    """Open a letter of one article; None where everyone whom it matches has it."""
    return open_flash(publication, list_slug, article, watch).issue


def attempt(
    publication: Publication,
    issue: IssueRow,
    progress: Progress,
    *,
    all_deferred: bool = False,
    halt: Event | None = None,
) -> Sent:
    """Make one pass over the open rows of an issue: planned ones, and deferred ones that are due, or all of them.

    While the issue is held only its seed addresses get theirs. Once ``halt`` is set no further letter is begun.

    Raises:
        AdoptionError: these books may not send from here.
        DeliveryError: the relay cannot be used; the books are in order.
    """
    demand(publication)
    bury_dead(publication, issue)
    settings = publication.list(issue.list)
    with publication.store.write() as connection:
        before = publication.now - timedelta(days=settings.retry_days)
        ledger.give_up(connection, issue.id, before, publication.now)
        ledger.wake(connection, issue.id, None if all_deferred else publication.now, publication.now)
        issues.set_state(connection, issue.id, "open", ("stopped",))
    routes = routes_of(publication.config, issue.list)
    job = Job(
        issue=issue.id,
        composer=composer_of(publication, issue),
        routes=routes,
        secrets={way: secret(route, os.environ, publication.config.at("")) for way, route in routes.items()},
        now=publication.now,
        only=None if all_deferred else _seeds_alone(publication, issue),
        halt=halt or Event(),
        schedule=schedule(settings),
        groups=publication.config.mail.groups,
    )
    with logged(publication, issue), sender_of(publication.store, publication.now) as number:
        sender = Sender(publication.store, number, job, progress)
        sender.run()
    found = standing(publication, issue)
    return replace(found, shortened=job.composer.shortened, troubles=tuple(map(str, sender.troubles)))


def _seeds_alone(publication: Publication, issue: IssueRow) -> list[int] | None:
    """Return the subscriptions that get their letters while an issue is held, None where it is not."""
    with publication.store.read() as connection:
        held = issues.named(connection, issue.name).held
        if held is None or held <= publication.now:
            return None
        seeds = audience.some_members(connection, issue.list, publication.seeds(issue.list))
        return [reader.id for reader, _ in seeds]


def let_go(publication: Publication, issue: IssueRow, who: str) -> Sent:
    """Hold an issue no longer: somebody has looked at the letters of the seed addresses."""
    with publication.store.write() as connection:
        issues.let_go(connection, issue.id)
        acts.note(connection, issue.name, Act(publication.now, who, "let go", ""))
    return standing(publication, issue)


def cancel(publication: Publication, name: str, who: str) -> Sent:
    """Withdraw what of an issue is not sent; its readers are owed the articles, and a letter at the next run.

    Raises:
        NotFoundError: when there is none.
        PendingError: when a sender is alive on it.
    """
    issue = find(publication, name).issue
    with publication.store.write() as connection:
        if not issues.set_state(connection, issue.id, "stopped", ("open", "stopped")):
            raise PendingError(f"{name}: is {issue.state}, so there is nothing to cancel")
        if tally.holders(connection, issue.id):
            raise PendingError(f"{name}: is being sent now; `newsletter issues stop {name}`, then cancel it")
        acts.note(connection, name, Act(publication.now, who, "cancelled", ""))
    while _cancel_some(publication, issue):
        pass
    return standing(publication, issue)


def _cancel_some(publication: Publication, issue: IssueRow) -> int:
    with publication.store.write() as connection:
        return ledger.cancel(connection, issue.id, publication.now, CHUNK)


def leftovers(publication: Publication, list_slug: str, but: IssueRow | None) -> list[IssueRow]:
    """Return other issues of a list with rows that still go out: resolved for resending, and flash letters."""
    with publication.store.read() as connection:
        waiting = issues.with_open_rows(connection, list_slug)
    return [
        issue
        for issue in waiting
        if (issue.state == "settled" or (issue.flash and issue.state == "open")) and (but is None or issue.id != but.id)
    ]


def standing(publication: Publication, issue: IssueRow) -> Sent:
    """Return how an issue stands."""
    with publication.store.read() as connection:
        now = issues.named(connection, issue.name)
        held = now.held if now.held and now.held > publication.now else None
        return Sent(
            replace(now, held=held),
            tally.books(connection, issue.id),
            tally.next_due(connection, issue.id),
        )


def all_issues(publication: Publication) -> list[IssueRow]:
    """Return every issue, oldest first."""
    with publication.store.read() as connection:
        return issues.of_list(connection)


def find(publication: Publication, name: str) -> Sent:
    """Return the issue of a name as it stands; what dead senders left is in doubt from now on.

    Raises:
        NotFoundError: when there is none.
    """
    with publication.store.read() as connection:
        issue = issues.named(connection, name)
    bury_dead(publication, issue)
    return standing(publication, issue)


def doubts(publication: Publication, issue: IssueRow) -> list[Doubt]:
    """Return the letters of an issue of which nobody knows whether they arrived."""
    with publication.store.read() as connection:
        return tally.doubts(connection, issue.id)


def doubtful(publication: Publication, list_slug: str) -> dict[str, int]:
    """Return the issues of a list with letters in doubt, and how many."""
    with publication.store.read() as connection:
        return tally.doubtful(connection, list_slug)


def reasons(publication: Publication, issue: IssueRow) -> list[tuple[str, str, int]]:
    """Return state, reason and number of an issue's rows that were not simply sent."""
    with publication.store.read() as connection:
        return tally.outcomes(connection, issue.id)


def stop(publication: Publication, name: str) -> Sent:
    """Stop an issue: open rows stay planned until ``send`` or ``retry``."""
    with publication.store.write() as connection:
        issue = issues.named(connection, name)
        if issue.state not in ("open", "stopped"):
            raise PendingError(f"{name}: is {issue.state}, so there is nothing to stop")
        issues.set_state(connection, issue.id, "stopped", ("open", "stopped"))
        # Who lost a claim cannot hand over: a sender at work ends no further message with a dot.
        for number in tally.holders(connection, issue.id):
            claims.release(connection, number)
    return standing(publication, issue)


def resolve(publication: Publication, name: str, to: DeliveryState) -> tuple[int, Sent]:
    """Settle the rows of an issue that are in doubt as a person decides; returns how many there were.

    Raises:
        AdoptionError: they are to be sent again, and these books may not send from here.
    """
    if to is DeliveryState.PLANNED:
        demand(publication)
    with publication.store.read() as connection:
        issue = issues.named(connection, name)
    bury_dead(publication, issue)
    with publication.store.write() as connection:
        count = ledger.resolve(connection, issue.id, to, "a person decided", publication.now)
    return count, standing(publication, issue)
