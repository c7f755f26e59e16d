"""A database that was copied or restored does not send before a person adopts it; one that was moved goes on."""

import json
import shutil
import sqlite3
from datetime import timedelta

import pytest

from newsletter.errors import AdoptionError
from newsletter.pipeline import adopting, sending
from newsletter.pipeline.publication import Publication
from newsletter.store import acts, logbook
from newsletter.store.engine import Store
from tests.flows.office import BOB, HOUR, LEA, MIA, NOE, TODAY, office, quiet
from tests.flows.publications import add_articles, add_readers, article, configured, published
from tests.flows.test_issues import Desk

DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    with office(tmp_path / "office") as here:
        yield Desk(here, monkeypatch, capsys)


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "office").mkdir()


def saved(here):
    """Keep what the database holds now; gives what restores it, over the file or in its place."""
    kept = here.root / "backup"
    with sqlite3.connect(here.root / "newsletter.db") as books, sqlite3.connect(kept) as other:
        books.backup(other)
    books.close()
    other.close()

    def restore():
        here.publication.store.close()
        for name in ("newsletter.db-wal", "newsletter.db-shm"):
            (here.root / name).unlink(missing_ok=True)
        shutil.copy(kept, here.root / "newsletter.db")

    return restore


def elsewhere(desk, root):
    """Let the commands to come run in another folder, as on another server."""
    desk.here.publication.store.close()
    desk.config = root / "config.toml"


def copied(desk, root):
    desk.here.publication.store.close()
    shutil.copytree(desk.here.root, root)
    elsewhere(desk, root)


def refused(desk, *words):
    code, out, err = desk(*words)
    assert (code, err.count("\n")) == (1, 1), (code, out, err)
    assert err.endswith("; nothing is sent before `newsletter adopt`\n")
    return err


def further(desk):
    desk.here.wait(DAY)
    desk.here.news("trois")


def test_books_that_were_only_used_here_go_on(desk):
    assert desk("send", "lettre", "--yes")[0] == 0
    further(desk)
    assert desk("send", "lettre", "--yes")[0] == 0
    assert desk("adopt")[:2] == (0, f"{desk.here.root}/newsletter.db: may send from here; there is nothing to adopt\n")
    assert desk.books("status")[1]["adoption"] is None


def test_the_logbook_knows_an_issue_before_its_first_letter(desk, monkeypatch):
    book = desk.here.root / "newsletter.db.logbook"
    keep = desk.here.relay.keep
    seen = []
    monkeypatch.setattr(desk.here.relay, "keep", lambda message: (seen.append(book.read_text()), keep(message)))
    desk("send", "lettre", "--yes")
    first, last = json.loads(seen[0].splitlines()[-1]), json.loads(book.read_text().splitlines()[-1])
    assert (first["issue"], first["audience"], first["sent"], last["sent"]) == (TODAY, 4, 0, 4)


def test_a_copied_folder_refuses_to_send(desk, tmp_path):
    desk("send", "lettre", "--yes")
    further(desk)
    copied(desk, tmp_path / "copy")
    before = (tmp_path / "copy" / "newsletter.db.logbook").read_bytes()
    assert "it was copied or restored from" in refused(desk, "send", "lettre", "--yes")
    assert "copied or restored" in refused(desk, "issues", "retry", TODAY)
    assert "copied or restored" in refused(desk, "issues", "resolve", TODAY, "--resend")
    refused(desk, "send", "lettre", "--only", "articles/trois", "--yes")
    assert (tmp_path / "copy" / "newsletter.db.logbook").read_bytes() == before
    assert len(desk.here.relay.messages) == 4
    assert [books["issue"] for books in desk.books("issues", "list")[1]] == [TODAY]


def test_looking_is_not_refused(desk, tmp_path):
    desk("send", "lettre", "--yes")
    further(desk)
    copied(desk, tmp_path / "copy")
    for words in (
        ["send", "lettre", "--dry-run"],
        ["send", "lettre", "--test", "staff@example.org"],
        ["preview", "lettre", "--out", str(tmp_path / "preview")],
        ["check", "lettre"],
        ["issues", "show", TODAY],
    ):
        assert desk(*words)[0] == 0, words
    assert desk("status")[1].startswith(f"{tmp_path}/copy/newsletter.db: it was copied or restored from")
    assert desk.books("status")[1]["adoption"].startswith("it was copied or restored from")


def test_the_scheduler_refuses_in_one_line(desk, tmp_path):
    desk("send", "lettre", "--yes")
    copied(desk, tmp_path / "copy")
    refused(desk, "run", "--once")


def test_a_database_alone_refuses_elsewhere(desk, tmp_path):
    desk("send", "lettre", "--yes")
    further(desk)
    (tmp_path / "new").mkdir()
    desk.here.publication.store.close()
    for name in ("newsletter.db", "config.toml"):
        shutil.copy(desk.here.root / name, tmp_path / "new")
    elsewhere(desk, tmp_path / "new")
    assert "and never from here, so it may be a copy" in refused(desk, "send", "lettre", "--yes")


def test_a_folder_that_was_moved_goes_on(desk, tmp_path):
    desk("send", "lettre", "--yes")
    further(desk)
    desk.here.publication.store.close()
    desk.here.root.rename(tmp_path / "moved")
    elsewhere(desk, tmp_path / "moved")
    assert desk("send", "lettre", "--yes")[0] == 0


def test_a_folder_that_was_moved_to_another_disk_goes_on_on_the_same_machine_alone(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(logbook, "machine", lambda: "one")
    desk("send", "lettre", "--yes")
    further(desk)
    copied(desk, tmp_path / "disk")
    shutil.rmtree(desk.here.root)
    monkeypatch.setattr(logbook, "machine", lambda: "two")
    refused(desk, "send", "lettre", "--yes")
    monkeypatch.setattr(logbook, "machine", lambda: "")
    refused(desk, "send", "lettre", "--yes")
    monkeypatch.setattr(logbook, "machine", lambda: "one")
    assert desk("send", "lettre", "--yes")[0] == 0
    desk.here.root.mkdir()  # what was moved is at home where it is now
    (desk.here.root / "newsletter.db.logbook").touch()
    assert desk("status", "--json")[1].startswith('{\n  "adoption": null')


def test_a_container_without_a_name_for_its_machine_goes_on_with_its_volume(desk, monkeypatch):
    monkeypatch.setattr(logbook, "machine", lambda: "")
    desk("send", "lettre", "--yes")
    further(desk)
    monkeypatch.setattr("socket.gethostname", lambda: "another")
    assert desk("send", "lettre", "--yes")[0] == 0


def test_a_disk_in_another_machine_refuses(desk, monkeypatch):
    monkeypatch.setattr(logbook, "machine", lambda: "one")
    desk("send", "lettre", "--yes")
    further(desk)
    monkeypatch.setattr(logbook, "machine", lambda: "two")
    refused(desk, "send", "lettre", "--yes")


def test_a_restored_database_that_lacks_an_issue_refuses(desk):
    restore = saved(desk.here)
    desk("send", "lettre", "--yes")
    further(desk)
    desk("send", "lettre", "--yes")
    restore()
    assert "lettre/2024-04-03 went out from here, and it does not know that" in refused(desk, "send", "lettre", "--yes")
    code, out, _ = desk("adopt", "--yes")
    assert code == 0
    assert f"  {TODAY}, sent from here on 2024-04-02 09:00 to 4 readers, is not in it: they have its articles" in out
    assert "  lettre/2024-04-03, sent from here on 2024-04-03 09:00 to 4 readers, is not in it" in out
    assert out.endswith("adopted: it sends from here\n")
    desk.here.publication = reopened(desk)
    assert desk("send", "lettre", "--yes")[0] == 0


def reopened(desk):
    here = desk.here.publication
    return Publication(here.config, Store.open("sqlite:///newsletter.db", desk.here.root), here.now)


def test_another_issue_of_the_same_name_is_not_the_one_that_was_sent(desk):
    desk("send", "lettre", "--yes")
    with sqlite3.connect(desk.here.root / "newsletter.db") as books:
        books.execute("UPDATE issue SET nonce = 'another'")
    books.close()
    assert f"{TODAY} went out from here, and it does not know that" in refused(desk, "issues", "retry", TODAY)


def test_a_restored_database_in_the_middle_of_an_issue_mails_nobody_twice_without_saying(desk):
    desk.here.relay.script |= {BOB: "450 4.2.0 later at RCPT", MIA: "450 4.2.0 later at RCPT"}
    desk("send", "lettre", "--yes")
    restore = saved(desk.here)
    desk.here.relay.script.clear()
    desk.here.wait(HOUR)
    assert desk("issues", "retry", TODAY)[0] == 0
    restore()
    assert f"of {TODAY} 4 letters went out from here, and it knows of fewer" in refused(desk, "issues", "retry", TODAY)
    code, _, err = desk("adopt", "--yes", "--live")
    assert (code, "not the live ones" in err) == (2, True)
    code, out, _ = desk("adopt", "--yes")
    assert (code, out.splitlines()[-1]) == (
        1,
        "adopted: it sends from here; 2 letters in doubt: `newsletter issues list` shows them",
    )
    desk("send", "lettre", "--yes")
    books = desk.books("issues", "show", TODAY)[1]
    assert (books["sent"], books["uncertain"], books["planned"]) == (2, 2, 0)
    assert sorted(desk.here.recipients()) == sorted([LEA, BOB, MIA, NOE])


def test_a_whole_folder_put_in_the_place_of_the_other_refuses(desk, tmp_path):
    desk("send", "lettre", "--yes")
    desk.here.publication.store.close()
    shutil.copytree(desk.here.root, tmp_path / "backup")
    further(desk)
    desk("send", "lettre", "--yes")
    desk.here.publication.store.close()
    desk.here.root.rename(tmp_path / "broken")
    shutil.copytree(tmp_path / "backup", desk.here.root)
    assert "copied or restored" in refused(desk, "send", "lettre", "--yes")


def test_adopting_asks_and_puts_open_letters_in_doubt(desk, tmp_path, monkeypatch):
    desk.here.relay.script[BOB] = "450 4.2.0 later at RCPT"
    desk("send", "lettre", "--yes")
    copied(desk, tmp_path / "copy")
    code, _, err = desk("adopt")
    assert (code, "add --yes" in err) == (2, True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("click.confirm", lambda question, err: question == "no")
    assert desk("adopt")[1].endswith("nothing was changed\n")
    asked = []
    monkeypatch.setattr("click.confirm", lambda question, err: asked.append(question) or True)
    assert desk("adopt")[0] == 1
    assert asked == ["Let it send from here, and put 1 open letter in doubt?"]
    assert desk.books("issues", "show", TODAY)[1]["uncertain"] == 1
    store = Store.open("sqlite:///newsletter.db", tmp_path / "copy")
    with store.read() as connection:
        [act] = [act for act in acts.of(connection, "") if act.what == "adopted"]
    assert act.who
    assert act.detail.endswith("copy/newsletter.db.logbook")
    store.close()


def test_live_books_keep_their_open_letters(desk, tmp_path):
    desk.here.relay.script[BOB] = "450 4.2.0 later at RCPT"
    desk("send", "lettre", "--yes")
    copied(desk, tmp_path / "server")
    assert desk("adopt", "--live", "--yes")[0] == 0
    desk.here.relay.script.clear()
    assert desk("issues", "retry", TODAY)[0] == 0
    assert sorted(desk.here.recipients()) == sorted([LEA, BOB, MIA, NOE])


def test_who_was_taken_over_from_refuses_when_the_books_come_back(desk, tmp_path):
    desk("send", "lettre", "--yes")
    copied(desk, tmp_path / "server")
    assert desk("adopt", "--live", "--yes")[0] == 0
    shutil.copy(tmp_path / "server" / "newsletter.db", desk.here.root / "newsletter.db")
    elsewhere(desk, desk.here.root)
    assert "since, and not from here" in refused(desk, "issues", "retry", TODAY)


def test_a_line_cut_off_by_a_crash_counts_for_nothing(desk):
    desk("send", "lettre", "--yes")
    book = desk.here.root / "newsletter.db.logbook"
    book.write_bytes(book.read_bytes() + b'{"type":"issue","at":"2024')
    further(desk)
    assert desk("send", "lettre", "--yes")[0] == 0
    assert [json.loads(line)["sent"] for line in book.read_bytes().splitlines()[-2:]] == [0, 4]


def test_a_logbook_that_cannot_be_written_stops_the_send(desk):
    (desk.here.root / "newsletter.db.logbook").mkdir()
    code, _, err = desk("send", "lettre", "--yes")
    assert (code, desk.here.relay.messages) == (1, [])
    assert "newsletter.db.logbook: Is a directory" in err


def test_a_server_that_several_hosts_share(tmp_path, url, monkeypatch):
    """A further host refuses once, in one line; the first goes on."""
    hosts = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        hosts.append(published(tmp_path / name, configured(tmp_path / name), url))
    first, second = hosts
    add_articles(first, [article("un", "sante")])
    add_readers(first, {LEA: {}})
    issue = sending.prepare(first, "lettre", sending.decide(first, "lettre"))
    with adopting.logged(first, issue):
        pass
    assert adopting.compare(first).why == ""
    if first.store.sqlite:
        assert adopting.compare(second).why == ""  # one file has one logbook
    else:
        with pytest.raises(AdoptionError, match="never from here"):
            adopting.demand(second)
        with pytest.raises(AdoptionError):
            sending.attempt(second, issue, quiet)
        assert adopting.adopt(second, "lea", live=True) == 0
        adopting.demand(second)
        adopting.demand(first)
        assert adopting.adopt(second, "lea", live=False) == 1
        with pytest.raises(AdoptionError, match="since, and not from here"):
            adopting.demand(first)
    for host in hosts:
        host.store.close()
