"""Enrolling: subscribers out of a CSV file; a row that is wrong costs one line, never the file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from newsletter.errors import AudienceError, NewsletterError
from newsletter.intake.decoding import decode
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.subscribing import Outcome, Vocabulary, enter, read_wish, vocabulary
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store.engine import Transaction

COLUMNS = ("address", "list", "terms", "frequency", "language", "consent")
"""What the first line may name; several terms are parted by ``|``."""

BATCH = 500
"""Rows a transaction."""

Row = tuple[int, str]
"""A row's number, as a spreadsheet shows it, and its text."""


@dataclass
class Enrolled:
    """What an import came to; ``failures`` and ``kept_out`` are lines that begin with the row."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    kept_out: list[str] = field(default_factory=list)


def enrol(
    publication: Publication, data: bytes, *, consent: str = "", list_slug: str = "", watch: Watch = unwatched
) -> Enrolled:
    """Make the addresses of a CSV file members of lists; who has left a list stays out.

    ``consent`` and ``list_slug`` hold for rows that name none.

    Raises:
        AudienceError: when the first line is not as it should be.
    """
    heading, rows = _divide(decode(data))
    work = _Enrolment(publication, heading, {"consent": consent, "list": list_slug}, vocabulary(publication))
    with watch(len(rows)) as step:
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            with publication.store.write() as connection:
                for row in some:
                    work.take(connection, row)
            step(len(some))
    return work.report


@dataclass(frozen=True)
class _Heading:
    """The first line: which column is which, and what parts them."""

    delimiter: str
    columns: tuple[str, ...]

    def cells(self, text: str) -> Mapping[str, str]:
        """Return the cells of a row by column."""
        found = _cells(text, self.delimiter)
        if len(found) > len(self.columns) and any(found[len(self.columns) :]):
            raise AudienceError(f"has {len(found)} cells for {len(self.columns)} columns; put quotes around the text")
        return dict(zip(self.columns, found, strict=False))


@dataclass
class _Enrolment:
    """One import under way."""

    publication: Publication
    heading: _Heading
    otherwise: Mapping[str, str]
    known: Vocabulary
    report: Enrolled = field(default_factory=Enrolled)

    def take(self, connection: Transaction, row: Row) -> None:
        number, text = row
        try:
            cells = self.heading.cells(text)
            outcome = self._enter(connection, cells)
        except NewsletterError as error:
            self.report.failures.append(f"row {number}: {error}")
            return
        self.report.counts[outcome] += 1
        if outcome is Outcome.LEFT:
            self.report.kept_out.append(f"row {number}: {cells['address']} has left this list and stays out of it")

    def _enter(self, connection: Transaction, cells: Mapping[str, str]) -> Outcome:
        wish = read_wish(
            self.known,
            cells["terms"].split("|") if "terms" in cells else None,
            cells.get("frequency", ""),
            cells.get("language", ""),
            self._cell(cells, "consent"),
        )
        list_slug = self._cell(cells, "list")
        if not list_slug:
            raise AudienceError("names no list; fill the column, or add --list")
        return enter(self.publication, connection, cells.get("address", ""), list_slug, wish, revive=False)

    def _cell(self, cells: Mapping[str, str], column: str) -> str:
        return cells.get(column) or self.otherwise[column]


def _divide(text: str) -> tuple[_Heading, list[Row]]:
    """Return the heading, and the rows below it that are not empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _heading(lines[0]), list(_rows(lines))


def _heading(line: str) -> _Heading:
    delimiter = ";" if ";" in line else ","
    columns = tuple(name.lower() for name in _cells(line, delimiter))
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        raise AudienceError(f"row 1: no column {unknown[0]!r} is known; keep only: {delimiter.join(COLUMNS)}")
    if "address" not in columns or len(set(columns)) < len(columns):
        raise AudienceError(f"row 1: must name each column once, address at least: {delimiter.join(COLUMNS)}")
    return _Heading(delimiter, columns)


def _rows(lines: list[str]) -> Iterator[Row]:
    for number, line in enumerate(lines[1:], start=2):
        if line.strip(" ;,\t"):
            yield number, line


def _cells(line: str, delimiter: str) -> list[str]:
    """Read one line by itself, so that a quote that is never closed costs its row and not the rest of the file."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        raise AudienceError(f"is no CSV ({error}); close every quote on its line") from error
