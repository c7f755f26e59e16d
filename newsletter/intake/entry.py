"""What the entries of feeds, JSON feeds and calendars have in common: an address, categories, a date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from newsletter.errors import IntakeError
from newsletter.intake.desk import Desk, term
from newsletter.intake.identity import address, canonical
from newsletter.intake.wording import cut, slugify, tidy
from newsletter.model import Term


def place(desk: Desk, addresses: Iterable[str], key: str, warnings: list[str]) -> tuple[str, str]:
    """Return identity and address: the first that is a web address, else a page of our own, named by ``key``."""
    for written in addresses:
        try:
            return canonical(written), address(written)
        except IntakeError:
            continue
    slug = slugify(key)
    if len(slug) > 90:  # what tells two of them apart may stand at the end
        slug = f"{slug[:60].rstrip('-')}-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:12]}"
    warnings.append("the entry has no address; it will have one of this publication's own")
    return f"articles/{slug}", f"{desk.base}/articles/{slug}.html"


def category(desk: Desk, label: str, warnings: list[str], scheme: str = "", iri: str = "") -> Iterator[Term]:
    """Yield the term that a category means: of the taxonomy of its scheme, else of the one with field "category"."""
    if not tidy(label):
        return
    taxonomy = (desk.taxonomy(scheme) if scheme else "") or desk.taxonomy("category")
    if taxonomy:
        yield term(taxonomy, label, iri)
    else:
        warnings.append(f"category {cut(tidy(label), 60)!r} is of no taxonomy; add its scheme to taxonomies.….fields")
