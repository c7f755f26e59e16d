"""A print page of Drupal saved as HTML: the fields are read as in its text, the title and the links are true.

Each paragraph becomes one line, the readers of the text say what the lines are, and what they leave is the body.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from newsletter.errors import IntakeError
from newsletter.intake import dates
from newsletter.intake.decoding import decode
from newsletter.intake.desk import Desk
from newsletter.intake.draft import Draft
from newsletter.intake.entry import category
from newsletter.intake.identity import address, escaped
from newsletter.intake.printed.footer import read_footer
from newsletter.intake.printed.lines import Line, Unit
from newsletter.intake.printed.page import Page
from newsletter.intake.wording import fold, level, seen, tidy
from newsletter.model import Image, Part

_BLOCKS = {"address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "form"}
_BLOCKS |= {"figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav"}
_BLOCKS |= {"ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
_PROLOG = re.compile(r"^\s*<\?xml[^>]*>")
_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]+|[0-9]+);?")
_KINDS = {"breadcrumb": "header", "title": "title", "submitted": "field", "created": "field", "content": "body"}
_KINDS |= {"taxonomy": "field", "source_url": "field", "links": "links", "footer": "ui"}
_REGION = re.compile(
    rf"<\w[^<>]{{0,2000}}\sclass\s{{0,9}}=\s{{0,9}}[\"']?[^<>\"']{{0,300}}\bprint-(?P<name>{'|'.join(_KINDS)})(?![\w-])"
)
_GONE = {"script", "style", "noscript", "form", "button"}


def read_print_html(data: bytes, name: str, desk: Desk) -> list[Draft]:
    """Read a print page that was saved as HTML.

    Raises:
        IntakeError: if it is none, or was cut off before its source line.
    """
    saved = decode(data)
    root = _parsed(seen(saved))
    content = _first(root, "print-content")
    if content is None:
        raise IntakeError('this HTML is no print page (no class "print-content"); save the page at /print/…')
    source = Line("", _source(root))
    base = read_footer([source]).url
    title, picture = _title(root), _picture(content, base)
    _strip(content)
    leaves = list(_leaves(content))
    lines = [line for leaf in leaves for line in (Line("", _words(leaf, base)), Line("", ""))]
    lines += [*_submitted(root, lines), Line("", source.text)]
    return [_Saved(desk, lines, read_footer(lines), saved, root, leaves, title, picture).draft()]


@dataclass
class _Saved(Page):
    """A saved page while it is read; its first lines are its paragraphs, each followed by an empty one."""

    saved: str
    root: Any
    leaves: list[Any]
    shown: tuple[str, str]
    picture: Image | None

    def draft(self) -> Draft:
        draft = super().draft()
        for link in _all(_first(self.root, "print-taxonomy"), "a"):
            draft.terms += category(self.desk, _text(link), draft.warnings, "", _href(link, draft.url))
        return draft

    def language(self) -> str:
        return tidy(self.root.get("lang") or self.root.get("xml:lang") or "", 35).lower() or super().language()

    def title(self) -> tuple[str, str]:
        return self.shown

    def html(self, body: Sequence[Unit]) -> str:
        """Return the content without the paragraphs that became something else than its body."""
        kept = _ids(body)
        for leaf, line in zip(self.leaves, self.lines[::2], strict=False):
            if line.text and id(line) not in kept:
                leaf.drop_tree()
        content = _first(self.root, "print-content")
        return "" if content is None else _serialized(content)  # it may have been one paragraph, and a field

    def contact(self, units: Sequence[Unit]) -> str:
        wanted = _ids(units)
        pairs = zip(self.leaves, self.lines[::2], strict=False)
        return "".join(_serialized(leaf) for leaf, line in pairs if id(line) in wanted)

    def image(self) -> Image | None:
        return self.picture

    def parts(self) -> tuple[Part, ...]:
        """Return the regions of the file, named by their first class; joined, they are what ``decode`` returned.

        What a paragraph of the content became is not told: a field or a file in it is part of the ``body``.
        """
        return tuple(_regions(self.saved))


def _regions(saved: str) -> Iterator[Part]:
    found = [(0, "header"), *((match.start(), _KINDS[match["name"]]) for match in _REGION.finditer(saved))]
    for (start, kind), (end, _) in zip(found, [*found[1:], (len(saved), "")], strict=True):
        if end > start:
            yield Part(kind, saved[start:end])


def _ids(units: Sequence[Unit]) -> set[int]:
    return {id(line) for unit in units for line in unit.lines}


def _parsed(html: str) -> Any:
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = lxml_html.document_fromstring(_referenced(_PROLOG.sub("", html)), parser=parser)
        etree.strip_elements(root, "script", "style", with_tail=False)
        return root
    except (etree.LxmlError, ValueError, AssertionError):
        raise IntakeError("this HTML cannot be read; save the page at /print/… again") from None


def _referenced(html: str) -> str:
    """Return HTML without references to what no text may hold, nor those that come together when others go."""
    once = _REFERENCE.sub(_allowed, html)
    return once if once == html else _REFERENCE.sub(lambda match: _allowed(match) or " ", once)


def _allowed(reference: re.Match[str]) -> str:
    """Return a numeric reference, unless no text may hold what it means: lxml would read it, and refuse to write it."""
    return reference[0] if len(reference[0]) <= 12 and seen(entities.unescape(reference[0])) else ""


def _all(element: Any, *tags: str) -> list[Any]:
    return [] if element is None else list(element.iter(*tags))


def _first(root: Any, name: str) -> Any:
    """Return the first element of a class."""
    return next((each for each in root.iter() if name in (each.get("class") or "").split()), None)


def _text(element: Any) -> str:
    return "" if element is None else tidy(str(element.text_content()))


def _title(root: Any) -> tuple[str, str]:
    """Return the title that the page shows as one, else the end of its breadcrumb, else what its window is called."""
    if title := _text(_first(root, "print-title")):
        return title, "heading"
    crumbs = re.split(r"\s*[>›»]\s+", _text(_first(root, "print-breadcrumb")))
    if len(crumbs) > 1:
        return crumbs[-1], "breadcrumb"
    window = re.split(r"\s+\|\s+", _text(next(iter(_all(root, "title")), None)))[0]
    return window, "title" if window else ""


def _source(root: Any) -> str:
    """Return the source line, with the address of its link rather than the words of it, which may be cut."""
    found = _first(root, "print-source_url")
    if found is None:
        return ""
    link = next((each for each in found.iter("a") if each.get("href")), None)
    if link is None:
        return level(str(found.text_content()))
    url = escaped(link.get("href"))
    link.drop_tree()
    return f"{level(str(found.text_content())).rstrip(' :')}: {url}"


def _submitted(root: Any, lines: Sequence[Line]) -> Iterator[Line]:
    """Yield a line with the day of publication where only the head of the page says it."""
    if any(fold(line.text).startswith(("publie", "published")) for line in lines):
        return
    for name in ("print-created", "print-submitted"):
        said = re.search(r"(?:^|\s)(?:le|on|created|created on)\s+(\S.*)$", fold(_text(_first(root, name))))
        if said and dates.shaped(said[1]):
            yield Line("", f"Published on {said[1]}")
            return


def _picture(content: Any, base: str) -> Image | None:
    """Take the first picture of an image field out of the content."""
    holder = _first(content, "field-type-image")
    found = next(iter(_all(holder, "img")), None)
    if found is None:
        return None
    try:
        picture = Image(address(urljoin(base, found.get("src") or "")), tidy(found.get("alt") or ""))
    except (IntakeError, ValueError):
        return None
    holder.drop_tree()
    return picture


def _strip(content: Any) -> None:
    """Remove what is no part of the page's words: scripts, buttons, footnote numbers, the title."""
    for each in list(content.iter()):
        scripted = each.tag == "a" and (each.get("href") or "").strip().lower().startswith("javascript:")
        classes = (each.get("class") or "").split()
        if each is not content and (scripted or each.tag in _GONE or {"print-footnote", "print-title"} & set(classes)):
            each.drop_tree()


def _leaves(content: Any) -> Iterator[Any]:
    """Yield the paragraphs: the blocks that hold no other, after words beside blocks have got one of their own."""
    for block in [each for each in content.iter() if each.tag in _BLOCKS]:
        if any(child.tag in _BLOCKS for child in block):
            _wrap(block)
    for block in content.iter():
        if block.tag in _BLOCKS and not any(child.tag in _BLOCKS for child in block.iterdescendants()):
            yield block


def _wrap(block: Any) -> None:
    run = None
    if (block.text or "").strip():
        run = block.makeelement("p")
        run.text, block.text = block.text, None
        block.insert(0, run)
    for child in [each for each in block if each is not run]:
        if child.tag not in _BLOCKS:
            if run is None:
                run = block.makeelement("p")
                child.addprevious(run)
            run.append(child)
            continue
        run = None
        if (child.tail or "").strip():
            run = block.makeelement("p")
            run.text, child.tail = child.tail, None
            child.addnext(run)


def _words(leaf: Any, base: str) -> str:
    """Return a paragraph on one line, its links written as those of the text are: ``[label](address)``."""
    from lxml import etree

    pieces = []
    for event, node in etree.iterwalk(leaf, events=("start", "end")):
        if event == "start":
            pieces += ["[" if node.tag == "a" else " " if node.tag == "br" else "", _unbracketed(node.text)]
        else:
            pieces.append(f"]({_href(node, base)})" if node.tag == "a" else "")
            pieces.append(_unbracketed(node.tail) if node is not leaf else "")
    return level("".join(pieces))


def _unbracketed(text: str | None) -> str:
    return (text or "").replace("[", "(").replace("]", ")")


def _href(link: Any, base: str) -> str:
    try:
        return escaped(urljoin(base, link.get("href") or "")).replace("(", "%28").replace(")", "%29")
    except ValueError:
        return ""


def _serialized(element: Any) -> str:
    from lxml import etree

    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
