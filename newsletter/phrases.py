"""Days, hours, events, deadlines and files in words, as letters and pages both say them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from newsletter.catalogue import primary, spoken, words
from newsletter.model import Attachment, EventDate

NBSP = "\N{NO-BREAK SPACE}"

_UNITS = ("bytes", "kilo", "mega", "giga")
_KINDS = {
    "application/pdf": "PDF",
    "application/zip": "ZIP",
    "application/msword": "DOC",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "text/csv": "CSV",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "audio/mpeg": "MP3",
    "video/mp4": "MP4",
}

_LOOSE = re.compile("(?<=«) | (?=[:;!?»%€](?![^\\s…»,.]))")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One day as the leaf of a calendar shows it: ``jeu.``, ``11``, ``avril``."""

    weekday: str
    day: str
    month: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """How one language speaks of instants, as read on the clocks of one zone.

    A letter is read in its ``year``: days are short, and that year goes without saying. A page may be read at any
    time: without a ``year``, days are said in full.
    """

    language: str
    zone: tzinfo | None
    year: int = 0

    def day(self, moment: datetime) -> str:
        """Return the date in words: ``1er février 2024``."""
        return self._written(self._here(moment), self._word("day_year"))

    def full_day(self, moment: datetime) -> str:
        """Return the date with the day of the week: ``jeudi 1er février 2024``."""
        return self._written(self._here(moment), f"EEEE {self._word('day_year')}")

    def stamp(self, moment: datetime) -> str:
        """Return the instant for machines, as HTML's ``time`` wants it: to the second, with the zone's offset."""
        return self._here(moment).isoformat(timespec="seconds")

    def event(self, when: EventDate) -> str:
        """Return when something takes place: a day, a day with its hours, or from one day to another."""
        if when.all_day:
            return self._days(when)
        start, end = self._here(when.start), self._here(when.end or when.start)
        if end <= start:
            return self._instant(start)
        if start.date() == end.date():
            return f"{self._day(start)}, {self._clock(start)}{NBSP}–{NBSP}{self._clock(end)}"
        return self._span(self._instant(start), self._instant(end))

    def leaf(self, when: EventDate) -> Leaf:
        """Return the day on which something begins."""
        # Whole days are those of the place where they were written down.
        here = when.start if when.all_day else self._here(when.start)
        return Leaf(*(self._written(here, pattern) for pattern in ("EEE", "d", "MMM")))

    def deadline(self, moment: datetime) -> str:
        """Return the last moment of a call; the last minute of a day is the day."""
        here = self._here(moment)
        return self._day(here) if (here.hour, here.minute) == (23, 59) else self._instant(here)

    def file(self, attachment: Attachment) -> str:
        """Return what a file is and what it weighs: ``PDF, 3,43 Mo``; empty where nothing is known."""
        weighs = weight(attachment.size, self.language) if attachment.size else ""
        return ", ".join(filter(None, (kind(attachment), weighs)))

    def _days(self, when: EventDate) -> str:
        # Whole days are those of the place where they were written down, and end before their exclusive end
        # (RFC 5545 §3.6.1).
        start = when.start
        last = when.end - timedelta(days=1) if when.end else start
        if last.date() <= start.date():
            return self._day(start)
        together = (start.year, start.month) == (last.year, last.month)
        first = self._written(start, f"{self._weekday} {self._word('day_alone')}") if together else self._day(start)
        return self._span(first, self._day(last))

    def _span(self, start: str, end: str) -> str:
        return self._word("span").format(start=start, end=end)

    def _instant(self, here: datetime) -> str:
        return self._word("at").format(day=self._day(here), clock=self._clock(here))

    def _clock(self, here: datetime) -> str:
        return self._word("clock" if here.minute else "hour").format(hour=here.hour, minute=here.minute)

    def _day(self, here: datetime) -> str:
        pattern = self._word("day" if here.year == self.year else "day_year")
        return self._written(here, f"{self._weekday} {pattern}")

    def _word(self, name: str) -> str:
        return words("phrase", self.language)[name]

    @property
    def _weekday(self) -> str:
        return "EEE" if self.year else "EEEE"

    def _written(self, here: datetime, pattern: str) -> str:
        from babel.dates import format_date

        text = format_date(here, pattern, locale=spoken(self.language))
        if spoken(self.language) == "fr":  # CLDR knows no ordinal, French wants one
            text = re.sub(r"\b1\b", "1er", text)
        return text.replace(" ", NBSP)

    def _here(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)


def tied(text: str, tag: str) -> str:
    """Return words whose spaces before ``: ; ! ? » % €`` and after ``«`` no line breaks at, where they are French.

    >>> tied("Qui vient ?", "fr") == f"Qui vient{NBSP}?"
    True
    """
    return _LOOSE.sub(NBSP, text) if primary(tag) == "fr" else text


def foreign(tag: str, language: str) -> str:
    """Return the tag with which words in another language than the reader's are marked, else nothing."""
    return tag.replace("_", "-") if tag and primary(tag) != primary(language) else ""


@lru_cache(maxsize=64)
def month(number: int, language: str) -> str:
    """Return the name of a month, counted from 1."""
    from babel.dates import get_month_names

    name: str = get_month_names(locale=spoken(language))[number]
    return name


def weight(size: int, language: str) -> str:
    """Return a size in bytes as sites write it, in units of 1024, with decimals from the mega on: ``3,43 Mo``."""
    from babel.numbers import format_decimal

    step = max(power for power in range(4) if power == 0 or size >= 1024**power)
    number = format_decimal(size / 1024**step, "#,##0.##" if step > 1 else "#,##0", locale=spoken(language))
    return f"{number}{NBSP}{words('phrase', language)[_UNITS[step]]}"


def kind(attachment: Attachment) -> str:
    """Return a short name for the type of a file; a media type such as octet-stream gives none."""
    suffix, subtype = _path(attachment).suffix.lstrip("."), attachment.type.partition("/")[2]
    known = suffix or (subtype if subtype.isalnum() else "")
    return _KINDS.get(attachment.type) or known.upper()[:5]


def file_name(attachment: Attachment) -> str:
    """Return a file's title, else its name.

    >>> file_name(Attachment("https://www.example.org/media/1/bilan%202023.pdf", "", "application/pdf"))
    'bilan 2023.pdf'
    """
    return attachment.title.strip() or _path(attachment).name or attachment.url


def _path(attachment: Attachment) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(attachment.url).path))
