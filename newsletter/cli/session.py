"""What every command shares: the publication it works on, and how it speaks."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from newsletter.errors import UsageError

if TYPE_CHECKING:
    from newsletter.config import Config
    from newsletter.pipeline.publication import Publication


class Session:
    """One run of the program: its configuration, store and clock are opened when first asked for."""

    def __init__(self, path: str, as_json: bool, debug: bool) -> None:
        self.path = Path(path)
        self.as_json = as_json
        self.debug = debug

    @cached_property
    def config(self) -> Config:
        """The publication's configuration."""
        from newsletter.configfile import load

        return load(self.path)

    @cached_property
    def publication(self) -> Publication:
        """The publication, with its books open."""
        from newsletter.pipeline.publication import Publication
        from newsletter.store.engine import Store

        store = Store.open(os.environ.get("NEWSLETTER_DATABASE_URL") or self.config.store.url, Path(self.config.root))
        return Publication(self.config, store, self.now)

    @cached_property
    def now(self) -> datetime:
        """The instant at which this command began."""
        return self.moment()

    def moment(self) -> datetime:
        """Return what the clock says, which NEWSLETTER_NOW freezes."""
        frozen = os.environ.get("NEWSLETTER_NOW")
        if not frozen:
            return datetime.now(UTC)
        with suppress(ValueError):
            now = datetime.fromisoformat(frozen)
            if now.tzinfo:
                return now
        raise UsageError(f"NEWSLETTER_NOW: {frozen!r} is no instant; write one as 2024-04-02T09:00:00+02:00")

    @cached_property
    def who(self) -> str:
        """Who gives this command, for the history: the name of the account."""
        import getpass

        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return "unknown"

    def line(self, text: str) -> None:
        """Say one line to a person; with ``--json`` standard output is for machines."""
        click.echo(text, err=self.as_json)

    def complain(self, text: str) -> None:
        """Say one line about something that went wrong."""
        click.echo(text, err=True)

    def data(self, value: Any) -> None:
        """Write a value as JSON on standard output."""
        json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")

    def close(self) -> None:
        """Close the books, if they were opened."""
        if "publication" in self.__dict__:
            self.publication.store.close()
