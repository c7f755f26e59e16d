"""A feed at hand, RSS or Atom, as feedparser understands it; nothing is fetched."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from html import unescape
from typing import Any

from newsletter.errors import EmptyError, IntakeError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.decoding import declared, decode, encoding
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.entry import apart, category, mark, place
from newsletter.intake.identity import address, canonical
from newsletter.intake.wording import cut, tidy
from newsletter.model import Attachment, Image, Term

# A document's own entities can be made to fill any memory, and attributes by default any time. Those that are short
# and hold no other stay, as some feeds declare "nbsp" so.
_MINE = re.compile(
    r"<!(?=ATTLIST|ENTITY(?!\s{1,20}\w{1,20}\s{1,20}(?:\"(?:&#\w{1,8};|[^&%<\"]{0,16})\"|'(?:&#\w{1,8};|[^&%<']{0,16})')\s{0,9}>))"
)
_NO_YEAR = re.compile(r"(?<![\d+-])00\d\d(?![\d:])")  # the parsers would take 0001 for 2001
_UNSEEN = re.compile(r"<(script|style)(?=[\s/>])[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_UTF8 = {"content-type": "application/xml; charset=utf-8"}


def read_feed(data: bytes, name: str, desk: Desk) -> Sequence[Draft | IntakeError]:
    """Read the entries of a feed; of a malformed one what can be had, with a warning on each article.

    Raises:
        IntakeError: if there is no entry at all.
    """
    import feedparser

    text, warnings = _text(data, desk.charset)
    safe = _MINE.sub("<!-", text) if "<!DOCTYPE" in text else text
    try:
        found = feedparser.parse(
            io.BytesIO(safe.encode()), response_headers=_UTF8, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # what a foreign parser raises is no closed list
        raise IntakeError(f"the feed cannot be read ({type(error).__name__}); check it with a feed validator") from None
    if found.bozo:
        what = cut(tidy(str(found.bozo_exception)).replace("<unknown>", name), 120)
        warnings.append(f"the feed is not well-formed ({what}); read as far as it goes")
    if not found.entries:
        raise (IntakeError if found.bozo else EmptyError)("there is no entry in this feed; is it one, and whole?")
    found.feed.setdefault("id", _written(found.feed, "link") or desk.file)
    found.feed["version"] = found.version
    return apart([_read(desk, found.feed, entry, warnings, f"entry {n}") for n, entry in enumerate(found.entries, 1)])


def _text(data: bytes, charset: str) -> tuple[str, list[str]]:
    """Return the text of a feed, and what is to be told of its encoding; a bad byte costs one letter, no more."""
    said = encoding(declared(data))
    try:
        text = decode(data, charset)
        true = charset or not said or data.startswith(codecs.BOM_UTF8) or data.decode(said) == text
    except IntakeError:
        text, true = data.replace(b"\0", b"").decode("utf-8", "replace"), False
    except UnicodeDecodeError:
        true = False
    return text, [] if true else [
        f"the feed is not in the encoding that it declares ({said or 'UTF-8'}); check its letters"
    ]


def _read(desk: Desk, feed: Any, entry: Any, warnings: list[str], where: str) -> Draft | IntakeError:
    try:
        return _Entry(desk, feed, entry, [*warnings], where).draft()
    except IntakeError as error:
        return IntakeError(f"{where}: {error}")


class _Entry:
    """One entry while it is read."""

    def __init__(self, desk: Desk, feed: Any, entry: Any, warnings: list[str], where: str) -> None:
        self.desk, self.feed, self.entry, self.warnings, self.where = desk, feed, entry, warnings, where

    def draft(self) -> Draft:
        body, summary = self._words()
        title, numbered = self._title(), self._numbered()
        identity, url, names = self._place(title or clean.words(body["value"])[:80], numbered)
        html = clean.clean(_bare(body["value"]), body.get("base") or url, warnings=self.warnings)
        published = self._instant("published") or self._instant("created")
        modified = self._instant("updated")
        if modified and not published and _written(self.entry, "published"):
            self.warnings.append(f"{modified:%Y-%m-%d}, when it was changed last, was taken for its date")
        pictures, files = self._enclosures()
        return Draft(
            identity=identity,
            url=url,
            title=title or clean.lead(html)[:80],
            title_source="given" if title else "sentence",
            html=html,
            lang=self.desk.language(_written(self.feed, "language").replace("_", "-").lower()),
            published=published or modified,
            modified=modified,
            lead=cut(tidy(clean.words(summary), 5000), clean.LEAD),
            aliases=(*names, canonical(numbered)) if numbered else names,
            terms=list(self._terms()),
            attachments=files,
            image=pictures[0] if pictures else None,
            where=self.where,
            mark=mark(
                _written(self.entry, "link"),
                _written(self.entry, "id"),
                f"{title} {published.date() if published else ''}",
            ),
            warnings=self.warnings,
        )

    def _title(self) -> str:
        detail = self.entry.get("title_detail") or {}
        title = _written(self.entry, "title")
        if detail.get("type") != "text/plain":
            return tidy(clean.words(title))
        return tidy(title if self.feed["version"].startswith("atom") else _untagged(title))

    def _place(self, words: str, numbered: str) -> tuple[str, str, tuple[str, ...]]:
        """Return identity, address and other names: the link, else a guid that is one, else a page of our own."""
        link, id = _written(self.entry, "link"), _written(self.entry, "id")
        key = id or tidy(words) or link
        if not key:
            raise IntakeError("has neither link, guid nor words; give it a link")
        return place(self.desk, (link, numbered, id), key, _written(self.feed, "id"), self.warnings)

    def _numbered(self) -> str:
        """Return the other address that a guid tells of: Drupal writes "12 at https://…", WordPress "https://…/?p=12"."""
        id = _written(self.entry, "id")
        if match := re.fullmatch(r"(\d{1,10}) at (https?://\S+)", id):
            id = f"{match[2].rstrip('/')}/node/{match[1]}"
        elif not re.fullmatch(r"https?://\S+(?:/node/|/\?(?:page_id|p)=)\d{1,10}", id):
            return ""
        try:
            return address(id)
        except IntakeError:
            return ""

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
        exact = guessed = None
        if not _NO_YEAR.search(written):
            exact = _parsed(written, self.desk)
            guessed = exact or _guessed(dict.get(self.entry, f"{key}_parsed"), written)
        if guessed is None or guessed.year not in dates.YEARS:
            self.warnings.append(f"{key}: {written[:40]!r} is no date that can be; left out")
            return None
        if exact is None:
            self.warnings.append(f"{key}: {written[:40]!r} is no usual date; {guessed:%Y-%m-%d} was taken")
        return guessed if guessed.tzinfo else guessed.replace(tzinfo=self.desk.zone)

    def _terms(self) -> Iterator[Term]:
        for tag in self.entry.get("tags", []):
            written, label = tag.get("term") or "", tag.get("label") or tag.get("term") or ""
            iri = written if re.match("https?://", written) else ""
            yield from category(self.desk, label, self.warnings, tag.get("scheme") or "", iri)

    def _enclosures(self) -> tuple[list[Image], list[Attachment]]:
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


def _untagged(title: str) -> str:
    """Return a title of RSS without markup: with one tag that feedparser does not know, all of them count as text."""
    bare = _tag().sub("", _UNSEEN.sub("", title))
    return title if bare == title else unescape(bare)


@cache
def _tag() -> re.Pattern[str]:
    from lxml.html import defs

    names = "|".join(sorted({*defs.tags, "main", "picture", "template"}))
    return re.compile(rf"</?(?:{names})(?:\s+[\w:-]+\s*=[^<>]*|\s*/?)>", re.IGNORECASE)


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


def _guessed(parsed: Any, written: str) -> datetime | None:
    """Return what feedparser read, if that is what is written.

    It counts on from a thirteenth month, and takes the month of today for one that it does not understand.
    """
    try:
        found = datetime(*parsed[:6]).replace(tzinfo=UTC) if parsed else None  # noqa: DTZ001
    except (ValueError, TypeError, OverflowError):
        return None
    numbers = [int(each) for each in re.findall(r"\d{1,9}", written)]
    whole = found and sorted([*numbers, 1, 1][:3]) == sorted((found.year, found.month, found.day))
    named = found and re.search(r"[^\W\d_]{3}", written) and sorted(numbers[:2]) == sorted((found.year, found.day))
    return found if whole or named else None
