"""A finding: what is wrong with a letter, how bad that is, where it comes from and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CHECKS: Mapping[str, str] = {
    "template": "every template keeps the contract of pieces",
    "document": "the HTML is a whole document without scripts, forms, frames and style sheets from elsewhere",
    "lang": "the letter says its language, and each article that is in another one says so",
    "alt": "every picture says what it shows, or that it is decoration, and how wide it is",
    "headings": "the headings are an outline: one of the first level, none skipped, none empty",
    "links": "the words of every link say by themselves where it leads",
    "contrast": "text can be read, in light and in dark (WCAG 2.1, 1.4.3)",
    "type": "text is large enough, and its lines are apart",
    "size": "no letter is so heavy that mail programs cut it, and no style sheet so long that they drop it",
    "https": "links are whole addresses, of https where they lead to the web",
    "dead": "links lead somewhere (asked only with --links)",
    "unsubscribe": "both parts have a link to leave that can be seen",
    "parts": "HTML and text say the same",
    "leftovers": "nothing of a template or of a draft is left in the words",
    "styles": "the style sheet can be written into elements, and depends on no neighbour",
    "sender": "sender and reply address can be written to, and are your own",
    "assembly": "an assembled letter is the same as one that was made alone",
}
"""What is checked, by the name that findings bear and that ``--despite`` takes."""


class Severity(StrEnum):
    """An error stops a send; a warning is for a person to judge."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong; ``where`` is a file, ``article`` the id of an article or empty."""

    severity: Severity
    check: str
    where: str
    article: str
    what: str


def error(check: str, where: str, what: str, article: str = "") -> Finding:
    """Return a finding that stops a send."""
    return Finding(Severity.ERROR, check, where, article, what)


def warning(check: str, where: str, what: str, article: str = "") -> Finding:
    """Return a finding that a person should judge."""
    return Finding(Severity.WARNING, check, where, article, what)
