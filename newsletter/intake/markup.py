"""Markdown becomes HTML, which is as foreign as any until it is cleaned."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

_RAISED = re.compile(r"\^\{([^{}\n]{1,60})\}")


def render(markdown: str) -> str:
    """Return the HTML of Markdown as staff write it: CommonMark, tables, strikethrough, HTML passed through."""
    return str(_staff().render(markdown))


def render_print(markdown: str) -> str:
    """Return the HTML of a print page's text: no HTML, no indented code, line ends kept, ``^{x}`` raised."""
    return str(_print().render(markdown))


def marked(text: str) -> str:
    """Return HTML as it is, and text without any tag as paragraphs, its line ends kept."""
    if re.search(r"</?[a-z][^>]*>", text, re.IGNORECASE):
        return text
    return paragraphs(text)


def paragraphs(text: str) -> str:
    """Return the HTML of plain text: blank lines part paragraphs, line ends are kept."""
    parts = re.split(r"\n\s*\n", escape(text, quote=False).replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(f"<p>{each.strip()}</p>".replace("\n", "<br>") for each in parts if each.strip())


@cache
def _staff() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


@cache
def _print() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
        ["code", "lheading", "html_block", "reference"]
    )
    parser.inline.ruler.before("emphasis", "raised", _raise)
    return parser


def _raise(state: StateInline, silent: bool) -> bool:
    match = _RAISED.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        state.push("sup_open", "sup", 1)
        state.push("text", "", 0).content = match[1]
        state.push("sup_close", "sup", -1)
    state.pos = match.end()
    return True
