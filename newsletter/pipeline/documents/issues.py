"""The pages of issues, each with all that any reader of it could get, and the feed of each list's issues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from newsletter.catalogue import spoken, words
from newsletter.config import RESERVED, say
from newsletter.digest.letter import Contents, thawed
from newsletter.digest.selection import from_bytes, positions
from newsletter.feeds import atom
from newsletter.feeds.head import Head, newest
from newsletter.feeds.issues import Section, as_article
from newsletter.feeds.parts import updated
from newsletter.feeds.tree import Feed, letters
from newsletter.model import Article
from newsletter.phrases import Phrases
from newsletter.pipeline.documents import Build, Document
from newsletter.store import articles, issues
from newsletter.store.engine import Transaction
from newsletter.store.homes import Move
from newsletter.store.issues import IssueRow


def stale(build: Build, connection: Transaction) -> Iterator[Document]:
    """Yield the pages and feeds of issues that are new, or have an article that was revised: it may be hidden since."""
    names = _stale(build, connection)
    for name in names:
        yield _page_path(name), partial(_page, build, connection, name)
    for feed in _stale_letters(build, names):
        yield f"{feed.path}.atom", partial(_feed, build, connection, feed)


def count(build: Build, connection: Transaction) -> int:
    """Return how many pages and feeds are stale."""
    names = _stale(build, connection)
    return len(names) + sum(1 for _ in _stale_letters(build, names))


def paths(build: Build, connection: Transaction) -> Iterator[str]:
    """Yield where the page of every issue stands, and the feed of every list."""
    yield from (_page_path(name) for _, name, _ in issues.opened(connection))
    yield from live(build)


def live(build: Build) -> Iterator[str]:
    """Yield where the feeds of issues stand."""
    return (f"{feed.path}.atom" for feed in letters(build.config))


def lost(build: Build, connection: Transaction) -> set[str]:
    """Return the paths of the feeds of lists that had issues and are not published any more."""
    known = {feed.path for feed in letters(build.config)}
    return {f"issues/{_list_of(name)}" for _, name, _ in issues.opened(connection)} - known


def titles(build: Build, connection: Transaction) -> Iterator[tuple[str, str]]:
    """Yield name and title of each issue, the newest first."""
    site = build.config.site
    phrases, language = Phrases(site.language, site.zone), spoken(site.language)
    for _, name, at in reversed(issues.opened(connection)):
        known = build.config.lists.get(_list_of(name))
        yield name, f"{say(known.title, language) if known else _list_of(name)}, {phrases.day(at)}"


def _stale(build: Build, connection: Transaction) -> list[str]:
    revised = issues.revised(connection, build.since)
    every = ((number, name) for number, name, _ in issues.opened(connection))
    return [name for number, name in every if number in revised or _page_path(name) not in build.published]


def _stale_letters(build: Build, names: list[str]) -> Iterator[Feed]:
    touched = {f"issues/{_list_of(name)}" for name in names}
    for feed in letters(build.config):
        if build.since < 0 or feed.path in touched or f"{feed.path}.atom" not in build.published:
            yield feed


def _page_path(name: str) -> str:
    return f"issues/{name}.html"


def _list_of(name: str) -> str:
    return name.partition("/")[0]


@dataclass(frozen=True)
class _Told:
    """An issue as it is told to everyone: what was frozen, and the sections with what is still shown."""

    contents: Contents
    sections: list[Section]


def _told(build: Build, connection: Transaction, name: str) -> _Told:
    row = issues.named(connection, name)
    contents = _at_home(build, thawed(row.contents, build.config.zone(row.list)))
    candidates = issues.candidates(connection, row.id)
    shown = articles.which_shown(connection, candidates)
    left = {place for place in _shared(row, contents) if candidates[place] in shown}
    return _Told(contents, _sections(contents, left, spoken(build.config.site.language)))


def _at_home(build: Build, contents: Contents) -> Contents:
    """Return what was frozen where the publication stood then, with the addresses of today."""
    move = Move(contents.base, build.config.base, RESERVED | build.config.taxonomies.keys())
    return replace(contents, articles=tuple(map(move.article, contents.articles)))


def _page(build: Build, connection: Transaction, name: str) -> bytes:
    told = _told(build, connection, name)
    contents, language = told.contents, spoken(build.config.site.language)
    feed = next((each for each in letters(build.config) if each.path == f"issues/{contents.list}"), None)
    return build.pages.issue(say(contents.title, language), contents.name, contents.opened, told.sections, feed)


def _feed(build: Build, connection: Transaction, feed: Feed) -> bytes:
    mine = [each for each in titles(build, connection) if f"issues/{_list_of(each[0])}" == feed.path]
    made = [_entry(build, connection, *each) for each in mine[: build.config.feeds.entries]]
    head = Head(feed, newest(build.config, (updated(each) for each in made)))
    return atom.document(head, [atom.entry(each, build.config) for each in made], build.config)


def _entry(build: Build, connection: Transaction, name: str, title: str) -> Article:
    told = _told(build, connection, name)
    return as_article(name, title, told.contents.opened, told.sections, build.config)


def _shared(issue: IssueRow, contents: Contents) -> frozenset[int]:
    """Return the positions of all that any reader of an issue got: news, reminders, pins, corrections."""
    reminders = (place for heading in contents.headings if heading.upcoming for place in heading.order)
    return frozenset([*positions(from_bytes(issue.picked)), *reminders, *contents.pinned, *contents.corrected])


def _sections(contents: Contents, left: set[int], language: str) -> list[Section]:
    """Return an issue's articles, each in the first section that takes it and has room."""
    said = words("letter", language)
    headings = [(say(heading.title, language), heading.order, heading.max or None) for heading in contents.headings]
    ends = [(said["corrected"], contents.corrected, None), (said["titles"], tuple(sorted(left)), None)]
    sections: list[Section] = []
    for title, order, most in (*headings, *ends):
        mine = [place for place in order if place in left][:most]
        left -= set(mine)
        sections.append((title, [contents.articles[place] for place in mine]))
    return sections
