"""Runs and issues of lists, and the ledger of their deliveries."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from newsletter.store.columns import Id, Instant, metadata

run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("list", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("upper", Id, nullable=False),
    Column("skipped", Boolean, nullable=False),
    Column("draft", Boolean, nullable=False),  # no run of its list yet: only the mark of when a draft was frozen
)

draft = Table(
    "draft",
    metadata,
    Column("list", Text, primary_key=True),
    Column("name", Text, nullable=False),  # as staff call it: the list and the date for which it is
    Column("at", Instant, nullable=False),
    Column("upper", Id, nullable=False),
    Column("mark", Id, nullable=False),  # the run that marks when it was frozen; links name a draft by it
    Column("turn", Text, nullable=False),  # the planned date of which it is, "" for none
    Column("planned", Instant),  # when it goes out, once approved; NULL at once
    Column("announced", Instant),  # when its editors were written to
    Column("approved", Text, nullable=False),  # the hash that was approved last
    Column("contents", Text, nullable=False),
    Column("articles", Text, nullable=False),  # keys by position
    Column("edits", Text, nullable=False),
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("list", Text, primary_key=True),
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("upper", Id, nullable=False),  # what became true of it up to here counts as received
    sqlite_with_rowid=False,
)

correction = Table(
    "correction",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("number", Id, nullable=False),  # of the same counter as arrivals
    Column("at", Instant, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("list", Text, nullable=False, index=True),
    Column("run", ForeignKey("run.id")),  # NULL for a flash letter
    Column("date", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),  # opening, open, stopped, settling, settled
    Column("frozen", Id, nullable=False),  # the counter when its contents were frozen
    Column("held", Instant),  # until then only the seed addresses have their letters
    Column("reached", Id, nullable=False),  # the subscription up to which rows are planned
    Column("audience", Id),
    Column("picked", LargeBinary, nullable=False),
    Column("dropped", Id, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("signing_key", Id, nullable=False),
    Column("contents", Text, nullable=False),
)

candidate = Table(
    "candidate",
    metadata,
    Column("issue", ForeignKey("issue.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("article", ForeignKey("article.key"), nullable=False, index=True),
)

fragment = Table(
    "fragment",
    metadata,
    Column("issue", ForeignKey("issue.id"), primary_key=True),
    Column("language", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

sender = Table(
    "sender",
    metadata,
    Column("id", Id, primary_key=True),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("started", Instant, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issue", ForeignKey("issue.id"), nullable=False),
    Column("subscription", ForeignKey("subscription.id"), nullable=False),
    Column("message_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due", Instant),
    Column("first_tried", Instant),
    Column("tries", Integer, nullable=False),
    Column("doubted", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sender", Id),
    Column("lease", Instant),
    Column("lower", Id, nullable=False),
    Column("picks", LargeBinary, nullable=False),
    Column("repeats", LargeBinary, nullable=False),
    Column("corrections", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("light", Boolean, nullable=False),
    UniqueConstraint("issue", "subscription"),
    Index("delivery_subscription", "subscription"),
)
Index("delivery_state", delivery.c.issue, delivery.c.state, delivery.c.id)
Index("delivery_message", delivery.c.message_id)
Index("delivery_sender", delivery.c.sender)  # partial, as its migration says: here that would load a dialect

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery", ForeignKey("delivery.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Integer),
    Column("enhanced", Text, nullable=False),
    Column("text", Text, nullable=False),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created", Instant, nullable=False),
)
