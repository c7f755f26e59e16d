"""Which feeds there are, and which articles stand in each: the same for every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.config import Config, Taxonomy, say
from newsletter.model import Article, Filter, Term, matches
from newsletter.terms import Trees

EVERYTHING = {"en": "All publications", "fr": "Toutes les publications"}
OF_TAXONOMY = {"en": "{taxonomy}: all publications", "fr": "{taxonomy}\N{NO-BREAK SPACE}: toutes les publications"}
OF_TERM = {"en": "{taxonomy}: {term}", "fr": "{taxonomy}\N{NO-BREAK SPACE}: {term}"}


@dataclass(frozen=True)
class Feed:
    """One feed of the publication, in whichever format.

    ``path`` is its public address without extension ("all", "theme", "theme/sante") and the only thing that its id is
    made of; ``title`` is what it is about, without the site's name; an empty ``filter`` takes everything.
    """

    path: str
    title: str
    subtitle: str
    filter: Filter


def tree(config: Config, terms: Sequence[Term]) -> tuple[Feed, ...]:
    """Return everything, then each configured taxonomy followed by its terms, by slug, with what they include."""
    language = config.site.language.partition("-")[0]
    feeds = [Feed("all", say(EVERYTHING, language), "", {})]
    trees = Trees(terms, [slug for slug, taxonomy in config.taxonomies.items() if taxonomy.inherit])
    for slug, taxonomy in config.taxonomies.items():
        inside = {term.slug: term for term in terms if term.taxonomy == slug}
        feeds += _branch(slug, taxonomy, inside, trees, language)
    return tuple(feeds)


def select(feed: Feed, articles: Sequence[Article]) -> list[Article]:
    """Return all articles that stand in the feed, newest first, those of one instant by id from last to first."""
    chosen = (article for article in articles if matches(article, [feed.filter]))
    return sorted(chosen, key=lambda article: (article.published, article.id), reverse=True)


def _branch(slug: str, taxonomy: Taxonomy, terms: dict[str, Term], trees: Trees, language: str) -> Iterator[Feed]:
    label = say(taxonomy.label, language)
    yield Feed(slug, say(OF_TAXONOMY, language).format(taxonomy=label), "", {slug: frozenset(terms)})
    for name, term in sorted(terms.items()):
        subtitle = say(OF_TERM, language).format(taxonomy=label, term=term.label)
        yield Feed(f"{slug}/{name}", term.label, subtitle, {slug: trees.widen(slug, [name])})
