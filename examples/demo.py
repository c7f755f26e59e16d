"""What `make demo` does: the sample publication, from articles to feeds and to letters in a local mailbox.

Every step is a command that staff would type; only the mail server is stood in for, by one on this machine that writes
what it receives into a Maildir.
"""

from __future__ import annotations

import email
import email.policy
import mailbox
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

from newsletter.configfile import load

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
NOW = "2024-04-02T09:00:00+02:00"
SITE = "https://www.troisrivieres.example.org/"
SHOWN = ("lectrice01@example.org", "lectrice07@example.org")


def main() -> None:
    """Run the demo from nothing; its own folder is made anew."""
    shutil.rmtree(DEMO, ignore_errors=True)
    (DEMO / "letters").mkdir(parents=True)
    started = time.monotonic()
    step("import", "articles")
    step("subscribers", "import", "examples/subscribers.csv")
    with local_mail_server(DEMO / "maildir"):
        step("send", "lettre", "--yes")
    step("build")
    step("issues", "show", "lettre/2024-04-02")
    letters = [readable(address) for address in SHOWN]
    print(f"\nDone in {time.monotonic() - started:.0f} s. Open in a browser:")
    for what, path in (
        ("every feed of the publication", "feeds/index.html"),
        ("a feed, as readers get it", "feeds/theme/education.atom"),
        *((f"the letter of {address}", letter) for address, letter in zip(SHOWN, letters, strict=True)),
        ("the letter's page", "feeds/issues/lettre/2024-04-02.html"),
        ("all letters, as mail programs see them", "demo/maildir/"),
    ):
        print(f"  {path:<46} {what}")


def step(*arguments: str) -> None:
    """Run one command of the program, as it would be typed."""
    print(f"\n$ newsletter {' '.join(arguments)}", flush=True)
    environment = {
        **os.environ,
        "NEWSLETTER_NOW": NOW,
        "NEWSLETTER_DATABASE_URL": f"sqlite:///{DEMO / 'newsletter.db'}",
    }
    done = subprocess.run([sys.executable, "-m", "newsletter", *arguments], cwd=ROOT, env=environment, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"the demo stops: newsletter {arguments[0]} ended with {done.returncode}")


class local_mail_server:  # noqa: N801  used like a function, in a with statement
    """A real SMTP server on loopback that keeps what it receives in a Maildir."""

    def __init__(self, folder: Path) -> None:
        route = load(ROOT / "config.toml").mail.routes["default"]
        self.port = route.port
        self.controller = Controller(Mailbox(str(folder)), hostname=route.host, port=route.port)

    def __enter__(self) -> None:
        try:
            self.controller.start()
        except OSError as error:
            sys.exit(f"the demo needs port {self.port} of this machine for its mail server: {error}")

    def __exit__(self, *error: object) -> None:
        self.controller.stop()


def readable(address: str) -> str:
    """Write one reader's letter as a page that opens without a web server; returns its path."""
    for message in mailbox.Maildir(DEMO / "maildir", create=False):
        parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        if parsed["To"] == address:
            part = parsed.get_body(("html",))
            page = part.get_content() if part else ""
            target = DEMO / "letters" / f"{address.partition('@')[0]}.html"
            # In the mail these are addresses of the site; here they lead into the folder that a web server would show.
            target.write_text(page.replace(SITE, "../../feeds/"), encoding="utf-8")
            return str(target.relative_to(ROOT))
    sys.exit(f"the demo stops: no letter reached {address}")


if __name__ == "__main__":
    main()
