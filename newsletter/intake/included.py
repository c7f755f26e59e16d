"""What a JSON:API document includes beside its articles, and the site that it came from."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from newsletter.errors import IntakeError
from newsletter.intake.identity import address
from newsletter.intake.payload import Table, table, tables, word


class Included:
    """What came along with the nodes, by type and id, and the address of the site."""

    def __init__(self, document: Table) -> None:
        self.site = site(document)
        self.known = {_key(each): each for each in tables(document.get("included"))}

    def of(self, reference: Table) -> Table | None:
        """Return what a reference means, if it came along."""
        return self.known.get(_key(reference))


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
