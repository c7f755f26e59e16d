"""Issues as feeds know them: an entry each, whose text is the list of what the issue holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup

from newsletter.config import Config
from newsletter.feeds.head import address
from newsletter.model import Article

_HEADING = Markup("<h2>{}</h2>")
_LIST = Markup("<ul>{}</ul>")
_LINK = Markup('<li><a href="{}">{}</a></li>')

Section = tuple[str, Sequence[Article]]
"""A heading of an issue, and the articles below it."""


def as_article(name: str, title: str, opened: datetime, sections: Sequence[Section], config: Config) -> Article:
    """Return an issue as every format writes an article; its id is made of its name, which stays."""
    id = f"tag:{config.site.tagged_by},{config.site.since}:issue/{quote(name)}"
    url, html = (
        address(f"issues/{name}", ".html", config),
        "".join(map(_section, (each for each in sections if each[1]))),
    )
    titles = " · ".join(article.title for _, articles in sections for article in articles)
    return Article(id, url, url, title, "given", titles, html, titles, config.site.language, opened, opened)


def _section(section: Section) -> Markup:
    heading, articles = section
    links = Markup().join(_LINK.format(article.url, article.title or article.url) for article in articles)
    return _HEADING.format(heading) + _LIST.format(links)
