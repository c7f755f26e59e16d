"""A draft as staff left it: what they changed is laid over what was frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from newsletter import calendar
from newsletter.config import Taxonomy
from newsletter.digest.letter import Contents, Heading, Intro
from newsletter.errors import UsageError
from newsletter.model import DraftEdits


def edited(contents: Contents, edits: DraftEdits, intro: Intro) -> Contents:
    """Return the contents of an issue with staff's changes; ``intro`` is theirs, as it will be shown.

    Raises:
        UsageError: when an article is named that is not among them.
    """
    order = {position: place for place, position in enumerate(_positions(contents, edits.order))}
    excluded = _positions(contents, edits.excluded)
    pinned = [position for position in _positions(contents, edits.pins) if position not in excluded]
    return replace(
        contents,
        intro=intro,
        subject=edits.subject or contents.subject,
        headings=tuple(_ordered(heading, order, excluded) for heading in contents.headings),
        pinned=tuple(dict.fromkeys((*pinned, *(p for p in contents.pinned if p not in excluded)))),
        excluded=tuple(excluded),
    )


def still_ahead(contents: Contents, now: datetime, taxonomies: Mapping[str, Taxonomy]) -> Contents:
    """Return contents without what was to come when they were frozen, and is over by now."""

    def ahead(position: int) -> bool:
        dates = calendar.occasions(contents.articles[position], taxonomies)
        return any(calendar.over(date) >= now for date in dates)

    return replace(
        contents,
        headings=tuple(
            replace(heading, order=tuple(filter(ahead, heading.order))) if heading.upcoming else heading
            for heading in contents.headings
        ),
    )


def _positions(contents: Contents, ids: Iterable[str]) -> list[int]:
    places = {article.id: position for position, article in enumerate(contents.articles)}
    wanted = list(ids)
    if strange := [id for id in wanted if id not in places]:
        raise UsageError(f"{strange[0]}: is not in this draft; `newsletter issues show {contents.name}` lists what is")
    return [places[id] for id in wanted]


def _ordered(heading: Heading, order: Mapping[int, int], excluded: Sequence[int]) -> Heading:
    kept = (position for position in heading.order if position not in excluded)
    return replace(heading, order=tuple(sorted(kept, key=lambda position: order.get(position, len(order)))))
