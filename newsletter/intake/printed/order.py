"""Which number of a date is the day: settled by the source, shown by the page's other dates, or a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from newsletter.intake.dates import Moment

Span = tuple[Moment, Moment | None]
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Order:
    """Whether the day comes first on a page, and whether that is known."""

    day_first: bool
    known: bool

    def doubts(self, moment: Moment | None) -> bool:
        """Tell whether a date may be another one."""
        return moment is not None and moment.other is not None and not self.known


def order(written: Iterable[str], setting: bool | None, likely: bool) -> Order:
    """Return the order of a page's dates: the setting's, else that of a date which cannot be read otherwise.

    >>> order(["28/03/2024 - 22:34", "01/04/2024"], None, False)
    Order(day_first=True, known=True)
    """
    if setting is not None:
        return Order(setting, known=True)
    pairs = [(int(one), int(two)) for text in written for one, two in _NUMBERS.findall(text)]
    shown = {one > 12 for one, two in pairs if (one > 12) != (two > 12)}
    return Order(shown.pop(), known=True) if len(shown) == 1 else Order(likely, known=False)


def agreed(span: Span, published: date | None) -> Span:
    """Return the reading of a span that begins on the day of publication, where one does."""
    start, end = span
    if published not in (start.day, start.other):
        return span
    turned = start.day != published
    return _told(start, turned), _told(end, turned) if end else None


def _told(moment: Moment, turned: bool) -> Moment:
    return replace(moment, day=moment.other if turned and moment.other else moment.day, other=None)
