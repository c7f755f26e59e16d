"""Articles of Drupal 8 and later as its JSON:API gives them, saved as one document; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any
from urllib.parse import urljoin

from newsletter.errors import IntakeError
from newsletter.intake import attachments, clean, dates
from newsletter.intake.desk import Desk, term
from newsletter.intake.draft import Draft
from newsletter.intake.identity import address, canonical
from newsletter.intake.included import SYSTEM, Included, site
from newsletter.intake.payload import Table, drafts, label, moment, number, parse, renamed, summary, table, tables, word
from newsletter.intake.wording import cut, tidy
from newsletter.model import ArticleState, Attachment, EventDate, Image, Term

_UNREACHABLE = ("missing", "virtual")  # the ids that Drupal gives to what it cannot or may not show
_OURS = {"title": "title", "text": "body", "lead": "lead", "date": "created", "updated": "changed", "lang": "langcode"}
_CLOSES = {"deadline", "limite", "cloture"}


def read_drupal(data: bytes, name: str, desk: Desk) -> list[Draft | IntakeError]:
    """Read the nodes of a JSON:API document, with the terms, files and media that it includes.

    Raises:
        IntakeError: if there is no node in it, or the site answered with errors.
    """
    return drafts(_nodes(data, desk), lambda node: node.draft(), "node")


def named(data: bytes, desk: Desk) -> list[str]:
    """Return the identities of the nodes of a document, as their paths and numbers give them.

    Raises:
        IntakeError: if it is none, or a node has nothing to be known by.
    """
    return [desk.hosted(name) for node in _nodes(data, desk) for name in node.names()]


def _nodes(data: bytes, desk: Desk) -> list[_Node]:
    document = table(parse(data))
    if errors := tables(document.get("errors")):
        says = (label(errors[0].get(key)) for key in ("detail", "title", "status", "code"))
        what = next(filter(None, says), "without a reason")
        raise IntakeError(f"the site answered with an error ({cut(what, 120)}); save the document again")
    included = Included(document)
    return [_Node(desk, node, included) for node in tables(document.get("data")) if _is_node(node)]


@dataclass
class _Node:
    """One node while it is read."""

    desk: Desk
    node: Table
    included: Included
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.attributes = renamed(table(self.node.get("attributes")), self.desk, _OURS)
        self.site = self.included.site or site(self.node) or self._supposed()

    def names(self) -> list[str]:
        """Return the identity of the node, and the others under which it is known."""
        identity, _, aliases = self._where()
        return [identity, *aliases]

    def draft(self) -> Draft:
        identity, url, aliases = self._where()
        body = self._body()
        terms = list(self._terms())
        pictures, files = self._files()
        modified = self._instant("changed")
        published = self._instant("created") or modified
        title = label(self.attributes.get("title"))
        return Draft(
            identity=identity,
            url=url,
            title=title,
            title_source="given" if title else "sentence",
            html=clean.clean(_words(body), url, warnings=self.warnings),
            lang=self.desk.language(word(self.attributes.get("langcode")).replace("und", "").lower()),
            published=published,
            modified=modified,
            lead=summary(self._lead() or word(body.get("summary"))),
            state=ArticleState.DRAFT if _is_false(self.attributes.get("status")) else ArticleState.READY,
            aliases=aliases,
            terms=terms,
            dates=self._dates(terms, published),
            deadline=self._deadline(),
            attachments=files,
            image=pictures[0] if pictures else None,
            warnings=self.warnings,
        )

    def _supposed(self) -> str:
        path = self.desk.source.path
        site = path if re.match("https?://", path) else self.desk.site.url
        self.warnings.append(f"the document names no site (links.self); {site} was taken")
        return site.rstrip("/")

    def _where(self) -> tuple[str, str, tuple[str, ...]]:
        """Return identity, address and aliases: the path alias, else ``/node/N``, else a page of our own."""
        nid = _id(self.attributes, "nid")
        numbered = f"{self.site}/node/{nid}" if nid else ""
        alias = word(table(self.attributes.get("path")).get("alias")).lstrip("/")
        if not (alias or numbered):
            return self._own()
        url = address(f"{self.site}/{alias}" if alias else numbered)
        # of a site in several languages, other routes leave out the language before the number
        bare = urljoin(numbered, f"/node/{nid}")
        return canonical(url), url, tuple(canonical(each) for each in (numbered, bare) if numbered and each != url)

    def _own(self) -> tuple[str, str, tuple[str, ...]]:
        uuid = word(self.node.get("id"))
        if not uuid:
            raise IntakeError("it has neither path, number nor id; save the document whole")
        self.warnings.append("the node has neither path nor number; it will have an address of this publication's own")
        return self.desk.own(uuid, self.site)

    def _body(self) -> Table:
        """Return the field named body, else the longest text that has a format."""
        for key in ("body", "field_body"):
            value = self.attributes.get(key)
            if isinstance(value, str):
                return {"value": value}
            if found := tables(value):
                return found[0] if len(found) == 1 else {"processed": "".join(_words(each) for each in found)}
        texts = [each for each in self.attributes.values() if isinstance(each, dict) and "format" in each]
        return max(texts, key=lambda each: len(_words(each)), default={})

    def _lead(self) -> str:
        """Return the field that config.toml names as the lead, as HTML."""
        value = self.attributes.get("lead")
        return value if isinstance(value, str) else _words(table(value))

    def _meant(self, key: str, name: str, otherwise: bool) -> bool:
        """Tell whether a field is the one that config.toml names for a key; ``otherwise`` where it names none."""
        said = self.desk.fields.get(key)
        return otherwise if said is None else name in (said, f"field_{said}")

    def _instant(self, key: str) -> datetime | None:
        value = self.attributes.get(key)
        found = moment(value)
        if found is None and word(value):
            self.warnings.append(f"{key}: {word(value)[:40]!r} is no date that can be; left out")
        return found.at(self.desk.zone) if found else None

    def _references(self) -> Iterator[tuple[str, Table]]:
        """Yield the name of each field and what it refers to, without what cannot be reached."""
        for name, value in table(self.node.get("relationships")).items():
            if name in SYSTEM:
                continue
            for reference in tables(table(value).get("data")):
                if word(reference.get("id")) in _UNREACHABLE:
                    self.warnings.append(f"{name}: what it refers to is {word(reference['id'])!r} at the site; ignored")
                else:
                    yield name, reference

    def _terms(self) -> Iterator[Term]:
        for name, reference in self._references():
            kind, _, vocabulary = word(reference.get("type")).partition("--")
            if kind != "taxonomy_term":
                continue
            known = table(table(self.included.of(reference)).get("attributes"))
            shown, taxonomy = label(known.get("name")), self._taxonomy(vocabulary, name)
            if not shown:
                self.warnings.append(f"{name}: the document includes no name for a term; save it with include={name}")
            elif not taxonomy:
                self.warnings.append(f"vocabulary {cut(vocabulary, 60)!r} is of no taxonomy; add it to its fields")
            else:
                yield term(taxonomy, shown, self._iri(known, reference))

    def _taxonomy(self, *names: str) -> str:
        """Return the taxonomy that a vocabulary or a field means, as it is written or as words."""
        if chosen := next((slug for slug in self.desk.taxonomies if self._meant(slug, names[-1], False)), ""):
            return chosen
        written = [spelled for name in names for spelled in (name, name.removeprefix("field_"))]
        spellings = [spelled for name in written for spelled in (name, name.replace("_", " "), name.replace("_", "-"))]
        return next(filter(None, (self.desk.taxonomy(spelled) for spelled in spellings)), "")

    def _iri(self, known: Table, reference: Table) -> str:
        alias = word(table(known.get("path")).get("alias")).lstrip("/")
        tid = _id(known, "tid") or number(table(reference.get("meta")).get("drupal_internal__target_id"))
        try:
            return address(f"{self.site}/{alias or f'taxonomy/term/{tid}'}") if alias or tid else ""
        except IntakeError:
            return ""

    def _files(self) -> tuple[list[Image], list[Attachment]]:
        pictures, files = [], []
        for name, reference in self._references():
            for file, meta, title in self.included.files(name, reference, self.warnings):
                found = table(file.get("attributes"))
                url = self._address(found)
                kind = tidy(word(found.get("filemime")), 100)
                if not url:
                    self.warnings.append(f"{name}: a file has no web address; left out")
                    continue
                is_picture = kind.startswith("image/") and kind != "image/svg+xml"
                if is_picture and self._meant("image", name, True):
                    pictures.append(_picture(url, meta))
                elif self._meant("attachments", name, not is_picture):
                    files.append(_attachment(url, title, kind, number(found.get("filesize"))))
        return pictures, files

    def _address(self, file: Table) -> str:
        """Return where a file is: uri.url, or url as sites of 2016 write it, both counted from the site."""
        written = word(table(file.get("uri")).get("url")) or word(file.get("url"))
        try:
            return address(urljoin(f"{self.site}/", written)) if written else ""
        except (IntakeError, ValueError):
            return ""

    def _dates(self, terms: list[Term], published: datetime | None) -> tuple[EventDate, ...]:
        found: list[EventDate] = []
        for name, value in self.attributes.items():
            steps = set(name.split("_"))
            for each in value if isinstance(value, list) else [value]:
                ranged = isinstance(each, Mapping) and "end_value" in each
                if not self._meant("dates", name, ranged or bool(steps & {"date", "dates"} and not steps & _CLOSES)):
                    continue
                start, end = (each.get("value"), each.get("end_value")) if isinstance(each, Mapping) else (each, None)
                if event := self._event(name, start, end):
                    found.append(event)
        return self.desk.happening(found, terms, published or self.desk.now)

    def _event(self, name: str, start: Any, end: Any) -> EventDate | None:
        begins, closes = moment(start), moment(end)
        event = dates.event(begins, None if closes == begins else closes, self.desk.zone) if begins else None
        if event is None and word(start):
            self.warnings.append(f"{cut(name, 60)}: {word(start)[:40]!r} is no date that can be; left out")
        return event

    def _deadline(self) -> datetime | None:
        """Return the last moment of a call: of a day without time, its end."""
        for name, value in self.attributes.items():
            closes = self._meant("deadline", name, bool(set(name.split("_")) & _CLOSES))
            last = moment(table(value).get("value", value)) if closes else None
            if last:
                return replace(last, time=last.time or time(23, 59, 59)).at(self.desk.zone)
        return None


def _is_node(resource: Table) -> bool:
    """Tell whether a resource is an article; sites may rename the type, hardly the title."""
    kind = word(resource.get("type"))
    return kind.startswith("node--") or ("--" not in kind and "title" in table(resource.get("attributes")))


def _id(attributes: Table, key: str) -> int | None:
    return number(attributes.get(f"drupal_internal__{key}")) or number(attributes.get(key))


def _words(body: Table) -> str:
    """Return a text as HTML: as Drupal would show it, else as it was written."""
    if processed := word(body.get("processed")):
        return processed
    written = word(body.get("value"))
    if word(body.get("format")) != "plain_text":
        return written
    escaped = written.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"<p>{paragraph}</p>" for paragraph in re.split(r"\n\s*\n", escaped))


def _is_false(status: Any) -> bool:
    return status is False or word(status).lower() in ("0", "false")


def _picture(url: str, meta: Table) -> Image:
    return Image(url, label(meta.get("alt")), number(meta.get("width")) or 0, number(meta.get("height")) or 0)


def _attachment(url: str, title: str, kind: str, size: int | None) -> Attachment:
    return replace(attachments.attachment(url, title, size, kind), size_exact=size is not None)
