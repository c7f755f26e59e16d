"""HTML that would keep a parser busy for minutes is made simple before it is cleaned.

By the rules of HTML5 each tag is looked up among the elements that are open, and bold text that is never closed is
opened anew in every paragraph: what is open at once, times the tags, is what a parser has to do.
"""

from __future__ import annotations

import re

from newsletter.errors import IntakeError

LONGEST = 4_000_000
"""Characters of the longest HTML that is an article, without the files written into it."""

_FILE = re.compile(r"\bdata:[\w/+.;=-]*+,[\w+/=%-]*+", re.ASCII)  # no part of clean HTML anyway

_WORK = 1_000_000
"""Tags times open elements; about half a second."""

_REFERENCES = 200_000_000_000
"""Character references of a piece of text times its length; a second or two."""

# Elements that close themselves, or that the next of their kind closes
_LONE = frozenset(
    [
        "p",
        "li",
        "dd",
        "dt",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "caption",
        "colgroup",
        "br",
        "hr",
        "img",
        "input",
        "meta",
        "link",
        "col",
        "wbr",
    ]
)
_ATTRIBUTE = r"""[\s/]++[^\s/>="'<]++(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=`]++))?+"""
# What every parser reads in the same way. The rest could hide tags: it is not looked into.
_CLEAR = re.compile(
    rf"<(?P<open>[a-z][a-z0-9]*+)(?:{_ATTRIBUTE})*+[\s/]*+>|</(?P<close>[a-z][a-z0-9]*+)\s*+>"
    r"|<!--(?!-?>)[^<>]*+-->|<(?![a-z/!?])",
    re.IGNORECASE,
)
_OPAQUE = frozenset(
    ["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"]
)

_HIDDEN = r"script|style|title|textarea|xmp|iframe|noembed|noframes|noscript|svg|math|template|select|object|button"
_INSIDE = r"abbr|acronym|b|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u|var"
_SIMPLE = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|<(?P<hidden>{_HIDDEN})\b.*?(?:</(?P=hidden)\s*>|\Z)"
    r"|(?P<kept></?(?:p|br|a|img)\b)"
    rf"|(?P<inside></?(?:{_INSIDE})\b[^<>]*>)"
    r"|(?P<block></?[a-z][^<>]*>)"
    r"|(?P<stray><)",
    re.IGNORECASE | re.DOTALL,
)
_INSTEAD = {"block": "<p>", "stray": "&lt;"}


def untangled(html: str) -> str:
    """Return HTML as it is; where a parser would take long over it, its words, paragraphs, links and pictures.

    Raises:
        IntakeError: if it is longer than any article, or made of signs that no article has.
    """
    if len(html) > LONGEST and len(html := _FILE.sub("data:", html)) > LONGEST:
        raise IntakeError(f"the article has {len(html):,} characters of HTML; split it")
    if (signs := html.count("&")) * len(html) > _REFERENCES and _laborious(html):
        raise IntakeError(f"the article has {signs:,} signs written with &; write them as they are, or split it")
    tags = html.count("<")
    if tags * (tags - html.count("</")) <= _WORK or tags * _open(html, _WORK // tags) <= _WORK:
        return html
    return _SIMPLE.sub(lambda match: _INSTEAD.get(match.lastgroup or "", match["kept"] or ""), html)


def _laborious(html: str) -> bool:
    """Tell whether a parser would take long over the character references of a piece of text."""
    return any(piece.count("&") * len(piece) > _REFERENCES for piece in html.split("<"))


def _open(html: str, enough: int) -> int:
    """Return how many elements may be open at once; counting ends above ``enough``, or where a tag is not clear."""
    opened: list[str] = []
    most = place = 0
    while most <= enough and (place := html.find("<", place)) >= 0:
        found = _CLEAR.match(html, place)
        name = ((found["open"] or found["close"] or "") if found else "script").lower()
        if found is None or name in _OPAQUE:
            return enough + 1
        if found["open"] and name not in _LONE:
            opened.append(name)
            most = max(most, len(opened))
        elif found["close"] and opened and opened[-1] == name:
            opened.pop()
        place = found.end()
    return most
