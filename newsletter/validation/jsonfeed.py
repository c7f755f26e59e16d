"""JSON Feed 1.1 documents (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from newsletter.validation import content, xml
from newsletter.validation.folder import Folder, plain
from newsletter.validation.instants import rfc3339
from newsletter.validation.reading import BUILD, Complaint, Entry, Reading, of_entries
from newsletter.validation.values import anything, instant, iri, language, media_type, one_of, uri, words

Is = Callable[[Any], str]
"""Says what is wrong with a value of JSON, nothing where it is right."""

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_NEXT = re.compile(r"[^\s,]")


def _text(check: Callable[[str], str]) -> Is:
    return lambda value: check(value) if isinstance(value, str) else f"must be a text; {BUILD}"


def _list(each: Is) -> Is:
    def wrong(value: Any) -> str:
        if not isinstance(value, list) or not value:
            return f"must be a list that is not empty; {BUILD}"
        return next(filter(None, map(each, value)), "")

    return wrong


def _members(known: Mapping[str, Is]) -> Is:
    """Ask for an object with these members, ``!`` after those that must be there; own ones begin with ``_``."""
    checks = {name.removesuffix("!"): check for name, check in known.items()}
    needed = [name.removesuffix("!") for name in known if name.endswith("!")]

    def wrong(value: Any) -> str:
        if not isinstance(value, dict):
            return f"must be an object; {BUILD}"
        found = [f"has no {name}; {BUILD}" for name in needed if name not in value]
        for name, member in value.items():
            if name not in checks:
                found += [] if name.startswith("_") else [f"knows no {name[:40]}; {BUILD}"]
            elif said := checks[name](member):
                found.append(f"{name} {_shown(member)}{said}")
        return found[0] if found else ""

    return wrong


def _size(value: Any) -> str:
    real = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return "" if real else "is no size; write the real one, or leave it out"


def _shown(value: Any) -> str:
    return f"{value[:80]!r} " if isinstance(value, str) else ""


_AUTHOR = _members({"name": _text(words), "url": _text(uri), "avatar": _text(uri)})
_HUB = _members({"type!": _text(words), "url!": _text(uri)})
_ATTACHMENT = _members(
    {"url!": _text(uri), "mime_type!": _text(media_type), "title": _text(words), "size_in_bytes": _size}
)
_ITEM: Mapping[str, Is] = {
    "id!": _text(iri),
    "url!": _text(uri),
    "title!": _text(words),
    "summary": _text(words),
    "content_html": _text(words),
    "content_text": _text(words),
    "image": _text(uri),
    "banner_image": _text(uri),
    "external_url": _text(uri),
    "date_published!": _text(instant),
    "date_modified!": _text(instant),
    "language": _text(language),
    "tags": _list(_text(words)),
    "authors": _list(_AUTHOR),
    "attachments": _list(_ATTACHMENT),
}
_FEED: Mapping[str, Is] = {
    "version!": _text(one_of("https://jsonfeed.org/version/1.1")),
    "title!": _text(words),
    "description": _text(words),
    "home_page_url!": _text(uri),
    "feed_url!": _text(uri),
    "next_url": _text(uri),
    "icon": _text(uri),
    "favicon": _text(uri),
    "language!": _text(language),
    "authors": _list(_AUTHOR),
    "hubs": _list(_HUB),
    "items!": lambda value: "" if isinstance(value, list) else f"must be a list; {BUILD}",
}


def read(data: bytes, path: str, folder: Folder) -> Reading:
    """Read a JSON Feed."""
    broken = [*xml.of_text(data)]
    try:
        text = data.decode(errors="replace")
        feed = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        return Reading(path, (*broken, Complaint(getattr(error, "lineno", 0), f"is no JSON: {error}; {BUILD}")))
    if not isinstance(feed, dict):
        return Reading(path, (Complaint(1, f"is no JSON Feed; {BUILD}"),))
    listed = feed.get("items")
    items = list(zip(_lines(text), listed, strict=False)) if isinstance(listed, list) else []
    told = [(line, item) for line, item in items if isinstance(item, dict)]
    entries = tuple(_entry(line, item) for line, item in told)
    complaints = [*broken, *_of_feed(feed, path, folder), *of_entries(entries, None, folder.latest)]
    for line, item in items:
        complaints += _of_item(item, line, folder)
    return Reading(path, tuple(complaints), entries, links={"self": plain(str(feed.get("feed_url", "")))})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the member {name[:40]!r} stands twice in one object")
        found[name] = value
    return found


def _lines(text: str) -> Iterator[int]:
    """Yield on which line each item begins."""
    start = _ITEMS.search(text)
    if not start:
        return
    decoder, place, line, counted = json.JSONDecoder(), start.end(), 1, 0
    while True:
        item = _NEXT.search(text, place)
        if item is None or item[0] == "]":
            return
        line, counted, place = line + text.count("\n", counted, item.start()), item.start(), item.start()
        yield line
        _, place = decoder.raw_decode(text, place)


def _entry(line: int, item: Mapping[str, Any]) -> Entry:
    published, updated = (rfc3339(str(item.get(name, ""))) for name in ("date_published", "date_modified"))
    return Entry(line, str(item.get("id", "")), published, updated)


def _of_feed(feed: Mapping[str, Any], path: str, folder: Folder) -> Iterator[Complaint]:
    if said := _members(_FEED)(feed):
        yield Complaint(1, said)
    if plain(str(feed.get("feed_url", ""))) != folder.address(path):
        yield Complaint(1, f"does not say that it stands at {folder.address(path)}; {BUILD}")
    if lost := folder.lost(str(feed.get("home_page_url", ""))):
        yield Complaint(1, f"home_page_url leads to {lost}, which is not there; {BUILD}")


def _of_item(item: Any, line: int, folder: Folder) -> Iterator[Complaint]:
    if said := _members(_ITEM)(item):
        yield Complaint(line, f"the item {said}")
    if not isinstance(item, dict):
        return
    if not item.get("content_html") and not item.get("content_text"):
        yield Complaint(line, f"the item has no content; {BUILD}")
    tags = item.get("tags")
    if isinstance(tags, list) and len(set(map(str, tags))) != len(tags):
        yield Complaint(line, f"the item has a tag twice; {BUILD}")
    files = item.get("attachments")
    named = [each.get("url") for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    for lost in filter(None, (folder.lost(str(link)) for link in [item.get("url"), item.get("image"), *named] if link)):
        yield Complaint(line, f"the item leads to {lost}, which is not there; {BUILD}")
    yield from content.complaints(str(item.get("content_html", "")), line, folder)
    if wrong := next((each for value in _texts(item) if (each := anything(value))), ""):
        yield Complaint(line, f"the item {wrong}")


def _texts(value: Any) -> Iterator[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)
