"""A Postfix of one's own: on loopback, in a folder, delivering into one mailbox a reader; gone at the end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections import Counter
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

OWNER = "nobody"
"""Whom the mailboxes belong to: Postfix delivers nothing as root."""

MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/maillog
maillog_file_prefixes = {root}
myhostname = relay.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
alias_maps =
in_flow_delay = 0
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{root}/etc/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


class Absent(Exception):
    """This machine has no Postfix for us; the message says why."""


class Failed(Exception):
    """Postfix does not do what it is told; the message has its words."""


class Postfix(contextlib.AbstractContextManager["Postfix"]):
    """The instance; ``port`` is where it listens."""

    def __init__(self, root: Path, readers: int) -> None:
        if not shutil.which("postfix"):
            raise Absent("Postfix is not installed")
        if os.geteuid() != 0:
            raise Absent("Postfix starts as root only")
        self.root = root
        self.log = root / "maillog"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        owner = pwd.getpwnam(OWNER)
        for name in ("etc", "queue", "data", "mail"):
            (root / name).mkdir()
        root.chmod(0o755)
        os.chown(root / "mail", owner.pw_uid, owner.pw_gid)
        os.chown(root / "data", pwd.getpwnam("postfix").pw_uid, -1)
        self._write("main.cf", MAIN.format(root=root, uid=owner.pw_uid, gid=owner.pw_gid))
        self._write("master.cf", MASTER.format(port=self.port))
        names = [f"lecteur{number}" for number in range(readers)]
        self._write("mailboxes", "".join(f"{name}@example.org {name}/\n" for name in names))
        self._say("start")
        self._wait()

    def __exit__(self, *error: object) -> None:
        self._say("stop")
        with contextlib.suppress(Failed):
            self._say("status")
            raise AssertionError("Postfix did not stop")

    def drain(self, seconds: float = 120) -> None:
        """Wait until its queue is empty."""
        until = time.monotonic() + seconds
        while "queue is empty" not in self._run("postqueue", "-c", str(self.root / "etc"), "-p"):
            if time.monotonic() > until:
                raise TimeoutError("Postfix still holds mail")
            time.sleep(0.2)

    def mailboxes(self) -> dict[str, Counter[str]]:
        """Return the Message-IDs in each mailbox, by the reader's name."""
        found: dict[str, Counter[str]] = {}
        for path in (self.root / "mail").glob("*/new/*"):
            message = message_from_bytes(path.read_bytes(), policy=SMTP)
            found.setdefault(path.parts[-3], Counter())[str(message["Message-ID"])] += 1
        return found

    def _write(self, name: str, text: str) -> None:
        (self.root / "etc" / name).write_text(text, encoding="utf-8")

    def _say(self, word: str) -> None:
        self._run("postfix", "-c", str(self.root / "etc"), word)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            log = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            raise Failed(f"{' '.join(command)}: {done.stderr or done.stdout or log}")
        return done.stdout

    def _wait(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as stream:
                if stream.recv(3) == b"220":
                    return
            time.sleep(0.1)
        raise Failed(f"Postfix does not greet: {self.log.read_text(encoding='utf-8')}")
