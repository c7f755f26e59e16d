"""The outbox: mails that are no issue, from the moment they are owed until they are settled."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from newsletter.store.columns import Id, Instant, metadata

notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("list", Text, nullable=False),  # whose sender and route it has
    Column("recipient", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("about", Text, nullable=False),  # what it tells of, such as a run that is missing; "" for nothing known
    Column("mark", Text, nullable=False),  # how that stood: what is told again when it changed
    Column("state", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("at", Instant, nullable=False),  # of the last change
    Column("due", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),  # empty once it is settled
)
Index("notice_due", notice.c.state, notice.c.due)
Index("notice_about", notice.c.about)
