"""The address of the site changes: pages, pictures and files move along, and nobody takes them for other ones."""

from __future__ import annotations

import re

import pytest

from tests.flows.command import CONFIG, NOW, Desk, contents

OLD, NEW = "https://www.troisrivieres.example.org", "https://nouveau.example.org"
AUTHORITY = 'authority = "www.troisrivieres.example.org"\n'
HERE = CONFIG.replace(f'url = "{OLD}"\n', f'url = "{OLD}"\n{AUTHORITY}')
THERE = HERE.replace(OLD, NEW)
LATER = "2024-04-05T09:00:00+02:00"
BODY = f"[Le plan](plan.pdf), [un sujet]({OLD}/theme/sante.html), [un autre site]({OLD}/agence/accueil.html)."


@pytest.fixture
def settled(desk: Desk) -> Desk:
    """A publication with a file, an issue, an event and an edited article, at its first address."""
    desk.write("config.toml", HERE)
    desk.write("articles/plan.pdf", b"%PDF-1.7 le plan")
    desk.article("jardin", theme="Santé", body=BODY)
    desk.article("forum", type="Agenda", dates="2024-05-10 14:00")
    assert desk("import", "articles").code == 0
    assert desk("articles", "edit", "articles/forum", "--title", "Le grand forum").code == 0
    assert desk("subscribers", "add", "lea@example.org", "--list", "lettre", "--consent", "papier").code == 0
    assert desk("build").code == 0
    return desk


def move(desk: Desk, config: str = THERE) -> None:
    desk.write("config.toml", config)
    assert desk("build", now=LATER).code == 0
    assert desk("check", "--feeds", now=LATER).code == 0


def values(text: str, name: str) -> list[str]:
    return re.findall(f"<{name}>([^<]*)</{name}>", text)


def test_pages_and_ids_stay_and_no_date_of_an_article_moves(settled: Desk) -> None:
    before = contents(settled.root / "feeds")
    move(settled)
    after = contents(settled.root / "feeds")
    assert set(before) == set(after)
    old, new = (found["all.atom"].decode() for found in (before, after))
    assert values(old, "id") == values(new, "id")
    assert values(old, "updated")[1:] == values(new, "updated")[1:]
    assert f"{NEW}/articles/jardin.html" in new
    assert f"{OLD}/articles/" not in new


def test_links_to_what_is_our_own_follow_and_others_stay(settled: Desk) -> None:
    move(settled)
    for path in ("all.json", "articles/jardin.html"):
        text = (settled.root / "feeds" / path).read_text(encoding="utf-8")
        assert f"{OLD}/media" not in text
        assert f"{NEW}/theme/sante.html" in text
        assert f"{OLD}/agence/accueil.html" in text


def test_what_is_imported_again_afterwards_is_known_and_as_old_as_before(settled: Desk) -> None:
    before = settled("articles", "show", "articles/jardin", "--json").data
    settled.write("config.toml", THERE)
    assert settled("import", "articles", now=LATER).out.startswith("0 new, ")
    shown = settled("articles", "show", f"{OLD}/articles/jardin.html", "--json").data
    assert (shown["id"], shown["updated"]) == (before["id"], before["updated"])
    assert shown["url"] == f"{NEW}/articles/jardin.html"
    assert f"{NEW}/media/" in shown["html"]


def test_who_moves_back_has_the_same_files_as_before(settled: Desk) -> None:
    before = {path: data for path, data in contents(settled.root / "feeds").items() if not path.endswith(".ics")}
    move(settled)
    move(settled, HERE)
    after = contents(settled.root / "feeds")
    assert {path for path, data in before.items() if after[path] != data} <= {".newsletter-built"}


def test_what_staff_edited_moves_with_its_source_s_words(settled: Desk) -> None:
    move(settled)
    assert settled("articles", "edit", "articles/forum", "--lead", "Quarante employeurs.", now=LATER).code == 0
    shown = settled("articles", "show", "articles/forum", "--json").data
    assert (shown["title"], shown["url"]) == ("Le grand forum", f"{NEW}/articles/forum.html")


def test_letters_of_today_and_pages_of_past_issues_lead_to_where_articles_are(settled: Desk) -> None:
    from tests.flows.test_build_incremental import send

    send(settled, NOW)
    move(settled)
    page = (settled.root / "feeds/issues/lettre/2024-04-02.html").read_text(encoding="utf-8")
    assert "../../articles/forum.html" in page
    assert OLD not in page
