"""The postman: hands notices to a relay one after the other, over one connection for all that are due.

With the same care as letters: ``handed`` is on disk before the final dot, and a lost reply is doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from newsletter.config import RETRY_MINUTES, Route
from newsletter.delivery.answers import wait
from newsletter.delivery.reply import Reply
from newsletter.delivery.wire import Connection, Lost
from newsletter.errors import AudienceError, ConfigError, DeliveryError
from newsletter.store import outbox
from newsletter.store.engine import Store
from newsletter.store.outbox import State, Waiting

RESPITE = timedelta(seconds=50)
"""How long notices wait that could not be tried: until the scheduler's next look, which comes after a minute."""


PAUSES = tuple(timedelta(minutes=minutes) for minutes in RETRY_MINUTES)
"""How long a deferred notice waits after each try."""


@dataclass(frozen=True)
class Errand:
    """Notices with one way out; ``path`` and ``seal`` give the return path and the signed message of one.

    Once ``halt`` is set nothing new is begun.
    """

    notices: Sequence[Waiting]
    route: Route
    secret: str | None
    path: Callable[[Waiting], str]
    seal: Callable[[Waiting], bytes]
    now: datetime
    halt: Event


class Postman:
    """One walk with an errand; what could not be tried waits a little."""

    def __init__(self, store: Store, errand: Errand) -> None:
        self._store = store
        self._errand = errand
        self._connection: Connection | None = None

    def walk(self) -> None:
        """Try each notice once.

        Raises:
            DeliveryError: the relay cannot be used; what was not tried waits.
            ConfigError: the key that signs cannot; the same.
        """
        left = list(self._errand.notices)
        try:
            while left and not self._errand.halt.is_set():
                self._bring(left[0])
                del left[0]
        except (DeliveryError, ConfigError) as error:
            self._write(outbox.postpone, left, self._errand.now + RESPITE, str(error))
            raise
        finally:
            self._part()

    def _bring(self, waiting: Waiting) -> None:
        errand = self._errand
        try:
            message = errand.seal(waiting)
            line = self._connection = self._connection or Connection.open(errand.route, errand.secret)
            reply = line.offer(errand.path(waiting), waiting.recipient)
            if reply.accepted:
                line.body(message)
                if not self._handed(waiting):
                    line.drop()  # a message without its dot is none
                    self._connection = None
                    return
                reply = line.dot()
        except AudienceError as error:
            self._write(outbox.settle, waiting, State.REFUSED, str(error))
        except Lost as error:
            self._lost(waiting, error)
            raise
        else:
            self._answered(waiting, reply)

    def _answered(self, waiting: Waiting, reply: Reply) -> None:
        said = f"{reply.code} {reply.text}"
        if reply.stage == "MAIL" and not reply.accepted and reply.code != 421:
            raise DeliveryError(f"{self._errand.route.where}: refuses the sender {self._errand.path(waiting)}: {said}")
        if reply.transient:
            self._defer(waiting, said)
        else:
            self._write(outbox.settle, waiting, State.SENT if reply.accepted else State.REFUSED, said)
        if reply.code == 421:
            self._part()

    def _lost(self, waiting: Waiting, error: Lost) -> None:
        if error.dotted:
            self._write(outbox.settle, waiting, State.UNCERTAIN, str(error))
        else:
            # It counts as a try: a message on which a relay always stumbles must not stand before all others.
            self._defer(waiting, str(error))

    def _handed(self, waiting: Waiting) -> bool:
        with self._store.write() as connection:
            return outbox.hand(connection, waiting, self._errand.now)

    def _defer(self, waiting: Waiting, reason: str) -> None:
        self._write(outbox.defer, waiting, self._errand.now + wait(waiting.id, waiting.tries + 1, PAUSES), reason)

    def _write(self, change: Callable[..., None], *values: object) -> None:
        with self._store.write() as connection:
            change(connection, *values, self._errand.now)

    def _part(self) -> None:
        if self._connection:
            self._connection.quit()
        self._connection = None
