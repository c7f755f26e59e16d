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


_VARYING: dict[str, Callable[[Sequence[Article], int], object]] = {
    "count": lambda articles, count: count,
    "first": lambda articles, count: articles[0].title if articles else "",
    "themes": lambda articles, count: ", ".join(_themes(articles)),
}
"""The placeholders that differ from letter to letter."""


class Lines:
    """Writes both lines of an issue's letters in one language; what is the same for all of them is looked up once."""

    def __init__(self, contents: Contents, language: str, templates: Templates) -> None:
        self._pattern = say(contents.subject, language) or templates["subject.txt"]
        self._constant = {
            "org": contents.site,
            "list": say(contents.title, language),
            "number": contents.number,
            "edition": words("letter", language)["number"].format(number=contents.number),
            "month": month(contents.opened.month, language),
            "year": contents.opened.year,
        }
        # Only what the pattern may name is looked up, so that most readers' lines come from the cache.
        self._named = {name: value for name, value in _VARYING.items() if name in self._pattern}
        self._written = lru_cache(maxsize=4096)(self._write)

    def __call__(self, articles: Sequence[Article], count: int) -> tuple[str, str]:
        """Return subject and preheader of a letter of these articles."""
        return self.subject(articles, count), preheader(articles)

    def subject(self, articles: Sequence[Article], count: int) -> str:
        """Write the subject of a letter."""
        return self._written(*[value(articles, count) for value in self._named.values()])

    def _write(self, *values: object) -> str:
        varying = dict(zip(self._named, values, strict=True))
        line = printed(_compiled(self._pattern), "subject.txt", self._constant | varying)
        return shortened(plain(line), LONGEST)


def subject(contents: Contents, articles: Sequence[Article], count: int, language: str, templates: Templates) -> str:
    """Write the subject of a letter from the list's own pattern, else from ``subject.txt``.

    Placeholders: org, list, number (0 for a flash letter), edition (``n° 42``), month, year, count, first (title),
    themes (of the articles, at most three).
    One line without controls, at most 150 characters, nothing HTML-escaped.

    Raises:
        TemplateError: the pattern names what does not exist.
    """
    return Lines(contents, language, templates).subject(articles, count)


def preheader(articles: Sequence[Article]) -> str:
    """Write the line that mail programs show after the subject: the next two titles, else the first article's lead."""
    return _joined(tuple(article.title for article in articles[1:3]) or tuple(one.lead for one in articles[:1]))


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    return environment({"subject.txt": pattern})


@lru_cache(maxsize=4096)
def _joined(titles: tuple[str, ...]) -> str:
    return shortened(" · ".join(map(plain, titles)), LONGEST)


def _themes(articles: Sequence[Article]) -> list[str]:
    labels = (term.label for article in articles for term in article.terms if term.taxonomy in THEMES)
    return list(dict.fromkeys(labels))[:3]
