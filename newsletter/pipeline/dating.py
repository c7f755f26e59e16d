"""Dating: each stale document of a feed gets the instant that it tells as its own, before any of them is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from newsletter.feeds.forms import FORMS
from newsletter.feeds.head import changed
from newsletter.pipeline.publication import Publication
from newsletter.store import serials, showings
from newsletter.store.showings import Document, Showing


def date(publication: Publication, holdings: Mapping[Document, Sequence[int]]) -> None:
    """Note what documents show now, and when each that shows something else than before changed.

    The same articles show the same instant in every format.
    """
    form = next((form for form in FORMS if form in publication.config.feeds.formats), "")
    if not form:
        return
    with publication.store.write() as connection:
        every = {key for keys in holdings.values() for key in keys}
        updated = serials.updated(connection, every, form)
        held = showings.of(connection, holdings)
        new = {
            document: _showing(publication, held.get(document), [(key, updated[key]) for key in keys])
            for document, keys in holdings.items()
        }
        showings.keep(connection, {document: each for document, each in new.items() if each != held.get(document)})


def _showing(publication: Publication, held: Showing | None, shown: Sequence[tuple[int, datetime]]) -> Showing:
    content = sha256(repr(shown).encode()).hexdigest()[:32]
    if held and held.content == content:
        return held
    moments = (moment for _, moment in shown)
    return Showing(content, changed(publication.config, moments, held.updated if held else None, publication.now))
