"""``newsletter check``: what a person should see to before readers do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from newsletter.cli.announced import announced, announcement_object
from newsletter.cli.books import counted
from newsletter.cli.findings import as_line, inspection_object
from newsletter.cli.progress import progress
from newsletter.cli.session import Session
from newsletter.cli.sounded import sounded, sounding_object

if TYPE_CHECKING:
    from newsletter.pipeline.inspecting import Inspection


@click.command()
@click.argument("list_", metavar="[LIST]", required=False)
@click.option("--links", is_flag=True, help="Also ask the web where the links of letters lead.")
@click.option("--feeds", is_flag=True, help="Read all feeds and pages as a validator does.")
@click.option("--dns", is_flag=True, help="Say what DNS must say of the sender.")
@click.option("--mail", is_flag=True, help="Connect to each relay and say what it offers.")
@click.option("--to", metavar="ADDRESS", help="With --mail: also send a test letter over each.")
@click.pass_obj
def check(session: Session, list_: str | None, links: bool, feeds: bool, dns: bool, mail: bool, to: str | None) -> int:
    """Look for faults in the next letters of a list, or of all lists, or in what was built."""
    if to and not mail:
        raise click.UsageError("--to goes with --mail")
    lists = [list_] if list_ else list(session.config.lists)
    told: dict[str, Any] = {}
    failed = False
    if links or not (dns or mail or (feeds and not list_)):
        inspections = _inspect(session, lists, links)
        failed = any(each.errors for each in inspections)
        told["lists"] = [inspection_object(each) for each in inspections]
    if dns:
        announcements = announced(session, lists)
        failed |= any(each.errors for each in announcements)
        told["dns"] = [announcement_object(each) for each in announcements]
    if mail:
        soundings = sounded(session, list_, to)
        failed |= any(each.error for each in soundings)
        told["mail"] = [sounding_object(session, each) for each in soundings]
    if feeds:
        built = _check_feeds(session)
        failed |= bool(built["findings"])
        told |= built
    if session.as_json:
        session.data(told)
    return 1 if failed else 0


def _inspect(session: Session, lists: list[str], links: bool) -> list[Inspection]:
    from newsletter.fetching import Fetcher, agent
    from newsletter.pipeline.inspecting import asking, inspect

    publication, site = session.publication, session.config.site
    found = []
    with Fetcher(agent(site.contact or site.url)) as fetcher:
        ask = asking(publication, fetcher.get) if links else None
        for slug in lists:
            inspection = inspect(publication, slug, ask)
            found.append(inspection)
            if not session.as_json:
                _say(session, inspection)
    return found


def _say(session: Session, inspection: Inspection) -> None:
    for finding in inspection.findings:
        session.line(as_line(finding))
    errors = inspection.errors
    counts = [counted(errors, "error"), counted(len(inspection.findings) - errors, "warning")]
    looked = f"{counted(inspection.letters, 'letter')} looked at" if inspection.letters else "no letter to send"
    session.line(f"{inspection.issue}: {looked}, {', '.join(counts)}")


def _check_feeds(session: Session) -> dict[str, Any]:
    from newsletter.pipeline.checking import check_feeds

    checked = check_feeds(session.config, session.now, partial(progress, session, what="check"))
    folder = session.config.at(session.config.feeds.output)
    if not session.as_json:
        for each in checked.told:
            session.line(f"{folder / each.path}:{each.line}: {each.what}")
        session.line(f"{folder}: {checked.files} files, {len(checked.told) or 'nothing'} to say")
    found = [{"file": str(folder / each.path), "line": each.line, "what": each.what} for each in checked.told]
    return {"output": str(folder), "files": checked.files, "findings": found}
