"""An article as a letter tells it: every fact already written in the reader's language, nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newsletter.digest.typography import deadline, event, plain, weight
from newsletter.digest.words import primary, words
from newsletter.model import Article, Attachment, EventDate, Image

COLUMN = 552
"""Pixels of the column that a picture may fill."""

RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})

KINDS = {
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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the pixels in which it is shown; ``height`` 0 where it is unknown."""

    url: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Download:
    """A file: what the link says, and its kind and weight in brackets."""

    url: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may say of an article; ``lang`` and ``dir`` are empty where they are the reader's own."""

    title: str
    url: str
    lead: str
    lang: str
    dir: str
    tags: tuple[str, ...]
    dates: tuple[str, ...]
    deadline: str
    picture: Picture | None
    files: tuple[Download, ...]


def facts(article: Article, language: str, opened: datetime) -> Facts:
    """Tell an article to the readers of one language, as seen when the issue was opened."""
    foreign = bool(article.lang) and primary(article.lang) != primary(language)
    return Facts(
        title=plain(article.title) or article.url,
        url=article.url,
        lead=plain(article.lead),
        lang=article.lang if foreign else "",
        dir="rtl" if foreign and primary(article.lang) in RIGHT_TO_LEFT else "",
        tags=tuple(dict.fromkeys(plain(term.label) for term in article.terms)),
        dates=tuple(event(_local(when, opened), language, opened.year) for when in article.dates),
        deadline=deadline(_wall(article.deadline, opened), language, opened.year) if article.deadline else "",
        picture=_picture(article.image) if article.image else None,
        files=tuple(_download(attachment, language) for attachment in article.attachments),
    )


def _wall(moment: datetime, opened: datetime) -> datetime:
    """Return a moment on the clocks of the list's zone.

    A fixed offset is no zone: it would move what lies on the other side of a change of the clocks.
    """
    return moment.astimezone(opened.tzinfo) if isinstance(opened.tzinfo, ZoneInfo) else moment


def _local(when: EventDate, opened: datetime) -> EventDate:
    if when.all_day:
        return when
    return EventDate(_wall(when.start, opened), when.end and _wall(when.end, opened))


def _picture(image: Image) -> Picture:
    width = min(image.width or COLUMN, COLUMN)
    return Picture(image.url, plain(image.alt), width, round(image.height * width / image.width) if image.width else 0)


def _download(attachment: Attachment, language: str) -> Download:
    address = PurePosixPath(urlsplit(attachment.url).path)
    title = plain(attachment.title) or address.name
    kind = KINDS.get(attachment.type) or address.suffix.lstrip(".").upper()[:5]
    size = weight(attachment.size, language) if attachment.size else ""
    told = ", ".join(filter(None, (kind, size)))
    return Download(attachment.url, words(language)["download"].format(title=title), f"({told})" if told else "")
