"""What is read from a document: what is wrong with it, and what others must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

BUILD = "`newsletter build --full` writes it anew"
"""What to do about a file that is not as it was written."""


class Complaint(NamedTuple):
    """What is wrong on a line, and what to do about it; no line where it is about the whole file."""

    line: int
    what: str


class Told(NamedTuple):
    """A complaint with the file that it is about."""

    path: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a feed shows it, on a line of its document."""

    line: int
    id: str
    published: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as it was read.

    ``deleted`` are the ids that it withdraws with their lines, ``links`` its own addresses by relation, ``listed`` the
    feeds that it names with their lines.
    """

    path: str
    complaints: tuple[Complaint, ...] = ()
    entries: tuple[Entry, ...] = ()
    deleted: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    archive: bool = False
    listed: tuple[tuple[str, int], ...] = ()


def of_entries(entries: Iterable[Entry], updated: datetime | None, latest: datetime) -> Iterator[Complaint]:
    """Yield what is wrong with the ids and dates of a feed's entries, the same in every format."""
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.id in seen:
            yield Complaint(entry.line, f"the id {entry.id!r} stands on line {seen[entry.id]} already; {BUILD}")
        seen.setdefault(entry.id, entry.line)
        if entry.published and entry.updated and entry.published > entry.updated:
            yield Complaint(entry.line, f"{entry.id} was changed before it was published; correct its dates")
        if updated and entry.updated and entry.updated > updated:
            yield Complaint(entry.line, f"{entry.id} is newer than the feed says that it is itself; {BUILD}")
        for moment in (entry.published, entry.updated):
            if moment and moment > latest:
                yield Complaint(entry.line, f"{entry.id} has a date to come, {moment.isoformat()}; {BUILD}")
    if updated and updated > latest:
        yield Complaint(0, f"the feed has a date to come, {updated.isoformat()}; see to the clock of the machine")
