"""Editions: issues as they are or would be, with some of their letters, to be looked at before anyone gets one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.delivery.composing import Composer
from newsletter.digest.letter import Contents, thawed
from newsletter.digest.master import master
from newsletter.digest.pieces import Pieces, load
from newsletter.digest.selection import from_bytes
from newsletter.model import Subscription, SubscriptionState
from newsletter.pipeline.drawing import Draw, draw
from newsletter.pipeline.publication import Publication
from newsletter.store import issues, tally
from newsletter.store.claims import Claim
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow
from newsletter.store.tally import Makings

SAMPLE = 50
"""Different letters of an issue that are looked at before it is sent."""


@dataclass(frozen=True)
class Edition:
    """An issue as it is or would be: how many letters over which articles, and what some of them are made from.

    ``picked`` and ``repeated`` are all that any letter shows as news, or again, as bitmaps; ``usual`` the news, repeats
    and corrections of who chose everything and had the last letter; ``fragments`` the pieces that were printed already,
    by language.
    """

    issue: IssueRow
    contents: Contents
    readers: int
    picked: int
    repeated: int
    usual: tuple[int, int, int]
    letters: Sequence[Makings]
    fragments: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """The name of the issue."""
        return self.issue.name

    @property
    def articles(self) -> int:
        """The number of articles that are news for anyone."""
        return self.picked.bit_count()

    @property
    def languages(self) -> list[str]:
        """The languages of its letters."""
        return sorted({letter.language for letter in self.letters})

    @property
    def printed(self) -> bool:
        """Whether its pieces are stored, as they are from before the first letter leaves."""
        return bool(self.letters) and set(self.languages) <= set(self.fragments)


def underway(publication: Publication, issue: IssueRow) -> Edition:
    """Return an issue that was opened as its letters are made from now on."""
    contents = thawed(issue.contents, publication.config.zone(issue.list))
    with publication.store.read() as connection:
        letters = tally.makings(connection, issue.id, SAMPLE)
        fragments = issues.fragments(connection, issue.id)
        readers = tally.books(connection, issue.id).counted
        drawn = draw(publication, connection, issue, contents, issues.candidates(connection, issue.id))
        mine = usual(connection, drawn, from_bytes(issue.picked))
    repeated = 0
    for letter in letters:
        repeated |= from_bytes(letter.repeats) | from_bytes(letter.corrections)
    return Edition(issue, contents, readers, from_bytes(issue.picked), repeated, mine, letters, fragments)


def usual(connection: Transaction, drawn: Draw, picked: int) -> tuple[int, int, int]:
    """Return the news, repeats and corrections of who chose everything and had the last letter.

    What only those get whose cursors are old is none of it, unless nobody gets anything else.
    """
    issue = drawn.issue
    lower = issues.last_sent(connection, issue.list, issue.run or 0)
    reader = Subscription(0, "", issue.list, SubscriptionState.ACTIVE, cursor=lower)
    picks = drawn.news(reader, 0) & picked or picked
    return picks, drawn.repeats(reader.choices, picks), sum(1 << position for position in drawn.put_right) & ~picks


def printed(publication: Publication, edition: Edition, language: str) -> Pieces[str]:
    """Return the pieces of an edition in a language: those that are stored with it, else printed now.

    Raises:
        TemplateError: a template breaks the contract of pieces.
    """
    if language in edition.fragments:
        return load(edition.fragments[language])
    return master(edition.contents, language, edition.issue.nonce, publication.templates(edition.issue.list))


def composer(publication: Publication, edition: Edition, pieces: Mapping[str, Pieces[str]]) -> Composer:
    """Return what composes letters of an edition to be looked at: their personal links lead nowhere."""
    key = (0, b"test")  # none of the publication's
    templates = publication.templates(edition.issue.list)
    return Composer(publication.config, edition.contents, edition.issue.nonce, pieces, key, templates)


def claimed(publication: Publication, edition: Edition, letter: Makings, address: str, subscription: int = 0) -> Claim:
    """Return a row of no ledger, from which one letter of an edition is composed for an address."""
    return Claim(
        id=0,
        subscription=subscription,
        message_id=f"test.{publication.dice.getrandbits(128):032x}@{publication.list(edition.issue.list).domain}",
        address=address,
        picks=letter.picks,
        repeats=letter.repeats,
        corrections=letter.corrections,
        language=letter.language,
        light=letter.light,
        tries=0,
        first_tried=None,
    )


def letter_of(
    publication: Publication, edition: Edition, letter: Makings, address: str, subscription: int = 0
) -> bytes:
    """Compose one letter of an edition, to be looked at."""
    pieces = {letter.language: printed(publication, edition, letter.language)}
    row = claimed(publication, edition, letter, address, subscription)
    return composer(publication, edition, pieces).message(row)
