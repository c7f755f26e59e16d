"""Markdown becomes HTML, which is as foreign as any until it is cleaned."""

from __future__ import annotations

import re
from html import escape

from pyromark import Options, html

_STAFF = Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH

# A line that would make a heading of the one above; of three hyphens and more, a rule is meant.
_UNDERLINE = re.compile(r"(?m)^([> ]*)(=+|--?)$")
_RULE = re.compile(r"(?m)^([> ]*)---+$")
_MARK = re.compile(
    r"(?P<kept>\\.|\]\(<[^<>\n]*>\)|<(?:[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+)>)"
    r"|\^\{(?P<raised>[^{}\n]{1,60})\}|(?P<tag><)|(?P<defined>\]:)|(?P<end>\n)",
    re.DOTALL,
)
_LITERAL = {"tag": "&lt;", "defined": r"]\:", "end": "  \n"}


def render(markdown: str) -> str:
    """Return the HTML of Markdown as staff write it: CommonMark, tables, strikethrough, HTML passed through."""
    return html(markdown, options=_STAFF)


def render_print(markdown: str) -> str:
    """Return the HTML of a print page's text: no HTML, no indented code, line ends kept, ``^{x}`` raised.

    Of two ways to write the same, a page's text knows one: headings begin with #, and what a link leads to stands
    behind its words.
    """
    lines = re.sub(r"[ \t]+", " ", markdown.replace("\r\n", "\n").replace("\r", "\n")).replace(" \n", "\n").strip()
    ruled = _RULE.sub(r"\1***", _UNDERLINE.sub(r"\1\\\2", lines))
    return html(_MARK.sub(_marked, ruled))


def _marked(match: re.Match[str]) -> str:
    """Return the Markdown for what is a mark in a page's text only, or in Markdown only."""
    if match["raised"]:
        return f"<sup>{escape(match['raised'])}</sup>"
    return _LITERAL.get(match.lastgroup or "", match[0])


def marked(text: str) -> str:
    """Return HTML as it is, and text without any tag as paragraphs, its line ends kept."""
    if re.search(r"</?[a-z][^>]*>", text, re.IGNORECASE):
        return text
    return paragraphs(text)


def paragraphs(text: str) -> str:
    """Return the HTML of plain text: blank lines part paragraphs, line ends are kept."""
    parts = re.split(r"\n\s*\n", escape(text, quote=False).replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(f"<p>{each.strip()}</p>".replace("\n", "<br>") for each in parts if each.strip())
