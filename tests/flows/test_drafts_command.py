"""Drafts on the command line: what staff type, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.command import CONFIG, Desk
from tests.relay import Relay

ROUTE = '\n[mail.routes.default]\nport = {port}\nsecurity = "none"\nconnections = 1\n'
TOP = '[[lists.lettre.sections]]\ntitle = "À la une"\nselect = "top"\n'
NAME = "lettre/2024-04-02"


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A publication with three articles, one place in front, and a reader."""
    desk.write("config.toml", CONFIG.replace("[[lists.lettre.sections]]", f"{TOP}[[lists.lettre.sections]]", 1))
    for name in ("un", "deux", "trois"):
        desk.article(name)
    assert desk("import", "articles").code == 0
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", "papier").code == 0
    return desk


def test_a_draft_is_told_by_section_with_the_way_to_approve_it(office: Desk) -> None:
    assert office("articles", "pin", "articles/un").code == 0
    said = office("send", "lettre", "--draft").out
    [first, *rest] = said.splitlines()
    assert first.startswith(f"{NAME}: draft ")
    assert first.endswith(", 3 articles, not approved")
    sections = [line.strip() for line in rest if line.startswith("  ") and not line.startswith("    ")]
    assert sections[:2] == ["À la une", "Actualités"]
    assert next(line.split("  tag:")[0].strip() for line in rest if "tag:" in line) == "L’article un (pinned)"
    hash = first.split()[2].rstrip(",")
    assert sections[-1] == f"`newsletter send lettre --approve {hash}` sends it"
    assert office("issues", "list").out == f"{first}\n"


def test_a_draft_is_changed_and_its_changes_taken_back(office: Desk, tmp_path: Path) -> None:
    intro = office.write("edito.md", "Bonjour à toutes et tous.\n\nBonne lecture.")
    made = office("send", "lettre", "--draft", "--json").data
    changed = office("issues", "edit", "lettre", "--intro", intro, "--exclude", "articles/deux", "--json").data
    assert changed["hash"] != made["hash"]
    assert (changed["intro"], len(changed["articles"]), len(changed["excluded"])) == (
        "Bonjour à toutes et tous.\n\nBonne lecture.", 2, 1,
    )  # fmt: skip
    shown = office("issues", "show", NAME).out
    assert "  intro: Bonjour à toutes et tous.\n" in shown
    assert "  kept out\n    L’article deux" in shown
    assert "edited by" in shown
    back = office("issues", "edit", NAME, "--reset", "intro", "--reset", "exclusions", "--json").data
    assert back["hash"] == made["hash"]


def test_what_cannot_be_is_one_line(office: Desk) -> None:
    assert "no such draft" in office("issues", "edit", "lettre", "--subject", "x").err
    office("send", "lettre", "--draft")
    for words, said in (
        (("issues", "edit", "lettre"), "nothing to change"),
        (("issues", "edit", "lettre", "--postpone", "demain"), "is no instant"),
        (("issues", "edit", "lettre", "--postpone", "2024-04-01T09:00"), "is over"),
        (("issues", "edit", "lettre", "--pin", "articles/personne"), "no such article"),
        (("issues", "edit", "lettre", "--subject", "{{ nombre }}"), "nombre"),
        (("send", "lettre", "--approve", "0" * 12, "--yes"), "look at it again"),
        (("send", "lettre", "--subject", "x", "--yes"), "go with --draft"),
    ):
        done = office(*words)
        assert done.code in (1, 2)
        assert said in done.err
        assert len(done.err.strip().splitlines()) == 1


def test_approved_it_is_sent_and_its_history_stays(office: Desk) -> None:
    with Relay() as relay:
        config = (office.root / "config.toml").read_text(encoding="utf-8")
        office.write("config.toml", config + ROUTE.format(port=relay.port))
        made = office("send", "lettre", "--draft", "--subject", "Trois nouvelles", "--json").data
        done = office("send", "lettre", "--approve", made["hash"], "--yes")
        assert done.code == 0
        assert f"{NAME}: audience 1 = sent 1" in done.out
        [letter] = relay.messages
    assert b"Subject: Trois nouvelles\r\n" in letter.data
    history = office("issues", "show", NAME).out
    assert history.index("drafted by") < history.index("approved by")


def test_cancelled_it_is_no_more(office: Desk) -> None:
    office("send", "lettre", "--draft")
    assert "the draft is dropped" in office("issues", "cancel", NAME).out
    assert office("issues", "list").out == ""


def test_a_correction_is_said_and_taken_back(office: Desk) -> None:
    assert office("articles", "correct", "articles/un").out == "corrected: L’article un\n"
    assert office("articles", "correct", "articles/un", "--undo").out == "no longer corrected: L’article un\n"
