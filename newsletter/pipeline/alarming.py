"""Alarming: operators are told where a person must act, or what should have taken place did not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from newsletter.catalogue import counted, words
from newsletter.pipeline.drafting import of_list
from newsletter.pipeline.freezing import Draft
from newsletter.pipeline.judging import missing, patience
from newsletter.pipeline.noticing import Kind
from newsletter.pipeline.outcome import Outcome
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.reporting import about, report
from newsletter.pipeline.telling import AGAIN, News, moment, tell, title_of
from newsletter.store import outbox, tally
from newsletter.timetable import timetable


def hear(publication: Publication, outcome: Outcome) -> None:
    """Write to the operators what came of the scheduler's work on a list, where they should know.

    Raises:
        TemplateError: a template of the publication fails.
    """
    if not publication.config.mail.operators:
        return
    if outcome.error:
        tell(publication, outcome.list, _failed(publication, outcome.list, outcome.error))
    elif outcome.what == "missed":
        tell(publication, outcome.list, _missed(publication, outcome.list, outcome.turns[-1].at))
    elif outcome.what == "sent" and outcome.sent:
        report(publication, outcome.sent)


def look(publication: Publication, list_slug: str) -> None:
    """Write to the operators what no work tells of a list: runs that are missing, drafts that wait, letters in doubt.

    Raises:
        TemplateError: a template of the publication fails.
    """
    if publication.config.mail.operators:
        for alarm in (*_late(publication, list_slug), *_in_doubt(publication, list_slug)):
            tell(publication, list_slug, alarm)


def _late(publication: Publication, list_slug: str) -> Iterator[News]:
    """Yield which run should have taken place: no scheduler saw it, or its draft waits."""
    now, table = publication.now, timetable(publication.config, list_slug)
    gone = missing(publication, table) if table else []
    if gone:
        yield _missed(publication, list_slug, gone[-1].at)
    draft = of_list(publication, list_slug)
    if draft is None or draft.row.planned is None or draft.row.planned > now:
        return
    if not draft.approved and publication.list(list_slug).approval != "send":
        yield _waits(publication, draft)
    elif now - draft.row.planned >= patience(publication, list_slug):
        yield _missed(publication, list_slug, draft.row.planned)


def _in_doubt(publication: Publication, list_slug: str) -> Iterator[News]:
    since = publication.now - AGAIN
    with publication.store.read() as connection:
        found = tally.doubtful(connection, list_slug).items()
        # What today's report says is no alarm.
        untold = [(name, count) for name, count in found if not outbox.told(connection, about(name), since=since)]
    for name, count in untold:
        yield _doubt(publication, name, count)


def _failed(publication: Publication, list_slug: str, error: Exception) -> News:
    told = words("operators", publication.config.site.language)
    title = title_of(publication, list_slug)
    return News(
        kind=Kind.ALARM,
        about=f"{list_slug}/failed",
        mark=type(error).__name__,  # its words may differ from try to try
        subject=told["failed"].format(title=title),
        told=[told["failed_told"].format(title=title), str(error)],
        commands=["status", f"check {list_slug}"],
    )


def _missed(publication: Publication, list_slug: str, at: datetime) -> News:
    told = words("operators", publication.config.site.language)
    title, when = title_of(publication, list_slug), moment(publication, list_slug, at)
    return News(
        kind=Kind.ALARM,
        about=f"{list_slug}/missed",
        mark=at.isoformat(),
        subject=told["missed"].format(title=title),
        told=[told["missed_told"].format(title=title, when=when)],
        commands=["status", f"send {list_slug}"],
    )


def _waits(publication: Publication, draft: Draft) -> News:
    slug, told = draft.row.list, words("operators", publication.config.site.language)
    title, when = title_of(publication, slug), moment(publication, slug, draft.row.planned or publication.now)
    return News(
        kind=Kind.ALARM,
        about=f"{slug}/waits",
        mark=draft.row.name,
        subject=told["waits"].format(title=title),
        told=[told["waits_told"].format(title=title, when=when)],
        commands=[f"issues show {draft.row.name}"],
    )


def _doubt(publication: Publication, name: str, count: int) -> News:
    language = publication.config.site.language
    return News(
        kind=Kind.ALARM,
        about=f"{name}/doubt",
        mark=str(count),
        subject=words("operators", language)["see"].format(issue=name),
        told=[counted("operators", "doubt", count, language)],
        commands=[f"issues show {name}", f"issues resolve {name} --assume-sent"],
    )
