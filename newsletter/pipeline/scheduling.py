"""Scheduling: what is due of every list at one moment is done, through the same use cases as ``send`` (ADR 0025)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from threading import Event

from newsletter.delivery.address import as_bytes
from newsletter.delivery.sender import REFUSALS
from newsletter.errors import AdoptionError, NewsletterError
from newsletter.model import DraftEdits
from newsletter.pipeline import adopting, alarming, drafting, inviting, judging, noticing, sending
from newsletter.pipeline.editions import underway
from newsletter.pipeline.freezing import Draft
from newsletter.pipeline.inspecting import demand
from newsletter.pipeline.opening import open_run
from newsletter.pipeline.outcome import Outcome as Outcome
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.rehearsing import forecast
from newsletter.store import arrivals, issues, senders, tally, turns
from newsletter.store.issues import IssueRow
from newsletter.timetable import Fate, Timetable, Turn, timetable

RESPITE = timedelta(minutes=10)
"""How long what waits is left alone after a sender began, so that a relay that is down is not asked every minute."""


def _quiet(_: object) -> None:
    """Nobody looks on."""


def tick(publication: Publication, halt: Event) -> Iterator[Outcome]:
    """Do all that is due now, list by list, and tell each outcome; what stops one work does not stop the others.

    Operators are written to of what they should know, then all notices that are due go out. Once ``halt`` is set no
    further letter is begun.
    """
    for outcome in _work(publication, halt):
        yield outcome
        yield from _unless(outcome.list, partial(alarming.hear, publication, outcome))
    for slug in publication.config.lists:
        yield from _unless(slug, partial(alarming.look, publication, slug))
    for slug, error in noticing.drain(publication, halt):
        yield Outcome("failed", slug, error=error)


def _unless(list_slug: str, act: Callable[[], None]) -> Iterator[Outcome]:
    """Do something that may fail, and tell so: a template of a notice does not stop letters."""
    try:
        act()
    except NewsletterError as error:
        yield Outcome("failed", list_slug, error=error)


def _work(publication: Publication, halt: Event) -> Iterator[Outcome]:
    tables = {slug: timetable(publication.config, slug) for slug in publication.config.lists}
    try:
        adopting.demand(publication)
    except AdoptionError as error:
        yield from (Outcome("failed", slug, error=error) for slug in tables)
        return
    _tidy(publication, [slug for slug, table in tables.items() if table])
    for slug, table in tables.items():
        works = (
            _keep_time(publication, table, halt) if table else (),
            _keep_word(publication, slug, table, halt),
            # What waits comes last: what a new issue folds goes out in it, and not twice in a minute.
            _go_on(publication, slug, halt),
        )
        for work in works:
            try:
                yield from work
            except NewsletterError as error:
                yield Outcome("failed", slug, error=error)


def _tidy(publication: Publication, kept: list[str]) -> None:
    """A list that lost its cadence begins anew with the next; what lies ahead was not missed: the clock went back."""
    with publication.store.read() as connection:
        wrong = turns.watched_lists(connection) - set(kept) or turns.missed_ahead(connection, publication.now)
    if wrong:
        with publication.store.write() as connection:
            turns.tidy(connection, kept, publication.now)


# --- what waits -----------------------------------------------------------------------------------------------------


def _go_on(publication: Publication, list_slug: str, halt: Event) -> Iterator[Outcome]:
    """Finish an opening of the calendar that was cut off, then send what waits in issues that are open."""
    for issue, turn in _open_issues(publication, list_slug):
        if issue.state == "opening" and turn:
            open_run(publication, list_slug, turn)
    for issue, turn in _open_issues(publication, list_slug):
        if issue.state != "opening" and _goes_on(publication, issue, turn):
            demand(publication, underway(publication, issue))
            yield Outcome("sent", list_slug, sent=sending.attempt(publication, issue, _quiet, halt=halt))


def _open_issues(publication: Publication, list_slug: str) -> list[tuple[IssueRow, Turn | None]]:
    """Return the issues of a list that may have something to send or that a sender left behind, with their turns."""
    with publication.store.read() as connection:
        found = {issue.id: issue for issue in issues.with_open_rows(connection, list_slug)}
        found |= {issue.id: issue for issue in issues.unsettled(connection, list_slug)}
        some = [issue for _, issue in sorted(found.items()) if issue.state in ("opening", "open", "settled")]
        planned = [turns.of_run(connection, issue.run) for issue in some]
    return [(issue, Turn(list_slug, *when) if when else None) for issue, when in zip(some, planned, strict=True)]


def _goes_on(publication: Publication, issue: IssueRow, turn: Turn | None) -> bool:
    """Tell whether letters of an issue go out now without being asked: never what a person cut off or grew stale.

    Retries that are due do; letters that nobody tried, and what a dead sender left, do in a run of the calendar that is
    not later than its list allows.
    """
    with publication.store.read() as connection:
        books = tally.books(connection, issue.id)
        if books.complete or (issue.held and issue.held > publication.now):
            return False  # nothing is left, or somebody looks at what the seed addresses got
        if books.refused >= REFUSALS and not books.sent:
            return False  # the relay took nothing from us: a person looks first
        last = senders.last_started(connection)
        held = tally.holders(connection, issue.id)
        if (last and abs(publication.now - last) < RESPITE) or len(senders.dead(publication.store, held)) < len(held):
            return False  # it was tried a moment ago, or somebody sends it now
        if issue.state == "open" and (held or tally.never_tried(connection, issue.id)):
            return turn is not None and publication.now - turn.at < judging.patience(publication, issue.list)
        return tally.ready(connection, issue.id, publication.now)


# --- the calendar ---------------------------------------------------------------------------------------------------


def _keep_time(publication: Publication, table: Timetable, halt: Event) -> Iterator[Outcome]:
    """Write down what became of the planned dates that came since the last look; the last may be a run."""
    now = publication.now
    since = judging.since(publication, table)
    if since is None:
        with publication.store.write() as connection:
            turns.begin(connection, table.list, table.words, now)
        yield Outcome("watched", table.list, next=table.next(now))
        return
    judged = judging.judged(publication, table, since)
    running = [turn for turn, fate in judged if fate is Fate.RUN]
    ahead = table.next(now)
    for fate in (Fate.PAUSED, Fate.BY_HAND, Fate.MISSED):
        noted = _noted(publication, fate, [turn for turn, mine in judged if mine is fate])
        if noted:
            yield Outcome(fate.value, table.list, noted, next(iter(running), ahead))
    if publication.list(table.list).approval:
        yield from _prepare(publication, table, running, ahead)
        return
    for turn in running:
        yield from _run(publication, turn.list, turn, ahead, halt)


def _noted(publication: Publication, fate: Fate, some: list[Turn]) -> tuple[Turn, ...]:
    """Write down what became of planned dates; returns those of which nobody else did."""
    if not some:
        return ()
    with publication.store.write() as connection:
        arrivals.upper(connection)
        return tuple(turn for turn in some if turns.note(connection, turn.list, turn.date, turn.at, fate.value))


def _run(
    publication: Publication, list_slug: str, turn: Turn | None, ahead: Turn | None, halt: Event
) -> Iterator[Outcome]:
    """Let a run take place: open its issue and send it, or tell that nobody has anything new."""
    as_bytes(publication.list(list_slug).sender.address)  # an issue freezes it: a wrong one is told before
    if draft := drafting.of_list(publication, list_slug):
        draft.demand()
    demand(publication, forecast(publication, list_slug))
    about = (turn,) if turn else ()
    with publication.store.read() as connection:
        waiting = issues.with_open_rows(connection, list_slug)
    opened = open_run(publication, list_slug, turn).issue
    if turn and not _taken(publication, turn):
        # An opening that was cut off came first: it stands whole now, and is folded.
        waiting += [opened] if opened else []
        opened = open_run(publication, list_slug, turn).issue
    for folded in waiting:
        if not folded.flash and folded.state != "settled":
            yield Outcome("folded", list_slug, about, sent=sending.standing(publication, folded))
    if opened is None:
        yield Outcome("skipped", list_slug, about, ahead)
        return
    yield Outcome("opened", list_slug, about, ahead, sending.standing(publication, opened))
    yield Outcome("sent", list_slug, about, ahead, sending.attempt(publication, opened, _quiet, halt=halt))


def _taken(publication: Publication, turn: Turn) -> bool:
    with publication.store.read() as connection:
        found = turns.fate(connection, turn.list, turn.date)
    return found is not None and found[0] == turns.RUN


# --- drafts ---------------------------------------------------------------------------------------------------------


def _prepare(
    publication: Publication, table: Timetable, running: Sequence[Turn], ahead: Turn | None
) -> Iterator[Outcome]:
    """Draft the issue of a planned date some hours before, or now if that was missed."""
    for turn in [*running, *_soon(publication, table, ahead)][-1:]:
        waiting = drafting.of_list(publication, table.list)
        if waiting and waiting.row.turn and (waiting.approved or _later(waiting, publication.now)):
            continue  # what somebody approved or postponed goes out first
        blank = waiting is not None and waiting.row.turn != ""

        def change(stands: DraftEdits, blank: bool = blank) -> DraftEdits:
            return DraftEdits() if blank else stands

        made = drafting.freeze(publication, table.list, change, "", turn)
        if made:
            yield Outcome("drafted", table.list, (turn,), ahead, draft=made)
        elif turn.at <= publication.now and drafting.pass_over(publication, turn):
            yield Outcome("skipped", table.list, (turn,), ahead)


def _soon(publication: Publication, table: Timetable, ahead: Turn | None) -> list[Turn]:
    """Return the next planned date, if it is time to draft its issue and nobody has yet."""
    hours = timedelta(hours=publication.list(table.list).draft_hours)
    if ahead is None or ahead.at - hours > publication.now:
        return []
    with publication.store.read() as connection:
        return [] if turns.fate(connection, ahead.list, ahead.date) else [ahead]


def _later(waiting: Draft, now: datetime) -> bool:
    return waiting.row.planned is not None and waiting.row.planned > now


def _keep_word(publication: Publication, list_slug: str, table: Timetable | None, halt: Event) -> Iterator[Outcome]:
    """Write to the editors of a draft; when its time has come, send it as it was approved, or say that it waits."""
    waiting = drafting.of_list(publication, list_slug)
    if waiting is None or waiting.row.planned is None:
        return  # drafted by hand: so it is sent
    if waiting.row.announced is None and publication.list(list_slug).editors:
        inviting.invite(publication, waiting)
    if waiting.row.planned > publication.now:
        return
    if not waiting.approved and publication.list(list_slug).approval == "send":
        waiting = drafting.approve(publication, list_slug, waiting.hash, "")
    turn = _turn(publication, waiting)
    if waiting.approved:
        ahead = table.next(publication.now) if table else None
        yield from _run(publication, list_slug, turn, ahead, halt)
    else:
        yield Outcome("waits", list_slug, (turn,) if turn else (), draft=waiting)


def _turn(publication: Publication, draft: Draft) -> Turn | None:
    """Return the planned date of which a draft is the issue."""
    if not draft.row.turn:
        return None
    day = date.fromisoformat(draft.row.turn)
    with publication.store.read() as connection:
        found = turns.fate(connection, draft.row.list, day)
    return Turn(draft.row.list, day, found[1]) if found else None
