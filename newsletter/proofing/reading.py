"""Proofreading: every rule that a proof is read by, and what each of them yields, told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from newsletter.proofing import contrast, leftovers, linking, parts, structure, styles
from newsletter.proofing.finding import Finding
from newsletter.proofing.proof import Proof

RULES: tuple[Callable[[Proof], Iterator[Finding]], ...] = (
    structure.document,
    structure.languages,
    structure.pictures,
    structure.headings,
    linking.telling,
    linking.secure,
    linking.leaving,
    contrast.readable,
    contrast.large,
    leftovers.leftovers,
    parts.both_parts,
    styles.inlinable,
    styles.weight,
)


def read(proof: Proof) -> set[Finding]:
    """Return everything that is wrong with a proof; what an article shows in several forms is told once."""
    return {finding for rule in RULES for finding in rule(proof)}
