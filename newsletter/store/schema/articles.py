"""Articles, where they come from, their terms, and the numbers at which things became true of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from newsletter.store.columns import Id, Instant, metadata

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Id, nullable=False),
)

home = Table(  # the public addresses at which the publication stood, the one of today last
    "home",
    metadata,
    Column("key", Id, primary_key=True),
    Column("base", Text, nullable=False),
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

said = Table(
    "said",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("origin", Text, primary_key=True),  # the file, or the source that is fetched
    Column("content", Text, nullable=False),  # a hash of the article as it came from there last
    sqlite_with_rowid=False,
)

revision = Table(
    "revision",
    metadata,
    Column("seq", Id, primary_key=True),
    Column("article", ForeignKey("article.key"), nullable=False, index=True),
    Column("content", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

occasion = Table(  # when an article takes place: its dates that mean an event, and its deadline
    "occasion",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # for good; 0 is the deadline
    Column("date", Text, nullable=False),
    Column("ends", Instant, nullable=False),
    Column("gone", Instant),  # since when it takes place no more
    Index("occasion_ends", "ends", "article", "number"),
    sqlite_with_rowid=False,
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
