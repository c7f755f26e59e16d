"""What is news for a reader: arrival numbers against the reader's cursor and choices (docs/adr/0004-arrivals.md).

The question "which articles matched this reader by number n?" is answered for all candidates at once, by OR and AND of
bitmaps, one for each term that was ever chosen; what is news is what matched by ``upper`` and did not match yet by
``lower``. So no loop runs over readers times articles, and a choice that nobody else made costs no more than another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial, reduce
from itertools import compress, count
from operator import or_
from typing import TypeVar

from newsletter.model import Filter
from newsletter.terms import Trees

T = TypeVar("T")

_BITS = bytes.maketrans(b"01", b"\0\1")

NONE = ""
"""Stands in the place of a term's slug for "has none of this taxonomy"."""


@dataclass(frozen=True, slots=True)
class Number:
    """The number at which something became true, and whether it was given to an archive."""

    value: int
    archive: bool = False


@dataclass(frozen=True)
class Candidate:
    """An article that may be news: when it was shown, and when it got each term, by taxonomy and slug."""

    key: int
    shown: Number
    terms: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)

    def number(self, taxonomy: str, slugs: Iterable[str]) -> Number | None:
        """Return the smallest number among the slugs that the article has, None when it has none of them."""
        # A taxonomy configured after the article was stored: it has had no term for as long as it was shown.
        mine = self.terms.get(taxonomy) or {NONE: self.shown}
        return min((mine[slug] for slug in slugs if slug in mine), key=lambda n: n.value, default=None)

    @property
    def newest(self) -> int:
        """The largest number of the article."""
        return max(number.value for number in self.numbers)

    @property
    def numbers(self) -> list[Number]:
        """Every number of the article."""
        return [self.shown, *(number for terms in self.terms.values() for number in terms.values())]


@dataclass(frozen=True)
class Rules:
    """How a list selects: its filters, widened; the trees of terms; the taxonomies whose untagged articles reach all.

    ``upper`` is the counter at opening; numbers up to ``stale`` are too old to be news.
    """

    filters: Sequence[Filter]
    trees: Trees
    to_everyone: frozenset[str]
    upper: int
    stale: int = 0

    def wanted(self, choices: Filter) -> dict[str, frozenset[str]]:
        """Return what a reader's choices stand for: widened, and with "has none" where that reaches everyone."""
        widened = self.trees.widen_all(choices)
        return {t: slugs | {NONE} if t in self.to_everyone else slugs for t, slugs in widened.items()}


class Selection:
    """The candidates of an issue, ready to be matched against any number of readers.

    A candidate's position is its bit in every bitmap that is returned.
    """

    def __init__(self, candidates: Sequence[Candidate], rules: Rules) -> None:
        self.candidates = candidates
        self.rules = rules
        self._mixed = _bits(candidates, lambda c: any(n.archive for n in c.numbers))
        self._window = cache(self._window_uncached)
        self._having = cache(self._having_uncached)

    def news(self, choices: Filter, lower: int) -> int:
        """Return the bitmap of what is news for a reader with these choices and this cursor."""
        rules = self.rules
        found = self._between(choices, lower if lower > rules.stale else rules.stale, rules.upper)
        return found & ~self._archived(found & self._mixed, choices) if self._mixed else found

    def _archived(self, some: int, choices: Filter) -> int:
        """Return the bitmap of those that arrived by a number that was given to an archive."""
        arrivals = ((position, self.arrival(position, choices)) for position in positions(some))
        return bitmap(position for position, arrival in arrivals if arrival is None or arrival.archive)

    def dropped(self, choices: Filter, lower: int) -> int:
        """Return the bitmap of what would have been news, had its number not grown too old."""
        if lower >= self.rules.stale:
            return 0
        return self._between(choices, lower, self.rules.stale) & ~self._mixed

    def matching(self, choices: Filter) -> int:
        """Return the bitmap of all that matches the list and the reader now, news or not."""
        return self._between(choices, 0, self.rules.upper)

    def arrival(self, position: int, choices: Filter) -> Number | None:
        """Return the number at which one article arrived for a reader, None when it does not match.

        This is the definition; ``news`` is the same for all candidates at once.
        """
        candidate = self.candidates[position]
        by_filter = [self._largest(candidate, rule) for rule in self.rules.filters] or [candidate.shown]
        listed = min((n for n in by_filter if n), key=lambda n: n.value, default=None)
        chosen = self._largest(candidate, self.rules.wanted(choices))
        if listed is None or chosen is None:
            return None
        return max(listed, chosen, key=lambda n: n.value)

    def _largest(self, candidate: Candidate, wanted: Filter) -> Number | None:
        numbers = [candidate.shown, *(candidate.number(taxonomy, slugs) for taxonomy, slugs in wanted.items())]
        found = [number for number in numbers if number is not None]
        return max(found, key=lambda n: n.value) if len(found) == len(numbers) else None

    def _between(self, choices: Filter, lower: int, upper: int) -> int:
        """Return what matched by ``upper`` and did not by ``lower``: both are asked at once, side by side."""
        found, terms, width = self._window(lower, upper)
        for taxonomy, slugs in choices.items():
            if slugs:
                union, bitmaps = 0, terms[taxonomy]
                for slug in slugs:
                    union |= bitmaps[slug]
                found &= union
        return found >> width & ~found

    def _window_uncached(self, lower: int, upper: int) -> tuple[int, _Found[_Found[int]], int]:
        """Return what the list's filters took by both numbers, and by taxonomy what each term matches as a choice.

        Both bitmaps lie in one integer, that of ``upper`` the returned width above that of ``lower``, without what
        stayed the same between the two. A choice of many terms is their union.
        """
        moved = _bits(self.candidates, lambda c: any(lower < n.value <= upper for n in c.numbers))
        width = moved.bit_length()

        def beside(by: Callable[[int], int]) -> int:
            return (by(upper) & moved) << width | by(lower) & moved

        def find(taxonomy: str, slug: str) -> int:
            wanted = self.rules.wanted({taxonomy: frozenset((slug,))})[taxonomy]
            return beside(lambda number: self._having(taxonomy, wanted, number))

        return beside(self._filtered), _Found(lambda taxonomy: _Found(partial(find, taxonomy))), width

    def _filtered(self, number: int) -> int:
        """Return what is shown and taken by the list's filters, as it was by a number."""
        shown = _bits(self.candidates, lambda c: c.shown.value <= number)
        if not self.rules.filters:
            return shown
        union = 0
        for rule in self.rules.filters:
            taken = shown
            for taxonomy, slugs in rule.items():
                taken &= self._having(taxonomy, slugs, number)
            union |= taken
        return union

    def _having_uncached(self, taxonomy: str, slugs: frozenset[str], number: int) -> int:
        """Return what had any of the slugs by a number."""

        def has(candidate: Candidate) -> bool:
            found = candidate.number(taxonomy, slugs)
            return found is not None and found.value <= number

        return _bits(self.candidates, has)


class _Found(dict[str, T]):
    """Something for each name, found when it is first asked for."""

    def __init__(self, find: Callable[[str], T]) -> None:
        self._find = find

    def __missing__(self, name: str) -> T:
        return self.setdefault(name, self._find(name))


def positions(bitmap: int) -> list[int]:
    """Return the positions of the bits that are set, lowest first.

    >>> positions(0b10110)
    [1, 2, 4]
    """
    return chosen(count(), bitmap)


def chosen(some: Iterable[T], bitmap: int) -> list[T]:
    """Return those of some things at whose places bits are set.

    >>> chosen("abcdef", 0b10110)
    ['b', 'c', 'e']
    """
    if not bitmap:
        return []
    # As words and not bit by bit: a bitmap is a long integer, of which each operation makes a new one.
    return [*compress(some, bin(bitmap)[:1:-1].encode().translate(_BITS))]


def bitmap(places: Iterable[int]) -> int:
    """Return the bitmap in which the bits of some positions are set.

    >>> bin(bitmap([1, 2, 4, 2]))
    '0b10110'
    """
    return reduce(or_, (1 << place for place in places), 0)


def to_bytes(bitmap: int) -> bytes:
    """Return a bitmap as it is stored: little-endian, no byte more than needed."""
    return bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")


def from_bytes(data: bytes) -> int:
    """Return the bitmap that was stored."""
    return int.from_bytes(data, "little")


def _bits(candidates: Sequence[Candidate], holds: Callable[[Candidate], bool]) -> int:
    bits = bytearray(len(candidates) // 8 + 1)
    for position, candidate in enumerate(candidates):
        if holds(candidate):
            bits[position >> 3] |= 1 << (position & 7)
    return from_bytes(bytes(bits))
