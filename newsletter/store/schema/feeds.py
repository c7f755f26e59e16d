"""Feeds, which articles stand in each, what their documents showed last, and entries as they were serialised."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from newsletter.store.columns import Id, Instant, metadata

feed = Table(
    "feed",
    metadata,
    Column("key", Id, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True, index=True),  # of which its id is made, for good
    Column("archived", Boolean, nullable=False),
    Column("size", Id, nullable=False),  # places given
    Column("closed", Id, nullable=False),  # volumes
    Column("seq", Id, nullable=False),  # the revision with which it last changed
    Column("dated", Id, nullable=False, server_default="0"),  # the revision with which its events last changed
)

rule = Table(  # which facts make an article stand in a feed: one of each taxonomy of a choice
    "rule",
    metadata,
    Column("taxonomy", Text, primary_key=True),
    Column("term", Id, primary_key=True, autoincrement=False),
    Column("feed", ForeignKey("feed.key"), primary_key=True),
    Column("choice", Integer, primary_key=True, autoincrement=False),  # any of several filters
    Column("width", Integer, nullable=False),  # how many taxonomies must agree
    sqlite_with_rowid=False,
)

entry = Table(
    "entry",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("feed", ForeignKey("feed.key"), primary_key=True),
    Column("published", Instant, nullable=False),
    Column("place", Id),  # where it stands in the archives, for good; NULL in a feed without
    Column("gone", Instant),  # since when it stands there no more
    Index("entry_newest", "feed", "gone", "published", "article"),
    Index("entry_place", "feed", "place"),
    sqlite_with_rowid=False,
)

volume = Table(
    "volume",
    metadata,
    Column("feed", ForeignKey("feed.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", Id, nullable=False),
    sqlite_with_rowid=False,
)

showing = Table(  # what each document of a feed showed last
    "showing",
    metadata,
    Column("feed", ForeignKey("feed.key"), primary_key=True),
    Column("volume", Integer, primary_key=True, autoincrement=False),  # 0 is the feed's own document
    Column("content", Text, nullable=False),  # a hash of which articles, and of when each was changed
    Column("updated", Instant, nullable=False),
    sqlite_with_rowid=False,
)

serial = Table(
    "serial",
    metadata,
    Column("article", ForeignKey("article.key"), primary_key=True),
    Column("form", Text, primary_key=True),  # atom, rss, json, ics
    Column("context", Text, nullable=False),  # what else it was made of
    Column("updated", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
