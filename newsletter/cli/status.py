"""``newsletter status``: how the publication stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.session import Session

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from newsletter.pipeline.surveying import SourceReport


@click.command()
@click.pass_obj
def status(session: Session) -> None:
    """Show how each source did when it was last asked."""
    from newsletter.pipeline.surveying import survey

    zone = session.config.site.zone
    found = survey(session.publication)
    if session.as_json:
        session.data({"sources": {each.name: _object(each, zone) for each in found}})
        return
    for each in found:
        session.line(f"{each.name}: {_sentence(each, zone)}, {each.articles} articles")


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
