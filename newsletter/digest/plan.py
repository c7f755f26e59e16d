"""From picks to a Letter: which section each article stands in, in which form, within the size budget.

Everything that a reader will see is decided here, once; both ways of making mail of a Letter only follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from newsletter.digest.letter import SHORTER, TITLES, Block, Contents, Form, Letter, Sizes
from newsletter.model import Article

BUDGET = 100_000
"""Decoded bytes of HTML that a letter may have; mail programs cut what is longer."""

Subject = Callable[[Sequence[Article], int], tuple[str, str]]
"""Makes subject and preheader from the articles in a letter's order and the number of news."""


def plan(
    contents: Contents,
    picks: int,
    repeats: int,
    sizes: Sizes,
    subject: Subject,
    language: str,
    light: bool = False,
    budget: int = BUDGET,
) -> Letter:
    """Plan one reader's letter from bitmaps of news and repeats; pure, so equal arguments give equal letters."""
    placed, titles = _place(contents, picks, repeats)
    items = [(index, position, contents.headings[index].form) for index, some in placed for position in some]
    blocks, pushed_out = _shorten(items, titles, sizes, budget)
    others = sum(picks >> position & 1 for position in pushed_out)
    order = [contents.articles[position] for block in blocks for position, _ in block.items]
    count = picks.bit_count()
    line, preheader = subject(order, count)
    return Letter(language, light, blocks, count, others, line, preheader)


def _place(contents: Contents, picks: int, repeats: int) -> tuple[list[tuple[int, list[int]]], list[int]]:
    """Put each article under the first section that takes it; news that none takes are titles."""
    pinned = sum(1 << position for position in contents.pinned)
    waiting, reminders = picks, repeats & ~picks
    placed = []
    for index, heading in enumerate(contents.headings):
        open_to = waiting | (reminders if heading.upcoming else reminders & pinned)
        some = open_to & heading.takes
        if not some:
            continue
        chosen = [position for position in heading.order if some >> position & 1]
        chosen = chosen[: heading.max or None]
        taken = sum(1 << position for position in chosen)
        waiting, reminders = waiting & ~taken, reminders & ~taken
        placed.append((index, chosen))
    return placed, [position for position in range(len(contents.articles)) if waiting >> position & 1]


def _shorten(
    items: list[tuple[int, int, Form]], titles: list[int], sizes: Sizes, budget: int
) -> tuple[tuple[Block, ...], list[int]]:
    """Fit the letter into the budget: shorter forms from the tail, then titles, then articles that are online only."""
    excess = _size(items, titles, sizes) - budget
    while excess > 0 and (index := _last_to_shorten(items)) is not None:
        heading, position, form = items[index]
        shorter = (heading, position, SHORTER[form])
        excess -= sizes.articles[items[index]] - sizes.articles[shorter]
        items[index] = shorter
    while excess > 0 and items:
        titles.insert(0, items.pop()[1])
        excess = _size(items, titles, sizes) - budget
    pushed_out = []
    while excess > 0 and titles:
        pushed_out.append(titles.pop())
        excess -= sizes.articles[TITLES, pushed_out[-1], Form.TITLE]
    return _blocks(items, titles), pushed_out


def _last_to_shorten(items: Sequence[tuple[int, int, Form]]) -> int | None:
    """Return the last item in the longest form that there is and that has a shorter one."""
    for form in SHORTER:
        for index in range(len(items) - 1, -1, -1):
            if items[index][2] is form and SHORTER[form] is not Form.TITLE:
                return index
    return None


def _size(items: Sequence[tuple[int, int, Form]], titles: Sequence[int], sizes: Sizes) -> int:
    headings = {heading for heading, _, _ in items} | ({TITLES} if titles else set())
    return (
        sizes.page
        + sum(sizes.headings[heading] for heading in headings)
        + sum(sizes.articles[item] for item in items)
        + sum(sizes.articles[TITLES, position, Form.TITLE] for position in titles)
    )


def _blocks(items: Sequence[tuple[int, int, Form]], titles: Sequence[int]) -> tuple[Block, ...]:
    grouped: dict[int, list[tuple[int, Form]]] = {}
    for heading, position, form in items:
        grouped.setdefault(heading, []).append((position, form))
    if titles:
        grouped[TITLES] = [(position, Form.TITLE) for position in titles]
    return tuple(Block(heading, tuple(some)) for heading, some in grouped.items())
