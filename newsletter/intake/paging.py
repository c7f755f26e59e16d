"""How the pages of a site's API follow each other: addresses are made and read here, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from newsletter.errors import IntakeError
from newsletter.intake import drupal, wordpress
from newsletter.intake.desk import Desk
from newsletter.intake.identity import address, spelled
from newsletter.intake.payload import parse, table, tables, word

_READ = {
    "drupal": {"sort": "-changed", "page[limit]": "50"},
    "wordpress": {"per_page": "100", "orderby": "modified", "order": "desc", "_embed": "1"},
}
# What stands still while it is listed: an article that is changed meanwhile must not move to a page already seen. A
# number is best: of articles of one instant, a database may show some twice and others never.
_LISTED = {
    "drupal": {"sort": "created", "page[limit]": "50"},
    "wordpress": {"per_page": "100", "orderby": "id", "order": "asc", "_fields": "id,link,guid"},
}
_NID = "drupal_internal__nid"
_UNLISTED = ("include", "_embed", "_fields", "sort", "orderby", "order", "per_page", "page", "offset")


def first(url: str, format: str) -> str:
    """Return the address of the first page of a full read, what was changed last first; a URL's own wishes stay."""
    return _asking(url, _READ.get(format, {}))


def listing(url: str, format: str) -> str:
    """Return the address of the first page of a sweep that tells only which articles there are.

    Nothing for formats that list no more than their newest.
    """
    if format not in _LISTED:
        return ""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if _stays(name)]
    kind = re.search(r"/(node/\w+)/?$", parts.path)
    wishes = dict(_LISTED[format])
    if format == "drupal" and kind:  # elsewhere fields may have been renamed
        wishes |= {"sort": _NID, f"fields[{kind[1].replace('/', '--')}]": f"path,{_NID}"}
    return _asking(parts._replace(query=urlencode(kept, safe=_SAFE)).geturl(), wishes)


def following(data: bytes, url: str, headers: Mapping[str, str], format: str) -> str:
    """Return the address of the page after one that was fetched from ``url``, nothing after the last.

    It is never at another host, nor at http after https. A server that gives the same page for ever is for the caller
    to notice.

    Raises:
        IntakeError: if the page is no JSON.
    """
    if format == "drupal":
        link = table(table(parse(data)).get("links")).get("next")
        return _beside(url, word(link) or word(table(link).get("href")))
    if format == "jsonfeed":
        return _beside(url, word(table(parse(data)).get("next_url")))
    return _numbered(data, url, headers) if format == "wordpress" else ""


def is_empty(data: bytes, format: str) -> bool:
    """Tell whether a page of a site's API shows nothing, which is no fault: Drupal leaves out what nobody may see.

    Raises:
        IntakeError: if the page is no JSON.
    """
    if format not in _LISTED:
        return False
    found = parse(data)
    return (table(found).get("data") if format == "drupal" else found) == []


def listed(data: bytes, format: str, desk: Desk) -> list[str]:
    """Return the identities on a page of the sweep, ``/node/N`` and its like and other spellings among them.

    Raises:
        IntakeError: if an article on it cannot be told: it might be taken for gone.
    """
    names = {"drupal": drupal.named, "wordpress": wordpress.named}[format](data, desk)
    return list(dict.fromkeys(each for name in names for each in (name, spelled(name))))


_SAFE = "[],:/-"


def _asking(url: str, wishes: Mapping[str, str]) -> str:
    """Return an address that asks for what it does not ask already; its own parameters stay as they are written."""
    parts = urlsplit(url)
    asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if "orderby" in asked:  # an order without its key would be another wish
        asked.add("order")
    added = {name: value for name, value in wishes.items() if name not in asked}
    query = "&".join(filter(None, (parts.query, urlencode(added, safe=_SAFE))))
    return parts._replace(query=query, fragment="").geturl()


def _stays(name: str) -> bool:
    return name not in _UNLISTED and not name.startswith(("page[", "fields["))


def _beside(url: str, link: str) -> str:
    """Return the address of a link of a page, if it is at the same host."""
    try:
        there = urlsplit(address(urljoin(url, link))) if link else None
    except (IntakeError, ValueError):
        return ""
    here = urlsplit(url)
    if there is None or (there.hostname, there.port) != (here.hostname, here.port):
        return ""
    # behind a proxy that speaks TLS for them, sites write http into their links
    return there._replace(scheme="https" if here.scheme == "https" else there.scheme).geturl()


def _numbered(data: bytes, url: str, headers: Mapping[str, str]) -> str:
    """Return the address of the next number, where the site tells how many there are, else after a full page."""
    parts = urlsplit(url)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    said = {name.lower(): value for name, value in headers.items()}.get("x-wp-totalpages", "")
    page, size = (int(value) if value.isdecimal() else fallback for value, fallback in _numbers(dict(asked)))
    more = page < int(said[:9]) if said.isdecimal() else len(tables(parse(data))) >= size
    query = urlencode([*(pair for pair in asked if pair[0] != "page"), ("page", str(page + 1))], safe=_SAFE)
    return parts._replace(query=query).geturl() if more else ""


def _numbers(asked: Mapping[str, str]) -> tuple[tuple[str, int], tuple[str, int]]:
    return (asked.get("page", "")[:9], 1), (asked.get("per_page", "")[:9], 10)
