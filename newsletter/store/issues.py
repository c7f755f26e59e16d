"""Runs, issues, their candidates and fragments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from newsletter.errors import NotFoundError
from newsletter.model import DeliveryState
from newsletter.store.ledger import received
from newsletter.store.schema import candidate, delivery, fragment, issue, revision, run


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as stored; ``upper`` is its run's, 0 for a flash letter, ``contents`` the JSON of what it is made from.

    ``frozen`` is the counter when that was frozen, ``held`` until when only the seed addresses have their letters.
    """

    id: int
    name: str
    list: str
    run: int | None
    date: str
    at: datetime
    state: str
    frozen: int
    held: datetime | None
    reached: int
    audience: int | None
    picked: bytes
    dropped: int
    nonce: str
    signing_key: int
    contents: str
    upper: int

    @property
    def flash(self) -> bool:
        """Whether this is a letter of one article outside the list's runs."""
        return self.run is None


def take_run(connection: sa.Connection, list_slug: str, at: datetime, upper: int) -> int:
    """Record that a run of a list takes place; it counts as skipped until it has an issue."""
    insert = run.insert().values(list=list_slug, at=at, upper=upper, skipped=True, draft=False)
    number: int = connection.execute(insert.returning(run.c.id)).scalar_one()
    return number


def run_before(connection: sa.Connection, list_slug: str, run_id: int) -> datetime | None:
    """Return when the list ran before a run, sent or skipped."""
    earlier = (run.c.list == list_slug, run.c.id < run_id, run.c.draft.is_(False))
    query = sa.select(run.c.at).where(*earlier).order_by(run.c.id.desc()).limit(1)
    at: datetime | None = connection.scalar(query)
    return at


def run_at(connection: sa.Connection, run_id: int) -> datetime:
    """Return when a run takes place: for one of the calendar the instant for which it was planned."""
    at: datetime = connection.execute(sa.select(run.c.at).where(run.c.id == run_id)).scalar_one()
    return at


def last_sent(connection: sa.Connection, list_slug: str, before: int) -> int:
    """Return the ``upper`` of a list's last run before another that was sent to anyone, 0 where there is none."""
    sent = (run.c.list == list_slug, run.c.id < before, run.c.skipped.is_(False), run.c.draft.is_(False))
    return connection.scalar(sa.select(run.c.upper).where(*sent).order_by(run.c.id.desc()).limit(1)) or 0


def create(connection: sa.Connection, row: IssueRow, articles: Sequence[int]) -> int:
    """Write an issue that is being opened, with its candidates by their positions; returns its id."""
    values = {name: getattr(row, name) for name in IssueRow.__slots__ if name not in ("id", "upper")}
    number: int = connection.execute(issue.insert().values(values).returning(issue.c.id)).scalar_one()
    places = [{"issue": number, "position": place, "article": key} for place, key in enumerate(articles)]
    if places:
        connection.execute(candidate.insert(), places)
    return number


def reach(connection: sa.Connection, issue_id: int, subscription_id: int, picked: bytes) -> None:
    """Note up to which subscription the rows of an opening issue are planned, and all that they picked."""
    values = {"reached": subscription_id, "picked": picked}
    connection.execute(issue.update().where(issue.c.id == issue_id).values(values))


def open_whole(connection: sa.Connection, issue_id: int, dropped: int, held: datetime | None = None) -> int:
    """Make an issue visible to senders, writing its audience once; its run is not skipped. Returns the audience.

    It is ``held`` until an instant, for all but the list's seed addresses.
    """
    count = sa.select(sa.func.count()).where(delivery.c.issue == issue_id).scalar_subquery()
    opened = (
        issue.update().where(issue.c.id == issue_id).values(state="open", audience=count, dropped=dropped, held=held)
    )
    audience, run_id = connection.execute(opened.returning(issue.c.audience, issue.c.run)).one()
    connection.execute(run.update().where(run.c.id == run_id).values(skipped=not audience))
    return int(audience)


def opening_at(connection: sa.Connection, issue_id: int) -> tuple[int, bytes] | None:
    """Return how far the opening of an issue got and what its rows picked, None where it is open or gone.

    Others cannot go on with it before this transaction has ended.
    """
    query = sa.select(issue.c.reached, issue.c.picked).where(issue.c.id == issue_id, issue.c.state == "opening")
    row = connection.execute(query.with_for_update()).first()
    return None if row is None else (row.reached, row.picked)


def being_opened(connection: sa.Connection, list_slug: str) -> IssueRow | None:
    """Return the issue of a list, run or flash letter, whose opening was begun and has not ended."""
    row = connection.execute(_select().where(issue.c.list == list_slug, issue.c.state == "opening")).first()
    return None if row is None else _row(row)


def discard(connection: sa.Connection, issue_id: int) -> None:
    """Remove an issue that nobody gets: its run stays, as skipped."""
    for table in (candidate, fragment):
        connection.execute(table.delete().where(table.c.issue == issue_id))
    connection.execute(issue.delete().where(issue.c.id == issue_id))


def set_state(connection: sa.Connection, issue_id: int, state: str, came_from: tuple[str, ...]) -> bool:
    """Write how far an issue is: open, stopped, settling or settled; False where it is no longer as it was seen."""
    where = (issue.c.id == issue_id, issue.c.state.in_(came_from))
    return connection.execute(issue.update().where(*where).values(state=state)).rowcount == 1


def of_list(connection: sa.Connection, list_slug: str = "") -> list[IssueRow]:
    """Return the issues of a list, or of all, oldest first."""
    query = _select().order_by(issue.c.id)
    return [_row(row) for row in connection.execute(query.where(issue.c.list == list_slug) if list_slug else query)]


def opened(connection: sa.Connection) -> list[tuple[int, str, datetime]]:
    """Return id, name and date of every issue whose opening has ended, oldest first."""
    query = sa.select(issue.c.id, issue.c.name, issue.c.at).where(issue.c.state != "opening").order_by(issue.c.id)
    return [(row.id, row.name, row.at) for row in connection.execute(query)]


def revised(connection: sa.Connection, since: int) -> set[int]:
    """Return the issues that hold an article that was revised after a revision."""
    late = sa.select(revision.c.article).where(revision.c.seq > since)
    return set(connection.scalars(sa.select(candidate.c.issue).where(candidate.c.article.in_(late))))


def unsettled(connection: sa.Connection, list_slug: str) -> list[IssueRow]:
    """Return the issues of a list whose cursors were not moved yet, oldest first; flash letters have none."""
    query = _select().where(issue.c.list == list_slug, issue.c.run.is_not(None), issue.c.state != "settled")
    return [_row(row) for row in connection.execute(query.order_by(issue.c.id))]


def candidates(connection: sa.Connection, issue_id: int) -> list[int]:
    """Return the articles of an issue by their positions."""
    query = sa.select(candidate.c.article).where(candidate.c.issue == issue_id)
    return list(connection.scalars(query.order_by(candidate.c.position)))


def with_open_rows(connection: sa.Connection, list_slug: str) -> list[IssueRow]:
    """Return the issues of a list that still have planned or deferred rows, oldest first."""
    open_rows = delivery.c.state.in_((DeliveryState.PLANNED, DeliveryState.DEFERRED))
    mine = sa.exists().where(delivery.c.issue == issue.c.id, open_rows)
    query = _select().where(issue.c.list == list_slug, issue.c.state != "opening", mine)
    return [_row(row) for row in connection.execute(query.order_by(issue.c.id))]


def named(connection: sa.Connection, name: str) -> IssueRow:
    """Return the issue of a name.

    Raises:
        NotFoundError: when there is none.
    """
    found = known(connection, name)
    if found is None:
        raise NotFoundError(f"{name}: no such issue; `newsletter issues list` shows them")
    return found


def known(connection: sa.Connection, name: str) -> IssueRow | None:
    """Return the issue of a name, None when there is none."""
    row = connection.execute(_select().where(issue.c.name == name)).first()
    return None if row is None else _row(row)


def free_name(connection: sa.Connection, list_slug: str, date: str) -> str:
    """Return the name of a further issue on a date: ``<list>/<date>``, then ``<date>-2`` and so on."""
    taken = set(connection.scalars(sa.select(issue.c.name).where(issue.c.list == list_slug, issue.c.date == date)))
    name, number = f"{list_slug}/{date}", 2
    while name in taken:
        name, number = f"{list_slug}/{date}-{number}", number + 1
    return name


def count(connection: sa.Connection, list_slug: str) -> int:
    """Return how many issues a list had, for the number of the next."""
    where = (issue.c.list == list_slug, issue.c.run.is_not(None))
    return connection.scalar(sa.select(sa.func.count()).where(*where)) or 0


def keep_fragments(connection: sa.Connection, issue_id: int, language: str, body: bytes) -> None:
    """Store the rendered pieces of an issue in one language."""
    connection.execute(fragment.insert().values(issue=issue_id, language=language, body=body))


def fragments(connection: sa.Connection, issue_id: int) -> dict[str, bytes]:
    """Return the rendered pieces of an issue by language."""
    query = sa.select(fragment.c.language, fragment.c.body).where(fragment.c.issue == issue_id)
    return {row.language: row.body for row in connection.execute(query)}


def languages(connection: sa.Connection, issue_id: int) -> list[str]:
    """Return the languages in which an issue's letters are written."""
    query = sa.select(delivery.c.language).where(delivery.c.issue == issue_id).distinct()
    return sorted(connection.scalars(query))


def mailed_before(connection: sa.Connection, list_slug: str, articles: Iterable[int]) -> dict[int, dict[int, int]]:
    """Return the issues of a list that held any of the articles: issue -> article -> position there."""
    query = (
        sa.select(candidate.c.issue, candidate.c.article, candidate.c.position)
        .join(issue, issue.c.id == candidate.c.issue)
        .where(issue.c.list == list_slug, candidate.c.article.in_(list(articles)))
    )
    found: dict[int, dict[int, int]] = {}
    for row in connection.execute(query):
        found.setdefault(row.issue, {})[row.article] = row.position
    return found


def flashed(connection: sa.Connection, list_slug: str) -> set[int]:
    """Return the articles that went out in a flash letter of a list."""
    query = sa.select(candidate.c.article).join(issue, issue.c.id == candidate.c.issue)
    return set(connection.scalars(query.where(issue.c.list == list_slug, issue.c.run.is_(None))))


def let_go(connection: sa.Connection, issue_id: int) -> None:
    """Hold an issue no longer."""
    connection.execute(issue.update().where(issue.c.id == issue_id).values(held=None))


def frozen_since(connection: sa.Connection, list_slug: str, number: int) -> dict[int, int]:
    """Return the issues of a list whose contents were frozen since a number was given, each with the counter then."""
    query = sa.select(issue.c.id, issue.c.frozen).where(issue.c.list == list_slug, issue.c.frozen >= number)
    return {row.id: row.frozen for row in connection.execute(query)}


def picks_received(
    connection: sa.Connection, issue_ids: Iterable[int], first: int, last: int, *, also_open: bool = False
) -> list[tuple[int, int, bytes, bool]]:
    """Return issue, subscription, picks and whether it was a flash letter, of rows that count as received.

    For subscriptions in a range of ids.
    Open rows of flash letters count while they are open; with ``also_open`` those of every issue.
    """
    open_rows = delivery.c.state.in_((DeliveryState.PLANNED, DeliveryState.DEFERRED))
    counts = received() | (open_rows if also_open else open_rows & issue.c.run.is_(None))
    query = (
        sa.select(delivery.c.issue, delivery.c.subscription, delivery.c.picks, issue.c.run.is_(None).label("flash"))
        .join(issue, issue.c.id == delivery.c.issue)
        .where(delivery.c.issue.in_(list(issue_ids)), delivery.c.subscription.between(first, last), counts)
    )
    return [(row.issue, row.subscription, row.picks, row.flash) for row in connection.execute(query)]


def _select() -> sa.Select[tuple[object, ...]]:
    upper = sa.func.coalesce(run.c.upper, 0).label("upper")
    return sa.select(issue, upper).outerjoin(run, run.c.id == issue.c.run)


def _row(row: sa.Row[tuple[object, ...]]) -> IssueRow:
    return IssueRow(**{name: getattr(row, name) for name in IssueRow.__slots__})
