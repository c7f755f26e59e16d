"""Pages for people, lightly: whole, in a language, with links that lead somewhere, asking nothing of third parties."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsletter.validation import xml
from newsletter.validation.folder import Folder, plain
from newsletter.validation.reading import BUILD, Complaint, Reading
from newsletter.validation.values import language

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LOADED = frozenset({"img", "script", "iframe", "video", "audio", "source", "embed"})
_LOADING = frozenset({"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload", "manifest"})
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_TEMPLATE = "correct the template"


def read(data: bytes, path: str, folder: Folder) -> Reading:
    """Read a page."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    try:
        page = document_fromstring(data, parser=HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.ParserError, ValueError) as error:
        return Reading(path, (Complaint(0, f"is no page: {error}; {BUILD}"),))
    complaints = [*xml.of_text(data), *_of_page(data, page, path, folder)]
    for element in page.iter("*"):
        complaints += (Complaint(xml.line(element), what) for what in _of_element(element, path, folder))
    return Reading(path, tuple(complaints))


def _of_page(data: bytes, page: HtmlElement, path: str, folder: Folder) -> Iterator[Complaint]:
    """Yield what is wrong with a page as a whole."""
    if not data.lower().startswith(b"<!doctype html>"):
        yield Complaint(1, f"does not begin with <!doctype html>; {_TEMPLATE}")
    if not data.rstrip().endswith(b"</html>"):
        yield Complaint(data.count(b"\n"), f"ends before </html>; {BUILD}")
    if wrong := language(page.get("lang", "")):
        yield Complaint(xml.line(page), f"<html> lang {page.get('lang', '')!r} {wrong}")
    if page.find("head/meta[@charset]") is None:
        yield Complaint(1, f"does not name its charset; {_TEMPLATE}")
    for name in ("head/title", "body//h1"):
        found = page.findall(name)
        if len(found) != 1 or not "".join(found[0].itertext()).strip():
            yield Complaint(1, f"must have one <{name.rpartition('/')[2]}> that says something; {_TEMPLATE}")
    for canonical in page.findall("head/link[@rel='canonical']"):
        if folder.path(canonical.get("href", "")) not in (path, path.removesuffix("index.html")):
            yield Complaint(xml.line(canonical), f"says that it stands at {canonical.get('href')}; {_TEMPLATE}")
    ids = Counter(element.get("id") for element in page.iter("*") if element.get("id"))
    yield from (Complaint(0, f"has the id {id!r} {count} times; {_TEMPLATE}") for id, count in ids.items() if count > 1)
    for link in page.iter("a"):
        if link.get("href", "").startswith("#") and link.get("href", "")[1:] not in {"", "top", *map(str, ids)}:
            yield Complaint(xml.line(link), f"links to {link.get('href')}, which is not on the page; {_TEMPLATE}")


def _of_element(element: HtmlElement, path: str, folder: Folder) -> Iterator[str]:
    """Yield what is wrong with one element."""
    for name, value in element.attrib.items():
        if name.startswith("on"):
            yield f"has {name} of <{element.tag}>, which no page of ours needs; {_TEMPLATE}"
        if name in ("href", "src", "action"):
            yield from _of_link(element, value.strip(), path, folder)
    if element.tag == "img" and element.get("alt") is None:
        yield f"shows {element.get('src', '')[:80]!r} without saying what it is (alt); {_TEMPLATE}"


def _of_link(element: HtmlElement, link: str, path: str, folder: Folder) -> Iterator[str]:
    if link.lower().startswith(("javascript:", "vbscript:", "data:text")):
        yield f"<{element.tag}> leads to a script, {link[:40]!r}; {_TEMPLATE}"
    elif lost := folder.lost(link, path):
        yield f"<{element.tag}> leads to {lost}, which is not there; correct the article or the template"
    elif _loads(element) and _ELSEWHERE.match(link) and not plain(link).startswith(folder.address("")):
        yield f"<{element.tag}> loads {link[:80]!r} from elsewhere; copy it, so that nobody learns who reads"


def _loads(element: HtmlElement) -> bool:
    """Tell whether a browser fetches what an element names without being asked to."""
    return element.tag in _LOADED or (element.tag == "link" and not _LOADING.isdisjoint(element.get("rel", "").split()))
