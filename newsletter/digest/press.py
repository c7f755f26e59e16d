"""The press: prints the pieces of one issue in one language from the publication's templates.

A template sees one article, one section or one page, never a loop over articles, and what differs from letter to letter
only as a slot. So each piece can be printed once and stand in any letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, wraps
from typing import Any, Literal, NoReturn

from newsletter.brand import palette
from newsletter.catalogue import words
from newsletter.config import Text, say
from newsletter.digest import stylesheet
from newsletter.digest.facts import Facts, facts
from newsletter.digest.letter import CORRECTED, TITLES, Contents, Form
from newsletter.digest.typography import plain, tied_html, underlined, wrapped
from newsletter.errors import TemplateError
from newsletter.phrases import Phrases, foreign, tied

Templates = Mapping[str, str]
"""The files of a template folder by name: pieces and ``style.css``."""

Kind = Literal["html", "txt"]


_GIVEN = {TITLES: "titles", CORRECTED: "corrected"}
"""The sections that no list configures, by the names of their words."""


class Slot:
    """A value that a template may print but not look at; what it prints is a marker, to be cut out."""

    __slots__ = ("_marker", "_where")

    def __init__(self, marker: str, where: str) -> None:
        self._marker = marker
        self._where = where

    def __str__(self) -> str:
        return self._marker

    __html__ = __str__

    def refuse(self, *_: object) -> NoReturn:
        """Say that a template did more with this value than print it."""
        raise TemplateError(f"{self._where}: differs from letter to letter; print it, do not test or change it")

    __bool__ = __len__ = __iter__ = __hash__ = __index__ = __int__ = __float__ = refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getitem__ = __format__ = refuse
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = __getattr__ = refuse


class Press:
    """Prints the pieces of one issue in one language, for one part of the mail."""

    def __init__(self, contents: Contents, language: str, templates: Templates, kind: Kind) -> None:
        self._contents = contents
        self._language = language
        self._kind = kind
        self._phrases = Phrases(language, contents.opened.tzinfo, contents.opened.year)
        self._environment = environment(templates)
        self._facts: dict[int, Facts] = {}
        self.css = stylesheet.coloured(templates.get("style.css", ""), palette(contents.brand))
        self._constant = {
            "words": words("letter", language),
            "issue": _issue(contents, self._phrases),
            "style": self.safe(stylesheet.kept(self.css)),
        }

    def page(self, **slots: object) -> str:
        """Print the page around everything."""
        intro = self._contents.intro
        tie, words = (tied_html, intro.html) if self._kind == "html" else (tied, intro.text)
        printed = self.safe(tie(words, intro.lang))
        return str(self._print("page", {"intro": printed, "intro_lang": foreign(intro.lang, self._language), **slots}))

    def header(self, *, light: bool) -> str:
        """Print the head of the letter, which shows no picture to who wants light letters."""
        return self._print("header", {"logo": None if light else self._contents.brand.logo})

    def summary(self, entries: object) -> str:
        """Print what stands around the lines of the summary."""
        return self._print("summary", {"entries": entries})

    def entry(self, heading: int, count: object) -> str:
        """Print the line of the summary that leads to a section."""
        return self._print("entry", {**self._heading(heading), "count": count})

    def section(self, heading: int, articles: object) -> str:
        """Print a heading around its articles."""
        return self._print("section", {**self._heading(heading), "articles": articles})

    def article(self, heading: int, position: int, form: Form, *, light: bool) -> str:
        """Print one article in one form; titles have a piece of their own, and so has the HTML of light letters."""
        told = self._told(position)
        if form is Form.TITLE:
            return self._print("line", {"article": told})
        layout = self._contents.headings[heading].layout if heading >= 0 else "article"
        if light and self._kind == "html":
            layout, told = "light", replace(told, picture=None)
        return self._print(layout, {"article": told, "form": str(form)})

    def others(self, count: object) -> str:
        """Print what leads to the articles that stand online only."""
        return self._print("others", {"count": count})

    def safe(self, text: str) -> str:
        """Mark what this press printed as ready to stand in another piece of it."""
        from markupsafe import Markup

        return Markup(text) if self._kind == "html" else text  # noqa: S704  printed here, already escaped

    def _told(self, position: int) -> Facts:
        if position not in self._facts:
            self._facts[position] = facts(self._contents.articles[position], self._phrases, self._contents)
        return self._facts[position]

    def _heading(self, heading: int) -> dict[str, object]:
        """Return what pieces know of a section: its title, the name by which it is found, whether it lists titles."""
        title = heading_title(self._contents, heading, self._language)
        anchor = _GIVEN.get(heading) or f"section-{heading + 1}"
        return {"title": title, "anchor": anchor, "titles": heading == TITLES}

    def _print(self, piece: str, variables: Mapping[str, object]) -> str:
        return self.safe(printed(self._environment, f"{piece}.{self._kind}", {**self._constant, **variables}))


def heading_title(contents: Contents, heading: int, language: str) -> str:
    """Return the words of a section's heading, also of those that no list configures."""
    given = _GIVEN.get(heading)
    return words("letter", language)[given] if given else _said(contents.headings[heading].title, language)


def _said(text: Text, language: str) -> str:
    """Return words of the configuration on one line, set as the reader's language sets them."""
    return tied(plain(say(text, language)), language)


def environment(templates: Templates) -> Any:
    """Return a Jinja2 environment that only knows these templates, and in which every name must exist."""
    return _environment(tuple(sorted(templates.items())))


@lru_cache(maxsize=8)
def _environment(templates: tuple[tuple[str, str], ...]) -> Any:
    """Make one, whose templates are compiled once for all that is printed with them."""
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(templates)),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name and name.endswith(".html")),
        finalize=_something,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    own = {"wrapped": wrapped, "underlined": underlined}
    made.filters = {name: _guarded(change) for name, change in {**made.filters, **own}.items()}
    return made


def _guarded(change: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a filter from slots: what it would make of a marker is not what it would make of the value."""

    @wraps(change)
    def guarded(*words: Any, **named: Any) -> Any:
        for word in words:
            if isinstance(word, Slot):
                word.refuse()
        return change(*words, **named)

    return guarded


def printed(env: Any, name: str, variables: Mapping[str, object]) -> str:
    """Print one template.

    Raises:
        TemplateError: the template names what does not exist, is no template, or fails.
    """
    from jinja2 import TemplateError as JinjaError

    try:
        return str(env.get_template(name).render(variables))
    except TemplateError:
        raise
    except (JinjaError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        line = f" line {number}" if (number := getattr(error, "lineno", None)) else ""
        raise TemplateError(f"template {name}{line}: {error}; see docs/reference/templates.md") from None


def _something(value: object) -> object:
    if value is None:
        raise TemplateError("a template prints a value that is None; test it before")
    return value


def _issue(contents: Contents, phrases: Phrases) -> dict[str, object]:
    language = phrases.language
    title, said = _said(contents.title, language), words("letter", language)
    return {
        "title": title,
        "site": contents.site,
        "description": _said(contents.description, language),
        "number": said["number"].format(number=contents.number) if contents.number else "",
        "date": phrases.full_day(contents.opened),
        "why": said["why"].format(title=title, site=contents.site),
        "language": language,
        "contact": contents.contact,
        "contact_url": contents.contact if "//" in contents.contact else f"mailto:{contents.contact}",
        "archive_url": contents.archive_url,
        "feeds_url": f"{contents.base}/index.html",
        "links": tuple((plain(say(link.title, language)), link.url) for link in contents.brand.links),
    }
