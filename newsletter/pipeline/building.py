"""Building: what is stored becomes the files that any web server can carry; only what changed is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from newsletter.config import Config, say
from newsletter.digest.letter import Contents
from newsletter.digest.selection import from_bytes, positions
from newsletter.digest.words import words
from newsletter.errors import NewsletterError
from newsletter.feeds import atom, redirects
from newsletter.feeds.tree import Feed, select, tree
from newsletter.model import Article, Term
from newsletter.pages import Pages
from newsletter.phrases import Phrases, spoken
from newsletter.pipeline.media import FOLDER, Shelf, copy
from newsletter.pipeline.opening import number_due
from newsletter.pipeline.output import Output
from newsletter.pipeline.printing import contents_of
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.watching import Watch, unwatched
from newsletter.store import articles, issues, terms
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow

Document = tuple[str, Callable[[], bytes]]
"""A path below the output folder, and what makes its bytes."""

_PAGE = re.compile(r"articles/[a-z0-9-]+\.html")


@dataclass(frozen=True)
class Built:
    """What a build came to, in files."""

    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True)
class Stock:
    """What is to be published, as it was at one moment; each issue with the positions of what its readers could get."""

    shown: Sequence[Article]
    terms: Sequence[Term]
    issues: Sequence[tuple[Contents, frozenset[int]]]
    media: Sequence[str]
    former: Sequence[tuple[str, str, str]] = ()


def build(publication: Publication, watch: Watch = unwatched) -> Built:
    """Write every feed, page and file that is missing or different, and remove documents that are wanted no more.

    Raises:
        NewsletterError: when the output folder cannot be written or a template is broken.
    """
    with publication.store.write() as connection:
        publication.declare_terms(connection)
        number_due(publication, connection)
    with publication.store.read() as connection:
        stock = _stock(publication, connection)
    output = _output(publication.config)
    documents = [
        *_feeds(publication.config, stock),
        *_pages(publication.config, stock),
        *_redirects(publication.config, stock),
    ]
    with watch(len(documents) + len(stock.media)) as step:
        written = 0
        for path, make in documents:
            written += output.write(path, make())
            step(1)
        for path in stock.media:
            written += _share(publication.config, output, path)
            step(1)
    removed = output.sweep([path for path, _ in documents])
    return Built(written, len(documents) + len(stock.media) - written, removed)


def _stock(publication: Publication, connection: Transaction) -> Stock:
    shown = list(articles.shown(connection))
    opened = [row for row in issues.of_list(connection) if row.state != "opening"]
    shelf = Shelf.of(publication.config)
    # Mails link to files for years, also to those of former revisions; only what nobody was shown yet is held back.
    withheld = set(shelf.named_by(articles.never_shown(connection))) - set(shelf.named_by(shown))
    return Stock(
        shown=shown,
        terms=terms.everything(connection),
        issues=[(contents := contents_of(publication, row), _shared(row, contents)) for row in opened],
        media=[path for path in shelf.files() if path not in withheld],
        former=terms.former_names(connection),
    )


def _shared(issue: IssueRow, contents: Contents) -> frozenset[int]:
    """Return the positions of all that any reader of an issue got: news, reminders, pins."""
    reminders = (place for heading in contents.headings if heading.upcoming for place in heading.order)
    return frozenset([*positions(from_bytes(issue.picked)), *reminders, *contents.pinned])


def _output(config: Config) -> Output:
    folder = config.at(config.feeds.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NewsletterError(f"{folder}: cannot be made ({error.strerror}); name another in feeds.output") from error
    return Output(folder)


def _feeds(config: Config, stock: Stock) -> Iterator[Document]:
    # A feed shows nothing older than the year from which its id is minted, so that an empty one has a date that stays.
    began = datetime(config.site.since, 1, 1, tzinfo=config.site.zone)
    by_term = _by_term(stock.shown)
    for feed in tree(config, stock.terms):
        yield f"{feed.path}.atom", partial(_feed, feed, _candidates(feed, stock.shown, by_term), config, began)


def _feed(feed: Feed, candidates: Sequence[Article], config: Config, began: datetime) -> bytes:
    return atom.document(feed, select(feed, candidates)[: config.feeds.entries], config, began)


def _redirects(config: Config, stock: Stock) -> Iterator[Document]:
    former = [each for each in stock.former if each[0] in config.taxonomies]
    lost = [(term.taxonomy, term.slug) for term in stock.terms if term.taxonomy not in config.taxonomies]
    moved = dict([*redirects.of_terms(former), *redirects.of_lost(lost), *_moved_pages(config, stock)])
    yield "redirects.txt", partial(redirects.as_text, moved)
    yield "redirects.nginx", partial(redirects.as_nginx, moved)


def _moved_pages(config: Config, stock: Stock) -> Iterator[tuple[str, str]]:
    """Yield old and new path of the pages of our own that had another name."""
    for article in stock.shown:
        here = article.url.removeprefix(config.base)
        for former in (alias for alias in article.aliases if alias.startswith("articles/")):
            if (there := f"/{former}.html") != here:
                yield there, here if here.startswith("/") else article.url


def _by_term(shown: Sequence[Article]) -> Mapping[tuple[str, str], list[Article]]:
    found: dict[tuple[str, str], list[Article]] = {}
    for article in shown:
        for key in {(term.taxonomy, term.slug) for term in article.terms}:
            found.setdefault(key, []).append(article)
    return found


def _candidates(
    feed: Feed, shown: Sequence[Article], by_term: Mapping[tuple[str, str], list[Article]]
) -> Sequence[Article]:
    """Return what may stand in a feed, so that not every feed asks every article."""
    for taxonomy, slugs in feed.filter.items():
        return list({article.id: article for slug in slugs for article in by_term.get((taxonomy, slug), ())}.values())
    return shown


def _pages(config: Config, stock: Stock) -> Iterator[Document]:
    pages = Pages(config, [config.at("templates")])
    for article in stock.shown:
        path = article.url.removeprefix(f"{config.base}/")
        if _PAGE.fullmatch(path):
            yield path, partial(pages.article, article)
    language = spoken(config.site.language)
    current = {article.id for article in stock.shown}
    for contents, shared in stock.issues:
        sections = _sections(contents, shared, current, language)
        title = say(contents.title, language)
        yield f"issues/{contents.name}.html", partial(pages.issue, title, contents.name, contents.opened, sections)
    yield "index.html", partial(pages.index, tree(config, stock.terms), _titles(config, stock, language))


def _sections(
    contents: Contents, shared: frozenset[int], current: set[str], language: str
) -> list[tuple[str, list[Article]]]:
    """Return an issue's articles, each in the first section that takes it; what staff hid since is left out."""
    left = {place for place in shared if contents.articles[place].id in current}
    sections = []
    for heading in contents.headings:
        mine = [place for place in heading.order if place in left]
        left -= set(mine)
        sections.append((say(heading.title, language), [contents.articles[place] for place in mine]))
    rest = [contents.articles[place] for place in sorted(left)]
    return [*sections, (words(language)["titles"], rest)]


def _titles(config: Config, stock: Stock, language: str) -> list[tuple[str, str]]:
    """Return name and title of each issue, the newest first."""
    phrases = Phrases(config.site.language, config.site.zone)
    return [
        (contents.name, f"{say(contents.title, language)}, {phrases.day(contents.opened)}")
        for contents, _ in reversed(stock.issues)
    ]


def _share(config: Config, output: Output, path: str) -> bool:
    target = output.root / FOLDER / path
    try:
        return copy(Shelf.of(config).folder / path, target, link=True)
    except OSError as error:
        raise NewsletterError(
            f"{target}: cannot be written ({error.strerror}); see to the disk and the rights"
        ) from error
