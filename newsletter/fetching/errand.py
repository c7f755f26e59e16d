"""A visit under way, and the answer of one server on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass
class Errand:
    """What a visit asks for, what it may still cost, and what has happened to it.

    ``headers`` make it conditional, ``private`` lets it connect to any address, ``seconds`` are left in all. With
    ``content`` something is handed in, and the body of what is said to that is passed over.
    """

    headers: Mapping[str, str]
    private: bool
    largest: int
    seconds: float
    content: bytes | None = None
    rested: bool = False
    redirects: int = 0
    for_ever: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; there is a body only where the status is 200 and one was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
