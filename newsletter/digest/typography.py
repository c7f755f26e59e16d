"""How a letter writes days, hours, weights and lines, so that nothing breaks where a printer would not break it."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from datetime import date, datetime, timedelta

from newsletter.digest.words import NBSP, spoken, words
from newsletter.model import EventDate

WIDTH = 72
"""Columns of the text part (RFC 5322 §2.1.1 wants at most 78)."""

_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_KEPT = (NBSP, "\u202f")
_ZWJ = "\u200d"
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+\\Z")


def plain(text: str) -> str:
    """Return the text on one line: line breaks and controls become a space, no-break spaces stay.

    >>> plain("Ville\\r\\nBcc: x")
    'Ville Bcc: x'
    """
    return _BREAKS.sub(lambda found: found[0] if found[0] in _KEPT else " ", text).strip()


def shortened(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, cut at a space where there is one, never inside a character as read."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 1 and _joined(text, end):
        end -= 1
    space = text.rfind(" ", limit * 2 // 3, end + 1)
    return text[: space if space > 0 else end].rstrip(" ,;:–-") + "…"


def _joined(text: str, index: int) -> bool:
    """Tell whether the code points around an index belong to one character as read (the common part of UAX #29)."""
    before, after = text[index - 1], text[index]
    flags = len(text[:index]) - len(_FLAGS.sub("", text[:index]))
    half = flags % 2 == 1 and _FLAGS.match(after) is not None
    tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    return half or tone or _ZWJ in (before, after) or unicodedata.category(after).startswith("M")


def wrapped(text: str, indent: str = "") -> str:
    """Break a text into lines of the text part; an address or a long word is never broken."""
    lines = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def underlined(text: str, rule: str = "-") -> str:
    """Return a heading of the text part with its rule below."""
    title = wrapped(text)
    return f"{title}\n{rule * max(map(len, title.splitlines()), default=0)}"


def full_day(day: date, language: str) -> str:
    """Write a day with everything: ``jeudi 1er février 2024``."""
    return _written(day, "EEEE d MMMM y", language)


def short_day(day: date, language: str, year: int) -> str:
    """Write a day as people say it: ``jeu. 11 avril``, with the year when it is not ``year``."""
    return _written(day, "EEE d MMMM" if day.year == year else "EEE d MMMM y", language)


def month(day: date, language: str) -> str:
    """Write the name of a day's month."""
    return _written(day, "MMMM", language)


def _written(day: date, pattern: str, language: str) -> str:
    from babel.dates import format_date

    text = format_date(day, pattern, locale=spoken(language))
    if spoken(language) == "fr" and day.day == 1:
        text = re.sub(r"\b1\b", "1er", text, count=1)
    return text.replace(" ", NBSP)


def clock(moment: datetime, language: str) -> str:
    """Write a time of day: ``9 h 30``, ``9 h``, in English ``9:30``."""
    if spoken(language) != "fr":
        return f"{moment.hour}:{moment.minute:02}"
    return f"{moment.hour}{NBSP}h{NBSP}{moment.minute:02}" if moment.minute else f"{moment.hour}{NBSP}h"


def event(when: EventDate, language: str, year: int) -> str:
    """Write when something takes place: a day, a day with hours, or from one day to another."""
    start = when.start
    # Whole days end before their exclusive end (RFC 5545 §3.6.1).
    end = max(start, (when.end or start) - timedelta(days=when.all_day and when.end is not None))
    if start.date() != end.date():
        return _days(start, end, language, year, hours=not when.all_day)
    day = short_day(start, language, year)
    if when.all_day:
        return day
    hours = clock(start, language)
    return f"{day}, {hours} – {clock(end, language)}" if end > start else f"{day}, {hours}"


def _days(start: datetime, end: datetime, language: str, year: int, *, hours: bool) -> str:
    first, last = short_day(start, language, year), short_day(end, language, year)
    if hours:
        first, last = f"{first}, {clock(start, language)}", f"{last}, {clock(end, language)}"
    elif (start.year, start.month) == (end.year, end.month):
        first = _written(start, "EEE d", language)
    return words(language)["days"].format(start=first, end=last)


def deadline(moment: datetime, language: str, year: int) -> str:
    """Write the last moment of a call; the last minute of a day is the day."""
    day = short_day(moment, language, year)
    if (moment.hour, moment.minute) == (23, 59):
        return day
    return words(language)["at"].format(day=day, clock=clock(moment, language))


def weight(size: int, language: str) -> str:
    """Write a size in bytes as sites do, with 1024 and at most two decimals: ``3,43 Mo``."""
    from babel.numbers import format_decimal

    unit, value = "bytes", float(size)
    for larger in ("kilobytes", "megabytes", "gigabytes"):
        if value < 1024:
            break
        unit, value = larger, value / 1024
    pattern = "#,##0.##" if unit in ("megabytes", "gigabytes") else "#,##0"
    return words(language)[unit].format(size=format_decimal(value, pattern, locale=spoken(language)))
