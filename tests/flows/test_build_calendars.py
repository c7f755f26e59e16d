"""Calendars beside feeds, as someone who subscribes to one sees them from build to build."""

from __future__ import annotations

from typing import Any

import icalendar
import pytest

from newsletter.pipeline.documents import calendars
from tests.flows.command import CONFIG, Desk, contents

OURS = '\n[sources.nous]\npath = "articles"\n'
LATER = "2024-04-03T09:00:00+02:00"
MAY = "2024-05-02T09:00:00+02:00"


def calendar(desk: Desk, path: str) -> Any:
    return icalendar.Calendar.from_ical((desk.root / f"feeds/{path}.ics").read_bytes())


def events(desk: Desk, path: str = "all") -> dict[str, Any]:
    """The events of a calendar, by what a calendar program tells them from each other."""
    return {str(each["UID"]): each for each in calendar(desk, path).walk("VEVENT")}


def told(desk: Desk, path: str = "all") -> list[tuple[str, str]]:
    return [(str(each["SUMMARY"]), str(each["STATUS"])) for each in events(desk, path).values()]


def event(desk: Desk, name: str = "forum", now: str | None = None, **keys: str) -> None:
    """Write an article that takes place, and publish it."""
    given = {"title": "Forum des métiers", "type": "Agenda", "theme": "Santé", "dates": "2024-05-10 14:00"}
    desk.article(name, **given | keys)
    publish(desk, now)


def remove(desk: Desk, now: str) -> list[str]:
    """Delete the file of the event; returns the calendars that changed."""
    (desk.root / "articles/forum.md").unlink()
    desk.article("autre", theme="Éducation")
    return publish(desk, now)


def publish(desk: Desk, now: str | None = None) -> list[str]:
    """Import and build; returns the calendars that changed."""
    when = {"now": now} if now else {}
    assert desk("import", "articles", "--withdraw", **when).code == 0
    before = contents(desk.root / "feeds") if (desk.root / "feeds").exists() else {}
    assert desk("build", **when).code == 0
    after = contents(desk.root / "feeds")
    return sorted(path for path in after if path.endswith(".ics") and after[path] != before.get(path, after[path]))


def test_every_feed_has_a_calendar_and_an_empty_one_is_whole(desk):
    event(desk)
    every = {path.removesuffix(".ics") for path in contents(desk.root / "feeds") if path.endswith(".ics")}
    assert {path for path in every if not path.startswith("articles/")} == {
        path.removesuffix(".atom") for path in contents(desk.root / "feeds")
        if path.endswith(".atom") and not path.startswith(("archive/", "issues/"))
    }  # fmt: skip
    assert told(desk, "theme/sante") == told(desk) == [("Forum des métiers", "CONFIRMED")]
    assert events(desk, "theme/education") == {}
    assert calendar(desk, "theme/education")["NAME"] == "Éducation – Centre de ressources des Trois Rivières"
    address = "https://www.troisrivieres.example.org/theme/sante"
    assert calendar(desk, "theme/sante")["SOURCE"] == f"{address}.ics"
    assert calendar(desk, "theme/sante")["URL"] == f"{address}.html"


def test_the_events_of_an_article_are_a_file_of_their_own_that_outlives_them(desk):
    event(desk, dates="[2024-05-10 14:00, 2024-06-11]", deadline="2024-05-03")
    [path] = (desk.root / "feeds/articles").glob("*.ics")
    name = f"articles/{path.stem}"
    assert sorted(events(desk, name)) == sorted(events(desk))
    assert not {"SOURCE", "NAME", "X-WR-CALNAME"} & set(calendar(desk, name))
    before = path.read_bytes()
    desk.article("nouvelle", theme="Santé")
    assert publish(desk) == []
    event(desk, now=LATER, dates="2024-05-10 15:00")
    assert path.read_bytes() != before
    assert ("Annulé\xa0: Forum des métiers", "CANCELLED") in told(desk, name)
    desk.write("config.toml", CONFIG + '[feeds]\nformats = ["atom"]\n')
    publish(desk)
    assert not path.exists()


def test_an_article_without_dates_changes_no_calendar(desk):
    event(desk)
    desk.article("nouvelle", theme="Santé")
    assert publish(desk) == []
    assert told(desk, "theme/sante") == [("Forum des métiers", "CONFIRMED")]


def test_an_edited_event_is_the_same_one_with_a_higher_sequence(desk):
    event(desk)
    [(uid, before)] = events(desk).items()
    event(desk, now=LATER, title="Forum des métiers et des stages", dates="2024-05-17 14:00")
    [(same, after)] = events(desk).items()
    assert (same, after["SUMMARY"]) == (uid, "Forum des métiers et des stages")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert (before["DTSTART"].dt.day, after["DTSTART"].dt.day) == (10, 17)
    assert events(desk, "theme/sante")[uid] == after


def test_each_date_and_the_deadline_are_events_of_their_own(desk):
    event(desk, dates="[2024-05-10 14:00, 2024-06-11]", deadline="2024-05-03")
    found = sorted(events(desk).values(), key=lambda each: str(each["DTSTART"].dt))
    assert [(str(each["SUMMARY"]), str(each["DTSTART"].dt)) for each in found] == [
        ("Date limite\xa0: Forum des métiers", "2024-05-03"),
        ("Forum des métiers", "2024-05-10 12:00:00+00:00"),
        ("Forum des métiers", "2024-06-11"),
    ]
    assert len({each["UID"] for each in found}) == 3


def test_a_date_that_was_dropped_is_cancelled_and_the_others_stay(desk):
    event(desk, dates="[2024-05-10 14:00, 2024-06-11 14:00]")
    before = list(events(desk))
    event(desk, now=LATER, dates="2024-05-10 14:00")
    assert set(events(desk)) == set(before)
    assert sorted(told(desk)) == [("Annulé\xa0: Forum des métiers", "CANCELLED"), ("Forum des métiers", "CONFIRMED")]


def test_a_withdrawn_article_leaves_a_cancelled_event_and_no_word(desk):
    desk.write("config.toml", CONFIG + OURS)
    event(desk)
    [(uid, before)] = events(desk).items()
    [own] = [f"articles/{path.name}" for path in (desk.root / "feeds/articles").glob("*.ics")]
    assert remove(desk, LATER) == ["all.ics", own, "theme.ics", "theme/sante.ics", "type.ics", "type/agenda.ics"]
    [(same, after)] = events(desk).items()
    assert (same, after["STATUS"], after["SUMMARY"]) == (uid, "CANCELLED", "Rendez-vous annulé")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == before["DTSTART"].dt
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert b"Forum" not in (desk.root / "feeds/all.ics").read_bytes()


def test_what_comes_back_is_confirmed_again(desk):
    event(desk)
    before = events(desk)
    assert desk("articles", "hide", "articles/forum").code == 0
    publish(desk)
    assert told(desk) == [("Rendez-vous annulé", "CANCELLED")]
    assert desk("articles", "show-again", "articles/forum").code == 0
    publish(desk)
    assert told(desk) == [("Forum des métiers", "CONFIRMED")]
    assert set(events(desk)) == set(before)


def test_what_has_taken_place_is_not_cancelled_by_a_page_that_is_removed(desk):
    desk.write("config.toml", CONFIG + OURS)
    event(desk, dates="2024-04-20 14:00")
    assert "all.ics" in remove(desk, MAY)
    assert events(desk) == {}


def test_an_event_that_loses_its_topic_leaves_that_calendar_and_is_not_cancelled(desk):
    event(desk)
    event(desk, now=LATER, theme="Éducation")
    assert events(desk, "theme/sante") == {}
    assert told(desk, "theme/education") == told(desk, "theme") == [("Forum des métiers", "CONFIRMED")]
    event(desk, now=LATER, theme="")
    assert events(desk, "theme/education") == events(desk, "theme") == {}  # which has archives, and remembers it
    assert told(desk) == [("Forum des métiers", "CONFIRMED")]


def test_a_renamed_topic_is_renamed_in_every_event(desk):
    event(desk, theme="Sport")
    assert desk("terms", "rename", "theme/sport", "Sport pour tous").code == 0
    assert desk("build").code == 0
    [found] = events(desk).values()
    assert "Sport pour tous" in found["CATEGORIES"].cats


def test_a_draft_and_its_dates_are_nobody_s_business(desk):
    event(desk, state="draft")
    assert events(desk) == {}
    event(desk, state="ready", dates="2024-06-11 14:00")
    assert told(desk) == [("Forum des métiers", "CONFIRMED")]


def test_a_calendar_has_a_limit_and_keeps_what_is_last(desk, monkeypatch):
    monkeypatch.setattr(calendars, "MOST", 2)
    for month in (5, 6, 7):
        desk.article(f"mois-{month}", title=f"Mois {month}", type="Agenda", dates=f"2024-0{month}-10 14:00")
    publish(desk)
    assert [summary for summary, _ in told(desk)] == ["Mois 7", "Mois 6"]


def test_nothing_new_writes_nothing_and_building_anew_gives_the_same(desk):
    event(desk, dates="[2024-05-10 14:00, 2024-06-11]", deadline="2024-05-03")
    event(desk, now=LATER, dates="2024-05-10 14:00", deadline="2024-05-04")
    before = contents(desk.root / "feeds")
    assert desk("build", "--json", now=MAY).data["written"] == 0
    assert desk("build", "--full", "--json", now=MAY).data["written"] == 0
    assert contents(desk.root / "feeds") == before


def test_the_site_may_move_and_events_stay_the_same(desk):
    before = "https://www.troisrivieres.example.org"
    config = CONFIG.replace(f'url = "{before}"', f'url = "{before}"\nauthority = "troisrivieres.example.org"')
    desk.write("config.toml", config)
    event(desk)
    known = set(events(desk))
    desk.write("config.toml", config.replace(before, "https://nouveau.troisrivieres.example.org"))
    publish(desk)
    assert set(events(desk)) == known
    [found] = events(desk).values()
    assert str(found["URL"]).startswith("https://nouveau.")


@pytest.mark.parametrize("formats", ['["atom"]', '["ics"]'])
def test_calendars_are_a_format_like_others(desk, formats):
    event(desk)
    desk.write("config.toml", CONFIG + f"\n[feeds]\nformats = {formats}\n")
    assert desk("build").code == 0
    found = {path.rpartition(".")[2] for path in contents(desk.root / "feeds") if path.startswith("theme/")}
    assert found == {formats.strip('["]')}


def test_what_we_publish_we_can_import(desk, tmp_path):
    event(desk, dates="[2024-05-10 14:00, 2024-06-11]")
    calendar_file = desk.root / "feeds/theme/sante.ics"
    other = Desk(tmp_path / "autre", desk.monkeypatch, desk.capsys)
    other.write("config.toml", CONFIG.replace("troisrivieres", "partenaire"))
    assert other("import", calendar_file).code == 0
    titles = [each["title"] for each in other("articles", "list", "--json").data]
    assert titles == ["Forum des métiers"] * 2


def test_another_type_that_becomes_an_event_brings_what_was_stored_before(desk):
    event(desk, "stage", title="Un stage", type="Formation", dates="2024-03-20 14:00", date="2024-03-26 10:00")
    assert told(desk) == []
    config = (desk.root / "config.toml").read_text(encoding="utf-8")
    desk.write("config.toml", config.replace('events = ["agenda"]', 'events = ["agenda", "formation"]'))
    assert desk("build").code == 0
    assert told(desk) == [("Un stage", "CONFIRMED")]
    desk.write("config.toml", config)
    assert desk("build", now=LATER).code == 0
    assert [status for _, status in told(desk)] in ([], ["CANCELLED"])
