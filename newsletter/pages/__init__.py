"""Articles become web pages: pure but for the templates, which are read from the folders given.

Templates are ``web/*.html`` in the first of these folders that has them: docs/reference/templates.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from newsletter import shipped
from newsletter.catalogue import spoken, words
from newsletter.config import Config, say
from newsletter.errors import TemplateError
from newsletter.model import Article, Term
from newsletter.pages.approval import Approval
from newsletter.pages.figures import figures
from newsletter.pages.following import offers, ways
from newsletter.pages.topics import Listed, groups, trail
from newsletter.phrases import Phrases, file_name, foreign, tied

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

LOCAL = ("articles", "media")
"""What the publication itself keeps below its address, so that pages reach it by a relative link, also from a disk."""

CARDS = 1024
"""Articles that are kept as they look among others: most stand on several pages."""


class Pages:
    """The pages of one publication; ``folders`` hold templates of its own, the first that has one wins.

    Every method returns a whole HTML document as UTF-8, the same for the same input, and raises TemplateError where a
    template is broken or names what it is not given.
    """

    def __init__(self, config: Config, folders: Sequence[Path]) -> None:
        self._config = config
        self._language = spoken(config.site.language)
        self._card = lru_cache(maxsize=CARDS)(self._new_card)
        self._templates = _environment([*folders, shipped.templates()])
        self._templates.globals.update(
            site=config.site,
            base=config.base,
            language=self._language,
            words=words("page", self._language),
            phrases=Phrases(self._language, config.site.zone),
            file_name=file_name,
            near=self._near,
            foreign=self._foreign,
            card=lambda article, root, path="": self._card(article, root, path.partition("/")[0]),
            ending=_first_choice(config),
            ways=lambda path: ways(path, config),
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
        by_path = {each.path: each for each in feeds}
        return self._render(
            "topic",
            "../" * feed.path.count("/"),
            feed=feed,
            trail=[(each.path, self._heading(each.path) or each.title) for each in trail(feed, by_path)],
            within=[each for each in feeds if each.parent == feed.path],
            articles=articles,
            offers=list(offers(feed, by_path, self._config, self._language)),
        )

    def index(
        self,
        feeds: Sequence[Listed],
        issues: Sequence[tuple[str, str]],
        latest: Sequence[Article] = (),
        letters: Sequence[Listed] = (),
    ) -> bytes:
        """Return the page of all topics, with the latest articles and the issues: each ``<list>/<date>`` and title.

        ``letters`` are the feeds of issues.
        """
        by_path = {each.path: each for each in feeds}
        headings = {slug: self._heading(slug) for slug in (*self._config.taxonomies, "filters")}
        everything = by_path.get("all")
        return self._render(
            "index",
            "",
            everything=everything,
            latest=latest,
            groups=list(groups(feeds, headings)),
            issues=issues,
            letters=letters,
            offers=list(offers(everything, by_path, self._config, self._language)) if everything else [],
        )

    def issue(
        self,
        title: str,
        name: str,
        opened: datetime,
        sections: Sequence[tuple[str, Sequence[Article]]],
        letter: Listed | None = None,
    ) -> bytes:
        """Return the page of an issue, to stand at ``issues/<name>.html``: all that any reader of it could get.

        ``letter`` is the feed of its list's issues.
        """
        filled = [(heading, articles) for heading, articles in sections if articles]
        root = "../" * (1 + name.count("/"))
        return self._render("issue", root, title=title, name=name, opened=opened, sections=filled, letter=letter)

    def approval(self, draft: Approval, root: str) -> bytes:
        """Return the page on which an editor approves a draft; ``root`` leads to the other pages."""
        return self._render("approve", root, draft=draft)

    def _by_taxonomy(self, terms: Sequence[Term]) -> list[tuple[str, list[Term]]]:
        """Return an article's terms below the label of each configured taxonomy; others have no feed to link to."""
        groups = {slug: [term for term in terms if term.taxonomy == slug] for slug in self._config.taxonomies}
        return [(self._heading(slug), members) for slug, members in groups.items() if members]

    def _heading(self, word: str) -> str:
        """Return what stands above feeds whose addresses begin with a word, nothing where none do."""
        settings = self._config.taxonomies.get(word)
        others = words("feed", self._language)["filters"] if word == "filters" else ""
        return say(settings.label, self._language) if settings else others

    def _new_card(self, article: Article, root: str, about: str) -> Markup:
        """Return an article as one of many, on a page about a taxonomy: labelled by the first of the others."""
        from markupsafe import Markup

        first = next((slug for slug in self._config.taxonomies if slug != about), "")
        kinds = [term.label for term in article.terms if term.taxonomy == first]
        return Markup(self._printed("card", root, article=article, kinds=kinds))  # noqa: S704  autoescaped

    def _near(self, url: str, root: str) -> str:
        """Return an address as linked from a page: relative where it is the publication's own."""
        inside = url.removeprefix(f"{self._config.base}/")
        return root + inside if inside != url and inside.partition("/")[0] in LOCAL else url

    def _foreign(self, article: Article) -> dict[str, str]:
        """Return the attributes that mark words of an article in another language than the page's."""
        tag = foreign(article.lang, self._language)
        return {"lang": tag, "dir": "auto"} if tag else {}

    def _render(self, template: str, root: str, **values: Any) -> bytes:
        return self._printed(template, root, **values).encode(errors="replace")

    def _printed(self, template: str, root: str, **values: Any) -> str:
        import jinja2

        try:
            return self._templates.get_template(f"web/{template}.html").render(root=root, **values)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename or error.name}, line {error.lineno}: {error.message}") from error
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise TemplateError(f"templates/web/{template}.html: {error}; mend it or remove your copy") from error


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
    environment.filters.update(slug=lambda text: quote(text, safe=""), tied=tied)
    return environment


def _first_choice(config: Config) -> str:
    """Return the ending of the document of a feed to which pages link: its page, else its first format."""
    formats = config.feeds.formats
    return "html" if "html" in formats or not formats else formats[0]


def _own_lead(article: Article) -> str:
    """Return the lead where it says something of its own, and is not cut from the beginning of the text."""
    lead = " ".join(article.lead.split())
    return "" if " ".join(article.text.split()).startswith(lead.rstrip("… ")) else lead
