"""The journal: what the wire writes into the ledger for each message, as one transaction for many of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from newsletter.model import DeliveryState as State
from newsletter.store import ledger
from newsletter.store.claims import Claim
from newsletter.store.columns import microseconds
from newsletter.store.driver import Driver
from newsletter.store.engine import Store
from newsletter.store.moves import Answer
from newsletter.store.schema import delivery


class Journal:
    """The pen of one sender; ``now`` is the clock of the command."""

    def __init__(self, store: Store, sender: int, now: datetime) -> None:
        self._driver = Driver(store)
        prepare, common = self._driver.prepare, {"me": sender, "moment": microseconds(now)}
        self._hand = prepare(ledger.handing(), ("row", "mailed", "instant"), **common)
        self._accept = prepare(ledger.accepting(), ("row", "words"), **common)
        self._try = prepare(ledger.trying(), ("row", "number", "class", "words"), **common)
        mine = (delivery.c.id == sa.bindparam("row", None), delivery.c.state == State.HANDED)
        self._mine = prepare(sa.select(delivery.c.id).where(*mine), ("row",))

    def enter(self, accepted: Sequence[tuple[Claim, Answer]], handing: Sequence[Claim], real_now: datetime) -> set[int]:
        """Write that messages were accepted, then that others are about to be ended by their dot.

        It is on disk when this returns: the ids of the rows that are handed over. Those that are not were lost to
        another sender, or their person left, is suppressed or has another address by now.

        Raises:
            StoreError: it could not be written, and nothing was.
        """
        with self._driver.transaction() as cursor:
            if accepted:
                said = [
                    {"row": row.id, "words": said.text, "number": said.code, "class": said.enhanced}
                    for row, said in accepted
                ]
                self._driver.run(cursor, self._accept, said)
                self._driver.run(cursor, self._try, said)
            if not handing:
                return set()
            instant, ids = microseconds(real_now), [row.id for row in handing]
            rows = [{"row": row.id, "mailed": row.address, "instant": instant} for row in handing]
            if self._driver.run(cursor, self._hand, rows) == len(ids):
                return set(ids)
            return {id for id in ids if self._driver.first(cursor, self._mine, {"row": id})}

    def close(self) -> None:
        """Lay the pen down."""
        self._driver.close()
