"""What a site's API answered, saved as JSON: any key may be absent, or of a kind that nobody expects."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from newsletter.errors import IntakeError
from newsletter.intake import clean, dates
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.wording import cut, level, tidy

Table = Mapping[str, Any]
T = TypeVar("T")


def parse(data: bytes) -> Any:
    """Return the values of a JSON document.

    Raises:
        IntakeError: if it is none, was cut off, or is nested beyond reason.
    """
    try:
        return json.loads(decode(data))
    except json.JSONDecodeError as error:
        raise IntakeError(f"line {error.lineno}: this is no JSON ({error.msg}); was it saved whole?") from None
    except (RecursionError, ValueError):
        raise IntakeError("this JSON is too deeply nested, or holds a number that none needs; save it again") from None


def table(value: Any) -> Table:
    """Return a value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: Any) -> list[Table]:
    """Return the objects of a list, or one that stands alone."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def word(value: Any) -> str:
    """Return a text or a number as text without spaces around it, nothing for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return str(value).encode("utf-8", "replace").decode().strip()  # JSON can write half a surrogate pair
    except ValueError:
        return ""  # Python refuses to write out numbers of thousands of digits


def label(value: Any) -> str:
    """Return a name or title on one line, its entities and markup resolved."""
    return tidy(entities.unescape(clean.words(word(value))))


def summary(html: str) -> str:
    """Return a lead out of a summary that came as HTML."""
    return cut(level(entities.unescape(clean.words(html))), clean.LEAD)


def number(value: Any) -> int | None:
    """Return a count above zero, written as a number or as text."""
    found = word(value)
    return int(found) if re.fullmatch(r"[1-9]\d{0,14}", found) else None


def moment(value: Any) -> dates.Moment | None:
    """Return a date in ISO 8601, its basic form too, or in seconds since 1970 (UTC); nothing if none, or absurd."""
    written = word(value)
    if re.fullmatch(r"(?:19|20)\d{6}", written):  # as seconds they would be of the summer of 1970
        written = f"{written[:4]}-{written[4:6]}-{written[6:]}"
    if not re.fullmatch(r"\d{8,12}", written):
        return dates.moment(written)
    try:
        exact = datetime.fromtimestamp(int(written), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return dates.Moment(exact.date(), exact.time(), UTC) if exact.year in dates.YEARS else None


def renamed(item: Table, desk: Desk, ours: Mapping[str, str]) -> dict[str, Any]:
    """Return an object with what config.toml names of it under the members that the format has for our keys."""
    named = {member: reach(item, desk.fields[key]) for key, member in ours.items() if key in desk.fields}
    return {**item, **{member: value for member, value in named.items() if value not in (None, "", [])}}


def reach(item: Table, name: str) -> Any:
    """Return a member of an object; dots in a name lead into what is inside it, ``field_`` in front may be left out."""
    for written in (name, f"field_{name}"):
        if written in item:
            return item[written]
    first, _, rest = name.partition(".")
    return reach(table(item.get(first)), rest) if rest else None


def drafts(items: Iterable[T], read: Callable[[T], Draft], what: str) -> list[Draft | IntakeError]:
    """Return the draft of each item, or why it cannot be read.

    Raises:
        IntakeError: if there is no item at all.
    """
    found = [_draft(item, read, f"{what} {number}") for number, item in enumerate(items, 1)]
    if not found:
        raise IntakeError(f"there is no {what} in this document; save one that holds some")
    return found


def _draft(item: T, read: Callable[[T], Draft], where: str) -> Draft | IntakeError:
    try:
        draft = read(item)
    except IntakeError as error:
        return IntakeError(f"{where}: {error}")
    draft.title = draft.title or clean.lead(draft.html)[:80]
    draft.where = where
    return draft
