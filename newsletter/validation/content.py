"""HTML inside a feed: it must do no harm wherever it is shown (RFC 4287 §8), and lead to one place from everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newsletter.validation.folder import Folder
from newsletter.validation.reading import Complaint

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HARMFUL = frozenset(
    {"script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button"}
    | {"select", "textarea", "link", "meta", "base", "svg", "math", "template", "noscript"}
)
"""Elements that run, load or ask for something; validators call them a risk."""

_LINKS = frozenset({"href", "src", "action", "formaction", "poster", "background", "cite", "data", "longdesc"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_EDIT = "`newsletter articles reparse` cleans it again"


def complaints(html: str, line: int, folder: Folder) -> Iterator[Complaint]:
    """Yield what is wrong with the HTML of an entry."""
    wrong, links = _read(html)
    yield from (Complaint(line, what) for what in wrong)
    for link in links:
        if path := folder.lost(link):
            yield Complaint(line, f"links to {path}, which is not there; correct the link in the article")


@lru_cache(maxsize=4096)
def _read(html: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is wrong with some HTML by itself, and where it leads; the same stands in many feeds."""
    from lxml.html import HTMLParser, fromstring

    if not html.strip():
        return (), ()
    around = fromstring(f"<div>{html}</div>", parser=HTMLParser(huge_tree=True))
    elements = [*around.iter("*")]
    found = tuple(dict.fromkeys(what for element in elements for what in _of_element(element)))
    links = (str(value) for element in elements for name, value in element.attrib.items() if name in _LINKS)
    return found, tuple(dict.fromkeys(links))


def _of_element(element: HtmlElement) -> Iterator[str]:
    if element.tag in HARMFUL:
        yield f"HTML has <{element.tag}>, which readers refuse; {_EDIT}"
    for name, value in ((str(name), str(value)) for name, value in element.attrib.items()):
        if name.startswith("on") or name == "style":
            yield f"HTML has {name} of <{element.tag}>, which readers refuse; {_EDIT}"
        elif name in _LINKS and (wrong := _of_link(value)):
            yield f"HTML links to {value[:80]!r}, {wrong}; {_EDIT}"


def _of_link(value: str) -> str:
    """Return what is wrong with where a link leads."""
    try:
        parts = urlsplit("".join(value.split()))  # a browser passes over tabs and ends of lines, even in a scheme
    except ValueError:
        return "which is no address"
    if not parts.scheme:
        return "which leads elsewhere in every reader"
    return "" if parts.scheme.lower() in _SCHEMES else "which is no address of the web"
