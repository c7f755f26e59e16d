"""``newsletter status``: how the publication stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session
from newsletter.cli.spoken import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from newsletter.pipeline.surveying import ListReport, SourceReport
    from newsletter.store.outbox import Standing

LATE = timedelta(hours=1)
"""How long a notice may wait before a person should look: the relay is down, or nobody empties the outbox."""


@click.command()
@click.pass_obj
def status(session: Session) -> int:
    """Show how each source did when it was last asked, when each list runs, and which notices wait or failed."""
    from newsletter.pipeline.adopting import compare, where
    from newsletter.pipeline.noticing import standing
    from newsletter.pipeline.surveying import survey, survey_lists

    zone, strange = session.config.site.zone, compare(session.publication).why
    found, lists = survey(session.publication), survey_lists(session.publication)
    outbox = standing(session.publication)
    late = bool(outbox.since and session.publication.now - outbox.since > LATE)
    if session.as_json:
        sources = {each.name: _object(each, zone) for each in found}
        lists_ = {each.name: _list_object(session, each) for each in lists}
        notices = _outbox_object(outbox, zone)
        session.data({"adoption": strange or None, "sources": sources, "lists": lists_, "notices": notices})
        return int(late)
    if strange:
        session.line(f"{where(session.publication)}: {strange}; nothing is sent before `newsletter adopt`")
    for each in found:
        session.line(f"{each.name}: {_sentence(each, zone)}, {each.articles} articles")
    for list_ in lists:
        session.line(f"{list_.name}: {'; '.join(_list_phrases(session, list_))}")
    for line in _outbox_lines(outbox, zone):
        session.line(line)
    return int(late)


def _sentence(report: SourceReport, zone: tzinfo) -> str:
    row = report.row
    if row is None:
        return "not collected yet"
    good = f"last good fetch {_when(row.good, zone)}" if row.good else "never fetched well"
    if row.state == "ok":
        return f"ok, {good}"
    due = f", not before {_when(row.due, zone)}" if row.due else ""
    says = "410: source gone" if row.state == "gone" else f"{row.state.value}: {row.reason}"
    return f"{says}{due} ({good})"


def _list_phrases(session: Session, report: ListReport) -> Iterator[str]:
    zone = session.config.zone(report.name)
    if report.table is None:
        yield "runs by hand"
    elif report.next:
        yield f"next run {moment(report.next.at, zone)} ({session.config.lists[report.name].cadence})"
    else:
        yield "no next run is in sight"
    if report.table and not report.watched:
        yield "nobody watches it: start `newsletter run`"
    if report.last:
        what = report.last.issue or ("skipped: nothing new" if report.last.skipped else "sent")
        yield f"last run {moment(report.last.at, zone)}, {what}"
    else:
        yield "never ran"
    if report.table and report.table.pauses:
        yield f"pauses: {', '.join(pause.words for pause in report.table.pauses)}"


def _list_object(session: Session, report: ListReport) -> dict[str, Any]:
    zone, table, last = session.config.zone(report.name), report.table, report.last
    return {
        "cadence": session.config.lists[report.name].cadence or None,
        "timezone": zone.key,
        "pauses": [pause.words for pause in table.pauses] if table else [],
        "watched": report.watched,
        "next": _iso(report.next.at, zone) if report.next else None,
        "last": {"at": _iso(last.at, zone), "skipped": last.skipped, "issue": last.issue} if last else None,
    }


def _outbox_lines(outbox: Standing, zone: tzinfo) -> Iterator[str]:
    if outbox.waiting:
        words = f": {outbox.reason}" if outbox.reason else ""
        yield f"notices: {outbox.waiting} waiting since {_when(outbox.since, zone)}{words}"
    for failed in outbox.failed:
        what = f"{failed.kind} to {failed.recipient}"
        yield f"notices: {what} {failed.state} {_when(failed.at, zone)}: {failed.reason}"


def _outbox_object(outbox: Standing, zone: tzinfo) -> dict[str, Any]:
    failed = [
        {"kind": each.kind, "to": each.recipient, "state": each.state, "at": _iso(each.at, zone), "reason": each.reason}
        for each in outbox.failed
    ]
    since = _iso(outbox.since, zone)
    return {"waiting": outbox.waiting, "since": since, "reason": outbox.reason, "failed": failed}


def _object(report: SourceReport, zone: tzinfo) -> dict[str, Any]:
    row = report.row
    facts = {
        "articles": report.articles,
        "state": row.state.value if row else None,
        "reason": row.reason if row else "",
    }
    moments = {name: _iso(getattr(row, name), zone) if row else None for name in ("tried", "good", "due")}
    return {**facts, **moments}


def _when(instant: datetime | None, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" if instant else ""


def _iso(instant: datetime | None, zone: tzinfo) -> str | None:
    return instant.astimezone(zone).isoformat() if instant else None
