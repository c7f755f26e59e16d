"""``newsletter collect``: what the configured sources have."""

from __future__ import annotations

from functools import partial

import click

from newsletter.cli.articles import sum_up
from newsletter.cli.progress import progress
from newsletter.cli.session import Session


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--withdraw", is_flag=True, help="Hide what the sources have no more, even if it is most of it.")
@click.pass_obj
def collect(session: Session, names: tuple[str, ...], withdraw: bool) -> int:
    """Ask the sources of config.toml for what is new, or only those that are named."""
    from newsletter.fetching import Fetcher, agent
    from newsletter.pipeline.collecting import collect as ask

    with Fetcher(agent(session.config.site.contact or session.config.site.url)) as fetcher:
        watch = partial(progress, session, what="collect")
        report = ask(session.publication, names, fetcher, withdraw_many=withdraw, watch=watch)
    return sum_up(session, report)
