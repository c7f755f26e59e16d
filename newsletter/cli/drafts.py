"""``newsletter send --draft`` and ``newsletter issues edit | cancel``: issues before and instead of sending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from newsletter.cli.books import counted, report, when
from newsletter.cli.findings import as_line
from newsletter.cli.findings import as_object as as_finding
from newsletter.cli.session import Session
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.model import DraftEdits
    from newsletter.pipeline.freezing import Draft

FIELDS = {"intro": "intro", "subject": "subject", "order": "order", "pins": "pins", "exclusions": "excluded"}
"""What staff change of a draft, by the names of the command line."""


def freeze(session: Session, list_: str, intro: str | None, subject: str | None) -> int:
    """Draft the next issue of a list, tell what is wrong with it, and say how to approve it."""
    from newsletter.pipeline import drafting
    from newsletter.pipeline.inspecting import inspected
    from newsletter.pipeline.rehearsing import sampled
    from newsletter.pipeline.sending import Plan

    def change(stands: DraftEdits) -> DraftEdits:
        return _changed(stands, intro=intro, subject=subject)

    made = drafting.freeze(session.publication, list_, change, session.who)
    if made is None:
        session.line(f"{list_}: nothing new for anyone; there is nothing to draft")
        if session.as_json:
            session.data(None)
        return 0
    found = inspected(session.publication, sampled(session.publication, list_, Plan(None, draft=made))).findings
    for finding in found:
        session.complain(as_line(finding))
    tell(session, made, findings=[as_finding(finding) for finding in found])
    return 0


@click.command()
@click.argument("issue")
@click.option("--intro", metavar="FILE", type=click.File(encoding="utf-8"), help="What to say first, in Markdown.")
@click.option("--subject", metavar="TEXT", help="Another subject; it may hold placeholders.")
@click.option(
    "--order", metavar="ID", multiple=True, help="Articles that stand first in their sections, in this order."
)
@click.option("--pin", metavar="ID", multiple=True, help="Show it in every letter of a reader whom it matches.")
@click.option("--exclude", metavar="ID", multiple=True, help="Keep it out: for this list it counts as received.")
@click.option("--reset", metavar="FIELD", multiple=True, type=click.Choice(tuple(FIELDS)), help="Take a change back.")
@click.option("--postpone", metavar="INSTANT", help="When it goes out: 2024-04-03T09:00, in the zone of the site.")
@click.pass_obj
def edit(
    session: Session,
    issue: str,
    intro: TextIO | None,
    subject: str | None,
    order: tuple[str, ...],
    pin: tuple[str, ...],
    exclude: tuple[str, ...],
    reset: tuple[str, ...],
    postpone: str | None,
) -> None:
    """Change a draft: intro, subject, order, pins, exclusions, time. What was approved is approved no more."""
    from newsletter.model import DraftEdits
    from newsletter.pipeline import drafting

    words = intro.read() if intro else None
    if words is None and subject is None and not (order or pin or exclude or reset or postpone):
        raise UsageError(
            "issues edit: nothing to change; write --intro, --subject, --order, --pin, --exclude, --reset or --postpone"
        )

    def change(stands: DraftEdits) -> DraftEdits:
        blank = DraftEdits()
        cleared = replace(stands, **{FIELDS[name]: getattr(blank, FIELDS[name]) for name in reset})
        added = replace(cleared, pins=(*cleared.pins, *pin), excluded=(*cleared.excluded, *exclude))
        return _changed(replace(added, order=order or added.order), intro=words, subject=subject)

    made = drafting.edit(session.publication, issue, change, session.who)
    if postpone:
        made = drafting.postpone(session.publication, issue, _instant(session, postpone), session.who)
    tell(session, made)


@click.command()
@click.argument("issue")
@click.pass_obj
def cancel(session: Session, issue: str) -> int:
    """Drop a draft; or withdraw what of an issue is not sent, so that the next one offers it again."""
    from newsletter.errors import NotFoundError
    from newsletter.pipeline import drafting, sending

    try:
        drafting.drop(session.publication, issue, session.who)
    except NotFoundError:
        return report(session, sending.cancel(session.publication, issue, session.who))
    session.line(f"{issue}: the draft is dropped; its articles are news for the next issue")
    return 0


def tell(session: Session, draft: Draft, **more: Any) -> None:
    """Show a draft: what is in it, whether it is approved, and what to do; to machines ``more`` too."""
    if session.as_json:
        session.data(as_object(session, draft) | more)
        return
    for line in _lines(session, draft):
        session.line(line)


def as_object(session: Session, draft: Draft) -> dict[str, Any]:
    """Return a draft for other programs."""
    row, kept = draft.row, draft.contents
    planned = row.planned.astimezone(session.config.site.zone).isoformat() if row.planned else None
    out = set(kept.excluded)
    return {
        "draft": row.name,
        "list": row.list,
        "hash": draft.hash,
        "approved": draft.approved,
        "planned": planned,
        "subject": row.edits.subject,
        "intro": row.edits.intro,
        "articles": [article.id for place, article in enumerate(kept.articles) if place not in out],
        "excluded": [kept.articles[place].id for place in kept.excluded],
    }


def summary(session: Session, draft: Draft) -> str:
    """Return a draft in one line."""
    articles = counted(len(draft.contents.articles) - len(draft.contents.excluded), "article")
    state = "approved" if draft.approved else "not approved"
    planned = f", planned for {when(draft.row.planned, session.config.site.zone)}" if draft.row.planned else ""
    return f"{draft.row.name}: draft {draft.hash}, {articles}, {state}{planned}"


def _lines(session: Session, draft: Draft) -> Iterator[str]:
    from newsletter.config import say

    kept, language = draft.contents, session.config.site.language
    yield summary(session, draft)
    if draft.row.edits.subject:
        yield f"  subject: {draft.row.edits.subject}"
    if kept.intro.text:
        yield f"  intro: {kept.intro.text.splitlines()[0]}"
    taken: set[int] = set(kept.excluded)
    for heading in kept.headings:
        mine = [place for place in heading.order if place not in taken][: heading.max or None]
        taken.update(mine)
        if mine:
            yield f"  {say(heading.title, language)}"
        for place in mine:
            yield _article(draft, place)
    rest = [place for place in range(len(kept.articles)) if place not in taken]
    if rest:
        yield "  in no section"
        yield from (_article(draft, place) for place in rest)
    if kept.excluded:
        yield "  kept out"
        yield from (_article(draft, place) for place in kept.excluded)
    if not draft.approved:
        yield f"  `newsletter send {draft.row.list} --approve {draft.hash}` sends it"


def _article(draft: Draft, place: int) -> str:
    kept = draft.contents
    mark = " (pinned)" if place in kept.pinned else " (corrected)" if place in kept.corrected else ""
    return f"    {kept.articles[place].title}{mark}  {kept.articles[place].id}"


def _changed(stands: DraftEdits, *, intro: str | None, subject: str | None) -> DraftEdits:
    return replace(
        stands,
        intro=stands.intro if intro is None else intro.strip(),
        subject=stands.subject if subject is None else subject.strip(),
    )


def _instant(session: Session, written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise UsageError(f"{written}: is no instant; write one as 2024-04-03T09:00") from None
    return found if found.tzinfo else found.replace(tzinfo=session.config.site.zone)
