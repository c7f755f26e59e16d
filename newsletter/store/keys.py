"""The keys that sign links; old ones are kept for good, since links live in mails for years."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from newsletter.store.schema import signing_key


def add(connection: sa.Connection, secret: bytes, now: datetime) -> int:
    """Keep a new key, which signs from now on; returns its id."""
    number: int = connection.execute(
        signing_key.insert().values(secret=secret, created=now).returning(signing_key.c.id)
    ).scalar_one()
    return number


def newest(connection: sa.Connection) -> tuple[int, bytes] | None:
    """Return id and secret of the key that signs now."""
    row = connection.execute(sa.select(signing_key).order_by(signing_key.c.id.desc()).limit(1)).first()
    return None if row is None else (row.id, row.secret)


def everything(connection: sa.Connection) -> dict[int, bytes]:
    """Return all keys by their ids."""
    return {row.id: row.secret for row in connection.execute(sa.select(signing_key))}
