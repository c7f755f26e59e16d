"""Sending, with the ledger on disk (SQLite, FULL), against smtp-source: messages to one smtp-sink, each one different.

Both come with Debian's postfix package; without them nothing is measured. Pairs are interleaved in one run, and the
median of their ratios counts. ``MESSAGES=1000000 python -m benchmarks.wire memory`` sends a million real letters.
"""

from __future__ import annotations

import os
import random
import re
import resource
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import sqlalchemy as sa

from benchmarks.letters import prepare
from newsletter.config import Route
from newsletter.delivery.answers import Schedule
from newsletter.delivery.job import Job
from newsletter.delivery.line import Line
from newsletter.delivery.sender import Sender
from newsletter.model import DeliveryState
from newsletter.store import claims, schema
from newsletter.store.engine import Store
from newsletter.store.journal import Journal
from newsletter.store.senders import sender_of

SOURCE, SINK = (shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("smtp-source", "smtp-sink"))
MESSAGES, ROUNDS, DELAY = int(os.environ.get("MESSAGES", "20000")), 5, 0.025
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
LINE = b"La lettre des Trois Rivieres, une ligne comme les autres de cet essai..\r\n"


class Plain:
    """Composes messages of one size, each with a Message-ID and a number of its own."""

    shortened = 0

    def __init__(self, size: int, seal: Callable[[bytes], bytes] | None = None) -> None:
        self._body = LINE * (size // len(LINE))
        self._seal = seal or bytes
        self.signs = seal is not None

    def return_path(self, row: claims.Claim) -> str:
        """Return the same address for all."""
        return "lettre@troisrivieres.example.org"

    def message(self, row: claims.Claim) -> bytes:
        """Return a message."""
        address, id = row.address.encode(), row.message_id.encode()
        head = (b"From: lettre@troisrivieres.example.org\r\nTo: ", address, b"\r\nMessage-ID: <", id, b">\r\n")
        return self._seal(b"".join((*head, b"Subject: La lettre\r\n\r\n", id, b"\r\n", self._body)))


def main() -> None:
    """Print the rows of the table."""
    if not (SOURCE and SINK):
        print("wire: not measured, for smtp-source and smtp-sink are not installed (Debian: postfix)")
        return
    for size, connections in ((5_000, 10), (5_000, 50), (60_000, 50)):
        compare(size, connections)
    signed(10)
    parts(10)
    delayed(10)


def compare(size: int, connections: int) -> None:
    """Print how fast messages go, against smtp-source."""
    found = []
    with sink() as port:
        for _ in range(ROUNDS):
            ours = measured(port, connections, Plain(size))
            found.append((ours, source(port, connections, size)))
    ratios = [peer["wall"] / ours["wall"] for ours, peer in found]
    costs = [ours["cpu"] / peer["cpu"] for ours, peer in found]
    rate, theirs = (MESSAGES / median(pair[n]["wall"] for pair in found) for n in (0, 1))
    print(f"wire: {size / 1000:.0f} kB over {connections} connections: {rate:,.0f} a second, smtp-source {theirs:,.0f}")
    print(f"  ratio: {median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")
    each = median(ours["cpu"] for ours, _ in found) / MESSAGES * 1e6
    print(f"  client processor time: {each:.0f} µs a message, {median(costs):.1f} times smtp-source")


def signed(connections: int) -> None:
    """Print how fast signed messages go, against what one core signs."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    from newsletter.delivery.dkim import Signer
    from newsletter.delivery.keyfile import PrivateKey

    key = PrivateKey(generate_private_key(public_exponent=65537, key_size=2048))
    sign, few, ratios, rates = Signer("troisrivieres.example.org", "l", NOW, key.sign), MESSAGES // 4, [], []
    with sink() as port:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            for number in range(1000):
                key.sign(number.to_bytes(32))
            bare = (time.perf_counter() - started) / 1000
            ours = measured(port, connections, Plain(5_000, sign), few)["wall"] / few
            ratios.append(bare / ours)
            rates.append(1 / ours)
    print(f"wire, signed: {median(rates):,.0f} a second over {connections} connections")
    print(f"  of what one core signs: {median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")


def parts(connections: int) -> None:
    """Print where the time of a message goes, by the clock of one run; what is left is the loop itself."""
    spent: dict[str, float] = {}
    commits: list[float] = []

    def timed(owner: Any, name: str, part: str) -> Callable[[], None]:
        whole = getattr(owner, name)

        def wrapper(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return whole(*args, **named)
            finally:
                took = time.perf_counter() - started
                spent[part] = spent.get(part, 0.0) + took
                if part == "ledger":
                    commits.append(took)

        setattr(owner, name, wrapper)
        return lambda: setattr(owner, name, whole)

    class Assembling(Plain):
        """Timed."""

    undo = [
        timed(Assembling, "message", "assemble"),
        timed(Journal, "enter", "ledger"),
        timed(claims, "claim", "claims"),
        timed(Line, "flush", "socket, writing"),
    ]
    spent["waiting for the server"] = 0.0
    try:
        with sink() as port:
            wall = measured(port, connections, Assembling(5_000), select_time=spent)["wall"]
    finally:
        for back in undo:
            back()
    print(f"wire, where the {wall / MESSAGES * 1e6:.0f} µs of a message go (5 kB, {connections} connections):")
    for part, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {part}: {seconds / MESSAGES * 1e6:.0f}")
    print(f"  the loop: session, rows, calls: {(wall - sum(spent.values())) / MESSAGES * 1e6:.0f}")
    commit = median(commits)
    print(f"  one entry in the journal: {commit * 1e3:.2f} ms; at one a message and connection that bounds a second to")
    print(f"  {connections / commit:,.0f} messages")


def delayed(connections: int) -> None:
    """Print how many round trips a message takes, through a proxy that delays each direction."""
    few = 40 * connections
    with sink() as port, proxy(port, DELAY) as slow:
        ours = measured(slow, connections, Plain(5_000), few)["wall"]
    trips = ours / (few / connections) / (2 * DELAY)
    print(f"wire, delayed by {DELAY * 1000:.0f} ms each way: {trips:.2f} round trips a message and connection")


def memory() -> None:
    """Print the peak memory of sending real letters, each one different."""
    composer, _ = prepare()
    with sink() as port:
        found = measured(port, 10, composer, dice=random.Random(1))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+)", status)
    rate = MESSAGES / found["wall"]
    print(f"wire: {MESSAGES:,} letters, each one different, at {rate:,.0f} a second")
    print(f"  memory: {int(peak[1]) / 1024 if peak else 0:.0f} MB at the peak")


def measured(
    port: int,
    connections: int,
    composer: Any,
    messages: int = MESSAGES,
    *,
    dice: random.Random | None = None,
    select_time: dict[str, float] | None = None,
) -> dict[str, float]:
    """Send so many messages, and check that the books say so."""
    with TemporaryDirectory() as folder:
        store = books(Path(folder), messages, dice)
        route = Route(host="127.0.0.1", port=port, security="none", connections=connections, hello="office.test")
        job = Job(1, composer, {"": route}, {"": None}, NOW, Event(), Schedule((), timedelta(days=5)), {})
        with sender_of(store, NOW) as number:
            sender = Sender(store, number, job, lambda _: None)
            if select_time is not None:
                _time_select(sender, select_time)
            before, started = _processor(), time.perf_counter()
            sender.run()
            found = {"wall": time.perf_counter() - started, "cpu": _processor() - before}
        with store.read() as connection:
            sent = connection.scalar(sa.select(sa.func.count()).where(schema.delivery.c.state == DeliveryState.SENT))
        store.close()
    assert sent == messages, f"{sent} of {messages} sent"
    return found


def _time_select(sender: Sender, spent: dict[str, float]) -> None:
    selector = sender._traffic._selector
    whole = selector.select

    def timed(seconds: float) -> Any:
        started = time.perf_counter()
        ready = whole(seconds)
        spent["waiting for the server"] += time.perf_counter() - started
        return ready

    selector.select = timed


def _processor(who: int = resource.RUSAGE_SELF) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def books(folder: Path, messages: int, dice: random.Random | None) -> Store:
    """Make the books of an issue with so many planned rows."""
    store = Store.open(f"sqlite:///{folder}/newsletter.db")
    member = {"list": "lettre", "state": "active", "choices": "{}", "frequency": "each", "language": "fr"}
    member |= {"light": False, "cursor": 0, "owed": False, "consent": "", "since": NOW}
    issue = {"name": "lettre/2024-04-02", "list": "lettre", "date": "2024-04-02", "at": NOW, "state": "open"}
    issue |= {"frozen": 0, "reached": 0, "audience": messages, "picked": b"", "dropped": 0, "nonce": "n"}
    row = {"issue": 1, "state": "planned", "at": NOW, "tries": 0, "doubted": False, "reason": "", "lower": 0}
    row |= {"repeats": b"", "corrections": b"", "language": "fr", "light": False}
    with store.write() as connection:
        connection.execute(schema.issue.insert(), issue | {"id": 1, "signing_key": 1, "contents": ""})
    for first in range(1, messages + 1, 10_000):
        some = range(first, min(first + 10_000, messages + 1))
        with store.write() as connection:
            people = [{"id": n, "address": _address(n), "folded": _address(n), "created": NOW} for n in some]
            connection.execute(schema.subscriber.insert(), people)
            connection.execute(schema.subscription.insert(), [member | {"id": n, "subscriber": n} for n in some])
            rows = [
                row | {"subscription": n, "message_id": f"{n:032x}@example.org", "picks": _picks(dice)} for n in some
            ]
            connection.execute(schema.delivery.insert(), rows)
    return store


def _address(number: int) -> str:
    return f"lecteur{number}@example.org"


def _picks(dice: random.Random | None) -> bytes:
    from benchmarks.letters import CANDIDATES, PICKS
    from newsletter.digest.selection import to_bytes

    if dice is None:
        return b"\1" * 25
    return to_bytes(sum(1 << n for n in dice.sample(range(CANDIDATES), PICKS)))


def source(port: int, connections: int, size: int) -> dict[str, float]:
    """Send as many messages with smtp-source."""
    here = ["-f", "lettre@example.org", "-t", "lecteur@example.org", f"127.0.0.1:{port}"]
    command = [SOURCE or "", "-d", "-s", str(connections), "-m", str(MESSAGES), "-l", str(size), *here]
    before, started = _processor(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True)
    wall = time.perf_counter() - started
    return {"wall": wall, "cpu": _processor(resource.RUSAGE_CHILDREN) - before}


@contextmanager
def sink() -> Iterator[int]:
    """Run smtp-sink on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([SINK or "", "-u", "nobody", f"127.0.0.1:{port}", "1000"])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def proxy(port: int, delay: float) -> Iterator[int]:
    """Pass bytes on to a port, each direction so many seconds later."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = Event()

    def carry(source: socket.socket, target: socket.socket) -> None:
        waiting: list[tuple[float, bytes]] = []
        while not over.is_set():
            patience = max(waiting[0][0] - time.monotonic(), 0) if waiting else 0.1
            ready, _, _ = select.select([source], [], [], patience)
            while waiting and waiting[0][0] <= time.monotonic():
                target.sendall(waiting.pop(0)[1])
            if ready:
                data = source.recv(65_536)
                if not data:
                    break
                waiting.append((time.monotonic() + delay, data))
        for _, data in waiting:
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        while not over.is_set():
            if select.select([listener], [], [], 0.1)[0]:
                near, far = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
                for ends in ((near, far), (far, near)):
                    for end in ends:
                        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    over.set()


if __name__ == "__main__":
    memory() if "memory" in sys.argv else main()
