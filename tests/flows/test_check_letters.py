"""`check LIST` and the gate in `send`: what is wrong is one line, stops the send, and a person may overrule it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from premailer import Premailer

from newsletter.cli.findings import as_line
from newsletter.digest.selection import from_bytes, positions
from newsletter.errors import FetchError
from newsletter.model import Subscription, SubscriptionState
from newsletter.pipeline import inspecting, rehearsing, sending
from newsletter.shipped import templates as shipped
from newsletter.store import audience, tally
from tests.flows.command import CONFIG, Desk
from tests.flows.office import TODAY, Office, office
from tests.flows.publications import NOW, add_articles, add_readers, article, configured, published
from tests.relay import Relay

NAMED = CONFIG.replace('.example.org" }', '.example.org", name = "Le centre" }')
CHECKOUT = Path(__file__).resolve().parents[2]
SOME = {"theme": frozenset({"sante"})}
PAGE = "templates/email/digest/page.html"


def shipped_template(name: str) -> str:
    return (shipped() / "email" / "digest" / name).read_text(encoding="utf-8")


def without_title(desk: Desk) -> None:
    """Plant a fault: an own page without a title."""
    start, _, rest = shipped_template("page.html").partition("<title>")
    desk.write(PAGE, f"{start}<title></title>{rest.partition('</title>')[2]}")


@pytest.fixture
def sender(desk: Desk) -> Iterator[Desk]:
    """A publication with a reader, an article, and a relay that takes everything."""
    with Relay() as relay:
        route = f'[mail.routes.default]\nport = {relay.port}\nsecurity = "none"\n'
        desk.write("config.toml", f"{NAMED}\n{route}")
        desk.article("un")
        assert desk("import", "articles").code == 0
        add = ("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", "test")
        assert desk(*add).code == 0
        desk.relay = relay  # type: ignore[attr-defined]
        yield desk


def sent(desk: Desk) -> int:
    relay: Relay = desk.relay  # type: ignore[attr-defined]
    return len(relay.messages)


def rows(desk: Desk) -> dict[str, int]:
    store = desk.store()
    with store.read() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if name != "sender"]
        found = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names}
    store.close()
    return found


def test_a_good_letter_is_checked_in_a_line_a_list(sender: Desk) -> None:
    result = sender("check")
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            "lettre/2024-04-02: 1 letter looked at, 0 errors, 0 warnings",
            "veille/2024-04-02: 1 letter looked at, 0 errors, 0 warnings",
        ],
    )
    assert sender("check", "lettre").out.splitlines() == result.out.splitlines()[:1]
    assert sender("check", "rien").code == 2


def test_the_letters_of_the_demo_have_no_finding(desk: Desk) -> None:
    for name in ("articles", "examples"):
        shutil.copytree(CHECKOUT / name, desk.root / name)
    desk.write("config.toml", (CHECKOUT / "config.toml").read_bytes())
    assert desk("import", "articles").code == desk("subscribers", "import", "examples/subscribers.csv").code == 0
    result = desk("check")
    assert result.code == 0
    assert [line.partition(": ")[::2] for line in result.out.splitlines()] == [
        ("lettre/2024-04-02", "22 letters looked at, 0 errors, 0 warnings"),
        ("veille/2024-04-02", "12 letters looked at, 0 errors, 0 warnings"),
    ]


def test_a_fault_is_one_line_with_its_file_and_what_to_do(sender: Desk) -> None:
    without_title(sender)
    before = rows(sender)
    result = sender("check", "lettre")
    assert (result.code, result.out.splitlines()) == (
        1,
        [
            f"error document: {PAGE}: has no <title> with words; add it",
            "lettre/2024-04-02: 1 letter looked at, 1 error, 0 warnings",
        ],
    )
    assert rows(sender) == before
    found = sender("check", "lettre", "--json")
    told = {
        "severity": "error",
        "check": "document",
        "file": PAGE,
        "article": "",
        "what": "has no <title> with words; add it",
    }
    assert (found.code, found.data) == (
        1,
        {"lists": [{"list": "lettre", "issue": "lettre/2024-04-02", "letters": 1, "findings": [told]}]},
    )


def test_a_template_that_breaks_the_contract_is_a_finding(sender: Desk) -> None:
    sender.write(PAGE, "<!DOCTYPE html><p>{{ nobody }}</p>")
    result = sender("check", "lettre")
    assert result.code == 1
    assert result.out.startswith(f"error template: {PAGE}: template page.html")


def test_a_sender_that_cannot_be_written_to_is_a_finding(sender: Desk) -> None:
    text = (sender.root / "config.toml").read_text()
    sender.write("config.toml", text.replace("lettre@troisrivieres.example.org", "l'été@exemple"))
    result = sender("check", "lettre")
    assert result.code == 1
    assert "error sender: config.toml, lists.lettre: sender: " in result.out


def test_an_article_is_named_by_its_id(sender: Desk) -> None:
    sender.article("deux", title="TODO un titre")
    assert sender("import", "articles").code == 0
    result = sender("check", "lettre")
    assert result.code == 0, "a warning stops nothing"
    [line, _] = result.out.splitlines()
    assert line.startswith("warning leftovers: tag:www.troisrivieres.example.org,")


def test_send_refuses_and_writes_nothing(sender: Desk) -> None:
    without_title(sender)
    before = rows(sender)
    result = sender("send", "lettre", "--yes")
    assert (result.code, sent(sender), rows(sender)) == (1, 0, before)
    assert f"error document: {PAGE}: has no <title>" in result.err
    assert "nothing was sent; mend this, or send all the same with --despite document" in result.err
    machine = sender("send", "lettre", "--yes", "--json")
    assert machine.data["refused"][0]["check"] == "document"


def test_send_goes_on_despite_a_check_that_is_named(sender: Desk) -> None:
    without_title(sender)
    assert sender("send", "lettre", "--yes", "--despite", "contrast").code == 1
    assert sender("send", "lettre", "--yes", "--despite", "contrast", "--despite", "document").code == 0
    assert sent(sender) == 1
    assert sender("send", "lettre", "--yes", "--despite", "beauty").code == 2


def test_a_test_and_a_dry_run_are_no_sends(sender: Desk) -> None:
    without_title(sender)
    assert sender("send", "lettre", "--dry-run").code == 0
    assert sender("send", "lettre", "--test", "staff@example.org").code == 0


def test_a_flash_letter_is_checked_too(sender: Desk) -> None:
    without_title(sender)
    assert sender("send", "lettre", "--only", "articles/un", "--yes").code == 1
    assert sent(sender) == 0
    assert sender("send", "lettre", "--only", "articles/un", "--yes", "--despite", "document").code == 0
    assert sent(sender) == 1


def test_a_draft_is_made_whatever_is_found_and_the_findings_are_told(sender: Desk) -> None:
    without_title(sender)
    result = sender("send", "lettre", "--draft")
    assert (result.code, result.out.startswith("lettre/2024-04-02: draft ")) == (0, True)
    assert result.err.splitlines() == [f"error document: {PAGE}: has no <title> with words; add it"]
    made = sender("send", "lettre", "--draft", "--json").data
    assert [each["check"] for each in made["findings"]] == ["document"]
    sender.write(PAGE, shipped_template("page.html"))
    made = sender("send", "lettre", "--draft", "--json")
    assert (made.data["findings"], made.err) == ([], "")


def test_an_approved_draft_is_refused_too_and_then_nothing_is_approved(sender: Desk) -> None:
    without_title(sender)
    hash = sender("send", "lettre", "--draft", "--json").data["hash"]
    before = rows(sender)
    result = sender("send", "lettre", "--approve", hash, "--yes")
    assert (result.code, sent(sender), rows(sender)) == (1, 0, before)
    assert f"error document: {PAGE}: has no <title>" in result.err
    assert "not approved" in sender("issues", "show", "lettre").out
    assert sender("send", "lettre", "--yes").code == 1, "nor does it go out without"
    wrong = sender("send", "lettre", "--approve", "0" * 12, "--yes", "--despite", "document")
    assert (wrong.code, sent(sender)) == (1, 0)
    assert sender("send", "lettre", "--approve", hash, "--yes", "--despite", "document").code == 0
    assert sent(sender) == 1


def test_an_approval_on_trial_approves_nothing(sender: Desk) -> None:
    hash = sender("send", "lettre", "--draft", "--json").data["hash"]
    before = rows(sender)
    result = sender("send", "lettre", "--approve", hash, "--dry-run")
    assert (result.code, "1 letter, 1 article" in result.out, rows(sender)) == (0, True, before)
    assert "not approved" in sender("issues", "show", "lettre").out


def test_who_says_yes_waits_for_no_rehearsal_of_everyone(sender: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "forecast", None)
    assert sender("send", "lettre", "--yes").code == 0
    assert sent(sender) == 1


def test_some_readers_stand_for_all(tmp_path: Path, url: str) -> None:
    publication = published(tmp_path, configured(tmp_path), url)
    add_articles(publication, [article("un", "sante"), article("deux", "education")])
    add_readers(publication, {f"r{number}@example.org": SOME for number in range(1100)})
    add_readers(publication, {"amy@example.org": SOME}, language="en")
    edition = rehearsing.sampled(publication, "lettre", sending.decide(publication, "lettre"))
    assert edition.languages == ["en", "fr"], "the last of 1101 readers is one of those who are looked at"
    assert edition.articles == 2, "what somebody else could get is looked at, too"
    with publication.store.read() as connection:
        some = audience.spread(connection, "lettre", 20)
        french = [reader.id for reader, _ in some if reader.language == "fr"]
        assert (len(some), len(french)) == (11, 10)
        assert max(french) > 997, "those who joined last are looked at, too"
    publication.store.close()


def test_others_can_write_while_the_readers_who_stand_for_all_are_looked_for(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = published(tmp_path, configured(tmp_path), url)
    add_articles(publication, [article("un", "sante")])
    add_readers(publication, {"lea@example.org": SOME})
    spread, written = audience.spread, []

    def slow(*asked: Any) -> Any:
        with publication.store.write() as connection:
            audience.suppress(connection, f"{len(written)}@example.org", "bounced", NOW)
        written.append(asked)
        return spread(*asked)

    monkeypatch.setattr(audience, "spread", slow)
    rehearsing.sampled(publication, "lettre", sending.decide(publication, "lettre"))
    rehearsing.sampled_flash(publication, "lettre", "articles/un")
    assert len(written) == 2
    publication.store.close()


def test_what_a_few_readers_already_have_is_not_looked_at_again(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.send()
        here.news("trois")
        here.wait(timedelta(days=1))
        edition = rehearsing.sampled(here.publication, "lettre", sending.decide(here.publication, "lettre"))
        names = {edition.contents.articles[place].identity for place in positions(edition.picked)}
        [letter] = edition.letters
        shown = {edition.contents.articles[place].identity for place in positions(from_bytes(letter.picks))}
        assert (shown, names >= shown) == ({"articles/trois"}, True)


def test_nothing_new_is_no_fault(sender: Desk) -> None:
    assert sender("send", "lettre", "--yes").code == 0
    without_title(sender)
    assert sender("send", "lettre", "--yes", now="2024-04-03T09:00:00+02:00").code == 0


def test_what_was_printed_goes_on_whatever_changed_since(sender: Desk) -> None:
    relay: Relay = sender.relay  # type: ignore[attr-defined]
    relay.script["lea@example.org"] = ["451 later at RCPT"]
    assert sender("send", "lettre", "--yes").code == 3
    without_title(sender)
    sender("send", "lettre", "--yes", now="2024-04-02T20:00:00+02:00")
    assert sent(sender) == 1


def test_an_issue_that_was_opened_and_never_printed_is_checked(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        here.open()
        (tmp_path / PAGE).parent.mkdir(parents=True)
        header = shipped_template("header.html").replace("<h1", "<h4").replace("</h1", "</h4")
        (tmp_path / PAGE).with_name("header.html").write_text(header)
        plan = sending.decide(here.publication, "lettre")
        assert plan.continues is not None
        edition = rehearsing.coming(here.publication, "lettre", plan)
        assert (edition.name, edition.readers, edition.articles) == (TODAY, 4, 2)
        assert {each.check for each in inspecting.refusals(here.publication, edition)} == {"headings"}
        here.send()
        assert inspecting.refusals(here.publication, rehearsing.underway(here.publication, plan.continues)) == ()


def test_letters_of_every_language_and_form_are_looked_at(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        add_readers(here.publication, {"amy@example.org": {}}, language="en")
        with here.publication.store.write() as connection:
            light = Subscription(0, "lou@example.org", "lettre", SubscriptionState.ACTIVE, light=True, consent="test")
            audience.subscribe(connection, "lou@example.org", "lou@example.org", light, NOW)
        edition = rehearsing.forecast(here.publication, "lettre")
        assert {(one.language, one.light) for one in edition.letters} == {("fr", False), ("fr", True), ("en", False)}
        assert edition.languages == ["en", "fr"]


def test_readers_who_share_a_letter_are_looked_at_once_and_no_more_than_asked(tmp_path: Path) -> None:
    with office(tmp_path) as here:
        add_readers(here.publication, {f"r{number}@example.org": {} for number in range(50)})
        add_readers(here.publication, {f"s{number}@example.org": SOME for number in range(50)})
        edition = rehearsing.forecast(here.publication, "lettre")
        assert (edition.readers, len(edition.letters)) == (104, 2)
        issue = here.open().issue
        with here.publication.store.read() as connection:
            assert len(tally.makings(connection, issue.id, 1)) == 1


def test_the_check_costs_the_issue_no_run_of_the_inliner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    transform = Premailer.transform
    monkeypatch.setattr(Premailer, "transform", lambda self, **words: (runs.append(1), transform(self, **words))[1])
    with office(tmp_path) as here:
        assert inspecting.inspect(here.publication, "lettre").findings == ()
        assert len(runs) == 2, "one to read it, one for the letter that all four share"
        runs.clear()
        here.send()
        assert len(runs) == 1


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_links_are_asked_only_when_told(here: Office) -> None:
    asked = []

    def fetch(url: str) -> None:
        asked.append(url)
        raise FetchError(f"{url}: answers 404, Not Found; check the address")

    with here.publication.store.write() as connection:
        connection.exec_driver_sql(
            "UPDATE article SET record = replace(record, 'https://www.troisrivieres.example.org/articles/un.html',"
            " 'https://www.example.com/un')"
        )
    assert inspecting.inspect(here.publication, "lettre").findings == ()
    asking = inspecting.asking(here.publication, fetch)
    told = [as_line(each) for each in inspecting.inspect(here.publication, "lettre", asking).findings]
    assert asked == ["https://www.example.com/un"], "each address once; pages of our own are looked for on disk"
    assert any("https://www.example.com/un: answers 404" in line for line in told)
    assert any("articles/deux.html: is not built; run `newsletter build`" in line for line in told)
    assert all(line.startswith("error dead: ") for line in told)


def test_on_postgresql_and_sqlite_the_same_letters_are_looked_at(url: str, tmp_path: Path) -> None:
    publication = published(tmp_path, configured(tmp_path), url)
    add_articles(publication, [article("un", "sante"), article("deux", "education")])
    add_readers(publication, {"a@example.org": {}, "b@example.org": {"theme": frozenset({"sante"})}})
    inspection = inspecting.inspect(publication, "lettre")
    assert (inspection.letters, inspection.findings) == (2, ())
    sending.prepare(publication, "lettre", sending.decide(publication, "lettre"))
    assert inspecting.inspect(publication, "lettre").letters == 2
    publication.store.close()
