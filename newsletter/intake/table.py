"""Tables as French spreadsheets save them (CSV): a header that names the columns, and an article a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec

from newsletter.errors import IntakeError
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.markup import marked
from newsletter.intake.sheet import Sheet
from newsletter.intake.wording import cut, fold, seen, tidy
from newsletter.keys import BODY, KEYS

_ONE = {*KEYS, *BODY, "id"} - {"attachments", "dates", "aliases"}
_NUMBERS = {"id", "identifiant", "numero", "n°", "number"}  # by which a row is known, whatever its title
_PAIR = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}")
_LARGEST = 10_000  # rows: a newsroom's whole history; more is no table of articles


def is_table(text: str, desk: Desk) -> bool:
    """Tell whether the text begins with a header that names a title and something else of an article."""
    try:
        header = next(_records(text, desk), [])
    except csv.Error:
        return False
    known = {desk.key(cell) for cell in header} - {""}
    return "title" in known and len(known) > 1


def read_table(data: bytes, name: str, desk: Desk) -> list[Draft | IntakeError]:
    """Read the rows of a table; of a bad one, why it is.

    Raises:
        IntakeError: if the header does not say which column holds what.
    """
    text = decode(data)
    rows = _rows(text, desk)
    _, header = next(rows, (1, IntakeError("the table has no row at all; write a header and an article in it")))
    if isinstance(header, IntakeError):
        raise header
    keys, told = _columns(header, desk)
    found = list(rows)
    if len(found) > _LARGEST:
        raise IntakeError(f"the table has more than {_LARGEST} rows; split it")
    desk, doubts = _ordered(desk, keys, [cells for _, cells in found if isinstance(cells, list)])
    identities: dict[str, int] = {}
    drafts = [_draft(desk, keys, number, cells, identities, desk.file) for number, cells in found]
    if not drafts:
        raise IntakeError("the table has a header and no row; write an article in it")
    first = next((draft for draft in drafts if isinstance(draft, Draft)), None)
    if first:
        first.warnings += [*told, *doubts]
    return drafts


def _rows(text: str, desk: Desk) -> Iterator[tuple[int, list[str] | IntakeError]]:
    """Yield every row that is not empty, with the number that a spreadsheet shows beside it."""
    records, number = _records(text, desk), 0
    while True:
        number += 1
        try:
            cells = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, IntakeError(f"row {number}: {error}; close every quote, and double those inside a text")
            if "limit" in str(error):  # where the next row begins is unknown
                return
            continue
        if any(cell.strip() for cell in cells):
            yield number, cells


def _records(text: str, desk: Desk) -> Iterator[list[str]]:
    """Return the reader whose delimiter makes the most of the header; nothing below it is looked at."""
    body = re.sub(r"\Asep=.\r?\n", "", text, flags=re.IGNORECASE)
    delimiter = max(";\t,", key=lambda each: _known(body, each, desk))
    return csv.reader(_lines(body), delimiter=delimiter, strict=True)


def _known(text: str, delimiter: str, desk: Desk) -> tuple[int, int]:
    try:
        header = next(csv.reader(_lines(text), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return 0, 0
    return sum(bool(desk.key(cell)) for cell in header), len(header)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines as a file would, with any of the three line ends."""
    return (match.group() for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text))


def _columns(header: list[str], desk: Desk) -> tuple[list[str], list[str]]:
    """Return the key of every column, and what is to be told of them: those without, and those that are missing."""
    keys = [desk.key(cell) or _number(cell, desk) for cell in header]
    if not {"title", "text", "html"} & set(keys):
        raise IntakeError('no column is named "titre" or "texte"; name the columns in the first row')
    strange = [cell for cell, key in zip(header, keys, strict=True) if cell.strip() and not key]
    told = [f"column {cut(tidy(each), 40)!r} is no field of an article; ignored" for each in strange]
    lost = {name: key for key, name in desk.fields.items() if key not in keys}
    return keys, told + [f"sources.{desk.name}.fields.{lost[name]}: there is no column {name!r}" for name in lost]


def _number(cell: str, desk: Desk) -> str:
    return "id" if fold(cell) in _NUMBERS and "id" not in desk.fields else ""


def _ordered(desk: Desk, keys: list[str], rows: list[list[str]]) -> tuple[Desk, list[str]]:
    """Return the desk that reads 03/04 as the other dates of the table must be read, and what is to be told of it.

    Where none of them tells, or they tell different things, it is asked about once and not for each row.
    """
    dated = [index for index, key in enumerate(keys) if key in ("date", "updated", "deadline", "dates")]
    cells = [row[index] for row in rows for index in dated if index < len(row)]
    pairs = [pair for cell in cells for pair in _PAIR.findall(cell)]
    day_first, month_first = (any(int(pair[place]) > 12 for pair in pairs) for place in (0, 1))
    if desk.source.day_first is not None or not pairs:
        return desk, []
    doubtful = next((cell for cell in cells if day_first == month_first and _is_double(cell)), "")
    order = desk.day_first(desk.language()) if day_first == month_first else day_first
    first = "day" if order else "month"
    what = f"dates such as {doubtful.strip()[:40]!r} were read {first} first"
    doubt = f"{what}; if that is wrong, set day_first in the source"
    return replace(desk, source=msgspec.structs.replace(desk.source, day_first=order)), [doubt] if doubtful else []


def _is_double(cell: str) -> bool:
    """Tell whether a cell holds a date that can be read in two ways."""
    return any(one != two and int(one) <= 12 and int(two) <= 12 for one, two in _PAIR.findall(cell))


def _draft(
    desk: Desk, keys: list[str], number: int, cells: list[str] | IntakeError, identities: dict[str, int], table: str
) -> Draft | IntakeError:
    if isinstance(cells, IntakeError):
        return cells
    try:
        draft = _sheet(desk, keys, cells, f"row {number}", table).draft()
        if (first := identities.setdefault(draft.identity, number)) != number:
            return IntakeError(f"row {number}: is the same article as row {first}; give it a url or slug of its own")
    except IntakeError as error:
        return IntakeError(f"row {number}: {error}")
    draft.warnings = [f"row {number}: {warning}" for warning in draft.warnings]
    return draft


def _sheet(desk: Desk, keys: list[str], cells: list[str], where: str, table: str) -> Sheet:
    if any(cell.strip() for cell in cells[len(keys) :]):
        raise IntakeError(f"has {len(cells)} cells and the header {len(keys)}; quote a text that holds the delimiter")
    values = _values(keys, cells)
    body = marked(values.pop("html", "") or values.pop("text", ""))
    values.pop("text", None)
    slug = values.pop("id", "") or values.get("title") or values.get("url")
    if not slug:
        raise IntakeError("has neither title nor url; add one")
    return Sheet(desk, values, slug, body, where=where, document=table)


def _values(keys: list[str], cells: list[str]) -> dict[str, Any]:
    """Return what the row says under every key; where two columns mean one, the first that is filled, or both."""
    values: dict[str, Any] = {}
    for key, cell in zip(keys, cells, strict=False):
        written = seen(cell).strip()
        if not key or not written:
            continue
        if key in _ONE:
            values.setdefault(key, written)
        else:
            values.setdefault(key, []).extend(each.strip() for each in written.split("|") if each.strip())
    return values
