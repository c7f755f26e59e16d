"""A small publication on disk for flow tests: real configuration, real books, a real relay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.model import Article, ArticleState, Frequency, Origin, Subscription, SubscriptionState, Term
from newsletter.pipeline.publication import Publication
from newsletter.store import audience, incoming
from newsletter.store.engine import Store

NOW = datetime(2024, 4, 2, 7, 0, tzinfo=UTC)
THEMES = {"education": "Éducation", "sante": "Santé", "culture": "Culture et sport"}


def configured(root: Path, port: int = 25, connections: int = 2, **settings: object) -> Config:
    """Return the configuration of a publication whose relay listens on a port."""
    terms = {slug: {"label": label} for slug, label in THEMES.items()}
    document = {
        "site": {"name": "Centre de ressources des Trois Rivières", "url": "https://www.troisrivieres.example.org"},
        "taxonomies": {"theme": {"label": {"fr": "Thème", "en": "Theme"}, "terms": terms}},
        "lists": {
            "lettre": {
                "title": {"fr": "La lettre des Trois Rivières", "en": "The Trois Rivières letter"},
                "sender": {"address": "lettre@troisrivieres.example.org", "name": "Centre des Trois Rivières"},
                "sections": [{"title": {"fr": "Actualités", "en": "News"}}],
            }
        },
        "mail": {"routes": {"default": {"port": port, "security": "none", "connections": connections}}},
    } | settings  # fmt: skip
    return parse(document, root=root)


def published(root: Path, config: Config, url: str = "sqlite:///newsletter.db", now: datetime = NOW) -> Publication:
    """Open the books of a publication."""
    publication = Publication(config, Store.open(url, root), now)
    with publication.store.write() as connection:
        publication.declare(connection)
    return publication


def article(name: str, *themes: str, now: datetime = NOW, age: timedelta = timedelta(days=1)) -> Article:
    """Return an article of the centre with these themes."""
    url = f"https://www.troisrivieres.example.org/articles/{name}.html"
    terms = tuple(Term("theme", slug, THEMES[slug]) for slug in themes)
    text = f"Ce que {name} change pour les habitants."
    return Article(
        f"tag:troisrivieres.example.org,2024:{name}", f"articles/{name}", url, f"L’article {name}", "given",
        text, f"<p>{text}</p>", text, "fr", now - age, now - age, ArticleState.READY,
        terms=terms, source=Origin("test", "markdown", name),
    )  # fmt: skip


def add_articles(publication: Publication, some: Iterable[Article]) -> None:
    """Store articles as an import would."""
    with publication.store.write() as connection:
        for one in some:
            incoming.save(connection, one, publication.ends, list(publication.taxonomies), publication.numbering())


def add_readers(
    publication: Publication, readers: Mapping[str, Mapping[str, frozenset[str]]], language: str = "fr"
) -> None:
    """Subscribe addresses to the letter with their choices."""
    with publication.store.write() as connection:
        for address, choices in readers.items():
            wanted = Subscription(
                0, address, "lettre", SubscriptionState.ACTIVE, choices, Frequency.EACH, language, consent="test"
            )
            audience.subscribe(connection, address, address, wanted, publication.now)
