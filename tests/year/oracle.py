"""What each reader must be sent, said plainly: from snapshots of the world at each run, without numbers or windows.

An article is owed to a reader at a run when it matches them now and was not received, and when at some run since the
last one that served them something by which it matches was not true yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SHOWN = ("", "shown")
NEWS = timedelta(days=60)
Fact = tuple[str, str]
Facts = frozenset[Fact]


@dataclass
class Truth:
    """The world as it is: facts of articles, when each became true, and how it stood at every run of any list."""

    facts: dict[str, Facts] = field(default_factory=dict)
    since: dict[tuple[str, Fact], tuple[datetime, int]] = field(default_factory=dict)
    events: int = 0
    archived: set[tuple[str, Fact]] = field(default_factory=set)
    left_at: dict[tuple[str, Fact], int] = field(default_factory=dict)
    corrected: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    runs: list[dict[str, Facts]] = field(default_factory=list)

    def become(
        self, article: str, facts: Facts, today: datetime, published: datetime, archive: bool | None = None
    ) -> None:
        """Say what is true of an article from now on."""
        before = self.facts.get(article, frozenset())
        self.events += 1
        for fact in before - facts:
            self.left_at[article, fact] = len(self.runs)
        for fact in facts - before:
            if self.left_at.get((article, fact)) == len(self.runs):
                continue  # it was away, but no run noticed
            self.since[article, fact] = today, self.events
            old = today - published > NEWS if archive is None else archive
            (self.archived.add if old else self.archived.discard)((article, fact))
        self.facts[article] = facts

    def run(self) -> int:
        """Take a snapshot; return its number."""
        self.runs.append(dict(self.facts))
        return len(self.runs) - 1

    def correct(self, article: str, today: datetime) -> None:
        """Say that an article was put right."""
        self.events += 1
        self.corrected[article] = today, self.events

    def frozen(self) -> Frozen:
        """Draft an issue: a snapshot, like that of a run, and since when everything was true."""
        return Frozen(self.run(), dict(self.since), self.events)

    def as_drafted(self, draft: Frozen) -> Truth:
        """Return the world of a draft: what was true then and still is, of the same moment."""
        then = self.runs[draft.snapshot]
        facts = {
            article: frozenset(
                f for f in now & then.get(article, frozenset()) if self.since[article, f] == draft.since[article, f]
            )
            for article, now in self.facts.items()
        }
        corrected = {a: (day, event) for a, (day, event) in self.corrected.items() if event <= draft.events}
        return Truth(facts, self.since, draft.events, self.archived, {}, corrected, self.runs[: draft.snapshot + 1])


@dataclass
class Frozen:
    """A draft: the number of its snapshot, since when everything was true, and how much had happened."""

    snapshot: int
    since: dict[tuple[str, Fact], tuple[datetime, int]]
    events: int


def owed(
    truth: Truth,
    components: list[list[frozenset[Fact]]],
    served: int,
    received: set[str],
    today: datetime,
    shut: dict[str, int],
) -> set[str]:
    """Return the articles that a reader must be sent.

    ``components`` are the ways to match (a union); each way needs one fact out of each of its sets. ``served`` is the
    number of the run that last served the reader, -1 for none. ``shut`` is how much had happened when staff kept an
    article out of an issue: what had made it match by then is received.
    """
    due = set()
    for article, facts in truth.facts.items():
        ways = [[part & facts for part in way] for way in components]
        ways = [way for way in ways if all(way)]
        if not ways or article in received:
            continue
        lasting = [frozenset(past.get(article, frozenset())) for past in truth.runs[served:-1]] if served >= 0 else []
        old = frozenset.intersection(*lasting) if lasting else frozenset() if served < 0 else facts
        known = any(all(part & old for part in way) for way in ways)
        if not known and news(truth, article, ways, today, shut.get(article, 0)):
            due.add(article)
    return due


def news(truth: Truth, article: str, ways: list[list[frozenset[Fact]]], today: datetime, shut: int) -> bool:
    """Tell whether what made the article match, at last, is no archive, not older than the news, and not kept out."""

    def when(fact: Fact) -> tuple[datetime, int]:
        return truth.since[article, fact]

    last = min((max((min(part, key=when) for part in way), key=when) for way in ways), key=when)
    since, event = when(last)
    return (article, last) not in truth.archived and today - since <= NEWS and event > shut
