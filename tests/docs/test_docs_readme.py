"""README and CONTRIBUTING: what they tell one to type is there, and what is said not to be there is not."""

from __future__ import annotations

import re
import tomllib

import pytest

from newsletter.cli import COMMANDS
from tests.docs.pages import PAGES, ROOT, blocks, codes, prose, read, sections

README = read("README.md")
TARGETS = re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_exist(page) -> None:
    text = page.read_text(encoding="utf-8")
    lines = [*"\n".join(blocks(text, "sh")).splitlines(), *codes(text)]
    named = [match[1] for line in lines if (match := re.fullmatch(r"make ([a-z-]+)", line.strip()))]
    assert [name for name in named if name not in TARGETS] == []


def test_the_first_publication_is_six_commands() -> None:
    own = next(block for block in blocks(README, "sh") if "newsletter init" in block)
    assert [line.split()[1] for line in own.splitlines()] == ["init", "import", "build", "subscribers", "send", "send"]


def test_ci_calls_exactly_the_test_command_of_the_readme() -> None:
    assert "make test" in blocks(README, "sh")[0].splitlines()
    assert "make test" in read(".ci/run").splitlines()


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_what_a_machine_needs_is_what_the_package_asks_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in README
    assert project["license"] in README


def test_what_is_not_there_is_not_there() -> None:
    absent = next(section for section in sections(README) if section.heading == "What is not there yet")
    named = re.findall("`([a-z]+)`", absent.text)
    assert [name for name in named if name in COMMANDS] == ["send"]
    routes = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "newsletter/web").glob("*.py"))
    assert "/subscribe" not in routes, "there are pages to subscribe now: tell so in README"


def test_the_demo_does_what_is_told() -> None:
    demo = read("examples/demo.py")
    steps = re.findall(r'^ +step\("(\w+)"', demo, re.MULTILINE)
    told = [step for step in ("import", "subscribe", "send", "build") if step in README]
    assert [step.removesuffix("rs") for step in steps[:4]] == told
    sentence = " ".join(README.split()).partition("It imports")[2]
    places = [sentence.index(word) for word in ("sample articles", "subscribes", "sends an issue", "builds the feeds")]
    assert places == sorted(places)
    assert 'NOW = "2024-04-02' in demo
    assert "2 April 2024" in README


def test_the_readers_of_the_demo_are_counted() -> None:
    addresses = {line.partition(";")[0] for line in read("examples/subscribers.csv").splitlines()[1:]}
    assert len(addresses) == 40
    assert "forty readers" in README


def test_the_tests_that_are_told_exist() -> None:
    for path, word in re.findall(r"pytest (tests/\S+) -k (\w+)", read("CONTRIBUTING.md")):
        files = [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).rglob("*.py"))
        assert any(word in file.read_text(encoding="utf-8") for file in files), path


def test_the_environment_of_the_tests_is_documented() -> None:
    sources = [*(ROOT / "tests").rglob("*.py"), ROOT / "Makefile", ROOT / ".ci/run"]
    really = set(
        re.findall(r"NEWSLETTER_[A-Z_]+\b", "".join(p.read_text("utf-8") for p in sources if p.parent.name != "docs"))
    )
    told = set(re.findall(r"`(NEWSLETTER_[A-Z_]+)`", read("CONTRIBUTING.md")))
    of_users = set(re.findall(r"`(NEWSLETTER_[A-Z_]+)`", read("docs/reference/configuration.md")))
    assert told == really - of_users


def test_the_changelog_keeps_its_form() -> None:
    headings = [section.heading for section in sections(prose(read("CHANGELOG.md")))]
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert headings[:2] == ["Changelog", "Unreleased"]
    assert set(headings[2:]) - kinds <= {h for h in headings if re.fullmatch(r"\d+\.\d+\.\d+ – \d{4}-\d\d-\d\d", h)}
