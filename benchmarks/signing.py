"""The signer against the bare work of a core: RSA-2048 and SHA-256 of the same bytes, without any header.

Pairs are interleaved, and the median of their ratios counts. With two threads the bare signature is what two cores can
do, for OpenSSL leaves other threads running.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median

from benchmarks.letters import prepare, row
from newsletter.delivery.dkim import Signer
from newsletter.delivery.keyfile import PrivateKey

LETTERS, ROUNDS, THREADS = 400, 7, 2
SMALL = 5_000
"""Bytes of the smaller message of DESIGN §6."""


def main() -> None:
    """Print one row of the table."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    key = PrivateKey(generate_private_key(public_exponent=65537, key_size=2048))
    sign = Signer("troisrivieres.example.org", "letters", datetime(2024, 4, 2, 7, tzinfo=UTC), key.sign)
    dice, composer = random.Random(1), prepare()[0]
    large = [composer.message(row(number, dice)) for number in range(LETTERS)]
    small = [message[:SMALL] for message in large]

    def bare(message: bytes) -> bytes:
        return key.sign(sha256(message).digest())

    for messages in (small, large):
        compare(f"signing: {len(messages[0]) / 1000:.0f} kB", messages, bare, sign)
    alone, together = spread(large, sign, 1), spread(large, sign, THREADS)
    print(f"  {THREADS} threads sign {alone / together:.2f} times as many as one")


def compare(title: str, messages: list[bytes], bare: Callable[[bytes], bytes], sign: Callable[[bytes], bytes]) -> None:
    """Print what of a signed message's time is the bare signature and hash."""
    ratios, ours = [], []
    for _ in range(ROUNDS):
        least, mine = seconds_each(bare, messages), seconds_each(sign, messages)
        ratios.append(least / mine)
        ours.append(mine)
    print(f"{title}: {median(ours) * 1e6:.0f} µs a message, {1 / median(ours):.0f} a second and core")
    print(f"  of which RSA and SHA-256 alone: {median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")


def seconds_each(work: Callable[[bytes], bytes], messages: list[bytes]) -> float:
    """Return the mean processor time of one piece of work."""
    started = time.process_time()
    for message in messages:
        work(message)
    return (time.process_time() - started) / len(messages)


def spread(messages: list[bytes], sign: Callable[[bytes], bytes], threads: int) -> float:
    """Return the time by the clock of signing all messages in several threads, the best of three."""
    times = []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(3):
            started = time.perf_counter()
            list(pool.map(sign, messages))
            times.append(time.perf_counter() - started)
    return min(times)
