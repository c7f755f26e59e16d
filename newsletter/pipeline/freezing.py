"""Freezing: what the letters of an issue are made from, as things are now or as an approved draft keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as day

import msgspec

from newsletter.digest import contents as made
from newsletter.digest.editing import edited, still_ahead
from newsletter.digest.letter import Contents, Intro, thawed
from newsletter.errors import ApprovalError, UsageError
from newsletter.intake.intro import intro
from newsletter.pipeline.drawing import Draw, candidates, draw, lately
from newsletter.pipeline.publication import Publication
from newsletter.store import acts, arrivals, articles, corrections, drafts, issues, turns
from newsletter.store.drafts import DraftRow
from newsletter.store.engine import Transaction
from newsletter.store.issues import IssueRow
from newsletter.timetable import Turn


@dataclass(frozen=True)
class Draft:
    """A draft as staff left it; ``hash`` names all that its readers will see, and who they are."""

    row: DraftRow
    contents: Contents
    hash: str

    @property
    def approved(self) -> bool:
        """Whether what stands now was approved."""
        return self.row.approved == self.hash

    def must_be(self, hash: str) -> None:
        """See that it is what somebody has seen.

        Raises:
            ApprovalError: when it is another by now.
        """
        if self.hash != hash:
            told = f"is {self.hash} by now, and not {hash}: look at it again, then approve"
            raise ApprovalError(f"{self.row.name}: {told}")

    def demand(self) -> None:
        """See that it may be sent.

        Raises:
            ApprovalError: when nobody approved it as it stands.
        """
        if not self.approved:
            row, changed = self.row, "was changed after its approval" if self.row.approved else "waits for its approval"
            raise ApprovalError(
                f"{row.name}: the draft {changed}; `newsletter send {row.list} --approve {self.hash}` sends it,"
                f" `newsletter issues cancel {row.name}` drops it"
            )


def number_due(publication: Publication, connection: Transaction) -> int:
    """Number the articles whose embargo has ended; returns how many."""
    arrivals.upper(connection)  # so that nobody hides one of them meanwhile
    due = arrivals.due(connection, publication.now)
    for key, published in due:
        arrivals.show(connection, key, published, publication.numbering())
    return len(due)


def gather(
    publication: Publication, connection: Transaction, list_slug: str, date: str = ""
) -> tuple[Contents, list[int]]:
    """Freeze what the letters of the next issue of a list, of a date or of today, are made from, with its articles."""
    arrivals.upper(connection)
    publication.declare(connection)
    number_due(publication, connection)
    found = candidates(publication, connection, list_slug)
    pins, wrong = articles.pins(connection), corrected(publication, connection)
    frozen = made.contents(
        publication.config,
        list_slug,
        issues.free_name(connection, list_slug, date or publication.today(list_slug)),
        issues.count(connection, list_slug) + 1,
        publication.now,
        articles.some(connection, found),
        [place for place, key in enumerate(found) if key in pins],
        [place for place, key in enumerate(found) if key in wrong],
        publication.trees(connection),
    )
    return _with_subject(publication, frozen), found


def draft_of(publication: Publication, row: DraftRow) -> Draft:
    """Return a draft as staff left it, with the hash of what it is now."""
    config = publication.config
    words = Intro(*intro(row.edits.intro, config.base), config.site.language) if row.edits.intro else Intro()
    contents = edited(thawed(row.contents, config.zone(row.list)), row.edits, words)
    settings = publication.list(row.list)
    whom = (settings.filter, {slug: taxonomy.untagged for slug, taxonomy in publication.taxonomies.items()})
    look = sorted(publication.templates(row.list).items())
    seen = msgspec.json.encode((contents, row.upper, row.articles, whom, look))
    return Draft(row, contents, hashlib.sha256(seen).hexdigest()[:12])


def take_run(publication: Publication, connection: Transaction, list_slug: str, turn: Turn | None = None) -> Draw:
    """Let a run of a list take place: of its draft if it has one, else of what there is now.

    A planned run is of the date and instant for which it was planned, however late it is: so its week and month are
    those of the calendar, and it is not taken for the run of the day on which it was made up for.
    """
    arrivals.upper(connection)
    waiting = drafts.of(connection, list_slug)
    date = turn.date.isoformat() if turn else publication.today(list_slug)
    if waiting:
        contents, found, upper = *_of_draft(publication, connection, waiting, date), waiting.upper
    else:
        contents, found = gather(publication, connection, list_slug, date)
        upper = arrivals.upper(connection)
    run = issues.take_run(connection, list_slug, turn.at if turn else publication.now, upper)
    if turn:
        turns.take(connection, list_slug, turn.date, turn.at, run)
    elif waiting and waiting.turn:
        turns.give_up(connection, list_slug, day.fromisoformat(waiting.turn), turns.BY_HAND)
    return _frozen(publication, connection, contents, found, run, upper)


def take_flash(publication: Publication, connection: Transaction, list_slug: str, name: str) -> Draw:
    """Freeze a letter of one article; where it was put right, an erratum."""
    publication.declare(connection)
    key = articles.find(connection, name)
    record = articles.get(connection, key)
    if not record.arrival:
        raise UsageError(f"{record.id}: is not shown; make it ready and due, then send it")
    issue_name = issues.free_name(connection, list_slug, publication.today(list_slug))
    letter = made.erratum if key in corrected(publication, connection) else made.flash
    frozen = letter(publication.config, list_slug, issue_name, publication.now, record)
    return _frozen(publication, connection, _with_subject(publication, frozen), [key], None, arrivals.upper(connection))


def resume(publication: Publication, connection: Transaction, begun: IssueRow) -> Draw:
    """Take up an issue whose opening was cut off."""
    frozen = msgspec.json.decode(begun.contents, type=Contents)
    return draw(publication, connection, begun, frozen, issues.candidates(connection, begun.id))


def corrected(publication: Publication, connection: Transaction) -> set[int]:
    """Return the keys of what staff put right so lately that it is still told."""
    return set(corrections.since(connection, lately(publication), arrivals.upper(connection)))


def _of_draft(
    publication: Publication, connection: Transaction, row: DraftRow, date: str
) -> tuple[Contents, Sequence[int]]:
    """Use up what was approved, under the date on which it goes out."""
    kept = draft_of(publication, row).contents
    now = publication.now.astimezone(publication.config.zone(row.list))
    named = replace(kept, name=issues.free_name(connection, row.list, date), opened=now)
    contents = still_ahead(named, now, publication.taxonomies)
    drafts.exclude(connection, row.list, [row.articles[position] for position in kept.excluded], row.upper)
    drafts.drop(connection, row.list)
    acts.rename(connection, row.name, contents.name)
    return contents, row.articles


def _with_subject(publication: Publication, frozen: Contents) -> Contents:
    """Keep the subject of the list, or else of the template, as it is now."""
    return replace(frozen, subject=frozen.subject or publication.templates(frozen.list)["subject.txt"])


def _frozen(
    publication: Publication,
    connection: Transaction,
    frozen: Contents,
    found: Sequence[int],
    run: int | None,
    upper: int,
) -> Draw:
    """Write a new issue, and make ready by what its readers are matched."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    row = IssueRow(
        id=0,
        name=frozen.name,
        list=frozen.list,
        run=run,
        date=frozen.name.rpartition("/")[2][:10],
        at=publication.now,
        state="opening",
        frozen=upper,
        held=None,
        reached=0,
        audience=None,
        picked=b"",
        dropped=0,
        nonce="".join(publication.dice.choices(letters, k=16)),
        signing_key=publication.signing_key(connection),
        contents=msgspec.json.encode(frozen).decode(),
        upper=upper if run else 0,
    )
    written = replace(row, id=issues.create(connection, row, found))
    return draw(publication, connection, written, frozen, found)
