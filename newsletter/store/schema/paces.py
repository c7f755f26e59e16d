"""The paces of sending: one row a way out or group of domains that has a limit, or was slowed."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from newsletter.store.columns import Id, metadata

pace = Table(
    "pace",
    metadata,
    Column("name", Text, primary_key=True),
    Column("free", Id, nullable=False),  # the slots before this moment are given to a worker
    Column("share", Integer, nullable=False),  # thousandths of the full pace, at ``since``
    Column("since", Id, nullable=False),
)
