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


def owed(
    truth: Truth, components: list[list[frozenset[Fact]]], served: int, received: set[str], today: datetime
) -> set[str]:
    """Return the articles that a reader must be sent.

    ``components`` are the ways to match (a union); each way needs one fact out of each of its sets. ``served`` is the
    number of the run that last served the reader, -1 for none.
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
        if not known and news(truth, article, ways, today):
            due.add(article)
    return due


def news(truth: Truth, article: str, ways: list[list[frozenset[Fact]]], today: datetime) -> bool:
    """Tell whether what made the article match, at last, is no archive and not older than the news."""

    def when(fact: Fact) -> tuple[datetime, int]:
        return truth.since[article, fact]

    last = min((max((min(part, key=when) for part in way), key=when) for way in ways), key=when)
    return (article, last) not in truth.archived and today - when(last)[0] <= NEWS
