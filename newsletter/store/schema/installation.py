"""From where the books are used: every place that was adopted for them."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from newsletter.store.columns import Instant, metadata

installation = Table(
    "installation",
    metadata,
    Column("place", Text, primary_key=True),  # random, as it stands in the logbook there
    Column("host", Text, nullable=False),  # for people: no rule looks at it
    Column("path", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
