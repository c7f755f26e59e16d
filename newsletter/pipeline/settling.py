"""Settling: before a list opens a new issue, the books of its earlier ones are brought to rest.

Every step is a small transaction that may be repeated, so that a crash in the middle is only an interruption.
"""

from __future__ import annotations

from datetime import UTC, datetime

from newsletter.errors import PendingError
from newsletter.pipeline.publication import Publication
from newsletter.store import cursors, issues, ledger, senders, tally
from newsletter.store.issues import IssueRow

CHUNK = 5000
"""Rows a transaction: the write lock is never held for long."""


def settle_list(publication: Publication, list_slug: str) -> None:
    """Settle all issues of a list that are not settled yet; flash letters are left alone.

    Raises:
        PendingError: when a sender is alive on one of them.
    """
    with publication.store.read() as connection:
        waiting = issues.unsettled(connection, list_slug)
    for issue in waiting:
        if issue.state != "opening":
            settle_issue(publication, issue)


def settle_complete(publication: Publication, list_slug: str) -> None:
    """Settle those issues of a list of which nothing is left to try, so that it is known what is new."""
    with publication.store.read() as connection:
        waiting = [issue for issue in issues.unsettled(connection, list_slug) if issue.state != "opening"]
        complete = [issue for issue in waiting if tally.books(connection, issue.id).complete]
    for issue in complete:
        settle_issue(publication, issue)


def settle_issue(publication: Publication, issue: IssueRow) -> None:
    """Fold the open rows of an issue and move the cursors of everyone it reached.

    Raises:
        PendingError: when a sender is alive on it, or it is of today and still open.
    """
    bury_dead(publication, issue)
    with publication.store.write() as connection:
        # From here on nothing can be claimed; another command may have settled it by now.
        if not issues.set_state(connection, issue.id, "settling", ("open", "stopped", "settling")):
            return
        if tally.holders(connection, issue.id):
            raise PendingError(f"{issue.name}: is being sent now; try again when that has ended")
        books = tally.books(connection, issue.id)
        if (
            issue.date == publication.today(issue.list)
            and issue.state != "settling"
            and (books.planned or books.deferred)
        ):
            raise PendingError(f"{issue.name}: is open and of today; `newsletter send {issue.list}` goes on with it")
    while _fold_some(publication, issue):
        pass
    after = 0
    while after := _settle_some(publication, issue, after):
        pass
    with publication.store.write() as connection:
        issues.set_state(connection, issue.id, "settled", ("settling",))


def bury_dead(publication: Publication, issue: IssueRow) -> int:
    """Settle what dead senders left behind in an issue; returns how many rows are in doubt by it."""
    with publication.store.read() as connection:
        holders = tally.holders(connection, issue.id)
    dead = senders.dead(publication.store, holders)
    with publication.store.write() as connection:
        return ledger.bury(connection, issue.id, dead, publication.now, datetime.now(UTC))


def _fold_some(publication: Publication, issue: IssueRow) -> int:
    with publication.store.write() as connection:
        return ledger.fold(connection, issue.id, publication.now, CHUNK)


def _settle_some(publication: Publication, issue: IssueRow, after: int) -> int:
    with publication.store.write() as connection:
        return cursors.settle(connection, issue.id, issue.upper, after, CHUNK)
