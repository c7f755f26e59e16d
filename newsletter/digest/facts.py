"""An article as a letter tells it: every fact already written in the reader's language, nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from newsletter import calendar, events
from newsletter.catalogue import counted, primary, words
from newsletter.digest.letter import Contents
from newsletter.digest.typography import plain, within
from newsletter.model import Article, Attachment, EventDate, Image
from newsletter.phrases import NBSP, Leaf, Phrases, file_name, foreign, tied

COLUMN = 552
"""Pixels of the column that a picture may fill."""

RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the pixels in which it is shown; ``height`` 0 where it is unknown.

    ``srcset`` offers it to fine screens in its full width too, empty where there is but one.
    """

    url: str
    alt: str
    width: int
    height: int
    srcset: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file: what the link says, and its kind and weight in brackets."""

    url: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may say of an article; ``lang`` and ``dir`` are empty where they are the reader's own.

    ``host`` is where it is read, empty for the publication's own site; ``leaf`` the day of its next event or deadline,
    ``left`` the days until that deadline, ``calendar_url`` its dates as a file: nothing of these when all is over.
    """

    title: str
    url: str
    lead: str
    lang: str
    dir: str
    host: str
    tags: tuple[str, ...]
    leaf: Leaf | None
    dates: tuple[str, ...]
    deadline: str
    left: str
    calendar_url: str
    picture: Picture | None
    files: tuple[Download, ...]


def facts(article: Article, phrases: Phrases, contents: Contents) -> Facts:
    """Tell an article to the readers of one language, as the issue speaks to them.

    Only pictures that are published at the issue's own address are shown: any other would tell its site who reads
    (DESIGN §5, 7).
    """
    lang, ours = foreign(article.lang, phrases.language), f"{contents.base}/"
    coming = _next(article, contents.opened)
    return Facts(
        title=tied(plain(article.title), article.lang) or article.url,
        url=article.url,
        lead=tied(plain(article.lead), article.lang),
        lang=lang,
        dir="rtl" if primary(lang) in RIGHT_TO_LEFT else "",
        host=_host(article.url) if _host(article.url) != _host(contents.base) else "",
        tags=tuple(dict.fromkeys(plain(term.label) for term in article.terms)),
        leaf=phrases.leaf(coming) if coming else None,
        dates=tuple(map(phrases.event, article.dates)),
        deadline=phrases.deadline(article.deadline) if article.deadline else "",
        left=_left(article.deadline, contents.opened, phrases.language) if article.deadline else "",
        calendar_url=ours + events.path_of(article.id) if coming and contents.calendars else "",
        picture=picture(article.image, ours) if article.image else None,
        files=tuple(_download(attachment, phrases) for attachment in article.attachments),
    )


def _next(article: Article, opened: datetime) -> EventDate | None:
    """Return the first date that is not over, else the deadline where that is to come."""
    dates = [date for date in article.dates if calendar.over(date) >= opened]
    if not dates and article.deadline and article.deadline >= opened:
        return EventDate(article.deadline)
    return min(dates, key=lambda date: date.start, default=None)


def _left(deadline: datetime, opened: datetime, language: str) -> str:
    """Say how many days are left, as calendars count them; nothing once it has passed, be it an hour ago."""
    days = (deadline.astimezone(opened.tzinfo).date() - opened.date()).days
    if deadline < opened:
        return ""
    return counted("letter", "left", days, language) if days else words("letter", language)["last_day"]


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def picture(image: Image, ours: str) -> Picture | None:
    """Return a picture as it is shown in the column, None where another site would have to be asked for it."""
    if not image.url.startswith(ours):
        return None
    small = image.small if image.small.startswith(ours) else ""
    width = min(image.width or COLUMN, COLUMN)
    height = round(image.height * width / image.width) if image.width else 0
    offered = f"{small} 600w, {image.url} {image.width}w" if small else ""
    return Picture(small or image.url, plain(image.alt), width, height, offered)


def _download(attachment: Attachment, phrases: Phrases) -> Download:
    label = words("letter", phrases.language)["download"].format(
        title=within(tied(plain(file_name(attachment)), phrases.language), phrases.language)
    )
    told = plain(phrases.file(attachment)).replace(" ", NBSP)
    return Download(attachment.url, label, f"({told})" if told else "")
