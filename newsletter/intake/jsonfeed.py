"""JSON Feed 1.0 and 1.1 (jsonfeed.org): what feedparser does not read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.errors import EmptyError, IntakeError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk, term
from newsletter.intake.draft import Draft
from newsletter.intake.entry import apart, category, mark, place
from newsletter.intake.identity import address
from newsletter.intake.markup import paragraphs
from newsletter.intake.payload import reach, renamed
from newsletter.intake.wording import cut, seen, tidy
from newsletter.model import Attachment, Image, Term

_OURS = {
    "title": "title",
    "text": "content_html",
    "lead": "summary",
    "date": "date_published",
    "updated": "date_modified",
    "url": "url",
    "lang": "language",
    "image": "image",
}
_VERSION = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/')


def is_json_feed(data: bytes) -> bool:
    """Tell whether the bytes are those of a JSON object that says it is a JSON Feed."""
    return data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _VERSION.search(data) is not None


def read_json_feed(data: bytes, name: str, desk: Desk) -> Sequence[Draft | IntakeError]:
    """Read the items of a JSON Feed; of a bad one, why it is.

    Raises:
        IntakeError: if it is no JSON, or has no items.
    """
    try:
        feed = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise IntakeError(f"this is no JSON ({cut(tidy(str(error)), 120)}); is the feed whole?") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if items == []:
        raise EmptyError("there is no item in this JSON Feed; is it whole?")
    if not isinstance(items, list):
        raise IntakeError('there is no item in this JSON Feed; it needs a list named "items"')
    told = {key: _text(feed, key) for key in ("language", "feed_url", "home_page_url")}
    told["name"] = desk.file
    return apart([_read(desk, told, item, f"item {number}") for number, item in enumerate(items, 1)])


def _read(desk: Desk, feed: Mapping[str, str], item: Any, where: str) -> Draft | IntakeError:
    if not isinstance(item, dict):
        return IntakeError(f"{where}: is no object; write one with id and content_html")
    try:
        return _Item(desk, feed, item, where).draft()
    except IntakeError as error:
        return IntakeError(f"{where}: {error}")


class _Item:
    """One item while it is read."""

    def __init__(self, desk: Desk, feed: Mapping[str, str], item: dict[str, Any], where: str) -> None:
        self.desk, self.feed, self.where = desk, feed, where
        self.item = renamed(item, desk, _OURS)
        self.warnings: list[str] = []

    def draft(self) -> Draft:
        title = tidy(_text(self.item, "title"))
        key = _text(self.item, "id") or title
        addresses = [_text(self.item, name) for name in ("url", "external_url", "id")]
        if not (key or any(addresses)):
            raise IntakeError("has neither id, url nor title; add an id")
        document = self.feed["feed_url"] or self.feed["home_page_url"] or self.feed["name"]
        identity, url, names = place(self.desk, addresses, key or "".join(addresses), document, self.warnings)
        content = _text(self.item, "content_html") or paragraphs(_text(self.item, "content_text"))
        html = clean.clean(content, url, warnings=self.warnings)
        published, modified = self._instant("date_published"), self._instant("date_modified")
        return Draft(
            identity=identity,
            url=url,
            title=title or clean.lead(html)[:80],
            title_source="given" if title else "sentence",
            html=html,
            lang=self.desk.language((_text(self.item, "language") or self.feed["language"]).replace("_", "-").lower()),
            published=published or modified,
            modified=modified,
            lead=cut(tidy(_text(self.item, "summary"), 5000), clean.LEAD),
            aliases=names,
            terms=list(self._terms()),
            attachments=list(self._attachments()),
            image=self._image(),
            where=self.where,
            mark=mark(
                _text(self.item, "url"), _text(self.item, "id"), f"{title} {published.date() if published else ''}"
            ),
            warnings=self.warnings,
        )

    def _terms(self) -> Iterator[Term]:
        for slug in self.desk.fields.keys() & self.desk.taxonomies.keys():
            found = reach(self.item, self.desk.fields[slug])
            yield from (term(slug, each) for each in _labels(found if isinstance(found, list) else [found]))
        for tag in _labels(_list(self.item, "tags")):
            yield from category(self.desk, tag, self.warnings)

    def _instant(self, key: str) -> datetime | None:
        if not (written := _text(self.item, key)):
            return None
        if found := dates.moment(written):
            return found.at(self.desk.zone)
        self.warnings.append(f"{key}: {written[:40]!r} is no date that can be; left out")
        return None

    def _address(self, record: Any, key: str) -> str:
        """Return a web address; nothing, and a warning where one is written that is none."""
        written = _text(record, key)
        try:
            return address(written) if written else ""
        except IntakeError as error:
            self.warnings.append(f"{key}: {error}")
            return ""

    def _image(self) -> Image | None:
        url = self._address(self.item, "image") or self._address(self.item, "banner_image")
        return Image(url) if url else None

    def _attachments(self) -> Iterator[Attachment]:
        for each in _list(self.item, "attachments"):
            if not (url := self._address(each, "url")):
                continue
            title, kind = tidy(_text(each, "title")), tidy(_text(each, "mime_type"), 100)
            size = each.get("size_in_bytes")
            exact = isinstance(size, int) and not isinstance(size, bool) and 0 < size < 10**15
            file = attachments.attachment(url, title, size if exact else None, kind)
            yield Attachment(file.url, file.title, file.type, file.size, size_exact=exact)


def _text(record: Any, key: str) -> str:
    """Return a member as text; numbers too, as ids of version 1.0 may be."""
    value = record.get(key) if isinstance(record, dict) else None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return seen(str(value)).strip() if number or isinstance(value, str) else ""


def _list(record: dict[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    return value if isinstance(value, list) else []


def _labels(values: list[Any]) -> list[str]:
    """Return those of a list that are words."""
    return [each for each in values if isinstance(each, str) and tidy(each)]
