"""What staff put right by hand stays; what came in is kept byte for byte and read again when they ask for it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.command import Desk

LATER = "2024-04-03T09:00:00+02:00"
PAGE = """
Le comité des habitants s'est réuni à la maison de quartier. Il a choisi trois projets pour le printemps.

Type d'actualites: [Actualité](#) [1]

Publié le 26 mars 2024

URL de la source (modifié le {changed} - 22:34): <https://www.troisrivieres.example.org/actualites/comite>

Liens

[1] <https://www.troisrivieres.example.org/taxonomy/term/12>
"""
NAME = "https://www.troisrivieres.example.org/actualites/comite"


def show(desk: Desk, name: str = NAME) -> dict:
    return desk("articles", "show", name, "--json").data


@pytest.fixture
def printed(desk: Desk) -> Desk:
    desk.write("articles/comite.txt", PAGE.format(changed="28/03/2024"))
    desk("import", "articles")
    return desk


def again(desk: Desk) -> None:
    """The page comes in anew, changed at its source."""
    changed = PAGE.format(changed="02/04/2024").replace("trois projets", "quatre projets")
    desk.write("articles/comite.txt", changed)
    assert desk("import", "articles", now=LATER).out.startswith("0 new, 1 updated")


def test_a_title_by_hand_survives_and_ends_the_review(printed: Desk) -> None:
    assert "inferred" in printed("articles", "list", "--review").out
    printed("articles", "edit", NAME, "--title", "Trois projets choisis", "--lead", "Un vote au gymnase.")
    assert printed("articles", "list", "--review").out == ""
    again(printed)
    found = show(printed)
    assert (found["title"], found["title_source"], found["lead"]) == (
        "Trois projets choisis",
        "staff",
        "Un vote au gymnase.",
    )
    assert "quatre projets" in found["text"], "the source's own words follow the source"
    printed("articles", "edit", NAME, "--reset", "title", "--reset", "lead")
    assert show(printed)["title"] != "Trois projets choisis"
    assert "quatre projets" in show(printed)["lead"]


def test_updated_moves_with_an_edit_and_with_nothing_else(printed: Desk) -> None:
    before = show(printed)
    printed("articles", "edit", NAME, "--title", "Trois projets choisis", now=LATER)
    after = show(printed)
    assert (before["updated"], after["updated"]) == ("2024-03-28T22:34:00+01:00", "2024-04-03T09:00:00+02:00")
    assert (after["id"], after["arrival"]) == (before["id"], before["arrival"]), "an edit is no news"
    printed("articles", "edit", NAME, "--title", "Trois projets choisis", now="2024-04-05T09:00:00+02:00")
    assert show(printed)["updated"] == after["updated"]


def test_updated_is_never_before_published(desk: Desk) -> None:
    desk.article("un", date="2024-03-20 10:00")
    desk("import", "articles")
    desk.article("un", date="2024-03-28 10:00")
    assert desk("import", "articles", now=LATER).out.startswith("0 new, 1 updated")
    for command in ("import", "articles"), ("articles", "reparse"), ("articles", "edit", "articles/un", "--alt", "x"):
        found = show(desk, "articles/un")
        assert found["published"] == "2024-03-28T10:00:00+01:00" <= found["updated"]
        desk(*command, now=LATER)


def test_what_staff_hide_stays_hidden_until_they_show_it(printed: Desk) -> None:
    printed("articles", "hide", NAME)
    again(printed)
    assert show(printed)["state"] == "hidden"
    printed("articles", "show-again", NAME)
    assert show(printed)["state"] == "ready"


def test_a_state_by_hand_survives(desk: Desk) -> None:
    desk.article("brouillon", state="draft")
    desk("import", "articles")
    desk("articles", "edit", "articles/brouillon", "--state", "ready")
    desk.article("brouillon", state="draft", body="Une autre phrase pour les habitants.")
    desk("import", "articles", now=LATER)
    assert show(desk, "articles/brouillon")["state"] == "ready"


def test_a_picture_and_its_words_by_hand_survive(printed: Desk, tmp_path: Path) -> None:
    from PIL import Image

    photo = tmp_path / "fête.jpg"
    Image.new("RGB", (900, 600), "teal").save(photo)
    printed("articles", "edit", NAME, "--picture", photo, "--alt", "La fête au bord de l’eau")
    again(printed)
    image = show(printed)["image"]
    assert re.fullmatch(r"https://www\.troisrivieres\.example\.org/media/[0-9a-f]{16}/fete-\d+\.jpg", image["url"])
    assert image["alt"] == "La fête au bord de l’eau"


def test_an_edit_of_nothing_and_a_picture_that_is_none_are_mistakes(printed: Desk) -> None:
    assert printed("articles", "edit", NAME).code == 2
    printed.write("dessin.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    done = printed("articles", "edit", NAME, "--picture", "dessin.svg")
    assert (done.code, len(done.err.splitlines())) == (1, 1)


def test_words_by_hand_are_as_clean_as_those_of_a_source(printed: Desk) -> None:
    photo = printed.root / "p.jpg"
    photo.write_bytes(jpeg())
    bad = "Un\u202e deux\n\ttrois\uffff"
    printed("articles", "edit", NAME, "--title", bad, "--lead", bad, "--alt", bad, "--picture", photo)
    found = show(printed)
    assert [found["title"], found["lead"], found["image"]["alt"]] == ["Un deux trois"] * 3


@pytest.mark.parametrize("title", ["", "  \n", "\u202e\u200b", "\uffff"])
def test_a_title_that_cannot_be_seen_is_a_mistake(printed: Desk, title: str) -> None:
    before = show(printed)
    done = printed("articles", "edit", NAME, "--title", title)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "a title needs words" in done.err
    assert show(printed) == before


def jpeg() -> bytes:
    from io import BytesIO

    from PIL import Image

    Image.new("RGB", (30, 20)).save(made := BytesIO(), "JPEG")
    return made.getvalue()


def test_pins_are_set_and_taken_away(printed: Desk) -> None:
    assert printed("articles", "pin", NAME, "--everyone").out.startswith("pinned: ")
    assert printed("articles", "unpin", NAME).out.startswith("no longer pinned: ")


def test_the_input_comes_out_byte_for_byte(desk: Desk) -> None:
    written = PAGE.format(changed="28/03/2024").replace("\n", "\r\n").encode("cp1252")
    desk.write("articles/comite.txt", written)
    desk("import", "articles")
    command = [sys.executable, "-m", "newsletter", "articles", "export", NAME, "--raw"]
    assert subprocess.run(command, cwd=desk.root, capture_output=True, check=True).stdout == written
    assert "".join(part["text"] for part in show(desk)["parts"]) == written.decode("cp1252")


def test_reading_again_changes_what_the_parser_reads_and_makes_no_news(printed: Desk) -> None:
    before = show(printed)
    config = printed.root / "config.toml"
    named = config.read_text(encoding="utf-8").replace(
        'label = "Type"\n', 'label = "Type"\nfields = ["Type d’actualites"]\n'
    )
    config.write_text(named, encoding="utf-8")
    done = printed("articles", "reparse", now=LATER)
    assert (done.code, done.out.startswith("0 new, 1 updated")) == (0, True)
    after = show(printed)
    assert [term["slug"] for term in after["terms"]] == ["actualite"]
    assert (after["arrival"], after["updated"], after["id"]) == (before["arrival"], before["updated"], before["id"])
    numbers = {row.number for row in given(printed)}
    assert numbers == {before["arrival"]}, "the new term took the number as shown"
    assert printed("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 1 unchanged")


@pytest.fixture
def illustrated(desk: Desk) -> Desk:
    """An article with a lead picture, one in its text, and a file, all of which stand beside it no more."""
    from PIL import Image

    for name, colour in (("gué.jpg", "teal"), ("plan.png", "red"), ("autre/plan.png", "blue")):
        (desk.root / "articles/images/autre").mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (700, 400), colour).save(desk.root / "articles/images" / name)
    desk.write("articles/images/plan.pdf", b"%PDF-1.7\n")
    keys = {"image": "{file: images/gué.jpg, alt: Le gué}", "attachments": "[images/plan.pdf]"}
    desk.article("gue", body="Voir ![le plan](images/plan.png) et [le PDF](images/plan.pdf).", **keys)
    assert "(warning)" not in desk("import", "articles").err
    shutil.rmtree(desk.root / "articles/images")
    return desk


def test_reading_again_keeps_the_pictures_and_files_that_stand_beside_no_more(illustrated: Desk) -> None:
    name = "articles/gue"
    before = show(illustrated, name)
    assert before["image"] and before["attachments"] and "<img" in before["html"]
    assert illustrated("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 1 unchanged")
    assert show(illustrated, name) == before
    photo = illustrated.root / "autre.jpg"
    from PIL import Image

    Image.new("RGB", (900, 600), "black").save(photo)
    illustrated("articles", "edit", name, "--picture", photo)
    illustrated("articles", "reparse", now=LATER)
    illustrated("articles", "edit", name, "--reset", "picture")
    assert show(illustrated, name)["image"] == before["image"]


def test_reading_again_takes_no_other_file_of_the_same_name(illustrated: Desk) -> None:
    from PIL import Image

    (illustrated.root / "articles/images/autre").mkdir(parents=True)
    for name, colour in (("plan.png", "red"), ("autre/plan.png", "blue"), ("gué.jpg", "teal")):
        Image.new("RGB", (700, 400), colour).save(illustrated.root / "articles/images" / name)
    illustrated.article("gue", body="![a](images/plan.png) ![b](images/autre/plan.png)", image="images/gué.jpg")
    illustrated("import", "articles")
    shutil.rmtree(illustrated.root / "articles/images")
    before = show(illustrated, "articles/gue")
    done = illustrated("articles", "reparse", now=LATER)
    assert done.code == 1
    assert "articles/gue.md: images/plan.png is gone, and the article has several files of that name" in done.err
    assert show(illustrated, "articles/gue") == before


def test_reading_again_tells_what_is_still_to_be_looked_at(desk: Desk) -> None:
    desk.article("un", image="absent.jpg")
    desk("import", "articles")
    assert "articles/un.md: image: no file 'absent.jpg'" in desk("articles", "reparse", now=LATER).err


def given(desk: Desk) -> list:
    from newsletter.store.schema import arrival

    store = desk.store()
    with store.read() as connection:
        found = connection.execute(arrival.select().where(arrival.c.gone.is_(None))).all()
    store.close()
    return found


def test_an_article_without_a_date_keeps_the_first_one(desk: Desk) -> None:
    desk.article("sans-date", date="")
    desk("import", "articles")
    before = show(desk, "articles/sans-date")["published"]
    done = desk("import", "articles", now=LATER)
    assert done.out.startswith("0 new, 0 updated, 1 unchanged")
    assert show(desk, "articles/sans-date")["published"] == before
