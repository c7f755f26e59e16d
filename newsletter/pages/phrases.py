"""Dates, times and file sizes as people of one language write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from newsletter.model import Attachment, EventDate
from newsletter.pages.words import spoken, words

if TYPE_CHECKING:
    from babel import Locale

_NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Phrases:
    """How one language speaks of instants, as read in one zone."""

    language: str
    zone: ZoneInfo

    def day(self, moment: datetime, form: Literal["long", "full"] = "long") -> str:
        """Return the date in words, in full with the day of the week."""
        from babel.dates import format_date

        text = format_date(moment.astimezone(self.zone), form, locale=self._locale)
        if self._french:  # CLDR knows no ordinal, French wants one
            text = " ".join("1er" if word == "1" else word for word in text.split(" "))
        return text

    def time(self, moment: datetime) -> str:
        """Return the time of day."""
        from babel.dates import format_time

        here = moment.astimezone(self.zone)
        if self._french:
            return f"{here.hour}{_NBSP}h" + (f"{_NBSP}{here.minute:02}" if here.minute else "")
        return format_time(here.timetz(), "short", locale=self._locale)

    def stamp(self, moment: datetime) -> str:
        """Return the instant for machines, as HTML's ``time`` wants it: to the second, with the zone's offset."""
        return moment.astimezone(self.zone).isoformat(timespec="seconds")

    def instant(self, moment: datetime) -> str:
        """Return the day of the week, the date and the time."""
        return self._words["at"].format(day=self.day(moment, "full"), time=self.time(moment))

    def event(self, date: EventDate) -> str:
        """Return when something takes place, as briefly as is clear."""
        if date.all_day:
            return self._days(date.start, date.end)
        if date.end is None or date.end <= date.start:
            return self.instant(date.start)
        if self._same_day(date.start, date.end):
            hours = {"start": self.time(date.start), "end": self.time(date.end)}
            return self._words["hours"].format(day=self.day(date.start, "full"), **hours)
        return self._words["span"].format(start=self.instant(date.start), end=self.instant(date.end))

    def file(self, attachment: Attachment) -> str:
        """Return what a file is and what it weighs: ``PDF, 3,43 Mo``; empty where nothing is known."""
        return ", ".join(filter(None, (_kind(attachment), self._weight(attachment.size))))

    def _days(self, start: datetime, end: datetime | None) -> str:
        # The end of whole days is exclusive (model.EventDate).
        last = end - timedelta(days=1) if end else start
        if last <= start or self._same_day(start, last):
            return self.day(start, "full")
        return self._words["span"].format(start=self.day(start, "full"), end=self.day(last, "full"))

    def _weight(self, size: int | None) -> str:
        from babel.numbers import format_decimal

        if not size:
            return ""
        step = max(power for power in range(4) if power == 0 or size >= 1024**power)
        number = format_decimal(size / 1024**step, "#,##0.##", locale=self._locale)
        return f"{number}{_NBSP}{self._words['units'].split()[step]}"

    def _same_day(self, one: datetime, other: datetime) -> bool:
        return one.astimezone(self.zone).date() == other.astimezone(self.zone).date()

    @cached_property
    def _french(self) -> bool:
        return self._locale.language == "fr"

    @cached_property
    def _locale(self) -> Locale:
        from babel import Locale, UnknownLocaleError

        tag = spoken(self.language)
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            return Locale.parse(tag.partition("-")[0])

    @cached_property
    def _words(self) -> dict[str, str]:
        return dict(words(self.language))


def file_name(attachment: Attachment) -> str:
    """Return a file's title, else its name.

    >>> file_name(Attachment("https://www.example.org/media/1/bilan%202023.pdf", "", "application/pdf"))
    'bilan 2023.pdf'
    """
    return attachment.title.strip() or _path(attachment).name or attachment.url


def _kind(attachment: Attachment) -> str:
    """Return a short name for the type of file; a media type such as vnd.oasis… is none."""
    subtype = attachment.type.partition("/")[2]
    return (_path(attachment).suffix.lstrip(".") or (subtype if subtype.isalnum() else "")).upper()


def _path(attachment: Attachment) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(attachment.url).path))
