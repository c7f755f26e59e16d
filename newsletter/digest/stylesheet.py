"""The style sheet of a letter: what is written into the elements, what stays in <style>, what may not be there.

The only module that knows which inliner we use.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from newsletter.errors import TemplateError

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}")
_STAYS = re.compile("[@:]")
_STRUCTURE = re.compile(r"[+~]|:(?:first|last|nth|only|empty)\b[\w-]*")


def coloured(css: str, palette: Mapping[str, str]) -> str:
    """Write the values of a palette where a style sheet names them, as in ``var(--ink)``: many programs cannot.

    Raises:
        TemplateError: a name is none of the palette's.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in palette:
            known = ", ".join(f"--{name}" for name in palette)
            raise TemplateError(f"template style.css: there is no --{found[1]}; use one of {known}")
        return palette[found[1]]

    return re.sub(r"var\(\s*--([\w-]+)\s*\)", value, _COMMENT.sub("", css))


def rules(css: str) -> list[str]:
    """Split a style sheet into its rules, an @media block being one of them; comments are gone."""
    return [rule.strip() for rule in _RULE.findall(_COMMENT.sub("", css))]


def inlined(css: str) -> str:
    """Return the rules that become style attributes."""
    return "\n".join(rule for rule in rules(css) if not _stays(rule))


def kept(css: str) -> str:
    """Return the rules that no style attribute can say: @media and pseudo-classes; they stay in <style>."""
    return "\n".join(rule for rule in rules(css) if _stays(rule))


def _stays(rule: str) -> bool:
    return bool(_STAYS.search(rule.partition("{")[0]))


def structural(css: str) -> list[str]:
    """List the selectors that depend on an element's neighbours.

    Fragments are cut out of one page and stand beside others in a letter, so such a selector would lie.
    """
    text = _COMMENT.sub("", css)
    heads = (head.strip() for head in re.findall(r"([^{};]+)\{", text))
    selectors = (part.strip() for head in heads if not head.startswith("@") for part in head.split(","))
    return [selector for selector in selectors if _STRUCTURE.search(re.sub(r"\[[^\]]*\]", "[]", selector))]


def inline(document: str, css: str) -> str:
    """Write a style sheet into the style attributes of a document; nothing is fetched, <style> stays as it is."""
    from premailer import Premailer

    premailer = Premailer(
        document.replace("<style>", '<style data-premailer="ignore">'),
        css_text=inlined(css),
        allow_network=False,
        strip_important=False,
        # CSS sizes are no HTML attributes: it would write width="100%" and height="auto" over the real ones.
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        cssutils_logging_level=logging.CRITICAL,
    )
    return str(premailer.transform(pretty_print=False))
