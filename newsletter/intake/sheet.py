"""What staff say of an article by keys, whether in front matter or in the columns of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from newsletter.errors import IntakeError, MediaError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.desk import Desk, term
from newsletter.intake.draft import Draft
from newsletter.intake.identity import address, canonical
from newsletter.intake.wording import cut, fold, slugify, tidy
from newsletter.keys import BODY, KEYS, STATES, near
from newsletter.model import ArticleState, Attachment, EventDate, Image, Media, Part, Term


@dataclass
class Sheet:
    """The keys of one article and its text as HTML, while they are read; ``slug`` names it where no key does.

    ``document`` is the table in which it is a row; an article that is a file by itself stands in none.
    The keys are those of ``Desk.key``; a name that means none stands as it was written.
    """

    desk: Desk
    keys: Mapping[str, Any]
    slug: str
    body: str
    title_source: str = "given"
    parts: tuple[Part, ...] = ()
    where: str = ""
    document: str = ""
    warnings: list[str] = field(default_factory=list)

    def draft(self) -> Draft:
        """Return what the keys say.

        Raises:
            IntakeError: if one of them cannot be understood.
        """
        title = self._word("title")
        identity, url, names = self._identity()
        lang = self.desk.language(self._word("lang"))
        published = self._instant("date", lang)
        terms = list(self._terms())
        html = clean.clean(self.body, url, self._published, self.warnings)
        return Draft(
            identity=identity,
            url=url,
            title=title or clean.lead(html)[:80],
            title_source=self.title_source if title else "sentence",
            html=html,
            lang=lang,
            published=published,
            modified=self._instant("updated", lang),
            lead=self._word("lead"),
            state=self._state(),
            aliases=(*names, *self._aliases()),
            terms=terms,
            dates=tuple(self._dates(lang)),
            deadline=self._deadline(lang),
            attachments=list(self._attachments()),
            image=self._image(),
            parts=self.parts,
            where=self.where,
            warnings=self.warnings,
        )

    def _word(self, key: str) -> str:
        return word(self.keys, key)

    def _identity(self) -> tuple[str, str, tuple[str, ...]]:
        if written := self._word("url"):
            return canonical(written), address(written), ()
        return self._own(self._word("slug") or self.slug)

    def _own(self, name: str) -> tuple[str, str, tuple[str, ...]]:
        """Return identity, address and other names of a page of our own: a file is called so, whoever imports it."""
        if self.document:
            return self.desk.own(name, self.document)
        slug = slugify(name)
        return f"articles/{slug}", f"{self.desk.base}/articles/{slug}.html", ()

    def _moment(self, key: str, written: str, lang: str) -> dates.Moment:
        found = dates.moment(written, self.desk.day_first(lang))
        if found is None:
            raise IntakeError(
                f"{key}: {written[:60]!r} is no date; write one such as 2024-03-26 or 26 mars 2024 - 15:15"
            )
        if found.other and self.desk.source.day_first is None:
            self.warnings.append(f"{key}: {written!r} was read as {found.day}; write that if it is meant")
        return found

    def _instant(self, key: str, lang: str) -> datetime | None:
        written = self._word(key)
        return self._moment(key, written, lang).at(self.desk.zone) if written else None

    def _deadline(self, lang: str) -> datetime | None:
        """Return the last moment of a call: of a day without time, its end."""
        if not (written := self._word("deadline")):
            return None
        last = self._moment("deadline", written, lang)
        return datetime.combine(last.day, last.time or time(23, 59, 59), last.zone or self.desk.zone)

    def _dates(self, lang: str) -> Iterator[EventDate]:
        for each in listed(self.keys.get("dates", [])):
            if isinstance(each, Mapping):
                start = self._moment("dates.start", str(each.get("start", "")), lang)
                end = self._moment("dates.end", str(each["end"]), lang) if each.get("end") else None
            else:
                start, end = dates.span(str(each), self.desk.day_first(lang)) or (
                    self._moment("dates", str(each), lang),
                    None,
                )
            found = dates.event(start, end, self.desk.zone)
            if found is None:
                raise IntakeError(f"dates: it ends before it begins ({start.day}); write start and end in their order")
            yield found

    def _state(self) -> ArticleState:
        written = fold(self._word("state")) or (
            "draft" if self._word("draft").lower() in ("true", "yes", "oui") else "ready"
        )
        written = STATES.get(written, written)
        if written not in set(ArticleState):
            raise IntakeError(f"state: {written[:40]!r} is unknown; write one of: {', '.join(ArticleState)}")
        return ArticleState(written)

    def _aliases(self) -> Iterator[str]:
        for written in _words(self.keys.get("aliases", []), "aliases"):
            yield canonical(written) if "://" in written else self._own(stem(written))[0]

    def _terms(self) -> Iterator[Term]:
        for key, value in self.keys.items():
            if key in KEYS:
                continue
            if key in self.desk.taxonomies:
                yield from (term(key, label) for label in _words(value, key))
                continue
            meant = near(fold(key), (*KEYS, *self.desk.names))
            hint = f"did you mean {meant!r}?" if meant and meant not in BODY else "ignored"
            self.warnings.append(f"{cut(key, 40)!r} is no key of an article and no field of a taxonomy; {hint}")

    def _media(self, path: str, what: str) -> Media | None:
        try:
            found = self.desk.load(path) if clean.is_local(path) else None
        except MediaError as error:
            self.warnings.append(f"{what}: {path[:80]!r} {error}; left out")
            return None
        if found is None:
            self.warnings.append(f"{what}: no file {path[:80]!r} beside the article; left out")
        return found

    def _published(self, path: str) -> str | None:
        """Return the published address of a file that the body names; another article's page for its source.

        What is no file beside a page of our own would lead nowhere; beside a page elsewhere, it may be there.
        """
        if path.endswith((".md", ".markdown")):
            return f"{self.desk.base}/articles/{slugify(stem(path))}.html"
        found = self._media(path, "body")
        return found.url if found else None if self._word("url") else ""

    def _address(self, written: str, what: str) -> str:
        try:
            return address(written)
        except IntakeError as error:
            self.warnings.append(f"{what}: {error}; left out")
            return ""

    def _image(self) -> Image | None:
        value = self.keys.get("image")
        if not value:
            return None
        where, alt = (value, "") if isinstance(value, str) else _where(value, "image", "alt")
        if "://" in where:
            url = self._address(where, "image")
            return Image(url, tidy(alt)) if url else None
        found = self._media(where, "image")
        if found and not found.width:
            self.warnings.append(f"image: {where[:80]!r} is no picture; left out")
            return None
        return Image(found.url, tidy(alt), found.width, found.height, found.small) if found else None

    def _attachments(self) -> Iterator[Attachment]:
        for each in listed(self.keys.get("attachments", [])):
            where, title = (each, "") if isinstance(each, str) else _where(each, "attachments", "title")
            if "://" in where:
                if url := self._address(where, "attachments"):
                    yield attachments.attachment(url, title)
            elif found := self._media(where, "attachments"):
                named = tidy(title) or attachments.named(where)
                yield Attachment(found.url, named, found.type, found.size, size_exact=True)


def word(keys: Mapping[str, Any], key: str) -> str:
    """Return the one value of a key, nothing where it is not written.

    Raises:
        IntakeError: if it is a list.
    """
    value = keys.get(key, "")
    if not isinstance(value, str):
        raise IntakeError(f"{key}: write one value, no list")
    return value.strip()


def stem(path: str) -> str:
    """Return the name of a file without its folders and its ending; of an index, the name of its folder.

    >>> stem("2024/gue.md"), stem("2024/gue/index.md"), stem("index.md")
    ('gue', 'gue', 'index')
    """
    folder, _, name = path.rstrip("/").rpartition("/")
    bare = re.sub(r"\.[A-Za-z]\w*$", "", name)
    return folder.rpartition("/")[2] if folder and bare.lower() == "index" else bare


def listed(value: Any) -> list[Any]:
    """Return the values of a key, one alone among them."""
    return value if isinstance(value, list) else [value] if value else []


def _words(value: Any, key: str) -> list[str]:
    found = listed(value)
    if not all(isinstance(each, str) for each in found):
        raise IntakeError(f"{cut(key, 40)}: write labels, as one value or a list of them")
    return [each.strip() for each in found if each.strip()]


def _where(value: Any, key: str, label: str) -> tuple[str, str]:
    """Return the file or URL of a table, and the words that belong to it."""
    table = value if isinstance(value, Mapping) else {}
    where, words = table.get("file") or table.get("url"), table.get(label, "")
    if not (isinstance(where, str) and isinstance(words, str)):
        raise IntakeError(f"{key}: write file or url, and {label}")
    return where, words
