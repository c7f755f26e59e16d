"""The two lines that a reader sees before opening a letter: subject and preheader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from newsletter.catalogue import words
from newsletter.config import say
from newsletter.digest.letter import Contents
from newsletter.digest.press import Templates, environment, printed
from newsletter.digest.typography import plain, shortened
from newsletter.model import Article
from newsletter.phrases import month

LONGEST = 150
"""Characters of a subject or preheader; no mail program shows more."""

THEMES = ("theme", "themes", "topic", "topics")
"""The taxonomies of which {{ themes }} speaks."""


def subject(contents: Contents, articles: Sequence[Article], count: int, language: str, templates: Templates) -> str:
    """Write the subject of a letter from the list's own pattern, else from ``subject.txt``.

    Placeholders: org, list, number (0 for a flash letter), edition (``n° 42``), month, year, count, first (title),
    themes (of the articles, at most three).
    One line without controls, at most 150 characters, nothing HTML-escaped.

    Raises:
        TemplateError: the pattern names what does not exist.
    """
    pattern = say(contents.subject, language) or templates["subject.txt"]
    known: dict[str, Callable[[], object]] = {
        "org": lambda: contents.site,
        "list": lambda: say(contents.title, language),
        "number": lambda: contents.number,
        "edition": lambda: words("letter", language)["number"].format(number=contents.number),
        "month": lambda: month(contents.opened.month, language),
        "year": lambda: contents.opened.year,
        "count": lambda: count,
        "first": lambda: articles[0].title if articles else "",
        "themes": lambda: ", ".join(_themes(articles)),
    }
    # Only what the pattern may name is looked up, so that most readers' lines come from the cache.
    return _line(pattern, tuple((name, value()) for name, value in known.items() if name in pattern))


def preheader(articles: Sequence[Article]) -> str:
    """Write the line that mail programs show after the subject: the next two titles, else the first article's lead."""
    return _joined(tuple(article.title for article in articles[1:3]) or tuple(one.lead for one in articles[:1]))


@lru_cache(maxsize=4096)
def _line(pattern: str, values: tuple[tuple[str, object], ...]) -> str:
    return shortened(plain(printed(_compiled(pattern), "subject.txt", dict(values))), LONGEST)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    return environment({"subject.txt": pattern})


@lru_cache(maxsize=4096)
def _joined(titles: tuple[str, ...]) -> str:
    return shortened(" · ".join(map(plain, titles)), LONGEST)


def _themes(articles: Sequence[Article]) -> list[str]:
    labels = (term.label for article in articles for term in article.terms if term.taxonomy in THEMES)
    return list(dict.fromkeys(labels))[:3]
