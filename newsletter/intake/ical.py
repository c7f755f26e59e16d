"""Calendars (iCalendar, RFC 5545): every event is an article with its dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from newsletter.errors import EmptyError, IntakeError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.entry import apart, category, mark, place
from newsletter.intake.identity import address
from newsletter.intake.markup import marked, paragraphs
from newsletter.intake.wording import cut, seen, tidy
from newsletter.model import ArticleState, Attachment, EventDate, Image, Term

_DAY = timedelta(days=1)
_NAMES = ("UID", "X-WR-RELCALID", "SOURCE", "URL", "X-WR-CALNAME")  # of a calendar: RFC 7986 §5, and what was before
_NOT_PUBLIC = frozenset({"PRIVATE", "CONFIDENTIAL"})


def read_ical(data: bytes, name: str, desk: Desk) -> Sequence[Draft | IntakeError]:
    """Read the events of a calendar; of a bad one, why it is.

    Raises:
        IntakeError: if it is no calendar, or has no event.
    """
    calendars = _calendars(data)
    events = [event for each in calendars for event in each.walk("VEVENT")]
    series = {_text(event, "UID") for event in events if "RECURRENCE-ID" not in event}
    kept = [event for event in events if "RECURRENCE-ID" not in event or _text(event, "UID") not in series]
    if not kept:
        raise EmptyError("there is no event in this calendar; export it again with its events")
    document = next((named for each in calendars for key in _NAMES if (named := _text(each, key))), desk.file)
    return apart([_read(desk, event, f"event {number}", document) for number, event in enumerate(kept, 1)])


def _calendars(data: bytes) -> list[Any]:
    import icalendar

    text = decode(re.sub(rb"\r?\n[ \t]", b"", data))  # RFC 5545 3.1: a fold may cut a character in two
    # Rules of a foreign zone could be made to run for ever; the names that everybody knows are enough.
    bare = re.sub(r"BEGIN:VTIMEZONE\b.*?END:VTIMEZONE[^\n]*\n?", "", text, flags=re.DOTALL | re.IGNORECASE)
    try:
        return list(icalendar.Calendar.from_ical(bare, multiple=True))
    except Exception as error:  # what a foreign parser raises is no closed list
        raise IntakeError(f"this is no whole calendar ({cut(tidy(str(error)), 120)}); export it again") from None


def _read(desk: Desk, event: Any, where: str, document: str) -> Draft | IntakeError:
    try:
        return _Event(desk, event, where, document).draft()
    except IntakeError as error:
        return IntakeError(f"{where}: {error}")


class _Event:
    """One event while it is read."""

    def __init__(self, desk: Desk, event: Any, where: str, document: str) -> None:
        self.desk, self.event, self.where, self.document = desk, event, where, document
        self.warnings: list[str] = []

    def draft(self) -> Draft:
        title, uid = tidy(_text(self.event, "SUMMARY")), _text(self.event, "UID")
        begins = self._begins()
        link = _text(self.event, "URL")
        own: list[str] = []  # that an event has no page is no fault
        key = uid or f"{title} {begins.start.date()}"
        identity, url, names = place(self.desk, [link], key, self.document, own)
        described = _text(self.event, "X-ALT-DESC") or marked(_text(self.event, "DESCRIPTION"))
        html = clean.clean(described, url, warnings=self.warnings)
        created, modified = self._stamp("CREATED"), self._stamp("LAST-MODIFIED")
        pictures, files = self._attached()
        return Draft(
            identity=identity,
            url=url,
            title=title or clean.lead(html)[:80],
            title_source="given" if title else "sentence",
            html=html,
            extra=clean.clean(paragraphs(_text(self.event, "LOCATION")), url),
            lang=self.desk.language(),
            # DTSTAMP is the moment of the export in what is published (RFC 5545 3.8.7.2), another one each time.
            published=created or modified or self._stamp("DTSTAMP"),
            modified=modified,
            dated=created is not None,
            state=self._state(),
            aliases=names,
            terms=list(self._terms()),
            dates=(begins,),
            attachments=files,
            image=pictures[0] if pictures else None,
            where=self.where,
            mark=mark(link, uid, key),
            warnings=self.warnings,
        )

    def _begins(self) -> EventDate:
        """Return when it takes place; of a series, the first time."""
        start = self._when("DTSTART")
        if start is None:
            written = _member(self.event.get("DTSTART"), "dt", None)
            wrong = f"starts in the year {written.year}, which cannot be; correct" if isinstance(written, date) else ""
            raise IntakeError(f"{wrong or 'has no start that is a date; write'} DTSTART")
        if "RRULE" in self.event or "RDATE" in self.event:
            self.warnings.append("the event is repeated; only its first date was taken")
        end = self._when("DTEND") or self._after(start)
        if not isinstance(start, datetime):
            last = end.date() if isinstance(end, datetime) else end
            return self._days(start, last if last and last > start else start + _DAY)
        if not isinstance(end, datetime):
            return EventDate(start)
        if end < start:
            self.warnings.append("the event ends before it begins; its end was left out")
        return EventDate(start, end if end >= start else None)

    def _days(self, first: date, after: date) -> EventDate:
        zone = self.desk.zone
        return EventDate(datetime.combine(first, time(), zone), datetime.combine(after, time(), zone), all_day=True)

    def _after(self, start: date) -> date | None:
        """Return the end that DURATION gives."""
        length = _member(self.event.get("DURATION"), "dt", None)
        if not isinstance(length, timedelta):
            return None
        try:
            end = start + length
        except OverflowError:
            end = date.max
        return end if end.year in dates.YEARS else None

    def _when(self, key: str) -> date | None:
        """Return a day or an instant; one without zone is of the source's zone."""
        found = self.event.get(key)
        value = _member(found[0] if isinstance(found, list) and found else found, "dt", None)
        if not isinstance(value, date) or value.year not in dates.YEARS:
            return None
        if not isinstance(value, datetime) or value.tzinfo:
            return value
        if zone := _member(found, "params", {}).get("TZID"):
            self.warnings.append(
                f"{key}: the time zone {cut(tidy(str(zone)), 60)!r} is unknown; the source's was taken"
            )
        return value.replace(tzinfo=self.desk.zone)

    def _stamp(self, key: str) -> datetime | None:
        """Return an instant of the record; some programs write 1900 for "unknown"."""
        value = self._when(key)
        return value if isinstance(value, datetime) and value.year >= 1970 else None

    def _state(self) -> ArticleState:
        if _text(self.event, "CLASS").upper() in _NOT_PUBLIC:
            self.warnings.append("the event is marked as private; it is hidden")
            return ArticleState.HIDDEN
        return ArticleState.HIDDEN if _text(self.event, "STATUS").upper() == "CANCELLED" else ArticleState.READY

    def _terms(self) -> Iterator[Term]:
        for each in _list(self.event.get("CATEGORIES")):
            for label in _member(each, "cats", [each]):
                yield from category(self.desk, str(label), self.warnings)

    def _attached(self) -> tuple[list[Image], list[Attachment]]:
        pictures, files = [], []
        for each in _list(self.event.get("ATTACH")):
            try:
                url = address(str(each))
            except IntakeError:
                self.warnings.append("a file inside the calendar was left out; attach it by its web address")
                continue
            kind = tidy(str(_member(each, "params", {}).get("FMTTYPE", "")), 100)
            if kind.startswith("image/"):
                pictures.append(Image(url))
            else:
                files.append(attachments.attachment(url, type=kind))
        return pictures, files


def _text(event: Any, key: str) -> str:
    """Return a property as text, the first where it stands several times."""
    found = _list(event.get(key))
    return seen(str(found[0])).strip() if found else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _member(value: Any, name: str, otherwise: Any) -> Any:
    """Return what the parser made of a property; a broken one says so only when it is looked at."""
    try:
        return getattr(value, name, otherwise)
    except ValueError:
        return otherwise
