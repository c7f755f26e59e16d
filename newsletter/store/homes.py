"""Homes: where the publication stood. When its address changes, what is its own moves along: pages, pictures, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import Article, Edits, Image
from newsletter.store import articles, edits
from newsletter.store.arrivals import chunks
from newsletter.store.revising import Ends, rewrite
from newsletter.store.schema import alias, article, copy, edit, home


@dataclass(frozen=True, slots=True)
class Move:
    """From one public address to another; ``words`` are those with which paths of the publication's own begin."""

    former: str
    base: str
    words: Iterable[str]

    def article(self, record: Article) -> Article:
        """Return an article whose own addresses are those of today; its id and its date of change stay."""
        there = self._there()
        url = there(record.url)
        return replace(
            record,
            url=url,
            html=there(record.html),
            image=record.image and _image(record.image, there),
            attachments=tuple(replace(file, url=there(file.url)) for file in record.attachments),
            aliases=record.aliases if url == record.url else (*record.aliases, record.url),
        )

    def edits(self, given: Edits) -> Edits:
        """Return staff's edits with the addresses of today."""
        return replace(given, image=given.image and _image(given.image, self._there()))

    def _there(self) -> Callable[[str], str]:
        begin = "|".join(sorted(map(re.escape, self.words)))
        ours = re.compile(rf"{re.escape(self.former)}/(?=(?:{begin})[/.])")
        return lambda text: ours.sub(f"{self.base}/", text)


def settle(connection: sa.Connection, base: str, words: Iterable[str], ends: Ends, now: datetime) -> None:
    """Let everything of the publication's own stand at this address, if it stood elsewhere when that was asked last."""
    former = connection.scalar(sa.select(home.c.base).order_by(home.c.key.desc()).limit(1))
    if former == base:
        return
    connection.execute(home.insert().values(base=base))
    if former:
        move = Move(former, base, frozenset(words))
        named = sa.or_(
            article.c.record.contains(former, autoescape=True),
            article.c.key.in_(sa.select(edit.c.article).where(edit.c.original.contains(former, autoescape=True))),
        )
        for some in chunks(connection.scalars(sa.select(article.c.key).where(named).order_by(article.c.key))):
            _move(connection, some, move, ends, now)
        copied = sa.func.replace(copy.c.media, f"{former}/", f"{base}/")
        connection.execute(copy.update().values(media=copied).where(copy.c.media.contains(former, autoescape=True)))


def _move(connection: sa.Connection, keys: list[int], move: Move, ends: Ends, now: datetime) -> None:
    for key, known in edits.of(connection, keys).items():
        edits.keep(connection, key, move.edits(known.edits), move.article(known.original), now)
    for key, found in articles.by_key(connection, keys).items():
        held = replace(found, arrival=0)
        record = move.article(held)
        if record != held:
            rewrite(connection, key, record, now, ends=ends(record), gone=articles.gone(connection, key))
            if connection.scalar(sa.select(alias.c.url).where(alias.c.url == record.url)) is None:
                connection.execute(alias.insert().values(url=record.url, article=key))


def _image(image: Image, there: Callable[[str], str]) -> Image:
    return replace(image, url=there(image.url), small=there(image.small))
