"""The settings of relays, and of the providers of readers, as they stand in config.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from newsletter.settings import Settings


class Limits(Settings, frozen=True):
    """How many letters may begin in a second, a minute, an hour; 0 is no limit, and of several the slowest counts."""

    per_second: int = 0
    per_minute: int = 0
    per_hour: int = 0

    @property
    def seconds(self) -> dict[int, int]:
        """How many letters by how many seconds, without those that are no limit."""
        every = {1: self.per_second, 60: self.per_minute, 3600: self.per_hour}
        return {seconds: letters for seconds, letters in every.items() if letters}


class Route(Limits, frozen=True):
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

    @property
    def where(self) -> str:
        """The relay, as lines for people name it."""
        return f"{self.host}:{self.port}"


class Group(Limits, frozen=True, kw_only=True):
    """The domains of one provider of readers, whose limits all their letters share, whichever route they take."""

    domains: tuple[str, ...]


def limit_complaints(routes: Mapping[str, Route], groups: Mapping[str, Group]) -> Iterator[str]:
    """Yield what cannot be meant in limits: key's path, what to do."""
    for table, some in (("routes", routes), ("groups", groups)):
        for name, limits in some.items():
            for key in Limits.__struct_fields__:
                if getattr(limits, key) < 0:
                    yield f"mail.{table}.{name}.{key}: must be at least 0, which is no limit"
    owners: dict[str, str] = {}
    for name, group in groups.items():
        where = f"mail.groups.{name}"
        if not group.seconds:
            yield f"{where}: says no limit; write one such as per_minute = 60, or remove the group"
        if not group.domains:
            yield f'{where}.domains: names none; write those of its readers, such as ["example.org"]'
        for domain in group.domains:
            if "@" in domain or "." not in domain:
                yield f'{where}.domains: {domain!r} is no domain; write what stands after the @, such as "example.org"'
            elif (owner := owners.setdefault(domain.lower(), name)) != name:
                yield f"{where}.domains: {domain} is of mail.groups.{owner} too; leave it in one of them"
