"""Files that come with an article: their kind, their size as a page writes it, a title out of their name."""

from __future__ import annotations

import re

from newsletter.intake.identity import path
from newsletter.intake.wording import fold, tidy
from newsletter.model import Attachment

# Our own table: that of the standard library differs from machine to machine, and feeds must not.
_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "rtf": "application/rtf",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "txt": "text/plain",
    "html": "text/html",
    "ics": "text/calendar",
    "epub": "application/epub+zip",
    "zip": "application/zip",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,80}/[\w.+-]{1,80}")
_SIZE = re.compile(r"(\d{1,12}(?:[.,]\d{1,12})?)\s*(octets?|bytes?|[kmg]?[ob])")
_UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3}


def kind(url: str) -> str:
    """Return the media type that an address suggests."""
    return _TYPES.get(_file(url).rpartition(".")[2].lower(), "application/octet-stream")


def size(written: str) -> int | None:
    """Return about how many bytes a written size is; units are of 1024.

    >>> size("3.43 Mo"), size("12 octets")
    (3596616, 12)
    """
    match = _SIZE.fullmatch(fold(written))
    if not match:
        return None
    return round(float(match[1].replace(",", ".")) * _UNITS.get(match[2][0], 1))


def attachment(url: str, title: str = "", size: int | None = None, type: str = "") -> Attachment:
    """Return an attachment behind a link; without title or type, its file name says them."""
    return Attachment(url, tidy(title) or named(url), type if _TYPE.fullmatch(type) else kind(url), size)


def named(url: str) -> str:
    """Return a title from a file's name: the words that hyphens and underscores part.

    >>> named("https://www.example.org/files/rapport_annuel-2023.pdf")
    'rapport annuel 2023'
    """
    stem = re.sub(r"\.\w{1,5}$", "", _file(url))
    return tidy(re.sub(r"[_\-+\s]+", " ", stem)) or tidy(url)


def _file(url: str) -> str:
    return path(url).rpartition("/")[2]
