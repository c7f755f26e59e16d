"""The body of a page: text that is nearly Markdown becomes Markdown, then HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsletter.intake import identity
from newsletter.intake.markup import render_print
from newsletter.intake.printed.lines import LINK, Links, Unit

# A code mark is a bad apostrophe, a number with a stop would be counted anew, a plus is no bullet, a star inside a
# word is the inclusive spelling, and what is no link of the page's may hold words where Markdown hides them.
_TOKEN = re.compile(r"\\[\s\S]|`|~~~|\]\(|(?:\+|(?<![^\W_])\d{1,9}[.)])(?!\S)|(?<=[^\W_])\*(?=[^\W_])")
_MARK = re.compile(rf"\\[\s\S]|(?P<bang>!?){LINK.pattern}|{_TOKEN.pattern}")
_FOLLOWED = re.compile(r"(?:https?|mailto|tel):|(?![a-z][a-z0-9+.-]*:)\S", re.IGNORECASE)


def rendered(body: Iterable[Unit], links: Links) -> str:
    """Return the HTML of paragraphs, their links resolved, still to be cleaned."""
    return render_print("\n\n".join(_markdown(unit, links) for unit in body))


def _markdown(unit: Unit, links: Links) -> str:
    def said(match: re.Match[str]) -> str:
        if match["label"] is None:
            return _literal(match)
        link = links.of(match)
        label = _TOKEN.sub(_literal, match["label"])
        picture = not match["number"] and identity.iri(link.url)
        bang = match["bang"] if picture else match["bang"].replace("!", r"\!")
        if link.button:
            return bang
        return f"{bang}[{label}](<{_inert(link.url)}>)" if _FOLLOWED.match(link.url) else f"{bang}{label}"

    written = "\n".join(line.raw.strip() for line in unit.lines)
    bullet = re.sub(r"(?m)^[►▶‣][^\S\n]+", "- ", _MARK.sub(said, written))
    return parted(bullet)


def _literal(token: re.Match[str]) -> str:
    """Return what Markdown would take for a mark, so that it stays the word that it is; what is escaped stays so."""
    return token[0] if token[0].startswith("\\") else rf"{token[0][:-1]}\{token[0][-1]}"


def _inert(url: str) -> str:
    return (identity.iri(url) or identity.escaped(url)).replace("*", "%2A")


def parted(text: str) -> str:
    r"""Return text in which bold runs stand free, where a conversion glued cells of a list or table together.

    ``****`` parts two cells, so a line break goes between; so it does before a capital or a digit, else a space.

    >>> parted("18 clubs**4 villes****9 jours**de visite")
    '18 clubs\\\n**4 villes**\\\n**9 jours** de visite'
    """
    pieces = text.split("**")
    if len(pieces) % 2 == 0:  # a mark without its fellow is a word of the author's
        pieces[-2:] = [rf"{pieces[-2]}\*\*{pieces[-1]}"]
    out, was_bold = "", False
    for number, piece in enumerate(pieces):
        bold = number % 2 == 1
        if not piece.strip():
            out += piece
            continue
        out += _gap(out, piece, was_bold, bold) + (_bold(piece) if bold else piece)
        was_bold = bold
    return out


def _gap(before: str, after: str, was_bold: bool, bold: bool) -> str:
    """Return what must stand between two runs: nothing, a space or a line break."""
    if not before or before[-1].isspace() or after[0].isspace():
        return ""
    touching = (before[-1].isalnum() and bold) or (after[0].isalnum() and was_bold)
    if was_bold and bold:
        return "\\\n"
    if not touching:
        return ""
    return " " if after[0].islower() else "\\\n"


def _bold(piece: str) -> str:
    words = piece.strip()
    start = piece.index(words)
    return f"{piece[:start]}**{words}**{piece[start + len(words) :]}"
