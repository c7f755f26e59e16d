"""Events as calendars know them: iCalendar (RFC 5545, RFC 7986), by the library icalendar, which writes only here.

The events of an article are written once and joined to many calendars, as entries are to feeds. Nothing here knows a
clock: the same input gives the same bytes. Comments name the rule of RFC 5545 by its section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from newsletter.calendar import over
from newsletter.catalogue import words
from newsletter.config import Config
from newsletter.model import Article, Changes, Occasion

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar"

REFRESH = timedelta(hours=6)
"""How long a calendar may wait before it asks again."""

_PRODUCT = "-//newsletter//newsletter//EN"  # without version: another one would write every file anew
_END = b"END:VCALENDAR\r\n"
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")  # §3.1, and half characters
_IN_URI = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class About:
    """What a calendar that people subscribe to says of itself: title, its own address, and that of a page about it."""

    title: str
    source: str
    page: str


def document(entries: Iterable[bytes], about: About | None = None) -> bytes:
    """Return a calendar with these events; one without any is whole too."""
    import icalendar

    events = b"".join(entries)
    made = icalendar.Calendar()
    made.add("version", "2.0")
    made.add("prodid", _PRODUCT)
    if about:
        _describe(made, about)
    if not events:  # §3.6: at least one component, and a time zone that nothing is told in changes nothing
        made.add_component(_utc())
    return bytes(made.to_ical(sorted=False)).removesuffix(_END) + events + _END


def path_of(name: str) -> str:
    """Return where the calendar of an article stands below the public address: by its id, which never changes."""
    return f"articles/{name.rpartition(':')[2]}.ics"


def entry(article: Article, occasions: Iterable[Occasion], changes: Changes, config: Config) -> bytes:
    """Return the events of an article: what takes place, and what was to take place when it was given up.

    Of an article that is withheld, calendars learn only that its events are cancelled.
    """
    told = (each for each in occasions if each.gone is None or each.gone < over(each.date))
    return b"".join(_event(article, each, changes, config).to_ical(sorted=False) for each in told)


def _event(article: Article, occasion: Occasion, changes: Changes, config: Config) -> Event:
    import icalendar

    made = icalendar.Event()
    made.add("uid", str(uuid5(NAMESPACE_URL, f"{article.id}#{occasion.number}")))
    made.add("sequence", changes.number)
    stamp = _instant(_changed(article, occasion, changes))
    made.add("dtstamp", stamp)
    made.add("last-modified", stamp)
    _add_time(made, occasion, config)
    made.add("status", "CANCELLED" if occasion.gone else "CONFIRMED")
    made.add("transp", "TRANSPARENT")  # who follows a topic goes to few of its events: none makes them busy
    made.add("summary", _summary(article, occasion, config))
    if article.arrival:
        _add_words(made, article)
    return made


def _changed(article: Article, occasion: Occasion, changes: Changes) -> datetime:
    """Return when an event last changed, with its number; an article that is put off has other dates to come."""
    revised = (occasion.gone, changes.last)
    if occasion.gone and not article.arrival:
        return max(filter(None, revised))
    return max(filter(None, (article.published, article.updated, *revised)))


def _add_time(made: Any, occasion: Occasion, config: Config) -> None:
    """Say when it takes place: days as such, instants in UTC, which needs no rules of a zone."""
    when = occasion.date
    if when.all_day:
        first, after = when.start.date(), when.end.date() if when.end else when.start.date()
        _add_days(made, first, max(after, first + timedelta(days=1)))
        return
    here = when.start.astimezone(config.site.zone)
    if not occasion.number and (here.hour, here.minute) == (23, 59):  # the last minute of a day is the day
        _add_days(made, here.date(), here.date() + timedelta(days=1))
        return
    made.add("dtstart", _instant(when.start))
    if when.end and _instant(when.end) > _instant(when.start):  # §3.8.2.2: later than the start
        made.add("dtend", _instant(when.end))


def _add_days(made: Any, first: date, after: date) -> None:
    made.add("dtstart", first)
    made.add("dtend", after)


def _summary(article: Article, occasion: Occasion, config: Config) -> str:
    said = words("calendar", config.site.language)
    if not article.arrival:
        return said["withdrawn"]
    title = _line(article.title) or _address(article)
    named = title if occasion.number else said["deadline"].format(title=title)
    return said["cancelled"].format(title=named) if occasion.gone else named


def _add_words(made: Any, article: Article) -> None:
    url = _address(article)
    made.add("description", "\n\n".join(filter(None, (_line(article.lead), url))))
    made.add("url", url)
    terms = {(term.taxonomy, term.slug): term for term in article.terms if term.slug}
    labels = [_line(terms[key].label) or _line(terms[key].slug) for key in sorted(terms)]
    if labels:
        made.add("categories", list(dict.fromkeys(labels)))


def _describe(made: Any, about: About) -> None:
    """Say it twice, as the standard has it (RFC 7986 §5) and as Apple and Microsoft read it since before."""
    from icalendar import vDuration

    title = _line(about.title)
    made.add("name", title)
    made.add("x-wr-calname", title)
    made.add("source", about.source, parameters={"VALUE": "URI"})
    made.add("url", about.page)
    made.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(REFRESH))


def _utc() -> Any:
    import icalendar

    standard = icalendar.TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  §3.6.5: a local time
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    made = icalendar.Timezone()
    made.add("tzid", "Etc/UTC")
    made.add_component(standard)
    return made


def _address(article: Article) -> str:
    return quote(article.url, safe=_IN_URI, errors="replace")


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _line(text: str) -> str:
    """Return words as one line, of what a calendar can hold."""
    return _CONTROL.sub("", " ".join(text.split()))
