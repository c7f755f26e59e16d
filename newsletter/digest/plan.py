"""From picks to a Letter: which section each article stands in, in which form, within the size budget.

Everything that a reader will see is decided here, once; both ways of making mail of a Letter only follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from newsletter.digest.letter import CORRECTED, SHORTER, TITLES, Block, Contents, Form, Letter, Sizes
from newsletter.digest.selection import positions
from newsletter.model import Article

BUDGET = 100_000
"""Decoded bytes of HTML that a letter may have; mail programs cut what is longer."""

LIGHT_BUDGET = 30_000
"""The same for a light letter."""

Subject = Callable[[Sequence[Article], int], tuple[str, str]]
"""Makes subject and preheader from the articles in a letter's order and the number of news."""

Item = tuple[int, int, Form]
_heading = itemgetter(0)


def plan(
    contents: Contents,
    picks: int,
    repeats: int,
    sizes: Sizes,
    subject: Subject,
    language: str,
    light: bool = False,
    budget: int = 0,
    corrections: int = 0,
) -> Letter:
    """Plan one reader's letter from bitmaps of news, repeats and corrections; equal arguments give equal letters.

    What is corrected stands once, among the corrections, unless it is news. ``budget`` 0 is that of the kind of letter.
    """
    corrections &= _bitmap(contents.corrected) & ~picks
    items, titles = _place(contents, picks, repeats & ~corrections)
    corrected = [(CORRECTED, position, Form.SHORT) for position in contents.corrected if corrections >> position & 1]
    kept = _Fitted(items, titles, corrected, sizes, budget or (LIGHT_BUDGET if light else BUDGET))
    blocks = _blocks([*kept.items, *kept.corrected, *_titled(kept.titles)])
    others = sum(picks >> position & 1 for position in kept.pushed_out)
    order = [contents.articles[position] for block in blocks for position, _ in block.items]
    count = picks.bit_count()
    line, preheader = subject(order, count)
    return Letter(language, light, blocks, count, others, line, preheader, kept.shortened)


def _place(contents: Contents, picks: int, repeats: int) -> tuple[list[Item], list[int]]:
    """Put each article under the first section that takes it; news that none takes are titles."""
    pinned = _bitmap(contents.pinned)
    waiting, reminders = picks, repeats & ~picks
    placed: list[Item] = []
    for index, heading in enumerate(contents.headings):
        open_to = waiting | (reminders if heading.upcoming else reminders & pinned)
        some = open_to & heading.takes
        if not some:
            continue
        chosen = heading.ordered(positions(some))[: heading.max or None]
        taken = _bitmap(chosen) if heading.max else some
        waiting, reminders = waiting & ~taken, reminders & ~taken
        placed += [(index, position, heading.form) for position in chosen]
    return placed, positions(waiting)


class _Fitted:
    """A letter made to fit into a budget.

    From the tail, articles take shorter forms, then become titles, then are online only; corrections give way last.
    """

    def __init__(self, items: list[Item], titles: list[int], corrected: list[Item], sizes: Sizes, budget: int) -> None:
        self.items = items
        self.titles = titles
        self.corrected = corrected
        self.pushed_out: list[int] = []
        self._sizes = sizes
        self.shortened = 0
        if (excess := self._size() - budget) > 0:
            self._shorten(excess, budget)

    def _shorten(self, excess: int, budget: int) -> None:
        items, titles, corrected, sizes = self.items, self.titles, self.corrected, self._sizes
        before = list(items)
        while excess > 0 and (index := _last_to_shorten(items)) is not None:
            heading, position, form = items[index]
            shorter = (heading, position, SHORTER[form])
            excess -= sizes.articles[items[index]] - sizes.articles[shorter]
            items[index] = shorter
        while excess > 0 and items:
            titles.insert(0, items.pop()[1])
            excess = self._size() - budget
        while excess > 0 and titles:
            self.pushed_out.append(titles.pop())
            excess -= sizes.articles[TITLES, self.pushed_out[-1], Form.TITLE]
        while excess > 0 and corrected:
            excess -= sizes.articles[corrected.pop()]
        moved = len(before) - len(items)
        self.shortened = sum(one != other for one, other in zip(before, items, strict=False)) + min(moved, len(titles))

    def _size(self) -> int:
        shown = [*self.items, *self.corrected, *_titled(self.titles)]
        headings = {heading for heading, _, _ in shown}
        return (
            self._sizes.page
            + sum(self._sizes.headings[heading] for heading in headings)
            + sum(self._sizes.articles[item] for item in shown)
        )


def _last_to_shorten(items: Sequence[Item]) -> int | None:
    """Return the last item in the longest form that there is and that has a shorter one."""
    for form in SHORTER:
        for index in range(len(items) - 1, -1, -1):
            if items[index][2] is form and SHORTER[form] is not Form.TITLE:
                return index
    return None


def _titled(places: Iterable[int]) -> list[Item]:
    return [(TITLES, place, Form.TITLE) for place in places]


def _blocks(items: Iterable[Item]) -> tuple[Block, ...]:
    return tuple(Block(heading, tuple([item[1:] for item in some])) for heading, some in groupby(items, _heading))


def _bitmap(places: Iterable[int]) -> int:
    return sum(1 << place for place in set(places))
