"""``newsletter check``: what a person should see to before readers do."""

from __future__ import annotations

from functools import partial

import click

from newsletter.cli.progress import progress
from newsletter.cli.session import Session
from newsletter.errors import UsageError


@click.command()
@click.option("--feeds", is_flag=True, help="Read all feeds and pages as a validator does.")
@click.pass_obj
def check(session: Session, feeds: bool) -> int:
    """Look for faults in what was built."""
    from newsletter.pipeline.checking import check_feeds

    if not feeds:
        raise UsageError("say what to check: `newsletter check --feeds`")
    checked = check_feeds(session.config, session.now, partial(progress, session, what="check"))
    folder = session.config.at(session.config.feeds.output)
    if session.as_json:
        found = [{"file": str(folder / each.path), "line": each.line, "what": each.what} for each in checked.told]
        session.data({"output": str(folder), "files": checked.files, "findings": found})
    else:
        for each in checked.told:
            session.line(f"{folder / each.path}:{each.line}: {each.what}")
        session.line(f"{folder}: {checked.files} files, {len(checked.told) or 'nothing'} to say")
    return 1 if checked.told else 0
