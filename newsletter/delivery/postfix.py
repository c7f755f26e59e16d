"""Postfix's log, read for what became of a few messages; it may be of any length.

While it still receives a message Postfix notes ``cleanup: ID: message-id=<...>``: that proves nothing. What proves that
the relay kept it is a line of the queue manager, or of an agent that delivers it, with the same queue id. That it did
not is proved by ``lost connection after DATA`` of the process that received it, which may stand before the cleanup's
line. What a filter gives back to Postfix has another queue id and the same Message-ID.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from newsletter.delivery.reply import printable
from newsletter.errors import UsageError
from newsletter.store.moves import Answer

LONGEST = 8192
"""Bytes of a line that are looked at; Postfix writes shorter ones."""

MOST = 10_000
"""Sessions and broken-off messages that are remembered at a time."""

WORDS = 1000
"""Characters of a server's words that are kept."""

EXACT = timedelta(hours=1)
LOOSE = timedelta(hours=27)
"""How far the clocks of two machines may be apart; without a zone in the log, any two zones of the earth."""

GZIP = b"\x1f\x8b"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BAD = ("bounced", "expired")

_LINE = re.compile(
    rb"([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)) "
    rb"(\S+ [^\s/\[]+)/(?:[^\s\[]*/)?([\w-]+)\[(\d+)\]: ([^\r\n]*)"
)
_OF_ENTRY = re.compile(rb"([0-9A-Za-z]{6,}): (.*)")
_STATUS = re.compile(rb", (?:dsn=([245]\.\d{1,3}\.\d{1,3}), )?status=(?:force-)?(\w+)(?: \((.*)|, (.*))?")
_CODE = re.compile(r"(?:^|said: )([245]\d\d)[ -]")

Entry = tuple[bytes, bytes]
"""A message in a queue: the host and instance of Postfix, and the queue id, which may be used again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message at its next hop, ``sent``, ``bounced``, ``deferred`` or ``expired``, in which words."""

    status: str
    answer: Answer


@dataclass(slots=True)
class Trace:
    """What a log says of one message: whether the relay kept it, or only began to receive it (``begun``)."""

    kept: bool = False
    begun: set[Entry] = field(default_factory=set)
    verdicts: dict[Entry, Verdict] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict | None:
        """How it ended: what a hop behind a filter could not deliver was not delivered."""
        found = list(self.verdicts.values())
        return next((verdict for verdict in found if verdict.status in BAD), found[-1] if found else None)


class PostfixLog:
    """What a log says of the wanted messages, and which time it covers."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self.traces = {message_id.encode(): Trace() for message_id in wanted}
        self.first = b""
        self.last = b""
        self._wanted: dict[Entry, Trace] = {}
        self._sessions: OrderedDict[Entry, Entry] = OrderedDict()
        self._broken: OrderedDict[Entry, Entry] = OrderedDict()

    def of(self, message_id: str) -> Trace:
        """Return what the log says of a message that was wanted."""
        return self.traces[message_id.encode()]

    def covers(self, start: datetime, end: datetime, zone: tzinfo, now: datetime) -> bool:
        """Tell whether the log begins before a time and ends after it, however the clocks differ.

        It is measured by the lines that name messages: a log of which these were left out covers nothing.
        """
        if not self.first:
            return False
        slack = EXACT if b"T" in self.first[:11] else LOOSE
        first, last = (instant(stamp.decode(), zone, now) for stamp in (self.first, self.last))
        return first <= start - slack and end + slack <= last

    def read(self, lines: Iterable[bytes]) -> None:
        """Take lines in their order; what is not Postfix's is passed over."""
        for line in lines:
            if match := _LINE.match(line):
                self._take(*match.groups())

    def _take(self, stamp: bytes, relay: bytes, program: bytes, process: bytes, said: bytes) -> None:
        match = _OF_ENTRY.match(said)
        entry = (relay, match[1]) if match else (relay, b"")
        if program == b"smtpd":
            self._receive((relay, process), entry, said)
        elif match and program == b"cleanup" and match[2].startswith(b"message-id="):
            self.first, self.last = self.first or stamp, stamp
            self._name(entry, match[2].removeprefix(b"message-id=").strip(b"<>"))
        elif match and entry in self._wanted and (program.endswith(b"qmgr") or match[2].startswith(b"to=<")):
            self._keep(entry, match[2])

    def _receive(self, session: Entry, entry: Entry, said: bytes) -> None:
        """Follow which message a process receives, and whether it was broken off."""
        if entry[1] and b": client=" in said[:64]:
            _remember(self._sessions, session, entry)
            self._broken.pop(entry, None)
        elif said.startswith((b"lost connection after DATA", b"timeout after DATA")) and session in self._sessions:
            broken = self._sessions.pop(session)
            _remember(self._broken, broken, broken)
            if broken in self._wanted:
                self._wanted.pop(broken).begun.discard(broken)
        elif said.startswith(b"disconnect from "):
            self._sessions.pop(session, None)

    def _name(self, entry: Entry, message_id: bytes) -> None:
        self._wanted.pop(entry, None)  # the queue id is used again
        trace = self.traces.get(message_id)
        if trace and entry not in self._broken:
            self._wanted[entry] = trace
            trace.begun.add(entry)

    def _keep(self, entry: Entry, said: bytes) -> None:
        trace = self._wanted[entry]
        trace.kept = True
        trace.begun.discard(entry)
        if verdict := _verdict(said):
            trace.verdicts[entry] = verdict
        if said == b"removed":
            del self._wanted[entry]


def lines(stream: io.BufferedReader) -> Iterator[bytes]:
    """Yield the lines of a log, packed with gzip or not; of one that is too long its beginning.

    Raises:
        UsageError: it is packed and damaged.
    """
    try:
        packed = stream.peek(2)[:2] == GZIP
        yield from _cut(gzip.GzipFile(fileobj=stream) if packed else stream)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UsageError(f"the log is no whole gzip file: {error}; give it unpacked, or a whole one") from error


def instant(stamp: str, zone: tzinfo, now: datetime) -> datetime:
    """Return when a line was written: the old form of stamps has neither year nor zone, and is not of tomorrow."""
    if "T" in stamp[:11]:
        return datetime.fromisoformat(stamp)
    month, day, clock = MONTHS.index(stamp[:3]) + 1, int(stamp[4:6]), stamp[7:15]
    for year in range(now.year + 1, now.year - 10, -1):
        try:
            found = datetime.fromisoformat(f"{year}-{month:02}-{day:02}T{clock}").replace(tzinfo=zone)
        except ValueError:
            continue  # the 29th of February
        if found <= now + LOOSE:
            return found
    raise UsageError(f"{stamp}: is no date of a log")


def _cut(stream: io.BufferedReader | gzip.GzipFile) -> Iterator[bytes]:
    while line := stream.readline(LONGEST):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST)


def _verdict(said: bytes) -> Verdict | None:
    match = _STATUS.search(said)
    if not match:
        return None
    words = printable(match[3].removesuffix(b")") if match[3] else match[4] or b"")[:WORDS]
    code = _CODE.search(words)
    return Verdict(match[2].decode(), Answer(int(code[1]) if code else 0, (match[1] or b"").decode(), words))


def _remember(known: OrderedDict[Entry, Entry], key: Entry, value: Entry) -> None:
    known[key] = value
    if len(known) > MOST:
        known.popitem(last=False)
