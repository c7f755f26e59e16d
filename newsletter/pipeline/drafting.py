"""Drafts: frozen, changed by staff, approved or dropped. Every act stands in the history, with who did it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime

import msgspec

from newsletter.digest.subject import subject
from newsletter.errors import NotFoundError, PendingError, UsageError
from newsletter.model import DraftEdits
from newsletter.pipeline.freezing import Draft, draft_of, gather
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.settling import settle_complete
from newsletter.store import acts, arrivals, articles, cursors, drafts, issues, turns
from newsletter.store.acts import Act
from newsletter.store.drafts import DraftRow
from newsletter.store.engine import Transaction
from newsletter.timetable import Turn

Change = Callable[[DraftEdits], DraftEdits]
"""Gives staff's edits of a draft anew, from those that stand."""


def freeze(
    publication: Publication, list_slug: str, change: Change, who: str, turn: Turn | None = None
) -> Draft | None:
    """Draft the next issue of a list, or that of a planned turn; None where there is nothing new for anyone.

    What staff changed of a former draft stays, as far as it speaks of what is in the new one, and so does its time.

    Raises:
        PendingError: when an issue of the list is being opened.
        TemplateError: when the subject names what does not exist.
    """
    publication.list(list_slug)
    settle_complete(publication, list_slug)
    with publication.store.write() as connection:
        arrivals.upper(connection)
        if begun := issues.being_opened(connection, list_slug):
            raise PendingError(f"{begun.name}: is being opened; finish it first, with `newsletter send {list_slug}`")
        contents, found = gather(publication, connection, list_slug, turn.date.isoformat() if turn else "")
        if not arrivals.newer(connection, cursors.lowest(connection, list_slug)):
            return None
        former = drafts.of(connection, list_slug)
        edits = change(former.edits if former else DraftEdits())
        if turn:
            turns.note(connection, list_slug, turn.date, turn.at, turns.DRAFTED)
        row = DraftRow(
            list=list_slug,
            name=contents.name,
            at=publication.now,
            upper=arrivals.upper(connection),
            contents=msgspec.json.encode(contents).decode(),
            articles=found,
            turn=turn.date.isoformat() if turn else former.turn if former else "",
            planned=turn.at if turn else former.planned if former else None,
            edits=_left(_ids(connection, edits), {article.id for article in contents.articles}),
        )
        made = _checked(publication, row)
        written = drafts.freeze(connection, row)
        _note(publication, connection, row, who, "drafted", made.hash)
        return replace(made, row=written)


def of_list(publication: Publication, list_slug: str) -> Draft | None:
    """Return the draft of a list as it stands, None where it has none."""
    with publication.store.read() as connection:
        row = drafts.of(connection, list_slug)
    return draft_of(publication, row) if row else None


def find(publication: Publication, name: str) -> Draft:
    """Return the draft of a name.

    Raises:
        NotFoundError: when there is none.
    """
    with publication.store.read() as connection:
        return draft_of(publication, _named(connection, name))


def everything(publication: Publication) -> list[Draft]:
    """Return the drafts of all lists that are configured."""
    with publication.store.read() as connection:
        found = drafts.everything(connection)
    return [draft_of(publication, row) for row in found if row.list in publication.config.lists]


def edit(publication: Publication, name: str, change: Change, who: str) -> Draft:
    """Change a draft; what was approved before is approved no more, unless nothing changed.

    Raises:
        NotFoundError: when there is none.
        UsageError: when an article is named that is not in it.
        TemplateError: when the subject names what does not exist.
    """
    with publication.store.write() as connection:
        row = _named(connection, name)
        made = _checked(publication, replace(row, edits=_ids(connection, change(row.edits))))
        drafts.put(connection, made.row)
        _note(publication, connection, row, who, "edited", _told(row.edits, made.row.edits))
        return made


def approve(publication: Publication, name: str, hash: str, who: str) -> Draft:
    """Let a draft be sent as it stands, which its hash proves that one has seen, at its time, or now if it has none.

    Raises:
        NotFoundError: when there is none.
        ApprovalError: when the draft is another by now.
    """
    with publication.store.write() as connection:
        row = _named(connection, name)
        found = draft_of(publication, row)
        found.must_be(hash)
        approved = replace(row, approved=hash, planned=row.planned or publication.now)
        drafts.put(connection, approved)
        _note(publication, connection, row, who, "approved", hash)
        return replace(found, row=approved)


def postpone(publication: Publication, name: str, until: datetime, who: str) -> Draft:
    """Let a draft go out later, approved or not.

    Raises:
        NotFoundError: when there is none.
        UsageError: when that time is over.
    """
    if until <= publication.now:
        raise UsageError(f"{name}: {until.isoformat()} is over; name a time to come")
    with publication.store.write() as connection:
        row = replace(_named(connection, name), planned=until)
        drafts.put(connection, row)
        local = until.astimezone(publication.config.zone(row.list))
        _note(publication, connection, row, who, "postponed", local.isoformat(timespec="minutes"))
    return draft_of(publication, row)


def drop(publication: Publication, name: str, who: str) -> None:
    """Give a draft up; its articles are news all the same, for the list's next issue.

    Raises:
        NotFoundError: when there is none.
    """
    with publication.store.write() as connection:
        row = _named(connection, name)
        drafts.drop(connection, row.list)
        if row.turn:
            turns.give_up(connection, row.list, date.fromisoformat(row.turn), turns.CANCELLED)
        _note(publication, connection, row, who, "dropped", "")


def pass_over(publication: Publication, turn: Turn) -> bool:
    """Let a planned run of which nothing is new for anyone be skipped; False where there is something by now."""
    with publication.store.write() as connection:
        upper = arrivals.upper(connection)
        if arrivals.newer(connection, cursors.lowest(connection, turn.list)):
            return False
        run = issues.take_run(connection, turn.list, turn.at, upper)
        turns.take(connection, turn.list, turn.date, turn.at, run)
        return True


def history(publication: Publication, name: str) -> list[Act]:
    """Return what was done with an issue or a draft, oldest first."""
    with publication.store.read() as connection:
        return acts.of(connection, name)


def _named(connection: Transaction, name: str) -> DraftRow:
    """Return a draft by its list or its name."""
    row = drafts.of(connection, name.partition("/")[0])
    if row is None or name not in (row.list, row.name):
        raise NotFoundError(f"{name}: no such draft; `newsletter issues list` shows what there is")
    return row


def _ids(connection: Transaction, edits: DraftEdits) -> DraftEdits:
    """Return the same edits with the ids of the articles, whatever they were called by."""

    def known(names: tuple[str, ...]) -> tuple[str, ...]:
        keys = [articles.find(connection, name) for name in names]
        return tuple(dict.fromkeys(article.id for article in articles.some(connection, keys)))

    return replace(edits, order=known(edits.order), pins=known(edits.pins), excluded=known(edits.excluded))


def _left(edits: DraftEdits, there: Collection[str]) -> DraftEdits:
    """Leave out what is not in a draft."""

    def known(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(id for id in ids if id in there)

    return replace(edits, order=known(edits.order), pins=known(edits.pins), excluded=known(edits.excluded))


def _checked(publication: Publication, row: DraftRow) -> Draft:
    """Return a draft that can be made letters of."""
    made = draft_of(publication, row)
    subject(made.contents, made.contents.articles, 1, publication.config.site.language, publication.templates(row.list))
    return made


def _told(before: DraftEdits, after: DraftEdits) -> str:
    changed = [name for name in DraftEdits.__slots__ if getattr(before, name) != getattr(after, name)]
    return ", ".join(changed) or "nothing"


def _note(publication: Publication, connection: Transaction, row: DraftRow, who: str, what: str, detail: str) -> None:
    acts.note(connection, row.name, Act(publication.now, who, what, detail))
