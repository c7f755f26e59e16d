"""Gates: whether a letter may begin now, on its way out and to its provider; the books hold what all workers share.

Where nothing is limited there is no gate, and a server that asks for less gets fewer connections instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from newsletter.config import Group, Route
from newsletter.delivery import pacing
from newsletter.delivery.pacing import SECOND, Limit, Portion
from newsletter.delivery.reply import Reply
from newsletter.routes import Limits
from newsletter.store import paces
from newsletter.store.engine import Store
from newsletter.store.paces import Pace

LOOK = 10 * SECOND
"""How often is looked whether another worker was asked for less."""


class Gate:
    """What this worker may use of one limit; the books were ``asked`` last, and said when it ``opens``."""

    def __init__(self, name: str, limit: Limit) -> None:
        self.name = name
        self.limit = limit
        self.asked = self.opens = 0
        self.portion: Portion | None = None

    def open(self, store: Store, now: int) -> bool:
        """Tell whether a slot has come, fetching some from the books if none is left."""
        if self.portion is None or self.portion.spent(now):
            if self.asked <= now < self.opens:
                return False
            self.asked = now
            self.portion, self.opens = self._fetched(store, now)
        if self.portion:
            self.opens = self.portion.next
        return self.opens <= now

    def close(self, store: Store) -> None:
        """Give back the slots that are left."""
        if left := self.portion:
            self.portion = None
            with store.write() as connection:
                paces.change(connection, self.name, lambda pace: (None, pacing.returned(pace, left)))

    def _fetched(self, store: Store, now: int) -> tuple[Portion | None, int]:
        def rule(pace: Pace) -> tuple[tuple[Portion | None, int], Pace]:
            found, left = pacing.portion(pace, self.limit, now)
            return (found, left.free - pacing.REACH), left

        with store.write() as connection:
            return paces.change(connection, self.name, rule)


class Gates:
    """The gates of a sender's routes, and of the groups of domains."""

    def __init__(self, store: Store, routes: Mapping[str, Route], groups: Mapping[str, Group]) -> None:
        self._store = store
        self._routes = routes
        self._owners = {domain.lower(): name for name, group in groups.items() for domain in group.domains}
        limits: dict[str, Limits] = {_route(name): route for name, route in routes.items()}
        limits |= {_group(name): group for name, group in groups.items()}
        found = {name: pacing.limit(each.seconds) for name, each in limits.items()}
        self._gates = {name: Gate(name, limit) for name, limit in found.items() if limit}
        self.limited = frozenset(name for name in groups if _group(name) in self._gates)
        """The groups that have a limit."""
        self._looked = 0
        self._paces: dict[str, Pace] = {}

    def group(self, address: str) -> str:
        """Return the name of the group to which an address belongs, "" for none."""
        return self._owners.get(address.rpartition("@")[2].lower(), "") if self._owners else ""

    def let(self, way: str, group: str, now: int) -> bool:
        """Let a letter through that begins now, if both its way out and its group have a slot for it."""
        if not self._gates:
            return True
        shut = [gate for name in (_group(group), _route(way)) if (gate := self._gates.get(name))]
        if not all(gate.open(self._store, now) for gate in shut):
            return False
        for gate in shut:
            if gate.portion:
                gate.portion.begin(now)
        return True

    def rest(self, now: int) -> float:
        """Return how many seconds the next gate that is shut stays so, infinity where none is."""
        return min((gate.opens - now for gate in self._gates.values() if gate.opens > now), default=inf) / SECOND

    def heard(self, way: str, group: str, reply: Reply, now: int) -> None:
        """Slow down if a refusal asks for it: the group of its reader, or the way out where there is none."""
        if not pacing.asks_for_less(reply):
            return
        name = _group(group) if group and reply.code != 421 else _route(way)
        with self._store.write() as connection:
            self._paces[name] = paces.change(connection, name, lambda pace: (slow := pacing.slowed(pace, now), slow))
        if gate := self._gates.get(name):
            gate.close(self._store)

    def lines(self, way: str, now: int) -> int:
        """Return how many connections a way out may have now."""
        name, connections = _route(way), self._routes[way].connections
        if name in self._gates:
            return connections
        self._look(now)
        return pacing.lines(connections, pacing.share(self._paces.get(name, Pace()), now))

    def close(self) -> None:
        """Give back what was not used, so that who sends next need not wait for it."""
        for gate in self._gates.values():
            gate.close(self._store)

    def _look(self, now: int) -> None:
        if 0 <= now - self._looked < LOOK:
            return
        self._looked = now
        with self._store.read() as connection:
            self._paces = paces.known(connection)


def _route(name: str) -> str:
    return f"route {name}"


def _group(name: str) -> str:
    return f"group {name}"
