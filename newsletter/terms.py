"""Terms and their trees: which slugs a named term stands for."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping

from newsletter.model import Filter, Term


def fold(label: str) -> str:
    """Return a label as it is compared: without case, accents, and with one space between words.

    >>> fold("Égalité  femmes-hommes")
    'egalite femmes-hommes'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


class Trees:
    """The terms of every taxonomy by parent, to widen a choice to what it includes.

    A term includes its descendants; where a taxonomy inherits upwards, also its ancestors (DESIGN §3, Choices).
    """

    def __init__(self, terms: Iterable[Term], upwards: Collection[str] = ()) -> None:
        self._parents: dict[tuple[str, str], str] = {(term.taxonomy, term.slug): term.parent for term in terms}
        self._children: dict[tuple[str, str], list[str]] = {}
        self._upwards = frozenset(upwards)
        for (taxonomy, slug), parent in self._parents.items():
            if parent:
                self._children.setdefault((taxonomy, parent), []).append(slug)

    def below(self, taxonomy: str, slug: str) -> frozenset[str]:
        """Return a term's slug with those of its descendants."""
        found: set[str] = set()
        waiting = [slug]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting += self._children.get((taxonomy, here), [])
        return frozenset(found)

    def above(self, taxonomy: str, slug: str) -> frozenset[str]:
        """Return the slugs of a term's ancestors."""
        found: set[str] = set()
        parent = self._parents.get((taxonomy, slug), "")
        while parent and parent not in found:
            found.add(parent)
            parent = self._parents.get((taxonomy, parent), "")
        return frozenset(found)

    def widen(self, taxonomy: str, slugs: Iterable[str]) -> frozenset[str]:
        """Return every slug that a choice of slugs stands for."""
        found: set[str] = set()
        for slug in slugs:
            found |= self.below(taxonomy, slug)
            if taxonomy in self._upwards:
                found |= self.above(taxonomy, slug)
        return frozenset(found)

    def widen_all(self, chosen: Mapping[str, Collection[str]]) -> Filter:
        """Return a whole choice or filter, widened in each taxonomy that it names."""
        return {taxonomy: self.widen(taxonomy, slugs) for taxonomy, slugs in chosen.items() if slugs}
