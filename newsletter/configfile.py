"""Reading config.toml: unknown keys, wrong types and names that lead nowhere are each one line with the key's path."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from newsletter import brand, cadence, domains, pauses
from newsletter.config import RESERVED, Config, Group, List, Route, Site, Source, Taxonomy, rules
from newsletter.errors import ConfigError
from newsletter.keys import BODY, FORMATS, KEYS, NAMES
from newsletter.routes import limit_complaints
from newsletter.terms import fold

_SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
_SECRET = re.compile(
    r"[?&](?:(?:\w+[_-])?(?:token|secret|password|passwd|pwd)|(?:api|access|private)[_-]?key)=[^&]|[?&]key=[\w-]{20}",
    re.IGNORECASE,
)


def load(path: Path) -> Config:
    """Read and check a config.toml.

    Raises:
        ConfigError: with the path of the key and what to write instead.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; `newsletter init` writes one") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML: {error}") from None
    return parse(document, root=path.parent, name=str(path))


def parse(document: Mapping[str, Any], *, root: Path = Path(), name: str = "config.toml") -> Config:
    """Turn a TOML document into a checked Config.

    Raises:
        ConfigError: with the path of the key and what to write instead.
    """
    if "root" in document:
        raise ConfigError(f"{name}: root: unknown key; remove it")
    tables = {"taxonomies": Taxonomy, "sources": Source, "lists": List}
    ready: dict[str, Any] = dict(document)
    for table, kind in tables.items():
        ready[table] = _named(document.get(table, {}), kind, name, table)
    if isinstance(mail := document.get("mail"), dict):
        kinds = {"routes": Route, "groups": Group, "dkim": domains.DomainKey}
        inside = {key: _named(mail[key], kind, name, f"mail.{key}") for key, kind in kinds.items() if key in mail}
        ready["mail"] = {**mail, **inside}
    config: Config = _convert(ready, Config, name, "")
    config = msgspec.structs.replace(config, root=str(root))
    for complaint in complaints(config):
        raise ConfigError(f"{name}: {complaint}")
    return config


def complaints(config: Config) -> Iterator[str]:
    """Yield what does not fit together in a configuration that is well-formed: key's path, what to do."""
    yield from _site_complaints(config.site)
    if urlsplit(config.store.url).password:
        yield "store.url: holds a password; remove the key and set NEWSLETTER_DATABASE_URL in the environment"
    yield from _feed_complaints(config)
    yield from brand.complaints(config.brand, config.base)
    yield from limit_complaints(config.mail.routes, config.mail.groups)
    yield from domains.key_complaints(config.mail.dkim)
    yield from domains.operators_complaints(config.mail.operators)
    yield from _slug_complaints("taxonomies", config.taxonomies)
    yield from _slug_complaints("lists", config.lists)
    for slug, taxonomy in config.taxonomies.items():
        yield from _slug_complaints(f"taxonomies.{slug}.terms", taxonomy.terms)
        if slug in RESERVED:
            yield f"taxonomies.{slug}: that word begins public addresses; choose another name"
        for term, settings in taxonomy.terms.items():
            if settings.parent and settings.parent not in taxonomy.terms:
                yield f"taxonomies.{slug}.terms.{term}.parent: no term {settings.parent!r}; add it or remove the key"
    if config.lists and config.web_base.startswith("http://"):
        key = "web.url" if config.web.url else "site.url"
        yield f"{key}: {config.web_base!r} is not https, and mail programs unsubscribe over https only (RFC 8058)"
    for name, source in config.sources.items():
        yield from _source_complaints(f"sources.{name}", source)
        yield from habit_complaints(f"sources.{name}", source, config.taxonomies)
    for slug, entry in config.lists.items():
        yield from _list_complaints(config, slug, entry)


def _slug_complaints(table: str, slugs: Iterable[str]) -> Iterator[str]:
    """Yield the names that cannot stand in an address or as a file."""
    for slug in slugs:
        if not _SLUG.fullmatch(slug):
            yield f'{table}.{slug}: a name is made of a-z, 0-9 and single hyphens; write one such as "ma-lettre"'


def _site_complaints(site: Site) -> Iterator[str]:
    if not _is_web(site.url):
        yield f'site.url: {site.url!r} is no web address; write one such as "https://www.example.org"'
    yield from _zone_complaints("site", site.timezone)
    yield from _unread("site.pauses", pauses.parse, site.pauses)
    if site.news_days < 1:
        yield "site.news_days: must be at least 1"
    if not 1994 <= site.since <= date.max.year:
        yield "site.since: write the year in which the site's name became yours, such as 2024"


def _feed_complaints(config: Config) -> Iterator[str]:
    feeds = config.feeds
    yield from _hub_complaints(feeds.hub)
    yield from _slug_complaints("feeds.filters", feeds.filters)
    if feeds.entries < 1:
        yield "feeds.entries: must be at least 1"
    if len(set(feeds.formats)) < len(feeds.formats):
        yield "feeds.formats: names a format twice; write each once"
    for slug, saved in feeds.filters.items():
        strange = {name for rule in rules(saved.filter) for name in rule} - set(config.taxonomies)
        if strange or not rules(saved.filter):
            named, known = ", ".join(sorted(strange)) or "nothing", ", ".join(config.taxonomies) or "no taxonomy"
            yield f"feeds.filters.{slug}.filter: names {named}; write one of: {known}"


def _hub_complaints(hub: str) -> Iterator[str]:
    if hub and not _is_web(hub):
        yield f'feeds.hub: {hub!r} is no web address; write one such as "https://hub.example.org/", or remove the key'
    elif hub and "@" in urlsplit(hub).netloc:
        yield "feeds.hub: holds a password, which every feed would show; write the address without it"


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _zone_complaints(where: str, name: str) -> Iterator[str]:
    try:
        ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        yield f'{where}.timezone: {name!r} is unknown; write an IANA name such as "Europe/Paris"'


def _source_complaints(where: str, source: Source) -> Iterator[str]:
    if bool(source.path) == bool(source.url):
        yield f"{where}: write either path, a folder or file, or url, an address to collect from"
    if not source.url:
        return
    try:
        parts = urlsplit(source.url)
    except ValueError:
        parts = urlsplit("")
    if "@" in (parts.netloc or source.url) or _SECRET.search(f"?{parts.query}"):
        yield (
            f"{where}.url: holds a password or a key; take it out, write user, and set {source.password_env} "
            "in the environment or name a password_file"
        )
    elif parts.scheme not in ("http", "https") or not parts.hostname:
        yield f'{where}.url: {source.url!r} is no web address; write one such as "https://www.example.org/feed"'
    elif source.user and parts.scheme == "http" and not source.private:
        yield f"{where}.user: the password would be sent in the clear; write https into url"


def habit_complaints(where: str, source: Source, taxonomies: Iterable[str]) -> Iterator[str]:
    """Yield what cannot be meant in the habits of a source; of its fields more can be told once its format is known."""
    if source.format and source.format not in FORMATS:
        yield f"{where}.format: {source.format!r} is unknown; write one of: {', '.join(FORMATS)}"
    if source.timezone:
        yield from _zone_complaints(where, source.timezone)
    known = (*FORMATS.get(source.format, (*KEYS, *BODY)), *taxonomies)
    for key in source.fields:
        # the folding of intake knows one apostrophe
        if key not in known and NAMES.get(fold(key.replace("’", "'"))) not in known:
            lacks = f"{source.format} can name" if source.format else "an article has"
            named = ", ".join(known) or "none is configured"
            yield f"{where}.fields.{key}: is nothing that {lacks}; write one of: {named}"
    for host in source.hosts:
        if not _HOST.fullmatch(host):
            yield f'{where}.hosts: {host!r} is no host; write one such as "www.example.org"'


def _list_complaints(config: Config, slug: str, entry: List) -> Iterator[str]:
    where = f"lists.{slug}"
    filters = [(f"{where}.filter", entry.filter)]
    filters += [(f"{where}.sections[{n}].filter", section.filter) for n, section in enumerate(entry.sections)]
    for key, written in filters:
        for rule in rules(written):
            for taxonomy in rule:
                if taxonomy not in config.taxonomies:
                    known = ", ".join(config.taxonomies) or "none is configured"
                    yield f"{key}.{taxonomy}: no such taxonomy; write one of: {known}"
    for number, section in enumerate(entry.sections):
        for name in section.sources:
            if name not in config.sources:
                known = ", ".join(config.sources) or "none is configured"
                yield f"{where}.sections[{number}].sources: no source {name!r}; write one of: {known}"
    if entry.route and entry.route not in config.mail.routes:
        yield f"{where}.route: no route {entry.route!r}; write one of: {', '.join(config.mail.routes) or 'none'}"
    if "@" not in entry.sender.address:
        yield f'{where}.sender.address: {entry.sender.address!r} is no address; write "lettre@example.org"'
    yield from domains.bounces_complaints(where, entry.bounces)
    yield from _unread(f"{where}.cadence", cadence.parse, filter(None, [entry.cadence]))
    yield from _unread(f"{where}.pauses", pauses.parse, entry.pauses)
    if entry.timezone:
        yield from _zone_complaints(where, entry.timezone)
    for name in ("missed_hours", "retry_days"):
        if getattr(entry, name) < 1:
            yield f"{where}.{name}: must be at least 1"
    if min(entry.retry_minutes, default=0) < 1 or list(entry.retry_minutes) != sorted(entry.retry_minutes):
        yield f"{where}.retry_minutes: write minutes of at least 1, none fewer than before, such as [30, 60, 120, 240]"


def _unread(key: str, parse: Callable[[str], object], phrases: Iterable[str]) -> Iterator[str]:
    """Yield what is said of the plain words of a key that cannot be read."""
    for words in phrases:
        try:
            parse(words)
        except ConfigError as error:
            yield f"{key}: {error}"


def _named(tables: Any, kind: type[Any], name: str, where: str) -> Any:
    """Convert a table of tables one by one, since msgspec's messages do not say which of them is meant."""
    if not isinstance(tables, dict):
        return tables
    return {key: _convert(table, kind, name, f"{where}.{key}") for key, table in tables.items()}


def _convert(document: Any, kind: type[Any], name: str, where: str) -> Any:
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        key = f"{where}{path.strip('`').removeprefix('$')}".lstrip(".")
        unknown = message.startswith("Object contains unknown field")
        if unknown:
            key, message = f"{key}.{message.split('`')[1]}".lstrip("."), "unknown key"
        advice = _advice(kind, key) if unknown else "see docs/reference/configuration.md"
        raise ConfigError(f"{name}: {key or 'the file'}: {message}; {advice}") from None


def _advice(kind: type[Any], key: str) -> str:
    known = ", ".join(f.name for f in msgspec.structs.fields(kind) if f.name != "root")
    return f"remove it, or see docs/reference/configuration.md (here are known: {known})"
