"""Subscribers, their subscriptions and the addresses that are not mailed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from newsletter.errors import NotFoundError
from newsletter.model import Filter, Frequency, Subscription, SubscriptionState
from newsletter.store import ledger
from newsletter.store.schema import audit, run, subscriber, subscription, suppression


def subscribe(
    connection: sa.Connection,
    address: str,
    folded: str,
    wanted: Subscription,
    now: datetime,
) -> int:
    """Make an address an active member of a list and return the subscription's id.

    An ended subscription becomes active again; an active one keeps its cursor. The cursor of one that becomes active
    is the list's last run, so that nothing of before is sent.
    """
    person = _subscriber(connection, address, folded, now)
    mine = _select().where(subscriber.c.id == person, subscription.c.list == wanted.list)
    # Whoever leaves at the same moment has left before this, or leaves after it.
    held = connection.execute(mine.with_for_update(of=subscription)).first()
    values = {**_choice_values(wanted), "consent": wanted.consent}
    if held is None or held.state != SubscriptionState.ACTIVE:
        values |= {"state": SubscriptionState.ACTIVE.value, "cursor": last_upper(connection, wanted.list)}
        values |= {"owed": False, "since": now}
    if held is None:
        insert = subscription.insert().values(subscriber=person, list=wanted.list, **values)
        id: int = connection.execute(insert.returning(subscription.c.id)).scalar_one()
    else:
        id = held.id
        connection.execute(subscription.update().where(subscription.c.id == id).values(values))
    note(connection, id, "subscribed" if held is None else "set", wanted.consent, now)
    return id


def choose(connection: sa.Connection, wanted: Subscription, now: datetime) -> None:
    """Write a subscription's choices, frequency, language and form; its cursor stays."""
    connection.execute(subscription.update().where(subscription.c.id == wanted.id).values(_choice_values(wanted)))
    note(connection, wanted.id, "chosen", msgspec.json.encode(_plain(wanted.choices)).decode(), now)


def leave(connection: sa.Connection, id: int, why: str, now: datetime) -> None:
    """End a subscription and withdraw its open rows: who left is not mailed."""
    changed = connection.execute(
        subscription.update()
        .where(subscription.c.id == id, subscription.c.state != SubscriptionState.ENDED)
        .values(state=SubscriptionState.ENDED.value, owed=False)
    )
    if changed.rowcount:
        ledger.withdraw_subscription(connection, id, "left", now)
        note(connection, id, "left", why, now)


def suppress(connection: sa.Connection, folded: str, reason: str, now: datetime) -> None:
    """Never mail an address again until the suppression is lifted; its open rows are withdrawn.

    A row whose refusal is the reason is written before, in the same transaction, or it would count as withdrawn; and
    ``hold`` before that.
    """
    hold(connection, folded)
    if suppressed(connection, folded) is None:
        connection.execute(suppression.insert().values(folded=folded, reason=reason, at=now))
    person = sa.select(subscriber.c.id).where(subscriber.c.folded == folded).scalar_subquery()
    for id in connection.scalars(sa.select(subscription.c.id).where(subscription.c.subscriber == person)).all():
        ledger.withdraw_subscription(connection, id, "suppressed", now)


def hold(connection: sa.Connection, folded: str) -> None:
    """Let nobody else suppress an address until this transaction ends.

    Two senders may learn at once that a reader of two lists is gone: each would wait for the row that the other wrote.
    """
    connection.execute(sa.select(subscriber.c.id).where(subscriber.c.folded == folded).with_for_update())


def lift(connection: sa.Connection, folded: str, why: str, now: datetime) -> bool:
    """Let an address be mailed again; tells whether it was suppressed. What was withdrawn stays so."""
    lifted = connection.execute(suppression.delete().where(suppression.c.folded == folded)).rowcount == 1
    if lifted:
        person = sa.select(subscriber.c.id).where(subscriber.c.folded == folded).scalar_subquery()
        for id in connection.scalars(sa.select(subscription.c.id).where(subscription.c.subscriber == person)).all():
            note(connection, id, "unsuppressed", why, now)
    return lifted


def note(connection: sa.Connection, id: int | None, what: str, detail: str, now: datetime) -> None:
    """Write one line of a subscription's history."""
    connection.execute(audit.insert().values(at=now, subscription=id, what=what, detail=detail, who="", issue=""))


def history(connection: sa.Connection, id: int) -> list[tuple[datetime, str, str]]:
    """Return a subscription's history: when, what, detail."""
    query = sa.select(audit.c.at, audit.c.what, audit.c.detail).where(audit.c.subscription == id)
    return [(row.at, row.what, row.detail) for row in connection.execute(query.order_by(audit.c.id))]


def last_upper(connection: sa.Connection, list_slug: str) -> int:
    """Return the ``upper`` of the list's last run, 0 where it never ran."""
    query = (
        sa.select(run.c.upper).where(run.c.list == list_slug, run.c.draft.is_(False)).order_by(run.c.id.desc()).limit(1)
    )
    return connection.scalar(query) or 0


def of_address(connection: sa.Connection, folded: str) -> list[Subscription]:
    """Return every subscription of an address.

    Raises:
        NotFoundError: when the address is unknown.
    """
    rows = connection.execute(_select().where(subscriber.c.folded == folded).order_by(subscription.c.list)).all()
    if not rows:
        raise NotFoundError(f"{folded}: no such subscriber; `newsletter subscribers list` shows them")
    return [_record(row) for row in rows]


def held(connection: sa.Connection, folded: str, list_slug: str) -> Subscription | None:
    """Return an address's subscription to a list, in whichever state, None where there never was one."""
    query = _select().where(subscriber.c.folded == folded, subscription.c.list == list_slug)
    row = connection.execute(query).first()
    return None if row is None else _record(row)


def suppressed(connection: sa.Connection, folded: str) -> str | None:
    """Return why an address is never mailed, None where it may be."""
    reason: str | None = connection.scalar(sa.select(suppression.c.reason).where(suppression.c.folded == folded))
    return reason


def get(connection: sa.Connection, id: int) -> Subscription:
    """Return one subscription."""
    return _record(connection.execute(_select().where(subscription.c.id == id)).one())


def members(
    connection: sa.Connection, list_slug: str, after: int = 0, limit: int | None = None
) -> Iterator[tuple[Subscription, bool]]:
    """Yield the active subscriptions of a list that are not suppressed, by id, with whether each is owed a letter."""
    query = _mailed(list_slug).where(subscription.c.id > after)
    for row in connection.execute(query.order_by(subscription.c.id).limit(limit)):
        yield _record(row), row.owed


def count(connection: sa.Connection, list_slug: str) -> int:
    """Return how many members of a list may be mailed, or were suppressed since."""
    active = (subscription.c.list == list_slug, subscription.c.state == SubscriptionState.ACTIVE)
    return connection.scalar(sa.select(sa.func.count()).select_from(subscription).where(*active)) or 0


def some_members(
    connection: sa.Connection, list_slug: str, addresses: Sequence[str]
) -> list[tuple[Subscription, bool]]:
    """Return those of the same that have these addresses, which are folded."""
    if not addresses:
        return []  # the database would look at everyone to find nobody
    query = _mailed(list_slug).where(subscriber.c.folded.in_(addresses)).order_by(subscription.c.id)
    return [(_record(row), row.owed) for row in connection.execute(query)]


def spread(connection: sa.Connection, list_slug: str, most: int) -> list[tuple[Subscription, bool]]:
    """Return about ``most`` of the same, as many of each frequency, language and form, from all over the list."""
    kind = (subscription.c.frequency, subscription.c.language, subscription.c.light)
    kinds = sorted(map(tuple, connection.execute(_mailed(list_slug).with_only_columns(*kind).distinct())))
    found: list[tuple[Subscription, bool]] = []
    for values in kinds:
        mine = (column == value for column, value in zip(kind, values, strict=True))
        # Neighbours often joined together, from one place: a remainder by a prime takes them apart.
        query = _mailed(list_slug).where(*mine).order_by(subscription.c.id % 997, subscription.c.id)
        found += ((_record(row), row.owed) for row in connection.execute(query.limit(-(-most // len(kinds)))))
    return found


def everyone(connection: sa.Connection, list_slug: str = "") -> Iterator[Subscription]:
    """Yield all subscriptions, of one list where it is named, by address."""
    query = _select().order_by(subscriber.c.folded, subscription.c.list)
    if list_slug:
        query = query.where(subscription.c.list == list_slug)
    return (_record(row) for row in connection.execute(query))


def _subscriber(connection: sa.Connection, address: str, folded: str, now: datetime) -> int:
    known: int | None = connection.scalar(sa.select(subscriber.c.id).where(subscriber.c.folded == folded))
    if known is not None:
        return known
    insert = subscriber.insert().values(address=address, folded=folded, created=now)
    new: int = connection.execute(insert.returning(subscriber.c.id)).scalar_one()
    return new


def _select() -> sa.Select[tuple[object, ...]]:
    return sa.select(subscription, subscriber.c.address).join(subscriber, subscriber.c.id == subscription.c.subscriber)


def _mailed(list_slug: str) -> sa.Select[tuple[object, ...]]:
    """The active subscriptions of a list whose addresses are not suppressed."""
    return _select().where(
        subscription.c.list == list_slug,
        subscription.c.state == SubscriptionState.ACTIVE,
        ~sa.exists().where(suppression.c.folded == subscriber.c.folded),
    )


def _choice_values(wanted: Subscription) -> dict[str, object]:
    return {
        "choices": msgspec.json.encode(_plain(wanted.choices)).decode(),
        "frequency": wanted.frequency.value,
        "language": wanted.language,
        "light": wanted.light,
    }


def replace_choice(connection: sa.Connection, taxonomy: str, old: str, new: str) -> None:
    """Put one term's slug in the place of another's in every choice that holds it."""
    some = sa.select(subscription.c.id, subscription.c.choices).where(
        subscription.c.choices.contains(f'"{old}"', autoescape=True)
    )
    for row in list(connection.execute(some)):
        choices = msgspec.json.decode(row.choices)
        if old in choices.get(taxonomy, ()):
            choices[taxonomy] = sorted({new if slug == old else slug for slug in choices[taxonomy]})
            where = subscription.c.id == row.id
            connection.execute(subscription.update().where(where).values(choices=msgspec.json.encode(choices).decode()))


def _plain(choices: Filter) -> Mapping[str, list[str]]:
    return {taxonomy: sorted(slugs) for taxonomy, slugs in sorted(choices.items()) if slugs}


def _record(row: sa.Row[tuple[object, ...]]) -> Subscription:
    return Subscription(
        id=row.id,
        address=row.address,
        list=row.list,
        state=SubscriptionState(row.state),
        choices={name: frozenset(slugs) for name, slugs in msgspec.json.decode(row.choices).items()},
        frequency=Frequency(row.frequency),
        language=row.language,
        light=row.light,
        cursor=row.cursor,
        consent=row.consent,
        since=row.since,
    )
