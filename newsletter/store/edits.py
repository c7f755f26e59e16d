"""What staff changed of articles by hand: it stands in the place of the source's words, whatever comes in later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from newsletter.model import Article, Edits
from newsletter.store.arrivals import chunks
from newsletter.store.schema import edit

BY_HAND = "staff"
"""The ``title_source`` of a title that staff chose."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Staff's edits of one article, and the article as its source has it."""

    edits: Edits
    original: Article


_edits = msgspec.json.Decoder(Edits)
_record = msgspec.json.Decoder(Article)


def of(connection: sa.Connection, keys: Iterable[int]) -> dict[int, Edited]:
    """Return the edits of those of these articles that were edited, by their keys."""
    found: dict[int, Edited] = {}
    for some in chunks(keys):
        for row in connection.execute(sa.select(edit).where(edit.c.article.in_(some))):
            found[row.article] = Edited(_edits.decode(row.edits), _record.decode(row.original))
    return found


def keep(connection: sa.Connection, key: int, edits: Edits, original: Article, now: datetime) -> None:
    """Write the edits of an article; none at all leaves no row."""
    connection.execute(edit.delete().where(edit.c.article == key))
    if edits != Edits():
        values = {"edits": msgspec.json.encode(edits).decode(), "original": msgspec.json.encode(original).decode()}
        connection.execute(edit.insert().values(article=key, **values, at=now))


def edited(original: Article, edits: Edits) -> Article:
    """Return an article with staff's words in the place of its own."""
    record = original
    if edits.title is not None:
        record = replace(record, title=edits.title, title_source=BY_HAND)
    if edits.lead is not None:
        record = replace(record, lead=edits.lead)
    if edits.image is not None:
        record = replace(record, image=edits.image)
    if edits.alt is not None and record.image is not None:
        record = replace(record, image=replace(record.image, alt=edits.alt))
    if edits.state is not None:
        record = replace(record, state=edits.state)
    return record
