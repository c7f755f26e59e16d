"""The page of a draft, as an editor meets it: in a real browser, on a real server, with the books behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from itertools import product
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from newsletter.configfile import load
from newsletter.pipeline.scheduling import tick
from tests.flows.office import Office
from tests.flows.publications import add_articles, add_readers, article, published
from tests.relay import Relay
from tests.web.browser import opened
from tests.web.serving import Site, served

EDITOR = "redaction@example.org"
CONFIG = """
[site]
name = "Centre de ressources des Trois Rivières"
url = "https://www.troisrivieres.example.org"
[taxonomies.theme]
label = "Thématique"
[lists.lettre]
title = "La lettre des Trois Rivières"
sender = {{ address = "lettre@troisrivieres.example.org" }}
cadence = "weekly on thursday at 09:00"
approval = "wait"
editors = ["{editor}"]
[[lists.lettre.sections]]
title = "Actualités"
[mail.routes.default]
port = {port}
security = "none"
connections = 1
"""


@dataclass
class Desk:
    """A publication with a draft, the server that shows it, and the path to which the editor's letter leads."""

    office: Office
    site: Site
    path: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.site.port}{self.path}"

    def post(self, **fields: str) -> tuple[int, str]:
        body = urlencode(fields).encode()
        with closing(self.site.open(self.path, "POST", Content_Length=str(len(body)))) as connection:
            connection.send(body)
            said = connection.getresponse()
            return said.status, said.headers.get("Location", "")


def at(here: Office, moment: str) -> list[str]:
    here.publication = replace(here.publication, now=datetime.fromisoformat(moment))
    return [act.what for act in tick(here.publication, Event())]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("NEWSLETTER_NOW", "2024-04-03T10:00:00+02:00")
    with Relay() as relay:
        (tmp_path / "config.toml").write_text(CONFIG.format(port=relay.port, editor=EDITOR), encoding="utf-8")
        (tmp_path / "feeds").mkdir()
        publication = published(tmp_path, load(tmp_path / "config.toml"))
        here = Office(tmp_path, relay, publication)
        add_articles(publication, [article("un"), article("deux")])
        add_readers(publication, {"lea@example.org": {}})
        assert at(here, "2024-04-02T09:00:00+02:00") == ["watched"]
        assert at(here, "2024-04-03T09:00:00+02:00") == ["drafted"]
        [letter] = [message_from_bytes(m.data, policy=default) for m in relay.messages if m.recipient == EDITOR]
        [path] = re.findall(
            r"https://www\.troisrivieres\.example\.org(/approve/\S+)", letter.get_body("plain").get_content()
        )
        with served(tmp_path) as site:
            yield Desk(here, site, path)
        publication.store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as chromium:
        yield chromium


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_an_editor_changes_reads_and_approves_a_letter_with_the_keyboard(desk: Desk, page: Page) -> None:
    page.goto(desk.url)
    page.get_by_label("Objet").focus()
    page.keyboard.type("Le printemps & les quartiers")
    page.keyboard.press("Tab")
    page.keyboard.type("Bonjour,\n\nvoici **notre** choix.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "enregistrés" in page.get_by_role("status").inner_text()
    assert page.get_by_label("Édito").input_value() == "Bonjour,\n\nvoici **notre** choix."
    assert page.frame_locator("iframe.letter").get_by_text("notre", exact=True).count() == 1
    page.get_by_role("button", name="Approuver cette lettre").press("Enter")
    assert "est approuvée" in page.get_by_role("status").inner_text()
    assert page.get_by_role("button", name="Approuver cette lettre").count() == 0
    assert at(desk.office, "2024-04-04T09:00:00+02:00") == ["opened", "sent"]
    [mail] = [message_from_bytes(m.data, policy=default) for m in desk.office.relay.messages if m.recipient != EDITOR]
    assert mail["Subject"] == "Le printemps & les quartiers"
    assert "<strong" in mail.get_body("html").get_content()


@pytest.mark.browser
def test_there_is_nothing_for_axe_to_find_in_any_state(desk: Desk, page: Page) -> None:
    for done, width, scheme in product(("", "?done=saved", "?done=changed"), (320, 1280), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        page.goto(desk.url + done)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page, options={"iframes": False})
        assert found.violations_count == 0, found.generate_report()


def test_a_get_changes_nothing_and_is_not_kept(desk: Desk) -> None:
    before = desk.office.dump()
    for method, path in product(("GET", "HEAD"), (desk.path, f"{desk.path}/letter", f"{desk.path}?act=approve&done=x")):
        said = desk.site.ask(path, method)
        assert said.status == 200
        assert said.fields["cache-control"] == "no-store"
        assert said.fields["referrer-policy"] == "no-referrer"
        assert "noindex" in said.fields["x-robots-tag"]
        assert "script-src" not in said.fields["content-security-policy"]
        assert "default-src 'none'" in said.fields["content-security-policy"]
    assert desk.office.dump() == before


def test_what_was_not_seen_is_not_approved(desk: Desk) -> None:
    assert desk.post(act="approve", hash="0" * 12) == (303, f"{desk.path}?done=changed")
    assert desk.post(act="approve") == (303, f"{desk.path}?done=changed")
    assert at(desk.office, "2024-04-04T09:00:00+02:00") == ["waits"]


def test_postponed_by_a_link(desk: Desk) -> None:
    assert desk.post(act="postpone", until="2024-04-05T09:00:00+02:00") == (303, f"{desk.path}?done=postponed")
    assert at(desk.office, "2024-04-04T09:00:00+02:00") == []
    assert at(desk.office, "2024-04-05T09:00:00+02:00") == ["waits"]


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "save", "subject": "{{ nombre }}"},
        {"act": "postpone", "until": "2024-04-01T09:00:00+02:00"},
        {"act": "postpone", "until": "demain"},
        {"act": "postpone"},
        {"act": "erase"},
        {},
        {"act": "save", "intro": "x" * 70_000},
    ],
)
def test_odd_forms_change_nothing(desk: Desk, fields: dict[str, str]) -> None:
    before = desk.office.dump()
    assert desk.post(**fields) == (303, f"{desk.path}?done=refused")
    assert desk.office.dump() == before


def test_other_links_lead_nowhere(desk: Desk) -> None:
    token = desk.path.removeprefix("/approve/")
    for other in (token[:-2] + "xx", "x", "..", "%00", f"{token}x"):
        assert desk.site.ask(f"/approve/{other}").status == 404
        assert desk.site.ask(f"/approve/{other}/letter").status == 404


def test_once_sent_the_link_says_that_there_is_nothing_any_more(desk: Desk) -> None:
    said = desk.site.ask(desk.path).body.decode()
    [hash] = re.findall(r'name="hash" value="(\w+)"', said)
    assert desk.post(act="approve", hash=hash) == (303, f"{desk.path}?done=approved")
    assert at(desk.office, "2024-04-04T09:00:00+02:00") == ["opened", "sent"]
    assert desk.site.ask(desk.path).status == 404
    assert desk.post(act="save", subject="Trop tard")[0] == 404
