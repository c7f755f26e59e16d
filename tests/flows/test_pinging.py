"""A hub hears of every feed that a build changed, once; and no hub, however it behaves, makes a build fail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from newsletter.configfile import load
from newsletter.fetching import Fetcher, Limits
from newsletter.pipeline import building, pinging
from newsletter.pipeline.output import Output
from newsletter.pipeline.pinging import Clock, Pinged, ping
from newsletter.pipeline.publication import Publication
from tests.flows.command import CONFIG, NOW, Desk, Result
from tests.web_server import Reply, WebServer

BASE = "https://www.troisrivieres.example.org"
TAKEN = Reply(status=204)
LIVE = ("all.atom", "all.rss", "theme.atom")


def heard(web: WebServer) -> Counter[str]:
    """What the hub was told, by the path of the document."""
    assert all(request.method == "POST" and request.path == "/hub" for request in web.requests)
    for request in web.requests:
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert request.form["hub.mode"] == "publish"
        assert request.form["hub.topic"] == request.form["hub.url"]
    return Counter(request.form["hub.url"].removeprefix(f"{BASE}/") for request in web.requests)


# The command


@pytest.fixture
def hub(desk: Desk, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> WebServer:
    """A hub that takes everything, named in the configuration of the desk."""
    web.pages["/hub"] = TAKEN
    desk.write("config.toml", f'{CONFIG}\n[feeds]\nhub = "{web.url("/hub")}"\nhub_private = true\n')
    desk.article("jardin", theme="Santé")
    assert desk("import", "articles").code == 0
    monkeypatch.setattr(pinging, "PAUSES", (0.0, 0.0))
    return web


def build(desk: Desk) -> Result:
    result = desk("build", "--json")
    assert result.code == 0
    return result


def subscribed(desk: Desk) -> set[str]:
    """Every document to which a reader may subscribe."""
    found = {path.relative_to(desk.root / "feeds").as_posix() for path in (desk.root / "feeds").rglob("*.*")}
    return {path for path in found if path.endswith((".atom", ".rss", ".json")) and not path.startswith("archive/")}


def test_a_first_build_tells_of_every_feed_once_in_each_format(desk: Desk, hub: WebServer) -> None:
    told = build(desk).data
    assert heard(hub) == Counter(subscribed(desk))
    assert "theme/sante.atom" in heard(hub)
    assert (told["pinged"], told["failed"]) == (len(heard(hub)), 0)


def test_a_build_that_changes_nothing_tells_nothing(desk: Desk, hub: WebServer) -> None:
    build(desk)
    hub.requests.clear()
    assert build(desk).data["pinged"] == 0
    assert desk("build", "--full").code == 0
    assert hub.requests == []


def test_a_new_article_is_told_of_the_feeds_that_have_it_and_no_other(desk: Desk, hub: WebServer) -> None:
    build(desk)
    hub.requests.clear()
    desk.article("ecole", theme="Éducation")
    desk("import", "articles")
    build(desk)
    stems = ("all", "theme", "theme/education", "type", "type/actualite")
    assert heard(hub) == Counter(f"{stem}.{ending}" for stem in stems for ending in ("atom", "rss", "json"))


def test_archives_pages_and_calendars_are_none_of_a_hubs_business(desk: Desk, hub: WebServer) -> None:
    for number in range(60):
        desk.article(f"n{number}", type="Agenda", dates="2024-05-10 14:00")
    desk("import", "articles")
    build(desk)
    assert (desk.root / "feeds/archive/all/1.atom").is_file()
    assert {path.rpartition(".")[2] for path in heard(hub)} == {"atom", "rss", "json"}
    assert not [
        path for path in heard(hub) if path.startswith(("archive", "media")) or path.endswith((".html", ".ics"))
    ]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=500), "answers 500 Internal Server Error; try later"),
        (Reply(status=429, headers={"Retry-After": "7200"}), "answers 429 Too Many Requests; try later"),
        (Reply(status=404), "answers 404 Not Found; it does not want"),
        (Reply(status=301, headers={"Location": "/elsewhere"}), "answers 301 Moved Permanently; it does not want"),
        (Reply(raw=b"SSH-2.0\r\n"), "does not speak HTTP as it should"),
    ],
)
def test_a_hub_that_does_not_take_it_costs_one_line_and_is_told_at_the_next_build(
    desk: Desk, hub: WebServer, reply: Reply, said: str
) -> None:
    hub.pages["/hub"] = reply
    failed = build(desk)
    everything = subscribed(desk)
    assert (failed.data["pinged"], failed.data["failed"]) == (0, len(everything))
    assert said in failed.err
    assert failed.err.count("\n") == 1
    assert failed.err.endswith(f"the next build tells: {len(everything)}\n")
    hub.requests.clear()
    hub.pages["/hub"] = TAKEN
    assert build(desk).data["written"] == 0
    assert heard(hub) == Counter(everything)
    hub.requests.clear()
    assert build(desk).err == ""
    assert hub.requests == []


def test_a_hub_that_is_not_there_fails_no_build(desk: Desk) -> None:
    with WebServer() as gone:
        address = gone.url("/hub")
    desk.write("config.toml", f'{CONFIG}\n[feeds]\nhub = "{address}"\n')
    for extra, said in (("", "no public address"), ("hub_private = true", "cannot be reached")):
        desk.write("config.toml", f'{CONFIG}\n[feeds]\nhub = "{address}"\n{extra}\n')
        desk.monkeypatch.setattr(pinging, "PAUSES", ())
        result = desk("build")
        assert result.code == 0
        assert said in result.err


def test_a_hub_of_the_own_network_is_told_only_where_that_is_allowed(desk: Desk, hub: WebServer) -> None:
    settings = (desk.root / "config.toml").read_text(encoding="utf-8")
    desk.write("config.toml", settings.replace("hub_private = true", ""))
    assert "hub_private" in build(desk).err
    assert hub.requests == []


def test_a_person_reads_how_many_were_told(desk: Desk, hub: WebServer) -> None:
    said = desk("build").out
    assert said.endswith(f", {len(subscribed(desk))} pinged\n")
    assert "pinged" not in desk("build").out


def test_what_a_build_wrote_that_was_killed_before_its_pings_is_told_by_the_next_one(
    desk: Desk, hub: WebServer
) -> None:
    publication = Publication(load(desk.root / "config.toml"), desk.store(), datetime.fromisoformat(NOW))
    assert building.build(publication).written
    publication.store.close()
    assert hub.requests == []
    assert build(desk).data["written"] == 0
    assert heard(hub) == Counter(subscribed(desk))


# The round


@pytest.fixture
def office(desk: Desk, hub: WebServer) -> Iterator[Office]:
    with Fetcher("newsletter (test)", Limits(silence=60, seconds=60)) as fetcher:
        yield Office(desk.root, fetcher)


class Office:
    """Three documents that a hub does not know yet; time passes only where somebody rests or the hub is slow."""

    def __init__(self, root: Path, fetcher: Fetcher) -> None:
        self.config, self.fetcher = load(root / "config.toml"), fetcher
        self.folder = root / "feeds"
        self.folder.mkdir()
        self.now, self.slow, self.rests = 0.0, 0.0, []
        for path in LIVE:
            Output(self.folder).write(path, b"<feed/>")

    def ping(self) -> Pinged:
        return ping(self.config, LIVE, self.fetcher, clock=Clock(self.rest, self.clock))

    def rest(self, seconds: float) -> None:
        self.rests.append(seconds)

    def clock(self) -> float:
        self.now += self.slow
        return self.now


def test_a_hub_that_is_unwell_is_asked_again_after_growing_pauses(
    office: Office, hub: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "PAUSES", (1.0, 4.0))
    hub.pages["/hub"] = [Reply(status=503), Reply(status=502), TAKEN]
    assert office.ping() == Pinged(3)
    assert heard(hub) == Counter({"all.atom": 3, "all.rss": 1, "theme.atom": 1})
    assert office.rests == [1.0, 4.0]


def test_a_hub_that_stays_unwell_is_left_alone_for_the_rest_of_the_build(office: Office, hub: WebServer) -> None:
    hub.pages["/hub"] = [TAKEN, Reply(status=500)]
    told = office.ping()
    assert (told.told, told.waiting) == (1, 2)
    assert heard(hub) == Counter({"all.atom": 1, "all.rss": 3})


def test_a_hub_that_asks_for_patience_is_given_it_within_limits(
    office: Office, hub: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinging, "PAUSES", (1.0, 4.0))
    hub.pages["/hub"] = [Reply(status=429, headers={"Retry-After": "3"}), TAKEN]
    assert office.ping().told == 3
    assert office.rests == [3.0]
    Output(office.folder).write("all.atom", b"<feed>2</feed>")
    hub.pages["/hub"] = Reply(status=429, headers={"Retry-After": "5"})
    hub.requests.clear()
    assert office.ping().waiting == 1
    assert len(hub.requests) == 1
    assert office.rests == [3.0]


def test_one_feed_that_is_refused_does_not_keep_the_others_from_the_hub(office: Office, hub: WebServer) -> None:
    hub.pages["/hub"] = [Reply(status=400), TAKEN]
    told = office.ping()
    assert (told.told, told.waiting) == (2, 1)
    assert (
        told.trouble == f"{hub.url('/hub')}: answers 400 Bad Request; it does not want {BASE}/all.atom; check feeds.hub"
    )
    assert office.rests == []
    assert office.ping() == Pinged(1)


def test_a_hub_that_is_slow_does_not_keep_a_build_for_ever(office: Office, hub: WebServer) -> None:
    office.slow = pinging.LONGEST * 0.6
    told = office.ping()
    assert (told.told, told.waiting) == (1, 2)
    assert "takes too long" in told.trouble
    office.slow = 0
    assert office.ping() == Pinged(2)


def test_a_ping_of_which_nothing_could_be_written_down_is_told_and_made_again(
    office: Office, hub: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = office.folder / ".newsletter-pinged"
    note.mkdir()
    told = office.ping()
    assert (told.told, told.waiting) == (3, 0)
    assert "cannot be written" in told.trouble
    note.rmdir()
    assert office.ping() == Pinged(3)
    note.write_text("{broken", encoding="utf-8")
    assert office.ping() == Pinged(3)


def test_what_is_known_of_a_hub_forgets_feeds_that_are_gone(office: Office, hub: WebServer) -> None:
    office.ping()
    ping(office.config, LIVE[:1], office.fetcher)
    assert set(json.loads((office.folder / ".newsletter-pinged").read_bytes())) == {"all.atom"}


def test_a_hub_that_says_nothing_is_waited_for_only_so_long(office: Office, hub: WebServer) -> None:
    hub.pages["/hub"] = Reply(stall=True)
    with Fetcher("newsletter (test)", Limits(silence=0.02, seconds=60)) as office.fetcher:
        told = office.ping()
    assert (told.told, told.waiting) == (0, 3)
    assert "does not answer in time" in told.trouble
    assert len(hub.requests) == 3


def test_pings_share_one_connection(office: Office, hub: WebServer) -> None:
    office.ping()
    assert hub.lines == 1
