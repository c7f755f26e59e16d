"""What an issue holds, made from its list's configuration and its candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter import calendar
from newsletter.catalogue import everywhere
from newsletter.config import Config, List, Section, Taxonomy, rules
from newsletter.digest.facts import picture
from newsletter.digest.letter import Contents, Form, Heading
from newsletter.model import Article, matches
from newsletter.terms import Trees

LAYOUTS = {"top": "top", "upcoming": "upcoming", "new": "article"}
"""The piece that prints an article of a section that names none."""


def contents(
    config: Config,
    slug: str,
    name: str,
    number: int,
    now: datetime,
    articles: Sequence[Article],
    pinned: Sequence[int],
    corrected: Sequence[int],
    trees: Trees,
) -> Contents:
    """Freeze what an issue's letters are made from; ``pinned`` and ``corrected`` are positions in ``articles``."""
    settings = config.lists[slug]
    light = [_light(article, config) for article in articles]
    headings = [_heading(section, light, pinned, now, trees, config) for section in settings.sections]
    made = _contents(config, settings, slug, name, number, now, light, headings)
    return replace(made, pinned=tuple(pinned), corrected=tuple(corrected))


def flash(config: Config, slug: str, name: str, now: datetime, article: Article) -> Contents:
    """Freeze a letter of one article."""
    headings = [Heading(title=everywhere("letter", "flash"), order=(0,), layout="top")]
    return _contents(config, config.lists[slug], slug, name, 0, now, [_light(article, config)], headings)


def erratum(config: Config, slug: str, name: str, now: datetime, article: Article) -> Contents:
    """Freeze a letter of one article that was put right, to those who have it as it was."""
    headings = [Heading(title=everywhere("letter", "erratum"), order=(0,), layout="top")]
    made = _contents(config, config.lists[slug], slug, name, 0, now, [_light(article, config)], headings)
    return replace(made, corrected=(0,))


def _contents(
    config: Config,
    settings: List,
    slug: str,
    name: str,
    number: int,
    now: datetime,
    articles: Sequence[Article],
    headings: Sequence[Heading],
) -> Contents:
    return Contents(
        name=name,
        list=slug,
        title=settings.title,
        number=number,
        opened=now.astimezone(config.zone(slug)),
        base=config.base,
        site=config.site.name,
        articles=tuple(articles),
        headings=tuple(headings),
        subject=settings.subject,
        sender=settings.sender,
        reply_to=settings.reply_to,
        contact=config.site.contact,
        description=settings.description,
        brand=config.brand,
        calendars="ics" in config.feeds.formats,
    )


def _light(article: Article, config: Config) -> Article:
    """Leave out what no letter shows, so that a frozen issue stays small, and dates that are no event.

    Terms stand in the configured order.
    """
    order = {slug: place for place, slug in enumerate(config.taxonomies)}
    known = [term for term in article.terms if term.taxonomy in order]
    terms = tuple(sorted(known, key=lambda term: order[term.taxonomy]))
    dates = tuple(calendar.events(article, config.taxonomies))
    return replace(article, html="", text="", parts=(), unparsed=(), warnings=(), aliases=(), terms=terms, dates=dates)


def _heading(
    section: Section, articles: Sequence[Article], pinned: Sequence[int], now: datetime, trees: Trees, config: Config
) -> Heading:
    filters = [trees.widen_all(rule) for rule in rules(section.filter)]
    mine = [
        position
        for position, article in enumerate(articles)
        if matches(article, filters) and (not section.sources or article.source.name in section.sources)
    ]
    most = section.max
    if section.select == "top":
        order, most = _leading(mine, articles, pinned, config.base), 1
    elif section.select == "upcoming":
        order = _by_date([(position, articles[position]) for position in mine], now, section.horizon, config.taxonomies)
    else:
        order = sorted(mine, key=lambda position: position not in pinned)
    layout = section.layout or LAYOUTS[section.select]
    return Heading(section.title, tuple(order), section.select == "upcoming", Form(section.form), most, layout)


def _leading(mine: Iterable[int], articles: Sequence[Article], pinned: Sequence[int], base: str) -> list[int]:
    """Return the positions of what may lead a letter: whatever staff pinned, then what has a picture; newest first."""
    shown = [
        position
        for position in mine
        if (image := articles[position].image) and position not in pinned and picture(image, f"{base}/")
    ]
    return [*pinned, *shown]


def _by_date(
    mine: Sequence[tuple[int, Article]], now: datetime, horizon: int, taxonomies: Mapping[str, Taxonomy]
) -> list[int]:
    """Return the positions of what is not over and begins inside the horizon, soonest first."""
    starts = []
    for position, article in mine:
        dates = calendar.occasions(article, taxonomies)
        if start := calendar.upcoming(dates, now, timedelta(days=horizon)):
            starts.append((start, position))
    return [position for _, position in sorted(starts)]
