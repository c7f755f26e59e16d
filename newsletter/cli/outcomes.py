"""How the outcomes of an issue are shown: as lines, as objects, as a table for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, TextIO

from newsletter.cli.books import counted, when

if TYPE_CHECKING:
    from newsletter.store.outcomes import Outcome

COLUMNS = ("address", "state", "at", "tries", "code", "enhanced", "said", "reason", "message_id")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute (CWE-1236)."""


def as_line(outcome: Outcome, zone: tzinfo) -> str:
    """Return an outcome in one line: who, how it stands, why, what the server said last."""
    answer = f"{outcome.code} {outcome.said}" if outcome.code else outcome.said
    other = outcome.reason if outcome.reason != outcome.said else ""
    words = "; the last answer: ".join(part for part in (other, answer) if part)
    tries = f", {counted(outcome.tries, 'try').replace('trys', 'tries')}" if outcome.tries else ""
    return f"  {outcome.address}  {outcome.state}{': ' * bool(words)}{words}  ({when(outcome.at, zone)}{tries})"


def as_object(outcome: Outcome, zone: tzinfo) -> dict[str, Any]:
    """Return an outcome for other programs."""
    return {name: getattr(outcome, name) for name in COLUMNS} | {"at": outcome.at.astimezone(zone).isoformat()}


def write_table(file: TextIO, outcomes: Iterable[Outcome], zone: tzinfo) -> int:
    """Write outcomes as CSV (RFC 4180); returns how many there were. No cell is a formula to a spreadsheet."""
    table, count = csv.writer(file), 0
    table.writerow(COLUMNS)
    for count, outcome in enumerate(outcomes, start=1):  # noqa: B007
        table.writerow(map(_cell, as_object(outcome, zone).values()))
    return count


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
