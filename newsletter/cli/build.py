"""``newsletter build``: the feeds and pages."""

from __future__ import annotations

from functools import partial

import click

from newsletter.cli.progress import progress
from newsletter.cli.session import Session


@click.command()
@click.option("--full", is_flag=True, help="Make everything anew; the files are the same.")
@click.pass_obj
def build(session: Session, full: bool) -> int:
    """Write the feeds and pages: files that would be the same are not touched."""
    from newsletter.pipeline.building import build as run

    built = run(session.publication, partial(progress, session, what="build"), full=full)
    folder = session.config.at(session.config.feeds.output)
    if session.as_json:
        counts = {"written": built.written, "unchanged": built.unchanged, "removed": built.removed}
        session.data({"output": str(folder), **counts})
    else:
        counted = f"{built.written} written, {built.unchanged} unchanged, {built.removed} removed"
        session.line(f"{folder}: {counted}")
    return 0
