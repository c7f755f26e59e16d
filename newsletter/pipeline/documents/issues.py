"""The pages of issues: all that any reader of one could get."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from newsletter.config import say
from newsletter.digest.letter import Contents, thawed
from newsletter.digest.selection import from_bytes, positions
from newsletter.digest.words import words
from newsletter.model import Article
from newsletter.phrases import Phrases, spoken
from newsletter.pipeline.documents import Build, Document
from newsletter.store import articles, issues
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow


def stale(build: Build, connection: Transaction, since: int) -> Iterator[Document]:
    """Yield the pages of issues that are new, and of those with an article that was revised: it may be hidden since."""
    revised = issues.revised(connection, since)
    for number, name, _ in issues.opened(connection):
        path = _path(name)
        if number in revised or path not in build.published:
            yield path, partial(_page, build, connection, name)


def paths(connection: Transaction) -> Iterator[str]:
    """Yield where the page of every issue stands."""
    return (_path(name) for _, name, _ in issues.opened(connection))


def titles(build: Build, connection: Transaction) -> Iterator[tuple[str, str]]:
    """Yield name and title of each issue, the newest first."""
    site = build.config.site
    phrases, language = Phrases(site.language, site.zone), spoken(site.language)
    for _, name, at in reversed(issues.opened(connection)):
        slug, _, _ = name.partition("/")
        known = build.config.lists.get(slug)
        yield name, f"{say(known.title, language) if known else slug}, {phrases.day(at)}"


def _path(name: str) -> str:
    return f"issues/{name}.html"


def _page(build: Build, connection: Transaction, name: str) -> bytes:
    row = issues.named(connection, name)
    contents = thawed(row.contents, build.config.site.zone)
    language = spoken(build.config.site.language)
    candidates = issues.candidates(connection, row.id)
    shown = articles.which_shown(connection, candidates)
    left = {place for place in _shared(row, contents) if candidates[place] in shown}
    sections = _sections(contents, left, language)
    return build.pages.issue(say(contents.title, language), contents.name, contents.opened, sections)


def _shared(issue: IssueRow, contents: Contents) -> frozenset[int]:
    """Return the positions of all that any reader of an issue got: news, reminders, pins, corrections."""
    reminders = (place for heading in contents.headings if heading.upcoming for place in heading.order)
    return frozenset([*positions(from_bytes(issue.picked)), *reminders, *contents.pinned, *contents.corrected])


def _sections(contents: Contents, left: set[int], language: str) -> list[tuple[str, list[Article]]]:
    """Return an issue's articles, each in the first section that takes it and has room."""
    said = words(language)
    headings = [(say(heading.title, language), heading.order, heading.max or None) for heading in contents.headings]
    ends = [(said["corrected"], contents.corrected, None), (said["titles"], tuple(sorted(left)), None)]
    sections = []
    for title, order, most in (*headings, *ends):
        mine = [place for place in order if place in left][:most]
        left -= set(mine)
        sections.append((title, [contents.articles[place] for place in mine]))
    return sections
