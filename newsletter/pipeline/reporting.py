"""Reporting: what operators are told of an issue after its first pass, and when nothing is left to send."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.catalogue import counted, words
from newsletter.model import Books
from newsletter.pipeline.noticing import Kind
from newsletter.pipeline.publication import Publication
from newsletter.pipeline.sending import Sent
from newsletter.pipeline.telling import News, moment, tell, title_of
from newsletter.store import outbox, tally

COMPLETE = "complete"
"""The mark of a report after which an issue has no other."""

MOST = 10
"""How many different answers of servers a report names, the most frequent ones."""

STATES = ("sent", "refused", "deferred", "planned", "handed", "uncertain", "withdrawn")


def report(publication: Publication, sent: Sent) -> None:
    """Write to the operators how an issue stands, if its first pass has ended or nothing is left to send.

    Raises:
        TemplateError: a template of the publication fails.
    """
    if not publication.config.mail.operators or sent.issue.audience is None or sent.issue.held:
        return
    with publication.store.read() as connection:
        ended = outbox.told(connection, about(sent.issue.name), COMPLETE)
    if not ended:  # what a person has sent again since is no first pass
        tell(publication, sent.issue.list, _news(publication, sent))


def about(issue: str) -> str:
    """Return how reports of an issue are named in the outbox."""
    return f"{issue}/report"


def _news(publication: Publication, sent: Sent) -> News:
    name, books, language = sent.issue.name, sent.books, publication.config.site.language
    with publication.store.read() as connection:
        found = tally.outcomes(connection, sent.issue.id)
    told = words("operators", language)
    subject = told["see"] if books.uncertain else told["gone"] if books.complete else told["begun"]
    return News(
        kind=Kind.REPORT,
        about=about(name),
        mark=COMPLETE if books.complete else "begun",
        subject=subject.format(issue=name),
        told=list(_sentences(publication, sent)),
        figures=list(_figures(books, language)),
        answers=[(reason, count) for _, reason, count in found if reason][:MOST],
        link=f"{publication.config.base}/issues/{name}.html",
        commands=_commands(sent),
    )


def _sentences(publication: Publication, sent: Sent) -> Iterator[str]:
    books, language = sent.books, publication.config.site.language
    told = words("operators", language)
    yield told["went"].format(title=title_of(publication, sent.issue.list))
    if books.deferred and sent.next_due:
        yield told["again"].format(when=moment(publication, sent.issue.list, sent.next_due))
    if books.planned or books.handed:
        yield told["left"]
    if books.uncertain:
        yield counted("operators", "doubt", books.uncertain, language)
    if books.closed:
        yield told["nothing"]


def _figures(books: Books, language: str) -> Iterator[tuple[str, int]]:
    told = words("operators", language)
    yield told["audience"], books.audience
    for state in STATES:
        if count := getattr(books, state):
            yield told[state], count


def _commands(sent: Sent) -> list[str]:
    name, books = sent.issue.name, sent.books
    found = [f"issues show {name}"]
    if books.planned or books.handed:
        found.append(f"issues retry {name}")
    if books.uncertain:
        found.append(f"issues resolve {name} --assume-sent")
    return found
