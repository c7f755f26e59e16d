"""`check --mail`: what a relay offers, or in one line why it cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.flows.command import CONFIG, Desk
from tests.relay import CERTIFICATE, Relay

ROUTE = '\n[mail.routes.{name}]\nhost = "localhost"\nport = {port}\nsecurity = "{security}"\n{more}\n'
USER = 'user = "office"'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("NEWSLETTER_SMTP_PASSWORD", "s3same")
    return Desk(tmp_path, monkeypatch, capsys)


def route(desk: Desk, relay: Relay, security: str, more: str = "", name: str = "default") -> None:
    path = desk.root / "config.toml"
    before = path.read_text(encoding="utf-8") if path.exists() else CONFIG
    desk.write("config.toml", before + ROUTE.format(name=name, port=relay.port, security=security, more=more))


def seen(desk: Desk, *arguments: str) -> Any:
    return desk("--json", "check", "--mail", *arguments).data["mail"]


def test_a_plain_relay(desk: Desk) -> None:
    with Relay() as relay:
        route(desk, relay, "none")
        found = desk("check", "--mail")
        assert found.code == 0
        assert found.out.splitlines() == [
            f"default: localhost:{relay.port}, in the clear",
            "  nobody signs in",
            "  says no largest size; 8BITMIME ENHANCEDSTATUSCODES HELP PIPELINING",
        ]
        relay.settle()
        assert relay.commands[-1] == "QUIT"
        assert not relay.messages


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_relay_over_tls_with_a_password(desk: Desk, security: str) -> None:
    with Relay(tls=security, users={"office": "s3same"}) as relay:
        route(desk, relay, security, USER)
        first, second, *_ = desk("check", "--mail").out.splitlines()
        assert first.startswith(f"default: localhost:{relay.port}, TLSv1.3, certificate of localhost for ")
        assert first.endswith(" days more")
        assert second == "  signed in as office; it offers PLAIN"
        (found,) = seen(desk)
        assert found["usable"]
        assert found["tls"] == "TLSv1.3"
        assert found["auth"] == ["PLAIN"]
        assert "localhost" in found["certificate"]["subject"]


def test_a_wrong_password(desk: Desk) -> None:
    with Relay(tls="starttls", users={"office": "another"}) as relay:
        route(desk, relay, "starttls", USER)
        found = desk("check", "--mail")
        assert found.code == 1
        (line,) = found.out.splitlines()
        assert "user or password refused: 535 5.7.8 wrong user or password" in line
        assert "s3same" not in line
        (told,) = seen(desk)
        assert not told["usable"]
        assert "535 5.7.8" in told["error"]


def test_starttls_was_stripped(desk: Desk) -> None:
    with Relay() as relay:
        route(desk, relay, "starttls")
        found = desk("check", "--mail")
        assert found.code == 1
        assert "STARTTLS extension not supported" in found.out
        assert not [command for command in relay.commands if command.startswith(("MAIL", "AUTH"))]


def test_a_certificate_that_is_not_trusted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with Relay(tls="tls") as relay:
        route(desk, relay, "tls")
        found = desk("check", "--mail")
        assert found.code == 1
        assert "certificate not trusted" in found.out


def test_nobody_at_home_and_a_good_one_beside_it(desk: Desk) -> None:
    with Relay() as relay:
        route(desk, relay, "none", name="good")
        with Relay() as gone:
            route(desk, gone, "none", name="gone")
        found = desk("check", "--mail")
        assert found.code == 1
        assert "good: localhost" in found.out
        assert "error gone: " in found.out
        assert "cannot be reached" in found.out
        assert [each["usable"] for each in seen(desk)] == [True, False]


@pytest.mark.parametrize(("size", "warned"), [(150_000, True), (10_240_000, False)])
def test_a_small_size_is_warned_of(desk: Desk, size: int, warned: bool) -> None:
    with Relay() as relay:
        relay.features = (*relay.features, f"SIZE {size}", "SMTPUTF8")
        route(desk, relay, "none")
        found = desk("check", "--mail")
        assert found.code == 0
        assert f"up to {size} bytes a message; 8BITMIME" in found.out
        assert "SMTPUTF8" in found.out
        assert (f"warning: it takes no letter larger than {size} bytes" in found.out) == warned
        assert bool(seen(desk)[0]["warnings"]) == warned


def test_a_certificate_that_ends_soon_is_warned_of(desk: Desk) -> None:
    with Relay(tls="tls") as relay:
        route(desk, relay, "tls")
        ends = seen(desk)[0]["certificate"]["ends"]
        assert "its certificate ends soon" not in desk("check", "--mail").out
        assert "its certificate ends soon" in desk("check", "--mail", now=ends).out


def test_a_test_letter_goes_over_each(desk: Desk) -> None:
    with Relay() as one, Relay() as two:
        route(desk, one, "none", name="one")
        route(desk, two, "none", name="two")
        desk.article("un")
        assert desk("import", "articles").code == 0
        found = desk("check", "--mail", "--to", "lea@example.org", "lettre")
        assert found.code == 0, found
        assert found.out.count("  took a test letter to lea@example.org: 250 2.0.0 queued") == 2
        assert [message.recipient for relay in (one, two) for message in relay.messages] == ["lea@example.org"] * 2


def test_a_refused_test_letter(desk: Desk) -> None:
    with Relay({"lea@example.org": "554 5.7.1 no at RCPT"}) as relay:
        route(desk, relay, "none")
        desk.article("un")
        assert desk("import", "articles").code == 0
        found = desk("check", "--mail", "--to", "lea@example.org")
        assert found.code == 1
        assert "refuses a letter to lea@example.org: 554 5.7.1 no" in found.out


def test_a_way_that_no_letter_takes(desk: Desk) -> None:
    with Relay() as relay:
        route(desk, relay, "none", 'domains = ["example.com"]')
        found = desk("check", "--mail", "--to", "lea@example.org")
        assert found.code == 1
        assert "no letter to lea@example.org goes this way" in found.out
        assert not relay.messages


def test_to_goes_with_mail(desk: Desk) -> None:
    desk.write("config.toml", CONFIG)
    assert "--to goes with --mail" in desk("check", "--to", "lea@example.org").err
