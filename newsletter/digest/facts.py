"""An article as a letter tells it: every fact already written in the reader's language, nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.digest.typography import plain
from newsletter.digest.words import words
from newsletter.model import Article, Attachment, Image
from newsletter.phrases import Phrases, file_name, foreign, primary

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


def facts(article: Article, phrases: Phrases, base: str) -> Facts:
    """Tell an article to the readers of one language, as the issue speaks to them.

    Only pictures that are published at ``base`` are shown: any other would tell its site who reads (DESIGN §5, 7).
    """
    lang = foreign(article.lang, phrases.language)
    return Facts(
        title=plain(article.title) or article.url,
        url=article.url,
        lead=plain(article.lead),
        lang=lang,
        dir="rtl" if primary(lang) in RIGHT_TO_LEFT else "",
        tags=tuple(dict.fromkeys(plain(term.label) for term in article.terms)),
        dates=tuple(map(phrases.event, article.dates)),
        deadline=phrases.deadline(article.deadline) if article.deadline else "",
        picture=_picture(article.image, f"{base}/") if article.image else None,
        files=tuple(_download(attachment, phrases) for attachment in article.attachments),
    )


def _picture(image: Image, ours: str) -> Picture | None:
    if not image.url.startswith(ours):
        return None
    small = image.small if image.small.startswith(ours) else ""
    width = min(image.width or COLUMN, COLUMN)
    height = round(image.height * width / image.width) if image.width else 0
    offered = f"{small} 600w, {image.url} {image.width}w" if small else ""
    return Picture(small or image.url, plain(image.alt), width, height, offered)


def _download(attachment: Attachment, phrases: Phrases) -> Download:
    label = words(phrases.language)["download"].format(title=plain(file_name(attachment)))
    told = plain(phrases.file(attachment))
    return Download(attachment.url, label, f"({told})" if told else "")
