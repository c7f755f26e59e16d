"""What the entries of feeds, JSON feeds and calendars have in common: an address, a name beside others, categories."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence

from newsletter.errors import IntakeError
from newsletter.intake.desk import Desk, term
from newsletter.intake.draft import Draft
from newsletter.intake.identity import address, canonical
from newsletter.intake.wording import cut, slugify, tidy
from newsletter.model import Term

_PLAIN = re.compile(r"[\w.:,~=+-]{1,100}", re.ASCII)


def place(
    desk: Desk, addresses: Iterable[str], key: str, document: str, warnings: list[str]
) -> tuple[str, str, tuple[str, ...]]:
    """Return identity, address and other names: the first web address, else a page of our own, named by ``key``."""
    for written in addresses:
        try:
            return canonical(written), address(written), ()
        except IntakeError:
            continue
    warnings.append("the entry has no address; it will have one of this publication's own")
    return desk.own(key, document)


def mark(page: str, id: str, otherwise: str) -> str:
    """Return what tells an entry from others of its page, for the end of an address; nothing if its id is the page.

    Without an id that is the part of the page to which it leads, else what ``otherwise`` says.
    """
    part = page.partition("#")[2]
    if id:
        part = id.partition("#")[2] if _is_same(id, page or id) else id
    elif not part:
        part = slugify(otherwise)
    if not part or _PLAIN.fullmatch(part):
        return part
    return f"{slugify(part)[:40]}-{hashlib.sha256(part.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _is_same(id: str, page: str) -> bool:
    try:
        return canonical(id) == canonical(page)
    except IntakeError:
        return False


def apart(read: Sequence[Draft | IntakeError]) -> Sequence[Draft | IntakeError]:
    """Give the entries of a document that share a page names of their own, and tell of those that nothing tells apart.

    A page names an article on every route, and an id changes with the program that writes the feed. So an entry is its
    page where it has that alone, and is known by its id besides (docs/adr/0016-entries.md).
    """
    pages: dict[str, list[Draft]] = {}
    for each in read:
        if isinstance(each, Draft):
            pages.setdefault(each.identity, []).append(each)
    for page, sharing in pages.items():
        _tell_doubles(sharing)
        if "://" in page:
            _name(sharing)
    return read


def _name(sharing: Sequence[Draft]) -> None:
    shared = len({each.mark for each in sharing}) > 1
    for each in sharing:
        if each.mark and shared:
            each.identity, each.url = f"{each.identity}#{each.mark}", f"{each.url}#{each.mark}"
        elif each.mark:
            each.aliases = (*each.aliases, f"{each.identity}#{each.mark}")


def _tell_doubles(sharing: Sequence[Draft]) -> None:
    first: dict[str, Draft] = {}
    for each in sharing:
        other = first.setdefault(each.mark, each)
        if (each.title, each.html) != (other.title, other.html):
            each.warnings.append(
                f"{each.where}, {cut(each.title, 60)!r}, has both address and id of {other.where}, "
                f"{cut(other.title, 60)!r}, so one article is made of them; give each an id of its own"
            )


def category(desk: Desk, label: str, warnings: list[str], scheme: str = "", iri: str = "") -> Iterator[Term]:
    """Yield the term that a category means: of the taxonomy of its scheme, else of the one with field "category"."""
    if not tidy(label):
        return
    taxonomy = (desk.taxonomy(scheme) if scheme else "") or desk.taxonomy("category")
    if taxonomy:
        yield term(taxonomy, label, iri)
    else:
        name = cut(tidy(scheme), 60) or "category"
        warnings.append(f"category {cut(tidy(label), 60)!r} is of no taxonomy; add {name!r} to taxonomies.….fields")
