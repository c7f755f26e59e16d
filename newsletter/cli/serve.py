"""``newsletter serve``: the output folder over HTTP."""

from __future__ import annotations

import sys
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

import click

from newsletter.cli.session import Session

if TYPE_CHECKING:
    from newsletter.pipeline.publication import Publication


@click.command()
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0: any.")
@click.pass_obj
def serve(session: Session, host: str, port: int) -> None:
    """Serve the feeds, pages and files that `newsletter build` wrote, until it is stopped; notices go out meanwhile."""
    from newsletter.pipeline.attending import attending
    from newsletter.web.server import serve as run

    def listening(address: str) -> None:
        if session.as_json:
            session.data({"address": address})
            sys.stdout.flush()
        else:
            session.line(f"{session.config.at(session.config.feeds.output)}: served at {address}, until Ctrl-C")

    opening = Lock()

    def publication() -> Publication:
        with opening:
            return replace(session.publication, now=session.moment())

    with attending(publication, session.complain):
        run(session.config, publication, host, port, listening)
