"""What an issue holds, made from its list's configuration and its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from newsletter import calendar
from newsletter.config import Config, List, Section, Taxonomy, rules
from newsletter.digest.letter import Contents, Form, Heading
from newsletter.model import Article, matches
from newsletter.terms import Trees

FLASH = {"fr": "Flash info", "en": "News flash"}
ERRATUM = {"fr": "Erratum", "en": "Correction"}


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
    headings = [_heading(section, articles, pinned, now, trees, config.taxonomies) for section in settings.sections]
    made = _contents(config, settings, slug, name, number, now, articles, headings)
    return replace(made, pinned=tuple(pinned), corrected=tuple(corrected))


def flash(config: Config, slug: str, name: str, now: datetime, article: Article) -> Contents:
    """Freeze a letter of one article."""
    headings = [Heading(title=FLASH, order=(0,))]
    return _contents(config, config.lists[slug], slug, name, 0, now, [article], headings)


def erratum(config: Config, slug: str, name: str, now: datetime, article: Article) -> Contents:
    """Freeze a letter of one article that was put right, to those who have it as it was."""
    headings = [Heading(title=ERRATUM, order=(0,))]
    made = _contents(config, config.lists[slug], slug, name, 0, now, [article], headings)
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
        opened=now.astimezone(config.site.zone),
        base=config.base,
        site=config.site.name,
        articles=tuple(_light(article, list(config.taxonomies)) for article in articles),
        headings=tuple(headings),
        subject=settings.subject,
        sender=settings.sender,
        reply_to=settings.reply_to,
        contact=config.site.contact,
        description=settings.description,
    )


def _light(article: Article, taxonomies: Sequence[str]) -> Article:
    """Leave out what no letter shows, so that a frozen issue stays small; terms stand in the configured order."""
    known = [term for term in article.terms if term.taxonomy in taxonomies]
    terms = tuple(sorted(known, key=lambda term: taxonomies.index(term.taxonomy)))
    return replace(article, html="", text="", parts=(), unparsed=(), warnings=(), aliases=(), terms=terms)


def _heading(
    section: Section,
    articles: Sequence[Article],
    pinned: Sequence[int],
    now: datetime,
    trees: Trees,
    taxonomies: Mapping[str, Taxonomy],
) -> Heading:
    filters = [trees.widen_all(rule) for rule in rules(section.filter)]
    mine = [position for position, article in enumerate(articles) if matches(article, filters)]
    upcoming = section.select == "upcoming"
    if upcoming:
        order = _by_date([(position, articles[position]) for position in mine], now, section.horizon, taxonomies)
    else:
        order = sorted(mine, key=lambda position: position not in pinned)
    return Heading(section.title, tuple(order), upcoming, Form(section.form), section.max, section.layout)


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
