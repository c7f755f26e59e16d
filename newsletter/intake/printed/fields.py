"""The labelled values between body and source line, found by walking upwards from the source line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter.intake import dates
from newsletter.intake.printed.lines import LINK, RULE, Line, Link, Links, Unit
from newsletter.intake.wording import fold

_LABEL = re.compile(r"(?:\*\*)?(?P<label>[^\[\]:*]{2,60}?)\s*(?:\*\*)?:(?:\*\*)?\s*(?P<value>.*)")
_PUBLISHED = re.compile(r"(?:publie|published|posted|submitted)(?: le| on)? (?P<value>.+)")
PUBLISHED = "published"
RIDDLE = "riddle"
_LONGEST = 200  # characters of a term's label
NOISE = ("ui", "rule")


@dataclass(slots=True)
class Field:
    """A label and its values: links (terms), or dates as they are written."""

    label: str
    shape: str
    values: list[str]
    units: list[Unit] = field(default_factory=list)

    def terms(self, links: Links) -> list[Link]:
        """Return the links that are the values."""
        return [link for value in self.values for link in links.all(value) if not link.button]


def walk(units: Sequence[Unit], links: Links, known: Callable[[str], bool]) -> list[Field]:
    """Return the fields at the end of ``units``, top first, and mark their lines.

    A label that nobody knows counts only below one that is known. A label met a second time is a word of the body.
    """
    found: list[Field] = []
    labels: set[str] = set()
    loose: list[Unit] = []
    sure = 0
    for unit in reversed(units):
        kind, entry = shape(unit.text, links), _field(unit, links)
        if kind in NOISE or (kind and not entry):
            loose.append(unit)
            continue
        if entry is None or not _adopt(entry, loose, links):
            entry = _riddle(unit, loose, known)
        if entry is None or fold(entry.label) in labels:
            break
        found.append(entry)
        labels.add(fold(entry.label))
        loose = []
        if entry.shape not in (RIDDLE, "") and (entry.label == PUBLISHED or _known(entry.label, known)):
            sure = len(found)
    for entry in found[:sure]:
        for unit in entry.units:
            unit.take("ui" if shape(unit.text, links) in NOISE else "unparsed" if entry.shape == RIDDLE else "field")
    return found[:sure][::-1]


def _known(label: str, known: Callable[[str], bool]) -> bool:
    return known(label) or fold(label) in ("date", "dates")


def _riddle(unit: Unit, loose: list[Unit], known: Callable[[str], bool]) -> Field | None:
    """Return a field without a value, or one whose label is known and whose value is of no shape.

    Either counts only between fields that are whole: else it is the author's sentence.
    """
    match = _LABEL.fullmatch(unit.text)
    if match is None or ((match["value"] or loose) and not _known(match["label"], known)):
        return None
    return Field(match["label"].strip(), RIDDLE if match["value"] or loose else "", [], [unit, *loose])


def begins(text: str) -> bool:
    """Tell whether a line begins a field, so that fields without blank lines between them come apart."""
    return _field(Unit((Line(text, text),)), Links()) is not None


def _field(unit: Unit, links: Links) -> Field | None:
    text = unit.text
    if (published := _PUBLISHED.fullmatch(fold(text))) and dates.shaped(published["value"]):
        return Field(PUBLISHED, "published", [published["value"]], [unit])
    match = _LABEL.fullmatch(text)
    if match is None or dates.shaped(text):
        return None
    value = match["value"]
    kind = shape(value, links)
    if value and kind not in ("terms", "dates"):
        return None
    return Field(match["label"].strip(), kind, [value] if value else [], [unit])


def _adopt(entry: Field, loose: list[Unit], links: Links) -> bool:
    """Give a field the values that stood alone below it, if they are of its kind."""
    values = [unit for unit in reversed(loose) if shape(unit.text, links) not in NOISE]
    shapes = {shape(unit.text, links) for unit in values} | ({entry.shape} if entry.shape else set())
    if len(shapes) != 1:
        return False
    entry.shape = shapes.pop()
    entry.values += [unit.text for unit in values]
    entry.units += loose
    return True


def shape(text: str, links: Links) -> str:
    """Say what words look like: only links (terms), only buttons (ui), a rule, a date (dates), or nothing of that."""
    if RULE.fullmatch(text):
        return "rule"
    if "](" in text and re.fullmatch(r"[\s,;•·|]*", LINK.sub("", text)):
        found = links.all(text)
        if all(link.button for link in found):
            return "ui"
        return "terms" if all(len(link.label) <= _LONGEST for link in found) else ""
    return "dates" if dates.shaped(text) else ""
