"""A year in the life of a publication: random events on the real books, and what the oracle says of each letter.

The server is simulated: it takes, refuses, defers, loses replies and lets senders die, through the ledger's own
functions. Everything else is the program itself.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from newsletter.config import Config
from newsletter.configfile import parse
from newsletter.digest.selection import from_bytes, positions
from newsletter.errors import UsageError
from newsletter.model import (
    Article,
    ArticleState,
    DeliveryState,
    DraftEdits,
    Frequency,
    Origin,
    Subscription,
    SubscriptionState,
    Term,
)
from newsletter.pipeline import drafting, freezing, opening, settling
from newsletter.pipeline.publication import Publication
from newsletter.store import articles, audience, claims, corrections, incoming, issues, ledger, moves, schema, tally
from newsletter.store.engine import Store
from newsletter.terms import Trees
from tests.year.oracle import SHOWN, Fact, Frozen, Truth, owed

THEMES = {"education": "", "ecole": "education", "college": "education", "sante": "", "culture": ""}
TYPES = {"actualite": "", "agenda": ""}
TREES = Trees([Term("theme", s, s, parent=p) for s, p in THEMES.items()] + [Term("type", s, s) for s in TYPES])
FILTERS: dict[str, list[dict[str, list[str]]]] = {
    "lettre": [],
    "veille": [{"theme": ["sante"]}, {"theme": ["education"], "type": ["agenda"]}],
}
FAR = datetime(9000, 1, 1, tzinfo=UTC)
START = date(2024, 1, 1)


def configured() -> Config:
    terms = {name: {s: {"label": s, "parent": p} for s, p in tree.items()} for name, tree in SLUGS.items()}
    lists = {n: {"title": n, "sender": {"address": "lettre@example.org"}, "filter": f} for n, f in FILTERS.items()}
    taxonomies = {name: {"label": name, "terms": terms[name]} for name in SLUGS}
    site = {"name": "Trois Rivières", "url": "https://www.troisrivieres.example.org"}
    return parse({"site": site, "taxonomies": taxonomies, "lists": lists})


SLUGS = {"theme": THEMES, "type": TYPES}


@dataclass
class Member:
    """What the oracle knows of one reader on one list."""

    id: int
    address: str
    list: str
    active: bool = True
    choices: dict[str, frozenset[str]] = field(default_factory=dict)
    frequency: Frequency = Frequency.EACH
    served: int = -1  # the snapshot at the last run that served them
    owed_row: bool = False
    received: set[str] = field(default_factory=set)
    delivered: set[str] = field(default_factory=set)
    told: dict[str, int] = field(default_factory=dict)  # of which article how much was known, by the letters received

    def learn(self, row: Row) -> None:
        """Take what a letter says as received."""
        self.received |= row.picks
        for article in row.picks if row.flash else ("", *row.picks):
            self.told[article] = max(self.told.get(article, 0), row.events)


@dataclass
class Row:
    """A delivery as the simulated server sees it."""

    member: Member
    issue: int
    picks: frozenset[str]
    flash: bool
    snapshot: int
    events: int
    status: str = "open"  # open, reached, refused, gone
    doubted: bool = False
    taken: int = 0
    resent: bool = False


class World:
    """The publication, the truth about it, and the dice."""

    def __init__(self, store: Store, seed: int) -> None:
        self.dice = random.Random(seed)
        self.store = store
        self.config = configured()
        self.today = START
        self.truth = Truth()
        self.records: dict[str, Article] = {}
        self.members: list[Member] = []
        self.rows: dict[int, Row] = {}
        self.last_runs: dict[str, tuple[date, int]] = {}
        self.drafts: dict[str, tuple[Frozen, list[str]]] = {}
        self.shut: dict[str, dict[str, int]] = {name: {} for name in FILTERS}
        self.seen: Counter[str] = Counter()
        with store.write() as connection:
            self.publication.declare(connection)

    @property
    def publication(self) -> Publication:
        now = datetime(self.today.year, self.today.month, self.today.day, 8, tzinfo=UTC)
        return Publication(self.config, self.store, now, self.dice)

    # --- what happens -------------------------------------------------------------------------------------------

    def day(self) -> None:
        """Let one day pass."""
        self.today += timedelta(days=1)
        self.wake_embargoed()
        events = [
            (0.45, self.write_article), (0.30, self.retag), (0.20, self.edit), (0.20, self.hide_or_show),
            (0.10, self.join), (0.05, self.leave_or_return), (0.10, self.choose), (0.05, self.resolve),
            (0.08, self.flash), (0.05, self.correct), (0.06, self.draft), (0.02, self.drop_draft),
        ]  # fmt: skip
        self.dice.shuffle(events)
        for chance, event in events:
            if self.dice.random() < chance:
                event()
        for name in FILTERS:
            if self.dice.random() < 0.22:
                self.run(name)
            elif self.dice.random() < 0.3:
                self.retry(name)

    def write_article(self) -> None:
        age = self.dice.choice([0, 0, 0, 0, 1, 3, 20, 100])
        wait = self.dice.choice([0, 0, 0, 0, 2, 9])
        published = self.publication.now - timedelta(days=age, hours=1) + timedelta(days=wait)
        archive = self.dice.choice([None] * 8 + [True, False])
        id = f"tag:example.org,2024:{len(self.records)}"
        state = self.dice.choice([ArticleState.READY] * 5 + [ArticleState.DRAFT])
        terms = tuple(Term(t, s, s) for t, slugs in SLUGS.items() for s in slugs if self.dice.random() < 0.25)
        url = f"https://www.troisrivieres.example.org/{len(self.records)}"
        self.records[id] = Article(
            id, url, url, id, "given", "", "<p>a</p>", "a", "fr", published, published, state, terms=terms,
            source=Origin("test", "markdown", ""),
        )  # fmt: skip
        self.save(id, archive)

    def retag(self) -> None:
        if (id := self.some_article()) is None:
            return
        taxonomy = self.dice.choice(list(SLUGS))
        slug = self.dice.choice(list(SLUGS[taxonomy]))
        kept = tuple(term for term in self.records[id].terms if (term.taxonomy, term.slug) != (taxonomy, slug))
        added = kept if len(kept) < len(self.records[id].terms) else (*kept, Term(taxonomy, slug, slug))
        self.records[id] = replace(self.records[id], terms=added)
        self.save(id)

    def edit(self) -> None:
        if (id := self.some_article()) is not None:
            self.records[id] = replace(self.records[id], text=str(self.dice.random()))
            self.save(id)

    def hide_or_show(self) -> None:
        if (id := self.some_article()) is None:
            return
        hidden = self.records[id].state is ArticleState.HIDDEN
        self.records[id] = replace(self.records[id], state=ArticleState.READY if hidden else ArticleState.HIDDEN)
        self.save(id)

    def save(self, id: str, archive: bool | None = None) -> None:
        with self.store.write() as connection:
            numbering = self.publication.numbering(archive)
            incoming.save(connection, self.records[id], lambda _: None, list(SLUGS), numbering)
        self.tell(id, archive)

    def tell(self, id: str, archive: bool | None = None) -> None:
        """Say to the oracle what is true of an article."""
        record = self.records[id]
        facts: set[Fact] = {(term.taxonomy, term.slug) for term in record.terms}
        facts |= {(taxonomy, "none") for taxonomy in SLUGS if not record.slugs(taxonomy)}
        if record.state is ArticleState.READY and record.published <= self.publication.now:
            facts.add(SHOWN)
        self.truth.become(id, frozenset(facts), self.publication.now, record.published, archive)

    def wake_embargoed(self) -> None:
        with self.store.write() as connection:
            freezing.number_due(self.publication, connection)
        for id in self.records:
            self.tell(id)

    def correct(self) -> None:
        if (id := self.some_article()) is None:
            return
        with self.store.write() as connection:
            corrections.correct(connection, articles.find(connection, id), self.publication.now)
        self.truth.correct(id, self.publication.now)

    def draft(self) -> None:
        name = self.dice.choice(list(FILTERS))
        made = drafting.freeze(self.publication, name, lambda _: DraftEdits(), "test")
        if made is None:
            return
        out = [article.id for article in made.contents.articles if self.dice.random() < 0.1]
        drafting.edit(self.publication, name, lambda edits: replace(edits, excluded=tuple(out)), "test")
        self.drafts[name] = self.truth.frozen(), out
        self.seen["draft"] += 1

    def drop_draft(self) -> None:
        if self.drafts:
            name, _ = self.drafts.popitem()
            drafting.drop(self.publication, name, "test")

    def join(self) -> None:
        if len(self.members) < 8:
            member = Member(0, f"reader{len(self.members)}@example.org", self.dice.choice(list(FILTERS)))
            self.shuffle_choices(member)
            self.subscribe(member)
            self.members.append(member)

    def leave_or_return(self) -> None:
        if not self.members:
            return
        member = self.dice.choice(self.members)
        if not member.active:
            self.subscribe(member)
            return
        with self.store.write() as connection:
            audience.leave(connection, member.id, "test", self.publication.now)
        member.active = member.owed_row = False
        for row in self.rows.values():
            if row.member is member and row.status == "open":
                row.status = "gone"

    def subscribe(self, member: Member) -> None:
        wanted = Subscription(
            0, member.address, member.list, SubscriptionState.ACTIVE, member.choices, member.frequency, consent="test"
        )
        with self.store.write() as connection:
            now = self.publication.now
            member.id = audience.subscribe(connection, member.address, member.address, wanted, now)
        member.active, member.owed_row = True, False
        member.served = self.last_runs[member.list][1] if member.list in self.last_runs else -1

    def choose(self) -> None:
        active = [member for member in self.members if member.active]
        if active:
            member = self.dice.choice(active)
            self.shuffle_choices(member)
            wanted = Subscription(
                member.id, member.address, member.list, SubscriptionState.ACTIVE, member.choices, member.frequency
            )
            with self.store.write() as connection:
                audience.choose(connection, wanted, self.publication.now)

    def shuffle_choices(self, member: Member) -> None:
        picks = {t: frozenset(s for s in slugs if self.dice.random() < 0.2) for t, slugs in SLUGS.items()}
        member.choices = {taxonomy: slugs for taxonomy, slugs in picks.items() if slugs}
        member.frequency = self.dice.choice([Frequency.EACH, Frequency.EACH, Frequency.WEEKLY, Frequency.MONTHLY])

    # --- letters ------------------------------------------------------------------------------------------------

    def run(self, name: str) -> None:
        """Open an issue, compare every letter with the oracle, and let the server have its way with it."""
        self.settle_oracle(name)
        draft, out = self.drafts.pop(name, (None, []))
        snapshot = draft.snapshot if draft else self.truth.run()
        truth = self.truth.as_drafted(draft) if draft else self.truth
        self.shut[name] |= dict.fromkeys(out, truth.events)
        now = self.publication.now
        expected = {
            m.id: owed(truth, self.ways(m), m.served, self.held(m), now, self.shut[name]) for m in self.due(name)
        }
        if draft:
            drafting.approve(self.publication, name, drafting.find(self.publication, name).hash, "test")
        issue = self.open(name)
        if draft:
            self.truth.run()
            self.seen["draft opened"] += 1
        planned = self.planned(issue, snapshot, truth.events, flash=False) if issue else {}
        assert planned == {id: picks for id, picks in expected.items() if picks}, (name, self.today)
        if issue:
            self.compare_corrections(issue.id, truth)
        for member in self.due(name):
            member.owed_row = False
            if not expected[member.id]:
                member.served = snapshot
        self.last_runs[name] = (self.today, snapshot)
        self.seen["run" if issue else "skipped"] += 1
        if issue:
            self.serve(issue.id)

    def compare_corrections(self, issue: int, truth: Truth) -> None:
        """See that everyone is told of what was put right since their last letter, and nobody else."""
        with self.store.read() as connection:
            ids = [record.id for record in articles.some(connection, issues.candidates(connection, issue))]
            mine = sa.select(schema.delivery).where(schema.delivery.c.issue == issue)
            stored = {row.id: from_bytes(row.corrections) for row in connection.execute(mine)}
        for id, bitmap in stored.items():
            row = self.rows[id]
            wrong = self.wrong(row.member, truth) - row.picks
            assert {ids[place] for place in positions(bitmap)} == wrong, (self.today, row.member)
            self.seen["correction"] += len(wrong)

    def wrong(self, member: Member, truth: Truth) -> set[str]:
        """Return what a reader has that was put right since."""
        shown = {id for id, facts in self.truth.facts.items() if SHOWN in facts}
        return {
            id
            for id, (day, event) in truth.corrected.items()
            if id in member.received & shown
            and self.publication.now - day < timedelta(days=60)
            and max(member.told.get("", 0), member.told.get(id, 0)) < event
        }

    def open(self, name: str) -> issues.IssueRow | None:
        """Open a run; sometimes the process dies in the middle and another one takes it up."""
        if self.dice.random() < 0.2:
            self.seen["crash at opening"] += 1
            with dying(), chunks_of(2):
                try:
                    return opening.open_run(self.publication, name).issue
                except InterruptedError:
                    pass
        with chunks_of(3):
            return opening.open_run(self.publication, name).issue

    def flash(self) -> None:
        name = self.dice.choice(list(FILTERS))
        shown = [id for id, facts in self.truth.facts.items() if SHOWN in facts]
        if not shown:
            return
        id = self.dice.choice(shown)
        try:
            issue = opening.open_flash(self.publication, name, id).issue
        except UsageError as error:
            raise AssertionError(f"{id} is shown, and the program says it is not") from error
        expected = {}
        for member in self.members:
            held = self.held(member) | {
                a for r in self.rows.values() if r.member is member and r.status == "open" for a in r.picks
            }
            matching = any(all(part & self.truth.facts[id] for part in way) for way in self.ways(member))
            if id in self.truth.corrected and self.publication.now - self.truth.corrected[id][0] < timedelta(days=60):
                getting = id in self.wrong(member, self.truth)
            else:
                getting = matching and id not in held
            if member.active and member.list == name and getting:
                expected[member.id] = {id}
        planned = self.planned(issue, len(self.truth.runs) - 1, self.truth.events, flash=True) if issue else {}
        assert planned == expected
        self.seen["erratum" if id in self.truth.corrected else "flash"] += 1
        if issue:
            self.serve(issue.id)

    def planned(self, issue: issues.IssueRow, snapshot: int, events: int, *, flash: bool) -> dict[int, set[str]]:
        """Return the picks of an issue's rows by subscription, and remember the rows."""
        members = {member.id: member for member in self.members}
        found = {}
        with self.store.read() as connection:
            ids = [record.id for record in articles.some(connection, issues.candidates(connection, issue.id))]
            mine = sa.select(schema.delivery).where(schema.delivery.c.issue == issue.id)
            for row in connection.execute(mine):
                picks = frozenset(ids[place] for place in positions(from_bytes(row.picks)))
                self.rows[row.id] = Row(members[row.subscription], issue.id, picks, flash, snapshot, events)
                self.rows[row.id].resent = flash and bool(picks & members[row.subscription].received)  # an erratum
                found[row.subscription] = set(picks)
        return found

    def ways(self, member: Member) -> list[list[frozenset[Fact]]]:
        """Return what a reader's articles must be: shown, taken by the list, and what the reader chose."""
        chosen = [
            frozenset({(t, s) for s in TREES.widen(t, slugs)} | {(t, "none")}) for t, slugs in member.choices.items()
        ]
        listed = [
            [frozenset((t, s) for s in TREES.widen(t, slugs)) for t, slugs in rule.items()]
            for rule in FILTERS[member.list]
        ]
        return [[frozenset({SHOWN}), *way, *chosen] for way in listed or [[]]]

    def held(self, member: Member) -> set[str]:
        """Return what counts as received: what was sent or is in doubt, and open flash letters."""
        open_flash = (r for r in self.rows.values() if r.member is member and r.flash and r.status == "open")
        return member.received.union(*(row.picks for row in open_flash))

    def due(self, name: str) -> list[Member]:
        """Return the readers whose turn it is."""
        last = self.last_runs[name][0] if name in self.last_runs else None
        mine = [member for member in self.members if member.active and member.list == name]
        return [member for member in mine if member.owed_row or last is None or new_period(member, last, self.today)]

    def settle_oracle(self, name: str) -> None:
        """The earlier issues of the list come to rest: open rows are folded, who was reached is served."""
        for row in self.rows.values():
            if row.member.list != name or row.flash:
                continue
            if row.status == "open" and not row.doubted:
                row.status, row.member.owed_row = "gone", True
            elif (row.status == "reached" or row.doubted) and row.member.active:
                row.member.served = max(row.member.served, row.snapshot)

    # --- the server ---------------------------------------------------------------------------------------------

    def retry(self, name: str) -> None:
        with self.store.read() as connection:
            waiting = issues.with_open_rows(connection, name)
        for issue in waiting:
            settling.bury_dead(self.publication, issue)
            with self.store.write() as connection:
                ledger.wake(connection, issue.id, self.publication.now, self.publication.now)
            self.serve(issue.id)

    def serve(self, issue_id: int) -> None:
        """Attempt the rows of an issue, as a sender would; it may die."""
        now, real = self.publication.now, datetime.now(UTC)
        with self.store.write() as connection:
            values = {"host": "test", "process": 0, "started": now}
            sender = connection.execute(schema.sender.insert().values(values)).inserted_primary_key[0]
            taken = claims.claim(connection, issue_id, sender, self.dice.randint(1, 9), FAR)
        for claim in taken:
            outcome = self.dice.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
            self.seen[outcome] += 1
            if outcome == "die":
                break
            with self.store.write() as connection:
                self.attempt(connection, claim, sender, outcome, now, real)
        else:
            with self.store.write() as connection:
                claims.release(connection, sender)
        with self.store.read() as connection:
            issue = next(i for i in issues.of_list(connection) if i.id == issue_id)
        settling.bury_dead(self.publication, issue)
        self.balance(issue_id)

    def attempt(
        self, connection: sa.Connection, claim: claims.Claim, sender: int, outcome: str, now: datetime, real: datetime
    ) -> None:
        row, said, tomorrow = self.rows[claim.id], moves.Answer(250, "", outcome), now + timedelta(days=1)
        assert row.status == "open", f"a row that is {row.status} goes out"
        if outcome == "refused early":
            assert ledger.answer_early(connection, claim, sender, DeliveryState.REFUSED, said, now)
            row.status = "refused"
        elif outcome == "deferred early":
            assert ledger.answer_early(connection, claim, sender, DeliveryState.DEFERRED, said, now, tomorrow)
        else:
            assert ledger.hand(connection, claim, sender, now, real)
            self.after_hand(connection, claim, sender, outcome, now, row)

    def after_hand(
        self, connection: sa.Connection, claim: claims.Claim, sender: int, outcome: str, now: datetime, row: Row
    ) -> None:
        said, tomorrow = moves.Answer(250, "", outcome), now + timedelta(days=1)
        if outcome == "sent":
            ledger.answer_dot(connection, claim, sender, DeliveryState.SENT, said, now)
            self.take(row)
            row.status = "reached"
        elif outcome == "refused":
            ledger.answer_dot(connection, claim, sender, DeliveryState.REFUSED, said, now)
            row.status = "refused"
        elif outcome == "deferred":
            ledger.answer_dot(connection, claim, sender, DeliveryState.DEFERRED, said, now, tomorrow)
        elif outcome == "taken back":
            ledger.take_back(connection, claim, sender, said, now)
        else:
            if self.dice.random() < 0.5:
                self.take(row)
            row.status, row.doubted = "doubt", True
            row.member.learn(row)
            if outcome == "lost":
                ledger.answer_dot(connection, claim, sender, DeliveryState.UNCERTAIN, said, now)

    def take(self, row: Row) -> None:
        """The server has the message."""
        row.taken += 1
        assert row.resent or not row.picks & row.member.delivered, "sent twice although nobody asked for it"
        row.member.delivered |= row.picks
        row.member.learn(row)

    def resolve(self) -> None:
        doubtful = [row for row in self.rows.values() if row.status == "doubt"]
        if not doubtful:
            return
        issue_id = self.dice.choice(doubtful).issue
        to = self.dice.choice([DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.PLANNED])
        with self.store.write() as connection:
            ledger.resolve(connection, issue_id, to, "test", self.publication.now)
        self.seen[f"resolved {to}"] += 1
        for row in doubtful:
            if row.issue == issue_id:
                back = "open" if row.member.active else "gone"
                row.status = {"sent": "reached", "refused": "refused", "planned": back}[to]
                row.resent = to is DeliveryState.PLANNED

    def balance(self, issue_id: int) -> None:
        with self.store.read() as connection:
            books = tally.books(connection, issue_id)
        mine = [row for row in self.rows.values() if row.issue == issue_id]
        assert books.balanced and books.audience == len(mine)
        assert books.handed == 0
        known = sum(row.taken > 0 for row in mine if not row.doubted)
        assert known + sum(row.doubted and row.status == "reached" for row in mine) == books.sent

    def some_article(self) -> str | None:
        recent = list(self.records)[-15:]
        return self.dice.choice(recent) if recent else None


OUTCOMES: Mapping[str, int] = {
    "sent": 60, "refused early": 4, "refused": 4, "deferred early": 6, "deferred": 4, "taken back": 4, "lost": 5,
    "die after handing": 3, "die": 3,
}  # fmt: skip


def new_period(member: Member, last: date, today: date) -> bool:
    if member.frequency is Frequency.WEEKLY:
        return last.isocalendar()[:2] != today.isocalendar()[:2]
    return member.frequency is Frequency.EACH or (last.year, last.month) != (today.year, today.month)


@contextmanager
def chunks_of(size: int) -> Iterator[None]:
    """Make openings and settlings work in tiny transactions, so that they are cut off in the middle."""
    before = opening.CHUNK, settling.CHUNK
    opening.CHUNK = settling.CHUNK = size
    try:
        yield
    finally:
        opening.CHUNK, settling.CHUNK = before


@contextmanager
def dying() -> Iterator[None]:
    """Let the process die when it has planned its first readers."""
    reach = issues.reach

    def die(connection: sa.Connection, issue_id: int, subscription_id: int, picked: bytes) -> None:
        reach(connection, issue_id, subscription_id, picked)
        connection.commit()
        raise InterruptedError

    issues.reach = die
    try:
        yield
    finally:
        issues.reach = reach
