"""Terms are renamed and merged with their articles and readers; what led to the old ones leads to the new."""

from __future__ import annotations

import pytest

from tests.flows.command import Desk

LATER = "2024-04-03T09:00:00+02:00"


@pytest.fixture
def filed(desk: Desk) -> Desk:
    desk.article("un", theme="Mobilité")
    desk.article("deux", theme="Transports")
    desk.article("trois", theme="[Mobilité, Transports]")
    desk("import", "articles")
    for name, term in (("ana", "mobilite"), ("bo", "transports")):
        address = f"{name}@lecteurs.example.org"
        desk("subscribers", "add", address, "--list", "veille", "--term", f"theme/{term}", "--consent", "au guichet")
    desk("build")
    return desk


def listed(desk: Desk) -> dict[str, int]:
    return {f"{each['taxonomy']}/{each['slug']}": each["articles"] for each in desk("terms", "list", "--json").data}


def choices(desk: Desk) -> dict[str, list[str]]:
    found = desk("subscribers", "list", "--json").data
    return {
        each["address"].partition("@")[0]: [term.removeprefix("theme/") for term in each["terms"]] for each in found
    }


def test_terms_are_listed_with_their_articles(filed: Desk) -> None:
    assert listed(filed)["theme/mobilite"] == 2
    assert "     2  theme/mobilite" in filed("terms", "list").out


def test_a_renamed_term_keeps_articles_and_readers_and_redirects(filed: Desk) -> None:
    done = filed("terms", "rename", "theme/mobilite", "Se déplacer")
    assert done.code == 0
    assert listed(filed)["theme/se-deplacer"] == 2
    assert choices(filed)["ana"] == ["se-deplacer"]
    filed("build")
    folder = filed.root / "feeds"
    assert not (folder / "theme/mobilite.atom").exists()
    assert "Se déplacer" in (folder / "theme/se-deplacer.atom").read_text(encoding="utf-8")
    moved = (folder / "redirects.txt").read_text(encoding="utf-8").splitlines()
    assert "/theme/mobilite.atom /theme/se-deplacer.atom" in moved
    assert '"/theme/mobilite.atom" "/theme/se-deplacer.atom";' in (folder / "redirects.nginx").read_text(
        encoding="utf-8"
    )


def feed_id(desk: Desk, path: str) -> str:
    return (desk.root / f"feeds/{path}.atom").read_text(encoding="utf-8").partition("<id>")[2].partition("<")[0]


def test_a_renamed_term_keeps_the_id_of_its_feed_and_gives_it_to_no_other(filed: Desk) -> None:
    before = feed_id(filed, "theme/mobilite")
    filed("terms", "rename", "theme/mobilite", "Se déplacer")
    filed("build")
    assert feed_id(filed, "theme/se-deplacer") == before
    filed.article("quatre", theme="Vélo")
    filed("import", "articles")
    filed("terms", "rename", "theme/velo", "Mobilité", "--slug", "mobilite")
    assert filed("build").code == 0
    assert feed_id(filed, "theme/mobilite") != before
    assert filed("check", "--feeds").code == 0


def test_of_two_terms_that_are_merged_the_one_that_stays_keeps_the_id_of_its_feed(filed: Desk) -> None:
    before = feed_id(filed, "theme/transports")
    filed("terms", "merge", "theme/mobilite", "theme/transports")
    filed("build")
    assert feed_id(filed, "theme/transports") == before
    filed("terms", "rename", "theme/transports", "Mobilité", "--slug", "mobilite")  # to where the other one stood
    assert filed("build").code == 0
    assert feed_id(filed, "theme/mobilite") == before


def test_an_article_with_the_old_label_gets_the_renamed_term_and_nothing_is_news(filed: Desk) -> None:
    filed("terms", "rename", "theme/mobilite", "Se déplacer")
    done = filed("import", "articles", now=LATER)
    assert done.out.startswith("0 new, 0 updated, 3 unchanged")
    filed.article("quatre", theme="Mobilité")
    filed("import", "articles", now=LATER)
    assert listed(filed)["theme/se-deplacer"] == 3
    assert "theme/mobilite" not in listed(filed)


def test_merged_terms_carry_articles_readers_and_the_smaller_number(filed: Desk) -> None:
    filed("terms", "rename", "theme/mobilite", "Se déplacer")
    done = filed("terms", "merge", "theme/se-deplacer", "theme/transports")
    assert done.code == 0
    assert listed(filed)["theme/transports"] == 3
    assert "theme/se-deplacer" not in listed(filed)
    assert choices(filed) == {"ana": ["transports"], "bo": ["transports"]}
    filed("build")
    moved = (filed.root / "feeds/redirects.txt").read_text(encoding="utf-8").splitlines()
    assert "/theme/mobilite.atom /theme/transports.atom" in moved
    assert "/theme/se-deplacer.atom /theme/transports.atom" in moved
    assert filed("import", "articles", now=LATER).out.startswith("0 new, 0 updated, 3 unchanged")


def test_a_merge_is_no_news(filed: Desk) -> None:
    first = filed("send", "veille", "--dry-run", "--yes", "--json")
    assert first.code == 0
    from newsletter.store.schema import arrival, counter

    store = filed.store()
    with store.read() as connection:
        before = connection.scalar(counter.select().with_only_columns(counter.c.value))
    filed("terms", "merge", "theme/mobilite", "theme/transports")
    with store.read() as connection:
        assert connection.scalar(counter.select().with_only_columns(counter.c.value)) == before
        rows = connection.execute(arrival.select().where(arrival.c.taxonomy == "theme", arrival.c.term != 0)).all()
    store.close()
    assert len(rows) == 3, "one for each article"


def test_a_term_that_a_saved_filter_names_is_not_taken_away(filed: Desk) -> None:
    config = (filed.root / "config.toml").read_text(encoding="utf-8")
    saved = '\n[feeds.filters.choix]\ntitle = "Choix"\nfilter = { theme = ["mobilite"] }\n'
    filed.write("config.toml", config + saved)
    done = filed("terms", "rename", "theme/mobilite", "Se déplacer")
    assert (done.code, "feeds.filters.choix: its filter names theme/mobilite" in done.err) == (2, True)


def test_what_config_names_is_not_taken_away(filed: Desk) -> None:
    done = filed("terms", "merge", "theme/sante", "theme/transports")
    assert (done.code, "config.toml names theme/sante" in done.err) == (2, True)
    done = filed("terms", "rename", "type/actualite", "Nouvelles")
    assert (done.code, "lists.lettre" in done.err) == (2, True)


def test_unknown_and_taken_names_are_mistakes(filed: Desk) -> None:
    assert filed("terms", "rename", "theme/nulle", "Rien").code == 1
    assert filed("terms", "merge", "theme/mobilite", "type/actualite").code == 2
    done = filed("terms", "rename", "theme/mobilite", "Transports")
    assert (done.code, "newsletter terms merge" in done.err) == (2, True)


@pytest.mark.parametrize("label", ["", " ", "\u202e\u200b", "\uffff"])
def test_a_label_that_cannot_be_seen_is_a_mistake(filed: Desk, label: str) -> None:
    done = filed("terms", "rename", "theme/mobilite", label)
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "theme/mobilite: a label needs words" in done.err
    assert "theme/mobilite" in listed(filed)


@pytest.mark.parametrize("label", ['[""]', '"\\0"', '["\\u200b", " "]'])
def test_an_article_brings_no_term_that_cannot_be_seen(desk: Desk, label: str) -> None:
    desk.article("un", theme=label)
    assert desk("import", "articles").code == 0
    assert listed(desk) == {"theme/education": 0, "theme/sante": 0, "type/actualite": 1}


def test_the_terms_of_a_taxonomy_that_is_no_more_are_gone(filed: Desk) -> None:
    config = filed.root / "config.toml"
    text = config.read_text(encoding="utf-8")
    start, end = text.index("[taxonomies.theme]"), text.index("[lists.lettre]")
    config.write_text(text[:start] + text[end:], encoding="utf-8")
    filed("build")
    moved = (filed.root / "feeds/redirects.txt").read_text(encoding="utf-8").splitlines()
    assert "/theme/mobilite.atom gone" in moved
