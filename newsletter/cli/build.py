"""``newsletter build``: the feeds and pages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from newsletter.cli.progress import progress
from newsletter.cli.session import Session

if TYPE_CHECKING:
    from newsletter.pipeline.building import Built
    from newsletter.pipeline.pinging import Pinged


@click.command()
@click.option("--full", is_flag=True, help="Make everything anew; the files are the same.")
@click.pass_obj
def build(session: Session, full: bool) -> int:
    """Write the feeds and pages: files that would be the same are not touched."""
    from newsletter.pipeline.building import build as run

    built = run(session.publication, partial(progress, session, what="build"), full=full)
    pinged = _ping(session, built)
    folder = session.config.at(session.config.feeds.output)
    if session.as_json:
        counts = {"written": built.written, "unchanged": built.unchanged, "removed": built.removed}
        session.data({"output": str(folder), **counts, "pinged": pinged.told, "failed": pinged.waiting})
    else:
        counted = f"{built.written} written, {built.unchanged} unchanged, {built.removed} removed"
        session.line(f"{folder}: {counted}{f', {pinged.told} pinged' if pinged.told else ''}")
    return 0


def _ping(session: Session, built: Built) -> Pinged:
    """Tell the hub what changed; what does not succeed is one line and no failure."""
    from newsletter.fetching import Fetcher, agent
    from newsletter.pipeline.pinging import LIMITS, ping

    site = session.config.site
    with Fetcher(agent(site.contact or site.url), LIMITS) as fetcher:
        pinged = ping(session.config, built.live, fetcher, partial(progress, session, what="ping"))
    if pinged.trouble:
        session.complain(f"{pinged.trouble}; documents of which the next build tells: {pinged.waiting}")
    return pinged
