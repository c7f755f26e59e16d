"""What a JSON:API document includes beside its articles, and the site that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.errors import IntakeError
from newsletter.intake.identity import address
from newsletter.intake.payload import Table, label, table, tables, word

SYSTEM = {"node_type", "uid", "revision_uid", "bundle", "revision_user", "thumbnail"}
"""Relationships that say nothing about what an article is about."""


class Included:
    """What came along with the nodes, by type and id, and the address of the site."""

    def __init__(self, document: Table) -> None:
        self.site = site(document)
        self.known = {_key(each): each for each in tables(document.get("included"))}

    def of(self, reference: Table) -> Table | None:
        """Return what a reference means, if it came along."""
        return self.known.get(_key(reference))

    def files(self, name: str, reference: Table, warnings: list[str]) -> Iterator[tuple[Table, Table, str]]:
        """Yield the files behind a reference, itself a file or a medium: with alt text and so on, and with a title."""
        kind = word(reference.get("type")).partition("--")[0]
        if kind not in ("file", "media"):
            return
        found = self.of(reference)
        if found is None:
            warnings.append(f"{name}: the document does not include its {kind}; save it with include={name}")
            return
        meta = table(reference.get("meta"))
        if kind == "file":
            yield found, meta, label(meta.get("description"))
            return
        named = label(table(found.get("attributes")).get("name"))
        for field, value in table(found.get("relationships")).items():
            for second in tables(table(value).get("data")) if field not in SYSTEM else ():
                if file := self.of(second):
                    inner = table(second.get("meta"))
                    yield file, inner, label(inner.get("description")) or _unnamed(named)


def site(resource: Table) -> str:
    """Return the address of the site in a resource's own link: what stands before the step of the API, or its host."""
    link = table(resource.get("links")).get("self")
    try:
        parts = urlsplit(address(word(table(link).get("href")) or word(link)))
    except IntakeError:
        return ""
    before = re.match(r"(?P<path>.*?)/[^/]*api[^/]*(?:/|$)", parts.path, re.IGNORECASE)
    return f"{parts.scheme}://{parts.netloc}{before['path'] if before else ''}"


def _key(resource: Table) -> tuple[str, str]:
    return word(resource.get("type")), word(resource.get("id"))


def _unnamed(name: str) -> str:
    """Return a medium's name, unless it is only that of its file."""
    return "" if re.search(r"\.\w{2,5}$", name) else name
