"""A new publication works as it is, from anywhere, and costs nobody a file."""

import os
import subprocess
import sys
import tomllib

import pytest

from tests.flows.command import NOW, Desk, contents


@pytest.fixture
def empty(desk: Desk) -> Desk:
    """An empty folder."""
    (desk.root / "config.toml").unlink()
    return desk


def test_init_then_import_then_build_works_from_any_folder(tmp_path):
    folder, elsewhere = tmp_path / "nouvelle lettre", tmp_path / "ailleurs"
    elsewhere.mkdir()
    config = f"--config={folder / 'config.toml'}"
    environment = {**os.environ, "NEWSLETTER_NOW": NOW}
    environment.pop("NEWSLETTER_DATABASE_URL", None)
    for command in (["init", folder], [config, "import", folder / "articles"], [config, "build"]):
        call = [sys.executable, "-m", "newsletter", *map(str, command)]
        done = subprocess.run(call, cwd=elsewhere, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "(warning)" not in done.stderr
    assert "Bienvenue" in (folder / "feeds/all.atom").read_text(encoding="utf-8")
    assert (folder / "feeds/articles/bienvenue.html").exists()
    assert list(elsewhere.iterdir()) == []


def test_the_commands_that_it_names_work(empty):
    said = empty("init").out
    named = [line.split() for line in said.splitlines() if line.startswith("  newsletter ")]
    assert [words[1] for words in named] == ["import", "build", "subscribers", "send"]
    assert empty("import", "articles").code == 0
    assert empty("build").code == 0
    done = empty("subscribers", "add", "you@example.org", "--list", "lettre", "--consent", "my own address")
    assert done.code == 0
    rehearsed = empty("send", "lettre", "--dry-run")
    assert rehearsed.code == 0
    assert "1 letter, 1 article" in rehearsed.out, "the sample is news"


@pytest.mark.parametrize("there", ["config.toml", "articles/bienvenue.md"])
def test_nothing_is_overwritten(empty, there):
    empty.write(there, "le travail de quelqu’un")
    before = contents(empty.root)
    done = empty("init")
    assert (done.code, done.out) == (2, "")
    assert there in done.err
    assert contents(empty.root) == before


def test_it_stands_beside_articles_that_are_there(empty):
    empty.article("mon-article")
    assert empty("init", "--json").data["files"] == ["config.toml", "articles/bienvenue.md"]
    assert "2 new" in empty("import", "articles").out


def test_the_year_of_the_ids_is_the_year_of_the_beginning(empty):
    empty("init", now="2031-05-06T10:00:00+02:00")
    assert tomllib.loads((empty.root / "config.toml").read_text(encoding="utf-8"))["site"]["since"] == 2031


def test_a_folder_that_cannot_be_made_is_said_in_one_line(empty):
    empty.write("occupe", "un fichier")
    done = empty("init", "occupe")
    assert done.code == 1
    assert "cannot be written" in done.err
    assert len(done.err.splitlines()) == 1
