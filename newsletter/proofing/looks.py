"""How each element of a proof looks, computed from the style attributes and, in the dark, from the rules for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from newsletter.digest import stylesheet
from newsletter.proofing.proof import Place, Proof

if TYPE_CHECKING:
    from cssselect.parser import Selector
    from lxml.html import HtmlElement

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

Style = Mapping[str, str]
"""Declarations by property, without ``!important``."""

_DARK = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark", re.IGNORECASE)
_SIZE = re.compile(r"([0-9.]+)(px|pt)")
_PIXELS = {"px": 1.0, "pt": 4 / 3}
_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(frozen=True, slots=True)
class Look:
    """How the words of an element are shown; ``size`` in pixels, ``height`` of a line too, 0 where nothing says it."""

    ink: str = "#000000"
    paper: str = "#ffffff"
    size: float = 16
    height: float = 0
    bold: bool = False
    hidden: bool = False


def looks(proof: Proof, scheme: Scheme) -> Iterator[tuple[HtmlElement, Place, Look]]:
    """Yield every element of a proof with how it looks in a colour scheme; what is not said is as its parent has it."""
    over = dict(_darkened(proof)) if scheme == "dark" else {}
    known: dict[HtmlElement, Look] = {}
    for element, place in proof.elements:
        inherited = known.get(element.getparent(), Look())
        known[element] = look = _look(element, own(element) | over.get(element, {}), inherited)
        yield element, place, look


def own(element: HtmlElement) -> dict[str, str]:
    """Return the declarations of an element's style attribute."""
    return {name: value for name, value, _ in declarations(element.get("style", ""))}


def declarations(css: str) -> Iterator[tuple[str, str, bool]]:
    """Yield property, value and whether it is ``!important`` of each declaration."""
    for declaration in css.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            plain = value.replace("!important", "").strip()
            yield name.strip().lower(), plain, plain != value.strip()


def style_sheet(proof: Proof) -> str:
    """Return what stands in the <style> elements of a proof."""
    return "\n".join(element.text or "" for element, _ in proof.elements if element.tag == "style")


def _look(element: HtmlElement, style: Style, inherited: Look) -> Look:
    link = "#0000ee" if element.tag == "a" and element.get("href") else inherited.ink
    size = _pixels(style.get("font-size", ""), inherited.size) or inherited.size
    return replace(
        inherited,
        ink=style.get("color", link),
        paper=style.get("background-color") or style.get("background") or element.get("bgcolor") or inherited.paper,
        size=size,
        height=_pixels(style.get("line-height", ""), size) or inherited.height,
        bold=_is_bold(style.get("font-weight", ""), element.tag in _BOLD or inherited.bold),
        hidden=inherited.hidden or style.get("display") == "none" or style.get("visibility") == "hidden",
    )


def _pixels(written: str, unit: float) -> float:
    """Return a length in pixels; a bare number, and a share in ``em`` or per cent, is of ``unit``."""
    if match := _SIZE.fullmatch(written):
        return float(match[1]) * _PIXELS[match[2]]
    if match := re.fullmatch(r"([0-9.]+)(em|%|)", written):
        return float(match[1]) * unit / (100 if match[2] == "%" else 1)
    return 0


def _is_bold(written: str, before: bool) -> bool:
    return written in ("bold", "bolder") or (written.isdigit() and int(written) >= 700) if written else before


def _darkened(proof: Proof) -> Iterator[tuple[HtmlElement, Style]]:
    """Yield the elements that rules for the dark change, with what they say: a style attribute yields to !important."""
    said: dict[HtmlElement, dict[str, tuple[bool, str]]] = {}
    for selector, css in sorted(_dark_rules(proof), key=lambda rule: rule[0].specificity()):
        for element in _found(proof, selector):
            mine, inline = said.setdefault(element, {}), own(element)
            for name, value, important in declarations(css):
                if important or (name not in inline and not mine.get(name, (False,))[0]):
                    mine[name] = important, value
    yield from ((element, {name: value for name, (_, value) in mine.items()}) for element, mine in said.items())


def _dark_rules(proof: Proof) -> Iterator[tuple[Selector, str]]:
    from cssselect import SelectorError, parse

    for block in stylesheet.rules(style_sheet(proof)):
        if _DARK.match(block):
            for rule in stylesheet.rules(block.partition("{")[2].rpartition("}")[0]):
                head, _, css = rule.partition("{")
                try:
                    yield from ((selector, css.rstrip("} \n")) for selector in parse(head))
                except SelectorError:
                    continue  # ``styles`` tells it


def _found(proof: Proof, selector: Selector) -> list[HtmlElement]:
    from cssselect import HTMLTranslator

    return list(proof.root.xpath(HTMLTranslator().selector_to_xpath(selector)))
