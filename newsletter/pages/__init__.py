"""Articles become web pages: pure but for the templates, which are read from the folders given.

Templates are ``web/*.html`` in the first of these folders that has them. They see ``site``, ``base``, ``language``,
``words``, ``phrases`` and ``root`` (the way from the page up to the output folder) besides what each page is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

from newsletter import shipped
from newsletter.config import Config, say
from newsletter.errors import TemplateError
from newsletter.model import Article, Term
from newsletter.pages.figures import figures
from newsletter.pages.words import words
from newsletter.phrases import Phrases, file_name, foreign, spoken

if TYPE_CHECKING:
    from jinja2 import Environment

LOCAL = ("articles", "media")
"""What the publication itself keeps below its address, so that pages reach it by a relative link, also from a disk."""


class Listed(Protocol):
    """A feed as the index shows it: public address without extension, and what it is about."""

    @property
    def path(self) -> str:
        """The address below the publication's, without extension."""

    @property
    def title(self) -> str:
        """What the feed is about."""

    @property
    def subtitle(self) -> str:
        """What it is about, said in full."""

    @property
    def parent(self) -> str:
        """The address of the feed that holds it."""


class Pages:
    """The pages of one publication; ``folders`` hold templates of its own, the first that has one wins.

    Every method returns a whole HTML document as UTF-8, the same for the same input, and raises TemplateError where a
    template is broken or names what it is not given.
    """

    def __init__(self, config: Config, folders: Sequence[Path]) -> None:
        self._config = config
        self._language = spoken(config.site.language)
        self._templates = _environment([*folders, shipped.templates()])
        self._templates.globals.update(
            site=config.site,
            base=config.base,
            language=self._language,
            words=words(self._language),
            phrases=Phrases(self._language, config.site.zone),
            file_name=file_name,
            near=self._near,
            foreign=self._foreign,
        )

    def article(self, article: Article) -> bytes:
        """Return the page of one article, to stand at ``articles/<slug>.html``."""
        source = "" if self._near(article.url, "") != article.url else article.url
        return self._render(
            "article",
            "../",
            article=article,
            lead=_own_lead(article),
            body=figures(article.html, self._config.base, "../"),
            picture=article.image if article.image and article.image.url not in article.html else None,
            taxonomies=self._by_taxonomy(article.terms),
            source=source,
            host=urlsplit(source).hostname,
        )

    def topic(self, feed: Listed, feeds: Sequence[Listed], articles: Sequence[Article]) -> bytes:
        """Return the page of a feed with its latest articles, to stand beside its documents."""
        within = [each for each in feeds if each.parent == feed.path]
        root = "../" * feed.path.count("/")
        return self._render("topic", root, feed=feed, within=within, articles=articles)

    def index(self, feeds: Sequence[Listed], issues: Sequence[tuple[str, str]]) -> bytes:
        """Return the list of all feeds, by taxonomy, and of the issues, each a name (``<list>/<date>``) and a title."""
        groups: dict[str, list[Listed]] = {}
        for feed in feeds:
            groups.setdefault(feed.path.partition("/")[0], []).append(feed)
        everything = groups.pop("all", [])
        named = [(self._heading(slug), members) for slug, members in groups.items()]
        return self._render("index", "", everything=everything, groups=named, issues=issues)

    def issue(
        self, title: str, name: str, opened: datetime, sections: Sequence[tuple[str, Sequence[Article]]]
    ) -> bytes:
        """Return the page of an issue, to stand at ``issues/<name>.html``: all that any reader of it could get."""
        filled = [(heading, articles) for heading, articles in sections if articles]
        return self._render("issue", "../" * (1 + name.count("/")), title=title, opened=opened, sections=filled)

    def _by_taxonomy(self, terms: Sequence[Term]) -> list[tuple[str, list[Term]]]:
        """Return an article's terms below the label of each configured taxonomy; others have no feed to link to."""
        groups = {slug: [term for term in terms if term.taxonomy == slug] for slug in self._config.taxonomies}
        return [(self._heading(slug), members) for slug, members in groups.items() if members]

    def _heading(self, taxonomy: str) -> str:
        settings = self._config.taxonomies.get(taxonomy)
        return say(settings.label, self._language) if settings else words(self._language)["others"]

    def _near(self, url: str, root: str) -> str:
        """Return an address as linked from a page: relative where it is the publication's own."""
        inside = url.removeprefix(f"{self._config.base}/")
        return root + inside if inside != url and inside.partition("/")[0] in LOCAL else url

    def _foreign(self, article: Article) -> dict[str, str]:
        """Return the attributes that mark words of an article in another language than the page's."""
        tag = foreign(article.lang, self._language)
        return {"lang": tag, "dir": "auto"} if tag else {}

    def _render(self, template: str, root: str, **values: Any) -> bytes:
        import jinja2

        try:
            text = self._templates.get_template(f"web/{template}.html").render(root=root, **values)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename or error.name}, line {error.lineno}: {error.message}") from error
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise TemplateError(f"templates/web/{template}.html: {error}; mend it or remove your copy") from error
        return text.encode(errors="replace")


def _environment(folders: Sequence[Path]) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["slug"] = lambda text: quote(text, safe="")
    return environment


def _own_lead(article: Article) -> str:
    """Return the lead where it says something of its own, and is not cut from the beginning of the text."""
    lead = " ".join(article.lead.split())
    return "" if " ".join(article.text.split()).startswith(lead.rstrip("… ")) else lead
