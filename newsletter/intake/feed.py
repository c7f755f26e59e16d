"""A feed at hand, RSS or Atom, as feedparser understands it; nothing is fetched."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from newsletter.errors import IntakeError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.entry import category, place, undated
from newsletter.intake.identity import address
from newsletter.intake.wording import cut, tidy
from newsletter.model import Attachment, Image, Term

_BENIGN = ("CharacterEncodingOverride", "NonXMLContentType")


def read_feed(data: bytes, name: str, desk: Desk) -> list[Draft]:
    """Read the entries of a feed; of a malformed one what can be had, with a warning on each article.

    Raises:
        IntakeError: if there is no entry at all.
    """
    import feedparser

    try:
        found = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError) as error:
        raise IntakeError(f"the feed cannot be read ({type(error).__name__}); check it with a feed validator") from None
    warnings = []
    if found.bozo and type(found.bozo_exception).__name__ not in _BENIGN:
        warnings.append(
            f"the feed is not well-formed ({cut(tidy(str(found.bozo_exception)), 120)}); read as far as it goes"
        )
    entries = (_Entry(desk, found.feed, entry, list(warnings)).draft() for entry in found.entries)
    drafts = [replace(draft, where=f"entry {number}") for number, draft in enumerate(entries, 1) if draft]
    if not drafts:
        raise IntakeError("there is no entry with an address or a title in this feed; is it one, and whole?")
    return drafts


class _Entry:
    """One entry while it is read."""

    def __init__(self, desk: Desk, feed: Any, entry: Any, warnings: list[str]) -> None:
        self.desk, self.feed, self.entry, self.warnings = desk, feed, entry, warnings

    def draft(self) -> Draft | None:
        where = self._where()
        if where is None:
            return None
        identity, url = where
        body, summary = self._words()
        html = clean.clean(_bare(body["value"]), body.get("base") or url)
        published = self._instant("published") or self._instant("created")
        modified = self._instant("updated")
        pictures, files = self._enclosures(url)
        title = self._title()
        return Draft(
            identity=identity,
            url=url,
            title=title or clean.lead(html)[:80],
            title_source="given" if title else "sentence",
            html=html,
            lang=self.desk.language(_written(self.feed, "language").replace("_", "-").lower()),
            published=published or modified or undated(self.desk, self.warnings),
            modified=modified,
            lead=cut(tidy(clean.words(summary), 5000), clean.LEAD),
            terms=list(self._terms()),
            attachments=files,
            image=pictures[0] if pictures else None,
            warnings=self.warnings,
        )

    def _title(self) -> str:
        detail = self.entry.get("title_detail") or {}
        title = _written(self.entry, "title")
        return tidy(title if detail.get("type") == "text/plain" else clean.words(title))

    def _where(self) -> tuple[str, str] | None:
        """Return identity and address: the link, else a guid that is one, else a page of our own."""
        key = _written(self.entry, "id") or self._title() or _written(self.entry, "link")
        addresses = (_written(self.entry, "link"), _written(self.entry, "id"))
        return place(self.desk, addresses, key, self.warnings) if key else None

    def _words(self) -> tuple[dict[str, Any], str]:
        """Return the fullest content, and the summary where it says something else."""
        summary = _written(self.entry, "summary")
        contents = [each for each in self.entry.get("content", []) if each.get("value")]
        if not contents:
            return {"value": _marked(summary, self.entry.get("summary_detail") or {})}, ""
        body = max(contents, key=lambda each: len(each["value"]))
        return {**body, "value": _marked(body["value"], body)}, "" if summary == body["value"] else summary

    def _instant(self, key: str) -> datetime | None:
        # feedparser answers "updated" with "published" where there is none, and warns of it
        written = str(dict.get(self.entry, key) or "").strip()
        if not written:
            return None
        found = _parsed(written, self.desk) or _tuple(dict.get(self.entry, f"{key}_parsed"))
        if found is None or found.year not in dates.YEARS:
            self.warnings.append(f"{key}: {written[:40]!r} is no date that can be; left out")
            return None
        return found if found.tzinfo else found.replace(tzinfo=self.desk.zone)

    def _terms(self) -> Iterator[Term]:
        for tag in self.entry.get("tags", []):
            written, label = tag.get("term") or "", tag.get("label") or tag.get("term") or ""
            iri = written if re.match("https?://", written) else ""
            yield from category(self.desk, label, self.warnings, tag.get("scheme") or "", iri)

    def _enclosures(self, base: str) -> tuple[list[Image], list[Attachment]]:
        pictures, files = [], []
        for each in self.entry.get("enclosures", []):
            try:
                url = address(each.get("href") or "")
            except IntakeError as error:
                self.warnings.append(f"enclosure: {error}")
                continue
            kind = tidy(each.get("type") or "", 100)
            if kind.startswith("image/"):
                pictures.append(Image(url))
            else:
                length = str(each.get("length") or "")
                size = int(length) if re.fullmatch(r"[1-9]\d{0,14}", length) else None
                files.append(attachments.attachment(url, tidy(each.get("title") or ""), size, kind))
        return pictures, files


def _written(record: Any, key: str) -> str:
    value = dict.get(record, key)
    return value.strip() if isinstance(value, str) else ""


def _marked(value: str, detail: Any) -> str:
    """Return content as HTML: plain text gets its paragraphs."""
    if detail.get("type") != "text/plain" or re.search(r"</?[a-z][^>]*>", value):
        return value
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"<p>{paragraph}</p>" for paragraph in re.split(r"\n\s*\n", escaped))


def _bare(html: str) -> str:
    """Return the content without the title, author and date that Drupal puts inside it (8 and later)."""
    name = r'<span class="field field--name-(?:title|uid|created)\b[^>]*>'
    return re.sub(
        rf"{name}(?:(?!<span|</span>).|<span[^>]*>(?:(?!</?span).)*</span>)*</span>", "", html, flags=re.DOTALL
    )


def _parsed(written: str, desk: Desk) -> datetime | None:
    """Read a date with its own offset kept, which feedparser's tuples lose."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    found = dates.moment(written, desk.day_first(desk.language()))
    return found.at(desk.zone) if found else None


def _tuple(parsed: Any) -> datetime | None:
    try:
        return datetime(*parsed[:6]).replace(tzinfo=UTC) if parsed else None  # noqa: DTZ001
    except (ValueError, TypeError, OverflowError):
        return None
