"""Posts as the REST API of WordPress gives them, saved from ``/wp-json/wp/v2/posts?_embed``; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from newsletter.errors import IntakeError
from newsletter.intake import clean, dates
from newsletter.intake.desk import Desk, term
from newsletter.intake.draft import Draft
from newsletter.intake.identity import address, canonical
from newsletter.intake.payload import (
    Table,
    drafts,
    label,
    moment,
    number,
    parse,
    reach,
    renamed,
    summary,
    table,
    tables,
    word,
)
from newsletter.intake.wording import cut
from newsletter.model import ArticleState, EventDate, Image, Term

_OURS = {"title": "title", "text": "content", "lead": "excerpt", "lang": "lang"}
_SHOWN = ("publish", "future", "")
_NEVER = "0000-00-00T00:00:00"  # what a draft has in place of date_gmt


def read_wordpress(data: bytes, name: str, desk: Desk) -> list[Draft | IntakeError]:
    """Read a list of posts, or one.

    Raises:
        IntakeError: if there is no post in it, or the site answered with an error.
    """
    return drafts(_posts(data, desk), lambda post: _Post(desk, post).draft(), "post")


def named(data: bytes, desk: Desk) -> list[str]:
    """Return the identities of a list of posts, as their addresses and numbers give them.

    Raises:
        IntakeError: if it is none, or a post has no address.
    """
    posts = (_Post(desk, post) for post in _posts(data, desk))
    return [desk.hosted(name) for post in posts for name in post.names()]


def _posts(data: bytes, desk: Desk) -> list[Table]:
    posts = tables(parse(data))
    if len(posts) == 1 and _is_error(posts[0]):
        raise IntakeError(f"the site answered with an error ({_complaint(posts[0])}); save the posts again")
    return [renamed(post, desk, _OURS) for post in posts]


@dataclass
class _Post:
    """One post while it is read."""

    desk: Desk
    post: Table
    warnings: list[str] = field(default_factory=list)

    def draft(self) -> Draft:
        url = address(word(self.post.get("link")))
        title = label(_rendered(self.post.get("title")))
        modified = self._instant("updated", "modified")
        published = self._instant("date", "date") or modified
        terms = list(self._terms())
        return Draft(
            identity=canonical(url),
            url=url,
            title=title,
            title_source="given" if title else "sentence",
            html=clean.clean(self._content(), url, warnings=self.warnings),
            lang=self.desk.language(word(self.post.get("lang")).replace("_", "-").lower()),
            published=published,
            modified=modified,
            lead=self._lead(),
            state=ArticleState.READY if word(self.post.get("status")) in _SHOWN else ArticleState.DRAFT,
            aliases=tuple(self._aliases(url)),
            terms=terms,
            dates=self.desk.happening(self._dates(), terms, published or self.desk.now),
            deadline=self._deadline(),
            image=self._image(),
            warnings=self.warnings,
        )

    def names(self) -> list[str]:
        """Return the identity of the post, and the others under which it is known."""
        url = address(word(self.post.get("link")))
        return [canonical(url), *self._aliases(url)]

    def _content(self) -> str:
        content = self.post.get("content")
        if table(content).get("protected") is True:
            self.warnings.append("the post is protected by a password; its text did not come with it")
        return _rendered(content)

    def _lead(self) -> str:
        """Return the excerpt that somebody wrote, not the one that WordPress cut out of the text."""
        excerpt = summary(_rendered(self.post.get("excerpt")))
        return "" if re.search(r"(?:\[(?:…|\.\.\.)\]|…)$", excerpt) else excerpt

    def _instant(self, ours: str, key: str) -> datetime | None:
        """Return a date: the one in UTC, which names no zone either, else the one of the site's clocks.

        One that config.toml names goes before both.
        """
        readings: list[tuple[str, Any, tzinfo]] = [
            (ours, next(iter(self._held(self.desk.fields.get(ours, ""))), ""), self.desk.zone),
            (f"{key}_gmt", self.post.get(f"{key}_gmt"), UTC),
            (key, self.post.get(key), self.desk.zone),
        ]
        found = (self._moment(name, value) for name, value, _ in readings)
        return next((each.at(zone) for each, (*_, zone) in zip(found, readings, strict=True) if each), None)

    def _moment(self, name: str, value: Any) -> dates.Moment | None:
        """Return a date as the API or the plugin of a site writes it."""
        written = word(value)
        if not written or written == _NEVER:
            return None
        found = moment(written) or dates.moment(written, self.desk.day_first(self.desk.language()))
        if found is None:
            self.warnings.append(f"{name}: {written[:40]!r} is no date that can be; left out")
        return found

    def _held(self, name: str) -> list[Any]:
        """Return what a member of the post holds, several things where it is a list."""
        found = reach(self.post, name.strip()) if name else None
        return [each for each in (found if isinstance(found, list) else [found]) if word(each)]

    def _dates(self) -> Iterator[EventDate]:
        """Yield when it takes place; config.toml names one member, or with a comma those of start and end."""
        start, _, end = self.desk.fields.get("dates", "").partition(",")
        ends = iter(self._held(end))
        for begins in self._held(start):
            if event := self._event(begins, next(ends, "")):
                yield event

    def _event(self, begins: Any, ends: Any) -> EventDate | None:
        whole = dates.span(word(begins), self.desk.day_first(self.desk.language()))
        start: dates.Moment | None
        if whole and whole[1]:
            start, end = whole
        else:
            start, end = self._moment("dates", begins), self._moment("dates", ends)
        event = dates.event(start, None if end == start else end, self.desk.zone) if start else None
        if start and event is None:
            self.warnings.append(f"dates: it ends before it begins ({start.day}); left out")
        return event

    def _deadline(self) -> datetime | None:
        """Return the last moment of a call: of a day without time, its end."""
        written = next(iter(self._held(self.desk.fields.get("deadline", ""))), "")
        last = self._moment("deadline", written)
        return replace(last, time=last.time or time(23, 59, 59)).at(self.desk.zone) if last else None

    def _aliases(self, url: str) -> Iterator[str]:
        try:
            alias = canonical(_rendered(self.post.get("guid")))
        except IntakeError:
            return
        if alias != canonical(url):
            yield alias

    def _embedded(self, key: str) -> list[Table]:
        """Return what came along under a key, in one list; the site may have put errors in its place."""
        value = table(self.post.get("_embedded")).get(key)
        groups = value if isinstance(value, list) else [value]
        found = [each for group in groups for each in tables(group)]
        broken = [each for each in found if _is_error(each)]
        if broken:
            self.warnings.append(f"{key}: the site gave an error for {len(broken)} of them: {_complaint(broken[0])}")
        return [each for each in found if not _is_error(each)]

    def _terms(self) -> Iterator[Term]:
        numbers = [key for key in ("categories", "tags") if self.post.get(key)]
        if numbers and not table(self.post.get("_embedded")).get("wp:term"):
            self.warnings.append(f"{' and '.join(numbers)} came as numbers without names; save the posts with ?_embed")
        for each in self._embedded("wp:term"):
            kind, name = word(each.get("taxonomy")), label(each.get("name"))
            if not name:
                continue
            if taxonomy := self.desk.taxonomy(kind):
                yield term(taxonomy, name, _address(each.get("link")))
            else:
                self.warnings.append(f"{cut(kind, 60)!r} is of no taxonomy; add it to taxonomies.….fields")

    def _image(self) -> Image | None:
        for each in self._embedded("wp:featuredmedia"):
            url, kind = _address(each.get("source_url")), word(each.get("mime_type"))
            if url and (not kind or kind.startswith("image/")) and kind != "image/svg+xml":
                size = table(each.get("media_details"))
                alt = label(each.get("alt_text"))
                return Image(url, alt, number(size.get("width")) or 0, number(size.get("height")) or 0)
        return None


def _rendered(value: object) -> str:
    return word(table(value).get("rendered")) if isinstance(value, dict) else word(value)


def _is_error(answer: Table) -> bool:
    return "code" in answer and "message" in answer


def _complaint(error: Table) -> str:
    return cut(label(error.get("message")) or word(error.get("code")), 120) or "without a reason"


def _address(value: object) -> str:
    try:
        return address(word(value))
    except IntakeError:
        return ""
