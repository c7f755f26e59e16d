"""Which feeds there are, and what each takes: the same for every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.catalogue import spoken, words
from newsletter.config import Config, Taxonomy, rules, say
from newsletter.model import Filter, Term
from newsletter.terms import Trees


@dataclass(frozen=True)
class Feed:
    """One feed of the publication, in whichever format.

    ``path`` is its public address without extension ("all", "theme", "theme/sante"); ``title`` is what it is about,
    without the site's name; ``filters`` is a union, and empty takes everything. ``parent`` is the path of the feed that
    holds it, and ``archived`` whether everything that ever stood in it is kept. ``name`` is what its id is made of: its
    first path, where it stands at another one today. ``page`` is the path of the page that shows it, where none stands
    beside it.
    """

    path: str
    title: str
    subtitle: str = ""
    filters: tuple[Filter, ...] = ()
    parent: str = ""
    archived: bool = False
    name: str = ""
    page: str = ""


def letters(config: Config) -> tuple[Feed, ...]:
    """Return the feeds of issues, one for each list: they are Atom only, and the index shows them to people."""
    language = spoken(config.site.language)
    wanted = config.lists if "atom" in config.feeds.formats else {}
    return tuple(
        Feed(f"issues/{slug}", say(each.title, language), say(each.description, language), page="index")
        for slug, each in wanted.items()
    )


def tree(config: Config, terms: Sequence[Term]) -> tuple[Feed, ...]:
    """Return everything, each configured taxonomy followed by its terms, by slug, and the saved filters."""
    language = spoken(config.site.language)
    feeds = [Feed("all", words("page", language)["everything"], archived=config.feeds.archives)]
    trees = Trees(terms, [slug for slug, taxonomy in config.taxonomies.items() if taxonomy.inherit])
    for slug, taxonomy in config.taxonomies.items():
        inside = {term.slug: term for term in terms if term.taxonomy == slug}
        feeds += _branch(slug, taxonomy, inside, trees, config)
    return (*feeds, *_saved(config, trees, language))


def _branch(slug: str, taxonomy: Taxonomy, terms: dict[str, Term], trees: Trees, config: Config) -> Iterator[Feed]:
    language = spoken(config.site.language)
    label = say(taxonomy.label, language)
    whole = words("feed", language)["of_taxonomy"].format(taxonomy=label)
    yield Feed(slug, whole, filters=({slug: frozenset(terms)},), archived=config.feeds.archives)
    for name, term in sorted(terms.items()):
        subtitle = words("feed", language)["of_term"].format(taxonomy=label, term=term.label)
        parent = f"{slug}/{term.parent}" if term.parent in terms else slug
        yield Feed(f"{slug}/{name}", term.label, subtitle, ({slug: trees.widen(slug, [name])},), parent)


def _saved(config: Config, trees: Trees, language: str) -> Iterator[Feed]:
    for slug, saved in config.feeds.filters.items():
        union = tuple(trees.widen_all(rule) for rule in rules(saved.filter))
        described = say(saved.description, language)
        yield Feed(f"filters/{slug}", say(saved.title, language), described, union, archived=saved.archive)
