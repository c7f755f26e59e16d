"""From picks to a Letter: which section each article stands in, in which form, within the size budget.

Everything that a reader will see is decided here, once; both ways of making mail of a Letter only follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from newsletter.digest.letter import CORRECTED, SHORTER, TITLES, Block, Contents, Form, Item, Letter, Sizes
from newsletter.digest.selection import bitmap, positions
from newsletter.model import Article

BUDGET = 100_000
"""Decoded bytes of HTML that a letter may have; mail programs cut what is longer."""

LIGHT_BUDGET = 30_000
"""The same for a light letter."""

Subject = Callable[[Sequence[Article], int], tuple[str, str]]
"""Makes subject and preheader from the articles in a letter's order and the number of news."""

Placed = list[tuple[int, list[Item]]]
"""Sections by their headings, with what stands in each."""


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
    corrections &= contents.put_right & ~picks
    placed = _place(contents, picks, repeats & ~corrections, corrections)
    limit = budget or (LIGHT_BUDGET if light else BUDGET)
    pushed_out = shortened = 0
    if sizes.most((picks | repeats | corrections).bit_count()) > limit:  # few letters are that long
        placed, pushed_out, shortened = _fitted(placed, sizes, limit)
    blocks = tuple([Block(heading, tuple(items)) for heading, items in placed if items])
    others = (picks & pushed_out).bit_count()
    order = [contents.articles[position] for block in blocks for position, _ in block.items]
    count = picks.bit_count()
    line, preheader = subject(order, count)
    return Letter(language, light, blocks, count, others, line, preheader, shortened)


def _place(contents: Contents, picks: int, repeats: int, corrections: int) -> Placed:
    """Put each article under the first section that takes it; news that none takes are titles, which come last."""
    waiting, reminders = picks, repeats & ~picks
    placed: Placed = []
    for index, heading in enumerate(contents.headings):
        open_to = waiting | (reminders if heading.upcoming else reminders & contents.pins)
        some = open_to & heading.takes
        if not some:
            continue
        items = heading.items(some)
        if heading.max and len(items) > heading.max:
            items = items[: heading.max]
            some = bitmap(position for position, _ in items)
        waiting, reminders = waiting & ~some, reminders & ~some
        placed.append((index, items))
    corrected = [(position, Form.SHORT) for position in contents.corrected if corrections >> position & 1]
    titles = [(position, Form.TITLE) for position in positions(waiting)]
    return [*placed, (CORRECTED, corrected), (TITLES, titles)]


def _size(placed: Placed, sizes: Sizes) -> int:
    """Return the bytes of a letter of these sections."""
    return sizes.page + sum(
        [
            sizes.headings[heading] + sum(map(sizes.articles[heading].__getitem__, items))
            for heading, items in placed
            if items
        ]
    )


def _fitted(placed: Placed, sizes: Sizes, budget: int) -> tuple[Placed, int, int]:
    """Return sections that fit into a budget, what stands online only, as a bitmap, and how many became shorter.

    From the tail, articles take shorter forms, then become titles, then are online only; corrections give way last.
    """
    excess = _size(placed, sizes) - budget
    if excess <= 0:
        return placed, 0, 0
    *sections, (_, corrected), (_, titles) = placed
    weights = sizes.articles
    flat = [(heading, item) for heading, items in sections for item in items]
    before, pushed_out = list(flat), 0
    while excess > 0 and (index := _last_to_shorten(flat)) is not None:
        heading, item = flat[index]
        shorter = (item[0], SHORTER[item[1]])
        excess -= weights[heading][item] - weights[heading][shorter]
        flat[index] = heading, shorter
    while excess > 0 and flat:
        titles.insert(0, (flat.pop()[1][0], Form.TITLE))
        excess = _size([*_grouped(flat), (CORRECTED, corrected), (TITLES, titles)], sizes) - budget
    while excess > 0 and titles:
        pushed = titles.pop()
        pushed_out |= 1 << pushed[0]
        excess -= weights[TITLES][pushed]
    while excess > 0 and corrected:
        excess -= weights[CORRECTED][corrected.pop()]
    moved = len(before) - len(flat)
    shortened = sum(one != other for one, other in zip(before, flat, strict=False)) + min(moved, len(titles))
    return [*_grouped(flat), (CORRECTED, corrected), (TITLES, titles)], pushed_out, shortened


def _last_to_shorten(flat: Sequence[tuple[int, Item]]) -> int | None:
    """Return the last item in the longest form that there is and that has a shorter one."""
    for form in SHORTER:
        for index in range(len(flat) - 1, -1, -1):
            if flat[index][1][1] is form and SHORTER[form] is not Form.TITLE:
                return index
    return None


def _grouped(flat: Iterable[tuple[int, Item]]) -> Placed:
    return [(heading, [item for _, item in some]) for heading, some in groupby(flat, itemgetter(0))]
