"""Readers: their addresses, what they subscribe to, and what happened to it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from newsletter.store.columns import Id, Instant, metadata

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("created", Instant, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber", ForeignKey("subscriber.id"), nullable=False),
    Column("list", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("choices", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("light", Boolean, nullable=False),
    Column("cursor", Id, nullable=False),
    Column("owed", Boolean, nullable=False),  # its row was folded or cancelled: due at the next run
    Column("consent", Text, nullable=False),
    Column("since", Instant, nullable=False),
    UniqueConstraint("subscriber", "list"),
    Index("subscription_list", "list", "state", "id"),
    Index("subscription_cursor", "list", "state", "cursor", "subscriber"),  # the lowest of a list
)

suppression = Table(
    "suppression",
    metadata,
    Column("folded", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subscription", ForeignKey("subscription.id"), index=True),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("who", Text, nullable=False),  # a member of staff, "" for the program itself
    Column("issue", Text, nullable=False),  # the name of the issue or draft, "" for none
)
Index("audit_issue", audit.c.issue)
