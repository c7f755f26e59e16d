"""iCalendar documents (RFC 5545), by their lines; comments name its sections."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from newsletter.validation import xml
from newsletter.validation.folder import Folder
from newsletter.validation.reading import BUILD, Complaint, Reading
from newsletter.validation.values import uri

LONGEST = 75
"""Bytes of a line (§3.1)."""

_LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL
)
_DAY = re.compile(r"\d{8}", re.ASCII)
_UTC = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_DURATION = re.compile(r"P(?:\d+W|(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)(?<![PT])", re.ASCII)
_STATES = ("TENTATIVE", "CONFIRMED", "CANCELLED")
_ONCE = ("UID", "DTSTAMP", "DTSTART", "SUMMARY")
_AT_MOST_ONCE = ("DTEND", "DURATION", "SEQUENCE", "STATUS", "URL", "DESCRIPTION", "LAST-MODIFIED", "TRANSP", "LOCATION")


@dataclass(frozen=True, slots=True)
class _Property:
    line: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _Component:
    line: int
    name: str
    properties: list[_Property] = field(default_factory=list)
    inside: list[_Component] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [each.value for each in self.properties if each.name == name]


def read(data: bytes, path: str, folder: Folder) -> Reading:
    """Read a calendar."""
    complaints = [*xml.of_text(data.replace(b"\r\n", b"\n")), *_of_lines(data)]
    calendar, wrong = _tree([*_unfolded(data.decode(errors="replace"))])
    if calendar is None:
        return Reading(path, (*complaints, wrong))
    events = [each for each in calendar.inside if each.name == "VEVENT"]
    complaints += _of_calendar(calendar, path, folder)
    for event in events:
        complaints += _of_event(event, folder)
    uids = Counter(uid for event in events for uid in event.values("UID"))
    for event in events:
        if any(uids[uid] > 1 for uid in event.values("UID")):
            complaints.append(
                Complaint(event.line, f"the UID {event.values('UID')[0]} stands twice (§3.8.4.7); {BUILD}")
            )
    return Reading(path, tuple(complaints))


def _of_lines(data: bytes) -> Iterator[Complaint]:
    """Yield what is wrong with the lines as such (§3.1)."""
    if not data.endswith(b"\r\n"):
        yield Complaint(data.count(b"\n") + 1, f"does not end with a whole line; {BUILD}")
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        if not line.endswith(b"\r"):
            yield Complaint(number, f"the line does not end with CR LF; {BUILD}")
        if len(line.removesuffix(b"\r")) > LONGEST:
            yield Complaint(number, f"the line is longer than {LONGEST} bytes; {BUILD}")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Yield the logical lines with their numbers."""
    held, begun = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line[:1] in (" ", "\t"):
            held += line[1:]
            continue
        if held:
            yield begun, held
        held, begun = line, number
    if held:
        yield begun, held


def _tree(lines: Sequence[tuple[int, str]]) -> tuple[_Component | None, Complaint]:
    """Return the calendar of which the lines are, or nothing and why there is none."""
    open_: list[_Component] = []
    for place, (number, line) in enumerate(lines):
        match = _LINE.fullmatch(line)
        if not match:
            return None, Complaint(number, f"is no line of a calendar, {line[:40]!r}; {BUILD}")
        name, value = match[1].upper(), match[3]
        if name == "BEGIN":
            made = _Component(number, value.upper())
            if open_:
                open_[-1].inside.append(made)
            open_.append(made)
        elif not open_ or (name == "END" and open_[-1].name != value.upper()):
            return None, Complaint(number, f"{line[:40]!r} stands outside of what it belongs to; {BUILD}")
        elif name != "END":
            open_[-1].properties.append(_Property(number, name, value))
        elif len(open_) > 1 or place + 1 < len(lines):
            if len(open_) == 1:
                return None, Complaint(number, f"goes on after the end of the calendar; {BUILD}")
            open_.pop()
        elif open_[0].name == "VCALENDAR":
            return open_[0], Complaint(0, "")
    return None, Complaint(lines[-1][0] if lines else 0, f"is no whole calendar; {BUILD}")


def _of_calendar(calendar: _Component, path: str, folder: Folder) -> Iterator[Complaint]:
    # That of one article is taken in, not subscribed to: with a name, some programs would keep it apart.
    source = [] if path.startswith("articles/") else [folder.address(path)]
    if calendar.values("SOURCE") != source:
        yield Complaint(calendar.line, f"does not say once that it stands at {folder.address(path)}; {BUILD}")
    for lost in filter(None, map(folder.lost, calendar.values("URL"))):
        yield Complaint(calendar.line, f"leads to {lost}, which is not there; {BUILD}")
    if calendar.values("VERSION") != ["2.0"] or len(calendar.values("PRODID")) != 1:
        yield Complaint(calendar.line, f"must have VERSION 2.0 and one PRODID (§3.6); {BUILD}")
    if not calendar.inside:
        yield Complaint(calendar.line, f"holds nothing, where a calendar must hold something (§3.6); {BUILD}")
    zones = {zone for each in calendar.inside if each.name == "VTIMEZONE" for zone in each.values("TZID")}
    for each in calendar.inside:
        if each.name == "VTIMEZONE" and (not each.values("TZID") or not each.inside):
            yield Complaint(each.line, f"a time zone has no TZID or no rule (§3.6.5); {BUILD}")
        elif each.name not in ("VEVENT", "VTIMEZONE"):
            yield Complaint(each.line, f"holds a {each.name}, which is nothing that a feed has; {BUILD}")
    if len(zones) < sum(each.name == "VTIMEZONE" for each in calendar.inside):
        yield Complaint(calendar.line, f"has a time zone twice (§3.6.5); {BUILD}")


def _of_event(event: _Component, folder: Folder) -> Iterator[Complaint]:
    for name in _ONCE:
        if len(event.values(name)) != 1 or not event.values(name)[0].strip():
            yield Complaint(event.line, f"the event must have one {name} (§3.6.1); {BUILD}")
    for name in _AT_MOST_ONCE:
        if len(event.values(name)) > 1:
            yield Complaint(event.line, f"the event has {name} twice (§3.6.1); {BUILD}")
    for each in event.properties:
        if wrong := _of_property(each, folder):
            yield Complaint(each.line, f"{each.name} {each.value[:60]!r} {wrong}; {BUILD}")
    yield from _of_time(event)


def _of_property(given: _Property, folder: Folder) -> str:
    """Return what is wrong with the value of a property of an event."""
    match given.name:
        case "DTSTAMP" | "LAST-MODIFIED" | "CREATED":
            moment = _moment(given.value)
            if not isinstance(moment, datetime):
                return "is no instant in UTC"
            return "is in the future" if moment > folder.latest else ""
        case "DTSTART" | "DTEND":
            return "" if _moment(given.value) else "is neither a day nor an instant in UTC"
        case "DURATION":
            return "" if _DURATION.fullmatch(given.value) else "is no duration"
        case "STATUS":
            return "" if given.value in _STATES else f"must be one of {', '.join(_STATES)}"
        case "SEQUENCE":
            return "" if given.value.isascii() and given.value.isdecimal() else "is no number"
        case "URL":
            lost = folder.lost(given.value)
            return f"leads to {lost}, which is not there" if lost else uri(given.value).partition(";")[0]
    return ""


def _of_time(event: _Component) -> Iterator[Complaint]:
    start, end = (next(map(_moment, event.values(name)), None) for name in ("DTSTART", "DTEND"))
    if event.values("DTEND") and event.values("DURATION"):
        yield Complaint(event.line, f"the event has both DTEND and DURATION (§3.6.1); {BUILD}")
    if start is None or end is None:
        return
    if isinstance(start, datetime) != isinstance(end, datetime):
        yield Complaint(event.line, f"the event begins with a day and ends with an instant, or so (§3.8.2.2); {BUILD}")
    elif end <= start:
        yield Complaint(event.line, f"the event does not end after it begins (§3.8.2.2); {BUILD}")


def _moment(value: str) -> date | None:
    """Return a day or an instant; ours name no zone."""
    try:
        if _DAY.fullmatch(value):
            return datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007  a day has no zone
        if _UTC.fullmatch(value):
            return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        pass
    return None
