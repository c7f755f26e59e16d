"""Telling operators: what they should know becomes a short mail to each, once and not once a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.catalogue import words
from newsletter.config import say
from newsletter.digest.assemble import Body
from newsletter.digest.press import environment, printed
from newsletter.digest.typography import within
from newsletter.phrases import Phrases
from newsletter.pipeline.noticing import Kind, Note, write
from newsletter.pipeline.publication import Publication
from newsletter.store import outbox
from newsletter.store.engine import Transaction

AGAIN = timedelta(days=1)
"""After so long an alarm whose cause still stands is told again."""


@dataclass(frozen=True)
class News:
    """What operators should know.

    ``about`` names it and ``mark`` how it stands: what is known under both is not told again. ``told`` are sentences,
    ``figures`` and ``answers`` words with their counts; ``commands`` are what may be typed after ``newsletter``.
    """

    kind: Kind
    about: str
    mark: str
    subject: str
    told: Sequence[str]
    figures: Sequence[tuple[str, int]] = ()
    answers: Sequence[tuple[str, int]] = ()
    link: str = ""
    commands: Sequence[str] = ()


def tell(publication: Publication, list_slug: str, news: News) -> None:
    """Write news to each operator, unless they know it: a report for ever, an alarm for a day.

    Raises:
        TemplateError: a template of the publication fails.
    """
    with publication.store.read() as connection:
        if _known(publication, connection, news):
            return
    notes = [
        Note(news.kind, operator, news.subject, _body(publication, news), news.about, news.mark)
        for operator in publication.config.mail.operators
    ]
    with publication.store.write() as connection:
        if not _known(publication, connection, news):
            for note in notes:
                write(publication, connection, list_slug, note)


def title_of(publication: Publication, list_slug: str) -> str:
    """Return the title of a list as it stands inside quotation marks."""
    language = publication.config.site.language
    return within(say(publication.list(list_slug).title, language), language)


def moment(publication: Publication, list_slug: str, at: datetime) -> str:
    """Return an instant in words, on the clocks of a list."""
    return Phrases(publication.config.site.language, publication.config.zone(list_slug)).deadline(at)


def _known(publication: Publication, connection: Transaction, news: News) -> bool:
    since = publication.now - AGAIN if news.kind is Kind.ALARM else None
    return outbox.told(connection, news.about, news.mark, since)


def _body(publication: Publication, news: News) -> Body[str]:
    language = publication.config.site.language
    given = {name: getattr(news, name) for name in ("subject", "told", "figures", "answers", "link", "commands")}
    values = {**given, "words": words("letter", language), "language": language}
    made = environment(publication.notice_templates("operators"))
    return Body(*(printed(made, f"operators.{kind}", values) for kind in ("html", "txt")))
