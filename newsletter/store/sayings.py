"""Sayings: what each file and each source said last of an article, as a hash.

Where several have one article, the newest words count; who only says again what they said before has no newer ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec
import sqlalchemy as sa

from newsletter.model import Article
from newsletter.store.arrivals import chunks
from newsletter.store.columns import EPOCH
from newsletter.store.rows import add
from newsletter.store.schema import said

Saying = tuple[int, str]
"""The key of an article, and the file or the source that is fetched."""


def content(given: Article) -> str:
    """Return the hash of an article as it came, whatever else stood in its document and whenever it was read."""
    dated = given.published if given.dated else EPOCH
    alone = replace(given, source=replace(given.source, sha256=""), published=dated, updated=dated)
    return hashlib.sha256(msgspec.json.encode(alone)).hexdigest()


def of(connection: sa.Connection, keys: Iterable[int]) -> dict[Saying, str]:
    """Return what was said last of articles, by their keys and who said it."""
    found: dict[Saying, str] = {}
    for some in chunks(keys):
        for row in connection.execute(sa.select(said).where(said.c.article.in_(some))):
            found[row.article, row.origin] = row.content
    return found


def keep(connection: sa.Connection, sayings: Mapping[Saying, str]) -> None:
    """Write what is said of articles now."""
    for key, origin in sayings:
        connection.execute(said.delete().where(said.c.article == key, said.c.origin == origin))
    begin(connection, sayings)


def begin(connection: sa.Connection, sayings: Mapping[Saying, str]) -> None:
    """Write what is said of articles that are new."""
    rows = [{"article": key, "origin": origin, "content": each} for (key, origin), each in sayings.items()]
    add(connection, said, rows)
