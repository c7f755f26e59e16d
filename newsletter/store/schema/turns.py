"""The calendar of lists: what became of each planned date, and since when a list is watched."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from newsletter.store.columns import Instant, metadata

turn = Table(
    "turn",
    metadata,
    Column("list", Text, primary_key=True),
    Column("date", Text, primary_key=True),  # in the zone of the list: a list has one turn a date
    Column("at", Instant, nullable=False),
    Column("fate", Text, nullable=False),  # run, by hand, paused, missed, drafted, cancelled
    Column("run", ForeignKey("run.id"), unique=True),  # of fate run alone
)

watch = Table(
    "watch",
    metadata,
    Column("list", Text, primary_key=True),
    Column("timetable", Text, nullable=False),  # the words that held then: others begin anew
    Column("since", Instant, nullable=False),
)
