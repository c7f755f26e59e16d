"""The style sheet of a letter: what can be written into elements, what mail programs understand, how heavy it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.digest import stylesheet
from newsletter.digest.pieces import sizes
from newsletter.digest.plan import BUDGET, LIGHT_BUDGET
from newsletter.proofing.finding import Finding, error, warning
from newsletter.proofing.looks import declarations, own, style_sheet
from newsletter.proofing.proof import Proof

_SHEET = "style.css"
_LONGEST = 16_384
"""Characters of <style> beyond which Gmail drops all of it."""

_AT = re.compile(r"@(?!media\b)[a-z-]+", re.IGNORECASE)
_UNKNOWN = {
    r"display\s*:\s*(?:inline-)?(?:flex|grid)": "flex and grid, which Outlook and Orange do not know; use a table",
    r"position\s*:": "position, which mail programs remove; use padding",
    r"\bvar\(|(?:^|[\s;{])--[\w-]+\s*:": "variables, which mail programs do not know; write the value",
    r"url\(": "url(), which fetches something from outside; a picture is an <img> of an article",
    r"[0-9]rem\b": "rem, which Outlook does not know; write px",
}


def inlinable(proof: Proof) -> Iterator[Finding]:
    """Yield rules that would lie in a letter put together from pieces, and what the inliner does not understand."""
    css = proof.css
    for selector in stylesheet.structural(css):
        told = (
            f"{selector!r} depends on neighbours, which are others in each letter; give the element a class of its own"
        )
        yield error("styles", _SHEET, told)
    for rule in dict.fromkeys(_AT.findall(css)):
        yield error("styles", _SHEET, f"{rule} makes mail programs drop the whole <style>; leave it out")
    for pattern, what in _UNKNOWN.items():
        if re.search(pattern, css, re.IGNORECASE):
            yield error("styles", _SHEET, f"uses {what}")
    yield from _not_inlined(proof)


def weight(proof: Proof) -> Iterator[Finding]:
    """Yield what makes letters too heavy whatever they hold."""
    if (length := len(style_sheet(proof))) > _LONGEST:
        told = (
            f"{length:,} characters stay in <style>, and Gmail drops more than {_LONGEST:,}; shorten the @media rules"
        )
        yield error("size", _SHEET, told)
    budget, kind = (LIGHT_BUDGET, "light letter") if proof.light else (BUDGET, "letter")
    if (page := sizes(proof.sheet).page) > budget // 2:
        told = f"the page without any article has {page:,} bytes, and a {kind} may have {budget:,}; make it lighter"
        yield (error if page > budget else warning)("size", "page.html", told)


def _not_inlined(proof: Proof) -> Iterator[Finding]:
    """Yield declarations that are missing in the elements for which they are meant: the inliner dropped them."""
    from cssselect import HTMLTranslator, SelectorError

    for rule in stylesheet.rules(stylesheet.inlined(proof.css)):
        head, _, body = rule.partition("{")
        for selector in (part.strip() for part in head.split(",")):
            try:
                found = proof.root.xpath(HTMLTranslator().css_to_xpath(selector))
            except SelectorError:
                yield error("styles", _SHEET, f"{selector!r} is no selector that can be inlined; write it in CSS 2")
                continue
            for name, value, _ in declarations(body.rstrip("} \n")):
                if any(name not in own(element) for element in found):
                    yield error(
                        "styles", _SHEET, f"{selector} {{ {name}: {value} }} is lost on the way; write it in CSS 2"
                    )
