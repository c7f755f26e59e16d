"""`preview`: what it shows is what is sent, for one reader or for all, and nothing is written into the books."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
import pytest

from newsletter.model import DraftEdits, Frequency, Subscription, SubscriptionState
from newsletter.pipeline import curating, drafting, inspecting, previewing, rehearsing, sending
from newsletter.pipeline.previewing import Preview, preview, preview_for
from newsletter.store import audience
from tests.flows.command import Desk
from tests.flows.office import LEA, NOE, TODAY, Office, office
from tests.flows.publications import NOW, add_articles, add_readers, article, configured, published

HEALTH = {"theme": frozenset({"sante"})}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def titles(made: Preview) -> list[set[str]]:
    return [set(re.findall(r"L’article (\w+)", sheet.html)) for sheet in made.letters]


def without_links(text: str) -> str:
    """Leave out what is signed for one reader."""
    return re.sub(r"/(unsubscribe|preferences)/[\w.-]+", r"/\1/", text)


def test_everything_in_each_language_of_the_readers(here: Office) -> None:
    add_readers(here.publication, {"amy@example.org": HEALTH}, language="en")
    before = here.dump()
    made = preview(here.publication, "lettre")
    assert [sheet.language for sheet in made.letters] == ["en", "fr"]
    assert titles(made) == [{"un", "deux"}, {"un", "deux"}]
    assert (made.issue, made.nothing) == (TODAY, "")
    assert "The Trois Rivières letter" in made.letters[0].subject
    assert here.dump() == before
    for sheet in made.letters:
        assert "L’article un" in sheet.text
        parsed = email.message_from_bytes(sheet.message, policy=email.policy.default)
        assert (parsed["Subject"], parsed["From"].addresses[0].username) == (sheet.subject, "lettre")


def test_one_reader_sees_what_is_sent_to_them(here: Office) -> None:
    add_readers(here.publication, {"sam@example.org": HEALTH})
    before = here.dump()
    [sheet] = preview_for(here.publication, "lettre", "sam@example.org").letters
    assert here.dump() == before
    here.send()
    [sent] = [each for each in here.relay.messages if each.recipient == "sam@example.org"]
    parsed = email.message_from_bytes(sent.data, policy=email.policy.default)
    html, text = parsed.get_body(("html",)), parsed.get_body(("plain",))
    assert html is not None and text is not None
    assert (without_links(sheet.html), without_links(sheet.text)) == (
        without_links(html.get_content()),
        without_links(text.get_content()),
    )
    assert (sheet.subject, sheet.html.count("L’article")) == (parsed["Subject"], html.get_content().count("L’article"))


def test_its_personal_links_lead_nowhere(here: Office) -> None:
    [sheet] = preview_for(here.publication, "lettre", LEA).letters
    here.send()
    [sent] = [each for each in here.relay.messages if each.recipient == LEA]
    [shown] = re.findall(r"^List-Unsubscribe: (.*?)\r$", sheet.message.decode(), re.MULTILINE)
    assert shown.encode() not in sent.data


def test_an_open_issue_is_shown_as_it_was_frozen(here: Office) -> None:
    here.relay.script[NOE] = ["451 later at RCPT"]
    here.send()
    curating.edit(here.publication, "articles/un", lambda edits, _: replace(edits, title="Un autre titre"))
    made = preview_for(here.publication, "lettre", NOE)
    assert (made.issue, titles(made)) == (TODAY, [{"un", "deux"}])
    assert "nothing new" in preview_for(here.publication, "lettre", LEA).nothing
    assert titles(preview(here.publication, "lettre")) == [{"un", "deux"}]


def test_the_usual_letter_is_shown_though_some_readers_are_behind(here: Office) -> None:
    here.relay.script[NOE] = ["451 later at RCPT"]
    here.send()
    here.wait(timedelta(days=2))
    here.news("trois")
    assert titles(preview_for(here.publication, "lettre", NOE)) == [{"un", "deux", "trois"}]
    assert titles(preview(here.publication, "lettre")) == [{"trois"}], "who chose everything had the last letter"
    here.relay.script[NOE] = ["451 later at RCPT"]
    here.send()
    assert titles(preview(here.publication, "lettre")) == [{"trois"}], "and so it is while the issue is open"
    here.wait(timedelta(days=2))
    assert titles(preview(here.publication, "lettre")) == [{"un", "deux", "trois"}], "nobody else gets anything"


def test_a_test_letter_is_the_usual_one(here: Office) -> None:
    here.relay.script[NOE] = ["451 later at RCPT"]
    here.send()
    here.wait(timedelta(days=2))
    here.news("trois")
    rehearsing.send_test(here.publication, "lettre", "staff@example.org")
    [mail] = [each.data for each in here.relay.messages if each.recipient == "staff@example.org"]
    assert b"articles/trois" in mail and b"articles/un" not in mail


def test_a_draft_is_shown_as_staff_left_it(here: Office) -> None:
    drafting.freeze(here.publication, "lettre", lambda _: DraftEdits(intro="Bonjour."), "ada")
    here.news("trois")

    def change(stands: DraftEdits) -> DraftEdits:
        return replace(stands, intro="Bonsoir.", subject="Spécial {{ count }}", excluded=("articles/un",))

    drafting.edit(here.publication, "lettre", change, "ada")
    before = here.dump()
    for made in (preview(here.publication, "lettre"), preview_for(here.publication, "lettre", LEA)):
        assert titles(made) == [{"deux"}]
        assert (made.letters[0].subject, "Bonsoir." in made.letters[0].text) == ("Spécial 1", True)
        assert "Bonjour." not in made.letters[0].html
    inspection = inspecting.inspect(here.publication, "lettre")
    assert (inspection.issue, inspection.letters, inspection.findings) == (TODAY, 1, ())
    wrong = replace(change(DraftEdits()), intro="TODO")
    drafting.edit(here.publication, "lettre", lambda _: wrong, "ada")
    assert {(each.check, each.where) for each in inspecting.inspect(here.publication, "lettre").findings} == {
        ("leftovers", "intro")
    }
    drafting.edit(here.publication, "lettre", change, "ada")
    assert {name: rows for name, rows in here.dump().items() if name not in ("draft", "act", "audit")} == {
        name: rows for name, rows in before.items() if name not in ("draft", "act", "audit")
    }


def test_what_was_put_right_is_shown_under_its_heading(here: Office) -> None:
    here.send()
    here.wait(timedelta(days=1))
    curating.correct(here.publication, "articles/un")
    here.news("trois")
    [sheet] = preview(here.publication, "lettre").letters
    assert sheet.text.index("articles/trois") < sheet.text.index("CORRIGÉ DEPUIS") < sheet.text.index("articles/un")


def test_where_nothing_comes_it_says_why(here: Office) -> None:
    here.send()
    publication = here.publication
    with publication.store.write() as connection:
        weekly = Subscription(0, "w@example.org", "lettre", SubscriptionState.ACTIVE, frequency=Frequency.WEEKLY)
        audience.subscribe(connection, "w@example.org", "w@example.org", replace(weekly, consent="test"), NOW)
        audience.suppress(connection, NOE, "its mailbox is gone", NOW)
    here.wait(timedelta(days=1))
    publication = here.publication
    assert preview(publication, "lettre").nothing == "lettre: nothing new for anyone"
    assert preview_for(publication, "lettre", LEA).nothing == f"{LEA}: nothing new that lettre has for them"
    assert preview_for(publication, "lettre", NOE).nothing == f"{NOE}: is not mailed, its mailbox is gone"
    assert preview_for(publication, "lettre", "x@example.org").nothing == "x@example.org: is no subscriber of lettre"
    here.news("trois")
    assert preview_for(here.publication, "lettre", "w@example.org").nothing == (
        "no letter of lettre now: w@example.org gets it weekly, and is due at the first run from 2024-04-08 on"
    )
    assert titles(preview_for(here.publication, "lettre", LEA)) == [{"trois"}]


def test_a_list_without_readers_shows_what_a_first_one_would_get(tmp_path: Path) -> None:
    publication = published(tmp_path, configured(tmp_path))
    assert preview(publication, "lettre").nothing == "lettre: nothing new for anyone"
    add_articles(publication, [article("un")])
    assert titles(preview(publication, "lettre")) == [{"un"}]
    publication.store.close()


def test_on_both_databases(url: str, tmp_path: Path) -> None:
    publication = published(tmp_path, configured(tmp_path), url)
    add_articles(publication, [article("un", "sante"), article("deux", "education")])
    add_readers(publication, {LEA: HEALTH, NOE: {}})
    assert titles(preview_for(publication, "lettre", LEA)) == [{"un"}]
    assert titles(preview(publication, "lettre")) == [{"un", "deux"}]
    sending.prepare(publication, "lettre", sending.decide(publication, "lettre"))
    assert titles(previewing.preview_for(publication, "lettre", LEA)) == [{"un"}]
    publication.store.close()


@pytest.fixture
def publication(desk: Desk) -> Desk:
    desk.article("un")
    assert desk("import", "articles").code == 0
    assert desk("subscribers", "add", LEA, "--list", "lettre", "--consent", "test").code == 0
    return desk


def test_the_command_writes_three_files_and_tells_the_subject(publication: Desk) -> None:
    result = publication("preview", "lettre")
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            "fr: La lettre des Trois Rivières, n°\u00a01 – avril 2024",
            "  preview/lettre-2024-04-02.fr.html",
            "  preview/lettre-2024-04-02.fr.txt",
            "  preview/lettre-2024-04-02.fr.eml",
        ],
    )
    html = (publication.root / "preview/lettre-2024-04-02.fr.html").read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>") and "L’article un" in html
    assert (publication.root / "preview/lettre-2024-04-02.fr.eml").read_bytes().startswith(b"To: ")


def test_for_a_reader_into_a_folder_and_as_json(publication: Desk) -> None:
    told = publication("preview", "lettre", "--for", LEA, "--out", "voir/ici", "--json").data
    name = "voir/ici/lettre-2024-04-02-lea@example.org.fr"
    assert told == {
        "issue": TODAY,
        "nothing": None,
        "letters": [
            {
                "language": "fr",
                "subject": "La lettre des Trois Rivières, n°\u00a01 – avril 2024",
                **{kind: f"{name}.{kind}" for kind in ("html", "txt", "eml")},
            }
        ],
    }
    assert (publication.root / f"{name}.txt").is_file()
    nobody = publication("preview", "lettre", "--for", "x@example.org", "--json")
    assert (nobody.code, nobody.data["letters"]) == (0, [])
    assert nobody.data["nothing"] == "x@example.org: is no subscriber of lettre"


def test_it_is_opened_where_asked(publication: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    publication("preview", "lettre")
    assert opened == []
    publication("preview", "lettre", "--open")
    assert opened == ["preview/lettre-2024-04-02.fr.html"]


def test_wrong_names_are_one_line(publication: Desk) -> None:
    assert publication("preview", "rien").code == 2
    assert publication("preview", "lettre", "--for", "rien").code == 1
