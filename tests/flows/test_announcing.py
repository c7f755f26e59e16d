"""`check --dns`: the records to publish, as they must be for receivers to believe the sender, and what cannot fit."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from newsletter.configfile import parse
from newsletter.delivery.signing import seal_of
from newsletter.pipeline.announcing import announce
from tests.docs.pages import blocks, read
from tests.flows.command import CONFIG, Desk
from tests.flows.test_signing import secret
from tests.unit import test_delivery_dkim as signatures
from tests.unit.test_delivery_keyfile import kept, pem

DOMAIN = "troisrivieres.example.org"


def announced(
    root: Path, *, sender: str = DOMAIN, bounces: str = "", key: str = "", route: dict[str, Any] | None = None
) -> Any:
    kept(root, pem(secret()))
    letter = {"title": "x", "sender": {"address": f"lettre@{sender}"}, "bounces": bounces}
    mail = {"dkim": {key: {"selector": "letters", "key_file": "dkim.pem"}} if key else {}}
    site = {"name": "x", "url": "https://www.example.org"}
    document = {"site": site, "lists": {"lettre": letter}, "mail": mail | {"routes": {"default": route or {}}}}
    return announce(parse(document, root=root), "lettre")


def values(found: Any) -> dict[str, str]:
    return {record.name: record.value for record in found.records}


def test_what_dns_must_say_makes_letters_verify(tmp_path: Path) -> None:
    found = announced(tmp_path, key=DOMAIN, route={"host": f"mail.{DOMAIN}"})
    assert (found.findings, found.errors) == ((), 0)
    told = values(found)
    assert list(told) == [DOMAIN, f"letters._domainkey.{DOMAIN}", f"_dmarc.{DOMAIN}"]
    assert told[DOMAIN] == f"v=spf1 a:mail.{DOMAIN} ~all"
    assert told[f"_dmarc.{DOMAIN}"] == "v=DMARC1; p=none; adkim=r; aspf=r"
    public = told[f"letters._domainkey.{DOMAIN}"].removeprefix("v=DKIM1; k=rsa; p=")
    key = {"selector": "letters", "key_file": "dkim.pem"}
    config = parse({"site": {"name": "x", "url": "https://x.org"}, "mail": {"dkim": {DOMAIN: key}}}, root=tmp_path)
    assert signatures.verified(seal_of(config, f"a@{DOMAIN}", signatures.NOW)(signatures.LETTER), public=public)


def test_a_long_record_is_cut_into_strings_that_dns_can_hold(tmp_path: Path) -> None:
    record = announced(tmp_path, key=DOMAIN).records[1]
    assert [len(part) <= 255 for part in record.strings] == [True, True]
    assert "".join(record.strings) == record.value
    assert record.line.count('"') == 4
    assert record.line.startswith(f'letters._domainkey.{DOMAIN}. IN TXT "v=DKIM1; k=rsa; p=MII')


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ({"host": "9.9.9.9"}, "ip4:9.9.9.9"),
        ({"host": "2001:4860:4860::8888"}, "ip6:2001:4860:4860::8888"),
        ({"host": f"Mail.{DOMAIN}"}, f"a:mail.{DOMAIN}"),
        ({"host": "smtp.example.net"}, "include:NAME"),
        ({"host": "notexample.org"}, "include:NAME"),
        ({"host": "127.0.0.1"}, "ip4:ADDRESS"),
        ({"host": "localhost"}, "ip4:ADDRESS"),
        ({"host": "10.0.0.3"}, "ip4:ADDRESS"),
        ({"host": "::1"}, "ip4:ADDRESS"),
        ({"host": "127.0.0.1", "hello": f"sortie.{DOMAIN}"}, f"a:sortie.{DOMAIN}"),
        ({"host": "127.0.0.1", "hello": "box.local"}, "ip4:ADDRESS"),
    ],
)
def test_spf_names_the_relay_as_far_as_it_is_known(tmp_path: Path, route: dict[str, Any], said: str) -> None:
    record = announced(tmp_path, route=route).records[0]
    assert record.value == f"v=spf1 {said} ~all"
    assert f"put {said} into it" in record.note


@pytest.mark.parametrize(
    ("given", "severities", "dmarc"),
    [
        ({"key": DOMAIN, "bounces": f"b@{DOMAIN}"}, [], DOMAIN),
        ({"key": DOMAIN, "bounces": f"b@rebonds.{DOMAIN}"}, [], DOMAIN),
        ({"key": "example.org", "bounces": "b@rebonds.example.org"}, [], "example.org"),  # one family by DMARC
        ({"key": DOMAIN, "bounces": "b@example.com"}, ["warning"], DOMAIN),
        ({"bounces": f"b@{DOMAIN}"}, ["warning"], DOMAIN),  # the relay must sign
        ({"bounces": "b@example.org"}, ["warning"], "example.org"),
        ({"bounces": "b@rebonds.example.org"}, ["error", "warning"], DOMAIN),
        ({"bounces": "b@example.com"}, ["error", "warning"], DOMAIN),
        ({"key": "example.com", "bounces": "b@example.com"}, ["error", "warning"], DOMAIN),
        ({"key": DOMAIN, "route": {"user": "someone"}}, [], DOMAIN),
        ({"key": DOMAIN, "route": {"user": f"x@{DOMAIN}"}}, [], DOMAIN),
        ({"key": DOMAIN, "route": {"user": "x@example.com"}}, ["warning"], DOMAIN),
    ],
)
def test_what_is_not_aligned_is_told(tmp_path: Path, given: dict[str, Any], severities: list[str], dmarc: str) -> None:
    found = announced(tmp_path, **given)
    assert [finding.severity for finding in found.findings] == severities
    assert found.errors == severities.count("error")
    assert found.records[-1].name == f"_dmarc.{dmarc}"


def test_a_domain_with_accents_is_told_as_dns_has_it(tmp_path: Path) -> None:
    found = announced(tmp_path, sender="rivières.example.org", key="rivières.example.org")
    assert found.findings == ()
    ascii_form = "xn--rivires-5xa.example.org"
    assert list(values(found)) == [ascii_form, f"letters._domainkey.{ascii_form}", f"_dmarc.{ascii_form}"]


def write(desk: Desk, more: str = "") -> None:
    desk.write("config.toml", f'{CONFIG}\n[mail.routes.default]\nhost = "smtp.example.net"\n{more}')


KEY = f'[mail.dkim."{DOMAIN}"]\nselector = "letters"\nkey_file = "dkim.pem"\n'


def test_the_command_asks_nobody_and_opens_no_books(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the net was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    write(desk, KEY)
    kept(desk.root, pem(secret()))
    said = desk("check", "--dns", "lettre")
    assert (said.code, said.err) == (0, "")
    assert said.out.count(" IN TXT ") == 3
    assert not (desk.root / "newsletter.db").exists()
    both = desk("--json", "check", "--dns")
    assert [each["list"] for each in both.data["dns"]] == ["lettre", "veille"]
    record = both.data["dns"][0]["records"][1]
    assert list(record) == ["name", "type", "value", "strings", "note"]
    assert (record["name"], record["type"]) == (f"letters._domainkey.{DOMAIN}", "TXT")
    assert "lists" not in both.data


def test_a_key_that_cannot_be_used_is_an_error_and_the_rest_is_told(desk: Desk) -> None:
    write(desk, KEY)
    said = desk("check", "--dns", "lettre")
    assert said.code == 1
    assert said.out.startswith("error sender: config.toml, mail.dkim: ")
    assert "no such file" in said.out
    assert said.out.count(" IN TXT ") == 2
    assert desk("check", "--dns", "nothing").code == 2


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_the_howto_works_as_it_is_written(desk: Desk) -> None:
    page = read("docs/howto/signing.md")
    make, *_ = blocks(page, "sh")
    key, bounces = blocks(page, "toml")
    subprocess.run(["/bin/sh", "-ec", make], cwd=desk.root, check=True, capture_output=True)
    site = '[site]\nname = "x"\nurl = "https://www.example.org"\n'
    desk.write("config.toml", f'{site}{key}{bounces}[mail.routes.default]\nhost = "smtp.example.net"\n')
    said = desk("check", "--dns", "lettre")
    assert said.code == 0
    shown = blocks(page, "text")[0].splitlines()
    given = said.out.splitlines()
    assert len(shown) == len(given)
    for told, line in zip(shown, given, strict=True):
        if "…" in told:
            begin, end = told.split("…")[0], told.split("…")[-1]
            assert line.startswith(begin) and line.endswith(end)
        else:
            assert line == told
