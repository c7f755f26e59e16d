"""`issues show` with filters, and its table: each letter with the server's words."""

import csv
import io
import tracemalloc

import pytest

from newsletter.cli.outcomes import write_table
from newsletter.pipeline.accounting import accounted
from newsletter.store.outcomes import Outcome, Sieve
from tests.flows.office import BOB, LEA, MIA, NOE, NOW, TODAY, office
from tests.flows.test_issues import Desk


@pytest.fixture
def desk(tmp_path, monkeypatch, capsys):
    with office(tmp_path) as here:
        here.subscribe(["ada@sub.example.org", "ida@other.example.com"])
        here.relay.script |= {
            BOB: "550 5.1.1 nobody at RCPT",
            MIA: "450 4.2.0 later at RCPT",
            "ida@other.example.com": "550 5.7.1 =HYPERLINK at RCPT",
        }
        made = Desk(here, monkeypatch, capsys)
        made("send", "lettre", "--yes")
        yield made


def addresses(desk, *words):
    return [row["address"] for row in desk.books("issues", "show", TODAY, *words)[1]["outcomes"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--state", "refused"], [BOB, "ida@other.example.com"]),
        (["--state", "refused", "--state", "deferred"], [BOB, MIA, "ida@other.example.com"]),
        (["--code", "5.1.1"], [BOB]),
        (["--code", "550"], [BOB, "ida@other.example.com"]),
        (["--code", "1.1"], []),
        (["--domain", "example.org"], [LEA, BOB, MIA, NOE]),
        (["--domain", "SUB.example.org"], ["ada@sub.example.org"]),
        (["--domain", "e%.org"], []),
        (["--address", "Bob@Example.ORG"], [BOB]),
        (["--address", BOB, "--state", "sent"], []),
    ],
)
def test_letters_are_found(desk, words, found):
    assert sorted(addresses(desk, *words)) == sorted(found)


def test_a_letter_is_shown_with_the_server_s_words(desk):
    code, out, _ = desk("issues", "show", TODAY, "--state", "refused", "--state", "deferred")
    assert code == 0
    assert f"  {BOB}  refused: 550 5.1.1 nobody  (2024-04-02 09:00, 1 try)\n" in out
    assert f"  {MIA}  deferred: 450 4.2.0 later  (2024-04-02 09:00, 1 try)\n" in out
    desk("issues", "cancel", TODAY)
    withdrawn = desk("issues", "show", TODAY, "--address", MIA)[1]
    assert f"  {MIA}  withdrawn: cancelled; the last answer: 450 4.2.0 later  (" in withdrawn


def test_machines_get_every_column(desk):
    [row] = desk.books("issues", "show", TODAY, "--address", BOB)[1]["outcomes"]
    assert row.pop("message_id").endswith("@troisrivieres.example.org")
    assert row == {
        "address": BOB, "state": "refused", "at": "2024-04-02T09:00:00+02:00", "tries": 1, "code": 550,
        "enhanced": "5.1.1", "said": "5.1.1 nobody", "reason": "5.1.1 nobody",
    }  # fmt: skip


def test_the_table_has_everyone_and_no_formula(desk):
    path = desk.here.root / "outcomes.csv"
    assert desk("issues", "show", TODAY, "--csv", str(path))[0] == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert [row["state"] for row in rows].count("sent") == 3
    code, out, err = desk("issues", "show", TODAY, "--csv", "-", "--state", "refused")
    assert (code, len(list(csv.reader(io.StringIO(out))))) == (0, 3)
    assert err == f"{TODAY}: 2 letters written\n"


def test_no_cell_is_a_formula():
    file = io.StringIO()
    outcome = Outcome("-a@example.org", "sent", NOW, 1, 250, "", '=cmd|"x"', "+1,2", "@id")
    assert write_table(file, [outcome], NOW.tzinfo) == 1
    [_, row] = csv.reader(io.StringIO(file.getvalue()))
    assert row == ["'-a@example.org", "sent", NOW.isoformat(), "1", "250", "", '\'=cmd|"x"', "'+1,2", "'@id"]


def test_the_table_of_many_costs_no_more_memory(tmp_path):
    class Nowhere(io.TextIOBase):
        def write(self, text):
            return len(text)

    def peak(count):
        query = f"""
            INSERT INTO delivery (issue, subscription, message_id, state, at, tries, doubted, reason, lower, picks,
                                  repeats, corrections, language, light)
            WITH RECURSIVE
                n(i) AS (SELECT max(subscription) + 1 FROM delivery UNION ALL SELECT i + 1 FROM n LIMIT {count})
            SELECT 1, i, i || '@x', 'sent', 0, 0, 0, 'words', 0, '', '', '', 'fr', 0 FROM n
        """
        with here.publication.store.write() as connection:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.exec_driver_sql(query)
            connection.exec_driver_sql(
                "INSERT INTO subscription SELECT d.subscription, 1, 'l' || d.subscription, state, choices, frequency,"
                " s.language, s.light, cursor, owed, consent, since FROM (SELECT subscription FROM delivery) d,"
                " (SELECT state, choices, frequency, language, light, cursor, owed, consent, since FROM subscription"
                " LIMIT 1) s WHERE d.subscription NOT IN (SELECT id FROM subscription)"
            )
        tracemalloc.start()
        with accounted(here.publication, issue, Sieve()) as outcomes:
            written = write_table(Nowhere(), outcomes, NOW.tzinfo)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, size

    with office(tmp_path) as here:
        issue = here.send().issue
        (few, first), (many, second) = peak(5_000), peak(20_000)
        assert (few, many) == (5_004, 25_004)
        assert second < 1.2 * first
