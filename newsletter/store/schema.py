"""The tables, as the newest migration leaves them.

Instants are microseconds since 1970 in UTC. ``record`` and ``contents`` columns hold JSON of the model's records.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from newsletter.store.columns import Id, Instant, metadata

HEAD = "0002"
"""The schema number that this code works with; the newest file in ``migrations/versions``."""

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Id, nullable=False),
)

raw = Table(
    "raw",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("charset", Text, nullable=False),  # as the transport declared it
    Column("body", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

article = Table(
    "article",
    metadata,
    Column("key", Id, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("identity", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("published", Instant, nullable=False, index=True),
    Column("ends", Instant, index=True),
    Column("first_shown", Id),
    Column("gone", Instant),  # when its last source withdrew it
    Column("words", Text, nullable=False),
    Column("pinned", Text),
    Column("record", Text, nullable=False),
)

alias = Table(
    "alias",
    metadata,
    Column("url", Text, primary_key=True),
    Column("article", ForeignKey("article.key"), nullable=False, index=True),
)

edit = Table(
    "edit",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("edits", Text, nullable=False),
    Column("original", Text, nullable=False),  # the record as its source has it
    Column("at", Instant, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("state", Text, nullable=False),  # ok, failed, busy, gone
    Column("reason", Text, nullable=False),
    Column("tried", Instant, nullable=False),
    Column("good", Instant),
    Column("due", Instant),  # before it the source asked not to be asked again
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("walked", Boolean, nullable=False),  # once read to its end: newest changed first is enough from then on
)

sighting = Table(
    "sighting",
    metadata,
    Column("source", Text, primary_key=True),
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("place", Text, nullable=False),  # the file, or the address of the document
    Column("at", Instant, nullable=False),
    Index("sighting_article", "article"),
)

copy = Table(
    "copy",
    metadata,
    Column("url", Text, primary_key=True),
    Column("media", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

revision = Table(
    "revision",
    metadata,
    Column("seq", Id, primary_key=True),
    Column("article", ForeignKey("article.key"), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

term = Table(
    "term",
    metadata,
    Column("key", Id, primary_key=True),
    Column("taxonomy", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Column("iri", Text, nullable=False),
    Column("parent", Text, nullable=False),
    UniqueConstraint("taxonomy", "slug"),
)

former = Table(
    "former",
    metadata,
    Column("taxonomy", Text, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("folded", Text, nullable=False),
    Column("iri", Text, nullable=False),
    Column("term", ForeignKey("term.key"), nullable=False, index=True),  # what it is called now
)

arrival = Table(
    "arrival",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("taxonomy", Text, primary_key=True),  # "" says that the article is shown
    Column("term", Id, primary_key=True, autoincrement=False),  # 0 says that it has none
    Column("number", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("archive", Boolean, nullable=False),
    Column("gone", Id),  # the last run before it went away; NULL while it is true
    Index("arrival_number", "number"),
)

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
)

run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("list", Text, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("upper", Id, nullable=False),
    Column("skipped", Boolean, nullable=False),
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
    Column("language", Text, nullable=False),
    Column("light", Boolean, nullable=False),
    UniqueConstraint("issue", "subscription"),
    Index("delivery_subscription", "subscription"),
)
Index("delivery_state", delivery.c.issue, delivery.c.state, delivery.c.id)
Index("delivery_message", delivery.c.message_id)
_held = delivery.c.sender.is_not(None)
Index("delivery_sender", delivery.c.sender, sqlite_where=_held, postgresql_where=_held)

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
