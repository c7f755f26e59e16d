"""The settings of a relay, as they stand in config.toml."""

from __future__ import annotations

from typing import Literal

from newsletter.settings import Settings


class Route(Settings, frozen=True):
    """A relay: ``password_file`` or the variable that ``password_env`` names holds the secret; seconds for waiting.

    It takes the letters of its ``lists``, from its ``senders`` and to its ``domains``, of all where these are empty; of
    several routes the one of the smallest ``priority`` is tried first.
    """

    host: str = "127.0.0.1"
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password_env: str = "NEWSLETTER_SMTP_PASSWORD"  # noqa: S105  the name of a variable, no secret
    password_file: str = ""
    connections: int = 4
    messages_per_connection: int = 1000
    connect_seconds: float = 60
    reply_seconds: float = 600
    hello: str = ""
    lists: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    priority: int = 0
