"""``newsletter import`` and ``newsletter articles``: what comes in, and what is there."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.progress import progress
from newsletter.cli.session import Session

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from newsletter.model import Article
    from newsletter.pipeline.receiving import Received

WARNINGS = 20
"""Lines of warnings that are shown; with ``--json`` all of them are."""

SKIPPED = 5
"""Names of files that are shown which were not read; with ``--json`` all of them are."""

LONG = frozenset({"html", "text"})
"""What a list leaves out."""


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--format", metavar="FORMAT", default="", help="Such as csv or feed, where it is not to be guessed.")
@click.option("--archive", "archive", flag_value="archive", help="No letter shows these articles as news.")
@click.option("--news", "archive", flag_value="news", help="They are news, however old they are.")
@click.option("--withdraw", is_flag=True, help="Hide what the folders hold no more, even if it is most of it.")
@click.pass_obj
def import_(session: Session, paths: tuple[Path, ...], format: str, archive: str | None, withdraw: bool) -> int:
    """Read articles from files, and from folders with all that is below them."""
    from newsletter.fetching import Fetcher, agent
    from newsletter.pipeline.importing import import_paths

    with Fetcher(agent(session.config.site.contact or session.config.site.url)) as fetcher:
        report = import_paths(
            session.publication,
            paths,
            format=format,
            archive=None if archive is None else archive == "archive",
            fetcher=fetcher,
            withdraw_many=withdraw,
            watch=partial(progress, session, what="import"),
        )
    return sum_up(session, report)


@click.group()
def articles() -> None:
    """List and show articles; put right by hand what a source says."""


@articles.command("list")
@click.option("--review", is_flag=True, help="Only those to look at: a title that was inferred, warnings, odd pieces.")
@click.pass_obj
def list_(session: Session, review: bool) -> None:
    """List all articles, the newest first."""
    from newsletter.pipeline.browsing import every_article, wants_review, withdrawn

    zone, gone = session.config.site.zone, withdrawn(session.publication)
    found = [article for article in every_article(session.publication) if not review or wants_review(article)]
    if session.as_json:
        whole = (as_object(article, zone, gone.get(article.id)) for article in found)
        session.data([{key: value for key, value in each.items() if key not in LONG} for each in whole])
        return
    for article in found:
        stands = _stands(article, gone.get(article.id))
        session.line(f"{article.published.astimezone(zone):%Y-%m-%d}  {stands:<9}  {article.title}")
        session.line(f"{'':23}{article.url}")
        for reason in wants_review(article) if review else ():
            session.line(f"{'':23}{reason}")


@articles.command()
@click.argument("name", metavar="ID")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show one article; ID is its id, its address, or the beginning of its id."""
    from newsletter.pipeline.browsing import one_article, withdrawn

    article, zone = one_article(session.publication, name), session.config.site.zone
    gone = withdrawn(session.publication).get(article.id)
    if session.as_json:
        session.data(as_object(article, zone, gone))
        return
    for line in _lines(article, zone, gone):
        session.line(line)


def as_object(article: Article, zone: tzinfo, gone: datetime | None = None) -> dict[str, Any]:
    """Return the fields that other programs rely on (DESIGN §4), instants with the offset of the site."""
    when = partial(_when, zone=zone)
    image, source = article.image, article.source
    return {
        "id": article.id,
        "url": article.url,
        "aliases": list(article.addresses),
        "title": article.title,
        "title_source": article.title_source,
        "lead": article.lead,
        "html": article.html,
        "text": article.text,
        "lang": article.lang,
        "published": when(article.published),
        "updated": when(article.updated),
        "arrival": article.arrival,
        "state": article.state.value,
        "terms": [_fields(term, "taxonomy slug label iri") for term in article.terms],
        "dates": [
            {"start": when(date.start), "end": when(date.end), "all_day": date.all_day} for date in article.dates
        ],
        "deadline": when(article.deadline),
        "attachments": [_fields(file, "url title type size size_exact") for file in article.attachments],
        "image": _fields(image, "url alt") if image else None,
        "source": _fields(source, "name format sha256"),
        "parts": [_fields(part, "kind text") for part in article.parts],
        "unparsed": list(article.unparsed),
        "warnings": list(article.warnings),
        "withdrawn": when(gone),
    }


def sum_up(session: Session, report: Received) -> int:
    """Say what an import or a collection came to; returns what the process exits with."""
    from newsletter.store.incoming import Change

    counts = {change.value: report.counts[change] for change in Change}
    counts |= {"withdrawn": report.withdrawn, "failed": len(report.failures)}
    for line in report.failures:
        session.complain(line)
    if session.as_json:
        lines = {"failures": report.failures, "warnings": report.warnings, "skipped": sorted(report.skipped)}
        session.data({**counts, "archive": report.archived, **lines})
        return 1 if report.failures else 0
    for line in report.warnings[:WARNINGS]:
        session.complain(f"{line} (warning)")
    if len(report.warnings) > WARNINGS:
        session.complain(f"and {len(report.warnings) - WARNINGS} further warnings; --json lists them all")
    always = [change.value for change in Change] + ["failed"]
    counted = [f"{number} {name}" for name, number in counts.items() if number or name in always]
    session.line(", ".join(counted))
    if report.skipped:
        session.line(_skipped(sorted(report.skipped)))
    if report.archived:
        days = session.config.site.news_days
        session.line(
            f"{report.archived} of the new are older than {days} days: archive, in no letter (--news says otherwise)"
        )
    return 1 if report.failures else 0


def _skipped(files: list[str]) -> str:
    more = f" and {len(files) - SKIPPED} more" if len(files) > SKIPPED else ""
    what = "1 file was" if len(files) == 1 else f"{len(files)} files were"
    return f"{what} not read, being no article and named by none: {', '.join(files[:SKIPPED])}{more}"


def _lines(article: Article, zone: tzinfo, gone: datetime | None) -> list[str]:
    fields = {
        "title": f"{article.title} ({article.title_source})",
        "id": article.id,
        "url": article.url,
        "state": f"{article.state}, {_stands(article, gone)}",
        "withdrawn": gone and f"{_when(gone, zone)}: its sources have it no more",
        "published": _when(article.published, zone),
        "updated": _when(article.updated, zone),
        "terms": ", ".join(f"{term.taxonomy}/{term.slug}" for term in article.terms),
        "dates": ", ".join(str(_when(date.start, zone)) for date in article.dates),
        "deadline": _when(article.deadline, zone),
        "files": ", ".join(file.url for file in article.attachments),
        "source": f"{article.source.name}, {article.source.format}",
        "lead": article.lead,
    }
    shown = [f"{name + ':':<11}{value}" for name, value in fields.items() if value]
    odd = [f"not understood: {piece}" for piece in article.unparsed]
    return [*shown, *odd, *(f"warning: {warning}" for warning in article.warnings)]


def _stands(article: Article, gone: datetime | None) -> str:
    """Say how readers see an article: shown, hidden, withdrawn, a draft, or waiting for its time."""
    if article.arrival:
        return "shown"
    if gone:
        return "withdrawn"
    return "waits" if article.state == "ready" else article.state.value


def _fields(record: object, names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names.split()}


def _when(instant: datetime | None, zone: tzinfo) -> str | None:
    return instant.astimezone(zone).isoformat() if instant else None
