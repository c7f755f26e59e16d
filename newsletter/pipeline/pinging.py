"""WebSub: a hub is told which feeds a build changed, and passes it on to who subscribed there.

How a publisher speaks to its hub the standard leaves to them (WebSub §6). Hubs take a form with ``hub.mode=publish``;
the address of the feed is ``hub.url`` for most and ``hub.topic`` for others. Several feeds in one form are written
differently for each hub that takes them, so every feed has a form of its own.

A document is owed to the hub until the hub took its ping: ``.newsletter-pinged`` says at which time of its file that
was. So neither a killed run nor a hub that is down loses one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from newsletter.config import Config
from newsletter.errors import FetchError, NewsletterError
from newsletter.feeds.parts import uri
from newsletter.fetching import Fetcher, Limits
from newsletter.pipeline.output import PINGED, Output
from newsletter.pipeline.watching import Watch, unwatched

LIMITS = Limits(silence=10, seconds=20)
"""What one ping may cost."""

PAUSES = (1.0, 4.0)
"""Seconds before the second and the third try of a ping."""

LONGEST = 60.0
"""Seconds for all pings of a build; those that are left wait for the next one."""


@dataclass(frozen=True, slots=True)
class Pinged:
    """How many documents the hub was told of, how many wait for the next build, and why, in one line."""

    told: int = 0
    waiting: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a round of pings waits, and how it sees that its time is over."""

    rest: Callable[[float], object] = time.sleep
    seconds: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class _Said:
    """What a hub said to a ping: nothing to complain of where it took it; ``unwell`` where it may do so later."""

    trouble: str = ""
    unwell: bool = False
    wait: float = 0


def ping(
    config: Config,
    live: Sequence[str],
    fetcher: Fetcher,
    watch: Watch = unwatched,
    clock: Clock = Clock(),
) -> Pinged:
    """Tell the hub of the configuration, if there is one, which of these documents changed since it last heard of them.

    Nothing that goes wrong is raised: a build does not fail because a hub is down.
    """
    if not config.feeds.hub:
        return Pinged()
    output = Output(config.at(config.feeds.output))
    written = {path: output.written(path) for path in live}
    heard = _heard(output)
    owed = [path for path in live if heard.get(path) != written[path]]
    left, trouble = set(owed), ""
    with watch(len(owed)) as step:
        for path, said in _round(config, owed, fetcher, clock):
            trouble = trouble or said.trouble
            left -= set() if said.trouble else {path}
            step(1)
    trouble = _note(output, {path: when for path, when in written.items() if path not in left}) or trouble
    return Pinged(len(owed) - len(left), len(left), trouble)


def _heard(output: Output) -> dict[str, int]:
    """Return of which documents the hub has heard, each with the time that its file had then."""
    try:
        return msgspec.json.decode(output.noted(PINGED), type=dict[str, int])
    except (msgspec.DecodeError, OSError):
        return {}


def _note(output: Output, heard: Mapping[str, int]) -> str:
    """Write down of which documents the hub has heard; return why that cannot be done."""
    try:
        output.note(PINGED, msgspec.json.encode(heard).decode())
    except NewsletterError as error:
        return str(error)
    return ""


def _round(config: Config, owed: Sequence[str], fetcher: Fetcher, clock: Clock) -> Iterator[tuple[str, _Said]]:
    """Yield what the hub says of each document, until it is unwell or the time is over."""
    ends = clock.seconds() + LONGEST
    for path in owed:
        if clock.seconds() > ends:
            yield path, _Said(f"{config.feeds.hub}: takes too long for {len(owed)} feeds; ask who runs it")
            return
        said = _patiently(config, path, fetcher, clock)
        yield path, said
        if said.unwell:
            return


def _patiently(config: Config, path: str, fetcher: Fetcher, clock: Clock) -> _Said:
    """Return what the hub says of a document in the end: one that is unwell is asked again after growing pauses."""
    said = _once(config, path, fetcher)
    for pause in PAUSES:
        if not said.unwell or said.wait > max(PAUSES):
            break
        clock.rest(max(pause, said.wait))
        said = _once(config, path, fetcher)
    return said


def _once(config: Config, path: str, fetcher: Fetcher) -> _Said:
    hub, topic = config.feeds.hub, uri(f"{config.base}/{quote(path)}")
    form = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
    try:
        receipt = fetcher.post(hub, form, private=config.feeds.hub_private)
    except FetchError as error:
        return _Said(str(error), unwell=True)
    if receipt.taken:
        return _Said()
    unwell = receipt.status >= 500 or receipt.status in (408, 429)
    advice = "try later, or ask who runs it" if unwell else f"it does not want {topic}; check feeds.hub"
    return _Said(f"{hub}: answers {receipt.said}; {advice}", unwell, receipt.wait or 0)
