"""What a route found of one article, before the rules that all routes share have settled it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from newsletter.errors import IntakeError
from newsletter.intake import clean
from newsletter.intake.desk import Desk
from newsletter.intake.identity import mint
from newsletter.intake.wording import cut, seen, tidy
from newsletter.model import Article, ArticleState, Attachment, EventDate, Image, Origin, Part, Term


@dataclass
class Draft:
    """The facts of one article; ``html`` is clean, ``extra`` is clean too but no part of what a lead is made of.

    ``where`` is its place in an input of many.
    """

    identity: str
    url: str
    title: str
    title_source: str
    html: str
    lang: str
    published: datetime
    modified: datetime | None = None
    lead: str = ""
    extra: str = ""
    state: ArticleState = ArticleState.READY
    aliases: tuple[str, ...] = ()
    terms: list[Term] = field(default_factory=list)
    dates: tuple[EventDate, ...] = ()
    deadline: datetime | None = None
    attachments: list[Attachment] = field(default_factory=list)
    image: Image | None = None
    parts: tuple[Part, ...] = ()
    unparsed: tuple[str, ...] = ()
    warnings: list[str] = field(default_factory=list)
    where: str = ""

    def article(self, desk: Desk, origin: Origin) -> Article:
        """Return the article: id minted, text and lead derived, every term once, never updated before published.

        Raises:
            IntakeError: if there are neither title nor words.
        """
        title = tidy(self.title)
        if not title:
            raise IntakeError("there is neither a title nor a sentence to take one from; add a title")
        html = "\n".join(filter(None, (self.html, self.extra)))
        return Article(
            id=mint(self.identity, desk.site),
            identity=self.identity,
            url=self.url,
            title=title,
            title_source=self.title_source,
            lead=tidy(self.lead, 2000) or clean.lead(self.html),
            html=html,
            text=clean.text(html),
            lang=tidy(self.lang, 35),
            published=self.published,
            updated=max(self.modified or self.published, self.published),
            state=self.state,
            modified=self.modified,
            aliases=tuple(dict.fromkeys(self.aliases)),
            terms=tuple({(term.taxonomy, term.slug): term for term in reversed(self.terms)}.values())[::-1],
            dates=self.dates,
            deadline=self.deadline,
            attachments=tuple({file.url: file for file in reversed(self.attachments)}.values())[::-1],
            image=self.image,
            source=origin,
            parts=self.parts,
            unparsed=self.unparsed,
            warnings=tuple(dict.fromkeys(cut(seen(warning), 300) for warning in self.warnings)),
        )
