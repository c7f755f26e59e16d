"""An SMTP server on loopback that does what a script says, and knows the truth about what it accepted.

    with Relay({"bob@example.org": ["452 4.2.2 full at RCPT", "ok"]}) as relay:
        ...  # connect to relay.port, then look at relay.messages

As a process of its own, for drills with ``kill -9``: ``python -m tests.relay --port-file F --log F``.

A script is plain data: who it is about, and a step for each try; beyond the last all goes well. A plain string instead
of a list holds for every try. Who: a recipient, a sender, ``*`` for any transaction, ``connection`` for any connection.
A step is ``ok`` or ``<what> at <stage>``. Stages: CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, BODY (its first line
was read; the session ends), DOT, RSET, QUIT. What:

- a reply as it stands, lines parted by ``\\n``; the message is kept if it begins with 2; after a 421 the session ends
- ``drop``: the connection is closed without a word
- ``stall``: silence until the client leaves or the test ends
- ``keep, then <what>``: the message is accepted before that
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Script = Mapping[str, Sequence[str] | str]
FEATURES = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
KEEP = "keep, then "
_MESSAGE_ID = re.compile(rb"^Message-ID: *<(.*?)>", re.MULTILINE | re.IGNORECASE)
_PATH = re.compile(r"<(.*)>")
CERTIFICATE = Path(__file__).with_suffix(".pem")


@dataclass(frozen=True)
class Received:
    """A message that was accepted, with its envelope and without the dots that SMTP adds.

    ``hello`` is what the client called itself.
    """

    sender: str
    recipient: str
    data: bytes
    hello: str = ""

    @property
    def message_id(self) -> str:
        """The Message-ID without its brackets."""
        return next((found.decode() for found in _MESSAGE_ID.findall(self.data)), "")


class Relay(contextlib.AbstractContextManager["Relay"]):
    """The server; ``messages`` is what it accepted, unless that goes to a log, and ``commands`` what it was told.

    ``forgets`` is the stage after which it throws away what was pipelined.
    """

    def __init__(
        self,
        script: Script | None = None,
        *,
        tls: str = "",
        users: Mapping[str, str] | None = None,
        single_bytes: bool = False,
        forgets: str = "",
        latency: float = 0,
        log: Path | None = None,
    ) -> None:
        self.script = {who: steps if isinstance(steps, str) else list(steps) for who, steps in (script or {}).items()}
        self.tls, self.users, self.single_bytes, self.latency = tls, dict(users or {}), single_bytes, latency
        self.forgets = forgets
        self.features = (*FEATURES, *(["STARTTLS"] if tls == "starttls" else []), *(["AUTH PLAIN"] if users else []))
        self.messages: list[Received] = []
        self.commands: list[str] = []
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) if log else -1
        self._changed = threading.Condition()
        self._open: set[socket.socket] = set()
        self._ending = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._welcome, name="relay")]
        self._threads[0].start()

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def distinct(self) -> set[str]:
        """The Message-IDs of all that was accepted."""
        return {message.message_id for message in self.messages}

    def close(self) -> None:
        """End every session and thread."""
        self._ending = True
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes accept() on every system
        self._threads[0].join()
        with self._changed:
            for stream in self._open:
                with contextlib.suppress(OSError):
                    stream.shutdown(socket.SHUT_RDWR)
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        if self._log >= 0:
            os.close(self._log)

    def settle(self, others: int = 0) -> None:
        """Wait until all sessions but ``others`` have ended, so that what was accepted is final."""
        with self._changed:
            self._changed.wait_for(lambda: self._ending or len(self._open) <= others)

    def step(self, who: str) -> str:
        """Take the next step that the script holds for somebody."""
        with self._changed:
            steps = self.script.get(who, "ok")
            return steps if isinstance(steps, str) else steps.pop(0) if steps else "ok"

    def keep(self, message: Received) -> None:
        """Write a message into the books: from here on it is accepted, whatever the client hears."""
        with self._changed:
            if self._log < 0:
                self.messages.append(message)
            else:
                os.write(self._log, f"{time.monotonic():.6f} {message.message_id} {message.recipient}\n".encode())

    def _welcome(self) -> None:
        with self._listener:
            while True:
                stream, _ = self._listener.accept()
                if self._ending:
                    stream.close()
                    return
                self._threads.append(threading.Thread(target=self._serve, args=(stream,), name="relay session"))
                with self._changed:
                    self._open.add(stream)
                self._threads[-1].start()

    def _serve(self, stream: socket.socket) -> None:
        # The session speaks over a duplicate, which TLS may wrap and replace: this one stays good for close().
        with stream:
            with contextlib.suppress(OSError):
                Session(self, stream.dup()).run()
            with self._changed:
                self._open.remove(stream)
                self._changed.notify_all()


class Session:
    """One connection: commands in, replies out, as the script says."""

    def __init__(self, relay: Relay, stream: socket.socket) -> None:
        self.relay = relay
        self.stream = stream
        self.steps = {"connection": relay.step("connection")}
        self.hello = ""
        self.sender: str | None = None
        self.recipients: list[str] = []

    def run(self) -> None:
        """Speak until one side leaves."""
        self.lines = self.stream.makefile("rb")
        try:
            if self.relay.tls == "tls":
                self._secure()
            self.answer("CONNECT", "220 relay.test ready")
            while line := self.lines.readline():
                command = line.decode("latin-1").strip()
                self.relay.commands.append(command)
                verb, _, rest = command.partition(" ")
                self.forget(verb)
                getattr(self, f"do_{verb.lower()}", self.unknown)(rest)
        finally:
            self.lines.close()
            self.stream.close()

    def forget(self, stage: str) -> None:
        """Throw away what was pipelined after a stage, as a relay does that takes each read for one command."""
        if stage != self.relay.forgets:
            return
        time.sleep(0.02)  # until what is on its way has come
        self.stream.setblocking(False)
        while self.lines.read1():
            pass
        self.stream.setblocking(True)

    def unknown(self, rest: str) -> None:
        self.say("502 5.5.1 no such command")

    def do_ehlo(self, rest: str) -> None:
        self.hello = rest
        self.answer("EHLO", "\n".join(["250-relay.test", *(f"250-{name}" for name in self.relay.features), "250 HELP"]))

    def do_starttls(self, rest: str) -> None:
        if self.answer("STARTTLS", "220 go ahead"):
            self._secure()

    def do_auth(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        good = self.relay.users.get(user) == password
        self.answer("AUTH", "235 2.7.0 welcome" if good else "535 5.7.8 wrong user or password")

    def do_mail(self, rest: str) -> None:
        sender = _PATH.findall(rest)[0]
        self.steps |= {"*": self.relay.step("*"), "sender": self.relay.step(sender), "recipient": "ok"}
        if self.answer("MAIL", "250 2.1.0 sender ok" if self.sender is None else "503 5.5.1 nested MAIL"):
            self.sender = sender

    def do_rcpt(self, rest: str) -> None:
        recipient = _PATH.findall(rest)[0]
        self.steps["recipient"] = self.relay.step(recipient)
        if self.answer("RCPT", "503 5.5.1 MAIL first" if self.sender is None else "250 2.1.5 recipient ok"):
            self.recipients.append(recipient)

    def do_data(self, rest: str) -> None:
        if self.answer("DATA", "354 end with a dot" if self.recipients else "503 5.5.1 no recipient"):
            self._decide(self._body())

    def do_rset(self, rest: str) -> None:
        self.sender, self.recipients = None, []
        self.answer("RSET", "250 2.0.0 forgotten")

    def do_quit(self, rest: str) -> None:
        self.answer("QUIT", "221 2.0.0 bye")
        raise ConnectionAbortedError

    def do_xsettle(self, rest: str) -> None:
        """Answer when no other session is left: not SMTP, for drills in other processes."""
        self.relay.settle(others=1)
        self.say("250 settled")

    def answer(self, stage: str, usual: str) -> bool:
        """Do what the script says of a stage, else give the usual reply; tell whether it was a good one."""
        what = (self._scripted(stage) or usual).removeprefix(KEEP)
        if what == "stall":
            self.lines.read()
        if what in ("drop", "stall"):
            raise ConnectionAbortedError
        self.say(what)
        if what.startswith("421"):
            raise ConnectionAbortedError
        return what.startswith(("2", "3"))

    def say(self, reply: str) -> None:
        """Write a reply, in one piece or in single bytes."""
        data = (reply.replace("\n", "\r\n") + "\r\n").encode("latin-1")
        for piece in (data[n : n + 1] for n in range(len(data))) if self.relay.single_bytes else (data,):
            self.stream.sendall(piece)

    def _scripted(self, stage: str) -> str:
        found = (step.removesuffix(f" at {stage}") for step in self.steps.values() if step.endswith(f" at {stage}"))
        return next(found, "")

    def _secure(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.lines.close()
        self.stream = context.wrap_socket(self.stream, server_side=True)
        self.lines = self.stream.makefile("rb")

    def _body(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise ConnectionAbortedError  # without its dot it is no message
            lines.append(line[1:] if line.startswith(b".") else line)
            if len(lines) == 1 and self._scripted("BODY"):
                self.answer("BODY", "")
                raise ConnectionAbortedError
        return b"".join(lines)

    def _decide(self, data: bytes) -> None:
        self.forget("DOT")
        usual = "250 2.0.0 queued"
        if (self._scripted("DOT") or usual).startswith(("2", KEEP)):
            for recipient in self.recipients:
                self.relay.keep(Received(self.sender or "", recipient, data, self.hello))
        time.sleep(self.relay.latency)
        self.answer("DOT", usual)
        self.sender, self.recipients = None, []


def settle(port: int) -> None:
    """Wait until a relay in another process has no session left."""
    with socket.create_connection(("127.0.0.1", port)) as stream, stream.makefile("rb") as lines:
        lines.readline()
        stream.sendall(b"XSETTLE\r\n")
        lines.readline()


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", type=Path, required=True, help="where to write the port, once it is open")
    parser.add_argument("--log", type=Path, required=True, help="a line a message: time, Message-ID, recipient")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="wait before each answer to a dot")
    parser.add_argument("--script", type=lambda path: json.loads(Path(path).read_text()), help="a file of JSON")
    options = parser.parse_args()
    over = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, over)
    with Relay(options.script, latency=options.latency / 1000, log=options.log) as relay:
        half = options.port_file.with_suffix(".part")  # whoever waits for the file never reads half of it
        half.write_text(f"{relay.port}\n")
        half.replace(options.port_file)
        print(relay.port, flush=True)
        signal.sigwait(over)


if __name__ == "__main__":
    main()
