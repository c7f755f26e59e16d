"""Announcing: what DNS must say for the letters of a list to be believed, and what of it cannot fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.config import Config, Route
from newsletter.delivery.address import a_labels
from newsletter.delivery.keyfile import private_key
from newsletter.delivery.records import Record, dkim, dmarc, spf
from newsletter.delivery.signing import key_of, within
from newsletter.domains import DomainKey
from newsletter.errors import ConfigError, UsageError
from newsletter.proofing.finding import Finding, Severity, error, warning


@dataclass(frozen=True)
class Announcement:
    """The records to publish for a list, and what is wrong with its domains."""

    list: str
    sender: str
    records: tuple[Record, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        """The number of findings because of which receivers would refuse."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True)
class _Domains:
    """The domains of a list: of its From, of its return path, and that of the key, where one signs."""

    sender: str
    back: str
    key: tuple[str, DomainKey] | None

    @property
    def family(self) -> str:
        """The highest of them at or above the sender's: at home there, the others are aligned (RFC 9989 §4.10)."""
        known = [self.sender, self.back, *([self.key[0]] if self.key else [])]
        return min((domain for domain in known if within(self.sender, domain)), key=len)


def announce(config: Config, list_slug: str) -> Announcement:
    """Return the records of a list.

    Raises:
        AudienceError: an address has no domain that can stand in DNS.
        UsageError: when there is no such list.
    """
    if list_slug not in config.lists:
        raise UsageError(f"{list_slug}: no such list; config.toml has: {', '.join(config.lists) or 'none'}")
    settings = config.lists[list_slug]
    route = config.mail.routes.get(settings.route, Route())
    domain, back = (a_labels(box.rpartition("@")[2]) for box in (settings.sender.address, settings.bounces))
    domains = _Domains(domain, back or domain, key_of(config, domain))
    records, findings = [spf(domains.back, route)], list(_misfits(list_slug, domains, settings.route, route))
    if domains.key:
        name, key = domains.key
        try:
            records.append(dkim(name, key.selector, private_key(config.at(key.key_file)).public))
        except ConfigError as problem:
            findings.append(error("sender", "config.toml, mail.dkim", str(problem)))
    records.append(dmarc(domains.family))
    return Announcement(list_slug, settings.sender.address, tuple(records), tuple(sorted(findings)))


def _misfits(list_slug: str, domains: _Domains, name: str, route: Route) -> Iterator[Finding]:
    where = f"config.toml, lists.{list_slug}"
    sender = domains.sender
    if domains.key is None:
        told = (
            f"no key in mail.dkim is of {sender}: the relay must sign as {sender}, or add one (docs/howto/signing.md)"
        )
        yield warning("sender", where, told)
    if not within(domains.back, domains.family):
        told = f"bounces: {domains.back} is not aligned with {sender} of the From address, so SPF counts for nothing"
        if domains.key:
            yield warning("sender", where, f"{told}; the signature alone stands for your mail")
        else:
            yield error("sender", where, f"{told}, and nothing is signed; use an address below {domains.family}")
    login = route.user.rpartition("@")[2]
    if "@" in route.user and not within(a_labels(login), domains.family):
        told = f"signs in as {route.user}: ask whoever runs {route.host} whether it may send as {sender}"
        yield warning("sender", f"config.toml, mail.routes.{name}", told)
