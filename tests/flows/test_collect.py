"""Collecting: sources are asked politely, what is new comes in, what is gone is hidden, a broken one costs one line."""

from __future__ import annotations

import base64
import io
import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from PIL import Image

from tests.flows.command import NOW, Desk, Result
from tests.web_server import Reply, WebServer, redirect

LATER = "2024-04-03T09:00:00+02:00"
MUCH_LATER = "2024-04-09T09:00:00+02:00"


def feed(*names: str) -> Reply:
    entries = "".join(
        f"<entry><id>https://blog.example.org/{name}</id><title>Billet {name}</title>"
        f'<link href="https://blog.example.org/{name}"/><updated>2024-03-30T10:00:00Z</updated>'
        f"<summary>Le billet {name} raconte la fête du quartier.</summary></entry>"
        for name in names
    )
    body = f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>{entries}</feed>'
    return Reply(body.encode(), type="application/atom+xml", etag='"un"')


def post(number: int, modified: str = "2024-03-28T10:00:00") -> dict[str, object]:
    return {
        "id": number,
        "link": f"https://presse.example.org/communique-{number}",
        "guid": {"rendered": f"https://presse.example.org/?p={number}"},
        "title": {"rendered": f"Communiqué {number}"},
        "content": {"rendered": "<p>La médiathèque ouvre le dimanche.</p>", "protected": False},
        "excerpt": {"rendered": ""},
        "date_gmt": "2024-03-25T10:00:00",
        "modified_gmt": modified,
        "status": "publish",
    }


class Site:
    """A WordPress site as its REST interface shows it, whatever the order of parameters.

    ``deleted`` are the posts that go away one by one, each after a page of a listing was shown. One that is ``stuck``
    shows its first page whatever page it is asked for, and still counts them all. The ``newest`` are read first.
    """

    def __init__(self) -> None:
        self.posts: list[dict[str, object]] = []
        self.deleted: list[dict[str, object]] = []
        self.largest = 100
        self.stuck = False
        self.newest: list[dict[str, object]] = []

    def answer(self, path: str) -> Reply:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        size, page = min(int(asked.get("per_page", "10")), self.largest), int(asked.get("page", "1"))
        page = 1 if self.stuck else page
        ordered = self.posts if "_fields" in asked else sorted(self.posts, key=lambda each: each not in self.newest)
        some = ordered[(page - 1) * size : page * size]
        if "_fields" in asked:
            self.posts = [each for each in self.posts if each not in self.deleted[:1]]
            self.deleted = self.deleted[1:]
            some = [{name: each[name] for name in ("id", "link", "guid")} for each in some]
        pages = -(-len(self.posts) // size)
        return Reply(json.dumps(some).encode(), type="application/json", headers={"X-WP-TotalPages": str(pages)})


def configure(desk: Desk, *sources: str) -> None:
    config = desk.root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + "\n".join(sources), encoding="utf-8")


def source(name: str, url: str, **settings: object) -> str:
    extra = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    return f'\n[sources.{name}]\nurl = "{url}"\nprivate = true\n{extra}'


def titles(desk: Desk, state: str = "ready") -> set[str]:
    return {each["title"] for each in desk("articles", "list", "--json").data if each["state"] == state}


def failures(done: Result) -> list[str]:
    return [line for line in done.err.splitlines() if not line.startswith("collect: ")]


def test_a_feed_is_collected_and_then_asked_only_whether_it_changed(desk: Desk, web: WebServer) -> None:
    web.pages["/feed"] = feed("un", "deux")
    configure(desk, source("blog", web.url("/feed")))
    first = desk("collect")
    assert (first.code, first.out.splitlines()[0]) == (0, "2 new, 0 updated, 0 unchanged, 0 older, 0 failed")
    again = desk("collect", now=LATER)
    assert (again.code, again.out.splitlines()[0]) == (0, "0 new, 0 updated, 0 unchanged, 0 older, 0 failed")
    assert web.requests[-1].headers["if-none-match"] == '"un"'
    assert titles(desk) == {"Billet un", "Billet deux"}
    assert "www.troisrivieres.example.org" in web.requests[0].headers["user-agent"]


def test_an_entry_that_leaves_a_feed_is_not_gone(desk: Desk, web: WebServer) -> None:
    web.pages["/feed"] = feed("un", "deux")
    configure(desk, source("blog", web.url("/feed")))
    desk("collect")
    web.pages["/feed"] = Reply(feed("deux").body, type="application/atom+xml", etag='"deux"')
    desk("collect", now=LATER)
    assert titles(desk) == {"Billet un", "Billet deux"}


def agenda(*names: str) -> Reply:
    items = [
        {
            "id": f"ev-{name}",
            "url": "https://blog.example.org/agenda",
            "title": f"Visite {name}",
            "content_html": f"<p>La visite {name} de la ville.</p>",
            "date_published": "2024-03-30T10:00:00Z",
        }
        for name in names
    ]
    document = {"version": "https://jsonfeed.org/version/1.1", "items": items}
    return Reply(json.dumps(document).encode(), type="application/feed+json")


def test_events_that_share_one_page_stay_apart_as_they_come_and_go(desk: Desk, web: WebServer) -> None:
    configure(desk, source("agenda", web.url("/agenda")))
    shown = [("un",), ("deux", "un"), ("deux",), ("trois", "deux"), ("un", "deux", "trois"), ("trois",), ("un",)]
    for day, names in enumerate(shown, 2):
        web.pages["/agenda"] = agenda(*names)
        assert desk("collect", now=f"2024-04-{day:02}T09:00:00+02:00").code == 0
    found = desk("articles", "list", "--json").data
    assert sorted(each["title"] for each in found) == ["Visite deux", "Visite trois", "Visite un"]
    assert {each["updated"] for each in found} == {"2024-03-30T11:00:00+01:00"}


def exported(stamp: str) -> Reply:
    event = f"UID:forum@example.org\nDTSTAMP:{stamp}\nDTSTART:20240406T080000Z\nSUMMARY:Forum des associations\n"
    calendar = f"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n{event}END:VEVENT\nEND:VCALENDAR\n"
    return Reply(calendar.replace("\n", "\r\n").encode(), type="text/calendar")


SPELLINGS = ("caf%c3%a9", "café", "./caf%C3%A9")


@pytest.mark.parametrize("first", range(3))
def test_an_address_is_the_same_however_it_is_spelled(desk: Desk, web: WebServer, first: int) -> None:
    spelled = [*SPELLINGS[first:], *SPELLINGS[:first]]
    held = set()
    configure(desk, source("blog", web.url("/feed")))
    for name in spelled:
        web.pages["/feed"] = Reply(feed(name).body, type="application/atom+xml")
        assert desk("collect").code == 0
        held |= {each["id"] for each in desk("articles", "list", "--json").data}
    assert len(held) == 1


def test_an_event_that_is_stamped_at_each_download_keeps_its_date(desk: Desk, web: WebServer) -> None:
    configure(desk, source("agenda", web.url("/agenda.ics")))
    web.pages["/agenda.ics"] = exported("20240402T060000Z")
    assert desk("collect").out.startswith("1 new,")
    web.pages["/agenda.ics"] = exported("20240403T060000Z")
    assert desk("collect", now=LATER).out.startswith("0 new, 0 updated, 1 unchanged")
    [found] = desk("articles", "list", "--json").data
    assert {found["published"], found["updated"]} == {"2024-04-02T08:00:00+02:00"}


def test_a_broken_source_costs_one_line_and_the_others_go_on(desk: Desk, web: WebServer) -> None:
    web.pages["/gone"] = Reply(status=410)
    web.pages["/html"] = Reply(b"<!doctype html><title>Bonjour</title>")
    web.pages["/feed"] = feed("un")
    wanted = {"parti": "/gone", "panne": "/rien", "page": "/html", "blog": "/feed"}
    configure(desk, *(source(name, web.url(path)) for name, path in wanted.items()))
    done = desk("collect")
    assert done.code == 1
    assert [line.partition(":")[0] for line in failures(done)] == ["parti", "panne", "page"]
    assert titles(desk) == {"Billet un"}
    told = desk("status").out.splitlines()
    assert told[0].startswith("parti: 410: source gone")
    assert told[1].startswith("panne: failed: ")
    assert told[3] == "blog: ok, last good fetch 2024-04-02 09:00, 1 articles"
    states = desk("status", "--json").data["sources"]
    assert [states[name]["state"] for name in wanted] == ["gone", "failed", "failed", "ok"]


def test_who_is_gone_or_busy_is_asked_again_only_by_name(desk: Desk, web: WebServer) -> None:
    web.pages["/gone"] = Reply(status=410)
    web.pages["/busy"] = [Reply(status=429, headers={"Retry-After": "7200"}), feed("un")]
    configure(desk, source("parti", web.url("/gone")), source("plein", web.url("/busy")))
    assert desk("collect").code == 1
    asked = len(web.requests)
    soon = "2024-04-02T10:00:00+02:00"
    left = desk("collect", now=soon)
    assert (left.code, len(web.requests)) == (0, asked)
    assert "2024-04-02 11:00" in left.err
    assert desk("collect", "plein", now=soon).code == 0
    assert titles(desk) == {"Billet un"}


def test_a_private_address_is_refused_unless_the_source_allows_it(desk: Desk, web: WebServer) -> None:
    web.pages["/feed"] = feed("un")
    configure(desk, source("blog", web.url("/feed")).replace("private = true\n", ""))
    done = desk("collect")
    assert (done.code, len(failures(done))) == (1, 1)
    assert web.requests == []


PASSWORD = "s3same ouvre:toi@la"


def test_who_signs_in_tells_the_password_to_that_site_alone_and_nobody_sees_it(
    desk: Desk, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSLETTER_SOURCE_PASSWORD", PASSWORD)
    with WebServer() as other:
        item = {"id": "https://blog.example.org/un", "title": "Billet un", "content_html": "<p>Un mot.</p>"}
        item["image"] = other.url("/port.jpg")
        page = {"version": "https://jsonfeed.org/version/1.1", "items": [item], "next_url": web.url("/deux")}
        web.pages["/un"] = Reply(json.dumps(page).encode(), type="application/feed+json")
        web.pages["/deux"] = redirect(other.url("/trois"))
        configure(desk, source("blog", web.url("/un"), user="léa", format="jsonfeed"))
        done = desk("collect")
        assert (done.code, titles(desk)) == (1, {"Billet un"})
        told = f"Basic {base64.b64encode(f'léa:{PASSWORD}'.encode()).decode()}"
        assert [request.headers.get("authorization") for request in web.requests] == [told, told]
        assert {request.headers.get("authorization") for request in other.requests} == {None}
        assert {"/port.jpg", "/trois"} == set(other.paths)
    said = done.out + done.err + desk("status").out + desk("status", "--json").out
    books = b"".join(path.read_bytes() for path in desk.root.glob("newsletter.db*"))
    for secret in (PASSWORD, quote(PASSWORD, safe=""), told.split()[1]):
        assert secret not in said and secret.encode() not in books


def test_a_password_that_is_not_set_costs_one_line(desk: Desk, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSLETTER_SOURCE_PASSWORD", raising=False)
    web.pages["/feed"] = feed("un")
    configure(desk, source("intranet", web.url("/feed"), user="lea"), source("blog", web.url("/feed")))
    done = desk("collect")
    [line] = failures(done)
    assert line.startswith("intranet: NEWSLETTER_SOURCE_PASSWORD: set this variable to the password of lea")
    assert (done.code, titles(desk)) == (1, {"Billet un"})


def test_a_field_that_a_feed_does_not_have_is_told_once_its_format_is_known(desk: Desk, web: WebServer) -> None:
    web.pages["/feed"] = feed("un")
    configure(desk, source("blog", web.url("/feed")) + 'fields = { title = "Titre" }\n')
    done = desk("collect")
    assert (done.code, titles(desk)) == (1, set())
    assert failures(done)[0].startswith("blog: sources.blog.fields.title: is nothing that feed can name; write one of:")


def test_an_unknown_source_is_a_mistake(desk: Desk) -> None:
    done = desk("collect", "nulle-part")
    assert (done.code, "nulle-part: no such source" in done.err) == (2, True)


@pytest.fixture
def site(desk: Desk, web: WebServer) -> Site:
    made = Site()
    web.otherwise = made.answer
    configure(desk, source("presse", web.url("/wp-json/wp/v2/posts?per_page=2"), format="wordpress"))
    return made


def test_every_page_of_an_api_is_read_and_later_only_what_changed(desk: Desk, site: Site, web: WebServer) -> None:
    site.posts = [post(number) for number in range(1, 8)]
    assert desk("collect").out.startswith("7 new,")
    before = len(web.requests)
    site.posts = [post(9, "2024-04-02T08:00:00"), *site.posts]
    assert desk("collect", now=LATER).out.startswith("1 new,")
    read = [request for request in web.requests[before:] if "_fields" not in request.path]
    assert len(read) == 2, "the page with the new one, and the first that brings nothing new"
    assert len(titles(desk)) == 8


def test_a_site_without_any_post_is_no_failure(desk: Desk, site: Site) -> None:
    assert desk("collect").code == 0
    site.posts = [post(1)]
    assert desk("collect", now=LATER).out.startswith("1 new,")


NOTHING = {
    "flux": '<rss version="2.0"><channel><title>Blog</title><link>https://blog.example.org/</link></channel></rss>',
    "json": '{"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": []}',
    "ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//FR\r\nX-WR-CALNAME:Agenda\r\nEND:VCALENDAR\r\n",
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_feed_that_shows_nothing_now_is_no_failure(desk: Desk, web: WebServer, name: str) -> None:
    web.pages["/vide"] = Reply(NOTHING[name].encode(), type="text/plain; charset=utf-8")
    configure(desk, source("vide", web.url("/vide")))
    done = desk("collect")
    assert (done.code, done.out) == (0, "0 new, 0 updated, 0 unchanged, 0 older, 0 failed\n")
    [line] = failures(done)
    assert line.startswith("vide: there is no ")
    desk.write(f"vide.{name}", NOTHING[name])
    assert desk("import", f"vide.{name}").code == 1, "a file is given to be read"
    web.pages["/vide"] = Reply(b"<!doctype html><title>Maintenance</title>")
    assert desk("collect", now=LATER).code == 1


def test_an_article_is_found_by_each_spelling_of_its_addresses(desk: Desk, site: Site) -> None:
    site.posts = [post(1)]
    desk("collect")
    for address in ("communique-1", "?p=1"):
        for start in ("http://", "https://", "http://www.", "https://www."):
            assert desk("articles", "show", f"{start}presse.example.org/{address}").code == 0, (start, address)
    assert desk("articles", "show", "https://example.org/communique-1").code == 1


def test_what_a_site_lists_no_more_is_hidden_and_comes_back(desk: Desk, site: Site) -> None:
    site.posts = [post(number) for number in range(1, 6)]
    desk("collect")
    site.posts = [each for each in site.posts if each["id"] != 3]
    done = desk("collect", now=LATER)
    assert "1 withdrawn" in done.out
    assert titles(desk, "hidden") == {"Communiqué 3"}
    site.posts = [post(number, "2024-04-03T10:00:00") for number in range(1, 6)]
    desk("collect", now=MUCH_LATER)
    assert titles(desk, "hidden") == set()
    assert len(titles(desk)) == 5


def test_what_goes_from_a_source_that_got_another_name_is_hidden(desk: Desk, site: Site) -> None:
    site.posts = [post(number) for number in range(1, 6)]
    site.largest = 2
    desk("collect")
    config = desk.root / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("sources.presse", "sources.journal"), encoding="utf-8")
    site.newest = site.posts[2:]
    desk("collect", now=LATER)
    site.posts = site.posts[:-1]
    assert "1 withdrawn" in desk("collect", now=MUCH_LATER).out
    assert titles(desk, "hidden") == {"Communiqué 5"}


def test_what_goes_from_a_folder_that_became_a_source_is_hidden(desk: Desk) -> None:
    for number in range(3):
        desk.write(f"in/{number}.md", f"---\ntitle: Mot {number}\ndate: 2024-03-26\n---\nUn texte.\n")
    assert desk("import", "in").code == 0
    configure(desk, '[sources.in]\npath = "in"')
    assert desk("collect", now=LATER).code == 0
    (desk.root / "in" / "1.md").unlink()
    assert "1 withdrawn" in desk("collect", now=MUCH_LATER).out
    assert titles(desk, "hidden") == {"Mot 1"}


def test_an_address_to_which_an_article_moved_is_its_own_in_every_spelling(desk: Desk, site: Site) -> None:
    site.posts = [post(1)]
    desk("collect")
    moved = "presse.example.org/nouvelles/un"
    site.posts = [post(1, "2024-04-03T08:00:00") | {"link": f"http://www.{moved}"}]
    assert "1 updated" in desk("collect", now=LATER).out
    desk.write("un.md", f"---\ntitle: Communiqué 1\nurl: https://{moved}\ndate: 2024-03-26\n---\nUn mot.\n")
    assert desk("import", "un.md", now=MUCH_LATER).out.startswith("0 new")


def ids(desk: Desk) -> dict[str, str]:
    return {each["title"]: each["id"] for each in desk("articles", "list", "--json").data if each["state"] == "ready"}


@pytest.mark.parametrize("back", [1, 9], ids=["first", "after all others"])
def test_what_was_withdrawn_and_is_listed_again_as_it_was_comes_back(
    desk: Desk, site: Site, web: WebServer, back: int
) -> None:
    site.posts = [post(number) for number in range(1, 10)]
    site.largest = 3
    desk("collect")
    held, every = ids(desk), site.posts
    site.posts = [each for each in every if each["id"] not in {5, back}]
    assert "2 withdrawn" in desk("collect", now=LATER).out
    assert desk("collect", now=LATER).code == 0
    site.posts = [each for each in every if each["id"] != 5]
    site.newest = [each for each in site.posts if each["id"] != back]
    done = desk("collect", now=MUCH_LATER)
    assert (done.code, "1 updated" in done.out, "withdrawn" in done.out) == (0, True, False)
    assert ids(desk) == {title: id for title, id in held.items() if title != "Communiqué 5"}
    before = len(web.requests)
    assert desk("collect", now=MUCH_LATER).code == 0
    assert sum("_fields" not in request.path for request in web.requests[before:]) == 1, (
        "what is still gone costs nothing"
    )


@pytest.mark.parametrize("turn", [1, -1], ids=["capitals later", "capitals first"])
def test_what_is_listed_under_another_spelling_is_not_gone(desk: Desk, site: Site, turn: int) -> None:
    spelled = [f"https://www.presse.example.org/{name}" for name in SPELLINGS[:2]][::turn]
    site.posts = [post(number) | {"guid": {"rendered": ""}} for number in range(1, 5)]
    site.posts[0]["link"] = spelled[0]
    desk("collect")
    site.posts[0] = site.posts[0] | {"link": spelled[1]}
    site.newest = site.posts[1:]
    done = desk("collect", now=LATER)
    assert (done.code, "withdrawn" in done.out, len(titles(desk))) == (0, False, 4)


def test_what_moved_to_a_page_already_seen_while_it_was_listed_is_not_gone(desk: Desk, site: Site) -> None:
    site.posts = [post(number) for number in range(1, 10)]
    site.largest = 3
    desk("collect")
    site.deleted = site.posts[:1]  # so that the fourth becomes the third, when the first three were seen
    assert "withdrawn" not in desk("collect", now=LATER).out
    assert (len(titles(desk)), titles(desk, "hidden")) == (9, set())
    assert "1 withdrawn" in desk("collect", now=MUCH_LATER).out
    assert titles(desk, "hidden") == {"Communiqué 1"}


def test_what_stands_beyond_the_last_page_that_is_read_is_not_gone(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.posts = [post(number) for number in range(1, 10)]
    site.largest = 3
    desk("collect")
    monkeypatch.setattr("newsletter.pipeline.collecting.PAGES", 2)
    done = desk("collect", now=LATER)
    assert (done.code, len(titles(desk))) == (1, 9)
    assert "lists more than 2 pages" in failures(done)[0]


@pytest.mark.parametrize("size", [5, 3], ids=["on the last of two pages", "with more to follow"])
def test_nothing_is_gone_from_a_site_that_shows_one_page_again_and_again(desk: Desk, site: Site, size: int) -> None:
    site.posts = [post(number) for number in range(1, 10)]
    desk("collect")
    site.largest, site.stuck = size, True
    done = desk("collect", now=LATER)
    assert (done.code, "withdrawn" in done.out, len(titles(desk))) == (1, False, 9)
    [line] = failures(done)
    assert line.startswith("presse: shows the same page again")
    site.stuck = False
    assert desk("collect", now=MUCH_LATER).code == 0


def test_a_site_that_shows_one_page_again_and_again_is_read_whole_once_it_is_well(desk: Desk, site: Site) -> None:
    site.posts = [post(number) for number in range(1, 10)]
    site.largest, site.stuck = 4, True
    done = desk("collect")
    assert (done.code, len(failures(done))) == (1, 1)
    site.stuck = False
    assert desk("collect", now=LATER).code == 0
    assert len(titles(desk)) == 9


def node(number: int) -> dict[str, object]:
    attributes = {"drupal_internal__nid": number, "title": f"Nouvelle {number}", "created": "2024-03-25T10:00:00Z"}
    return {"type": "node--article", "id": f"n-{number}", "attributes": attributes}


def test_nothing_is_gone_where_every_page_is_the_first_and_promises_another(desk: Desk, web: WebServer) -> None:
    def answer(path: str, shown: int = 4) -> Reply:
        links = {"self": {"href": web.url(path)}, "next": {"href": web.url(f"{path}&page[offset]={len(path)}")}}
        links = links if shown == 4 else {}
        document = {"jsonapi": {}, "data": [node(number) for number in range(1, shown + 1)], "links": links}
        return Reply(json.dumps(document).encode(), type="application/json")

    web.otherwise = lambda path: answer(path, 9)
    configure(desk, source("centre", web.url("/jsonapi/node/article"), format="drupal"))
    assert desk("collect").code == 0
    web.otherwise = answer
    done = desk("collect", now=LATER)
    assert (done.code, "withdrawn" in done.out, len(titles(desk))) == (1, False, 9)
    [line] = failures(done)
    assert line.startswith("centre: shows the same page again")


@pytest.mark.parametrize("format", ["drupal", "wordpress"])
def test_a_site_that_promises_pages_for_ever_is_not_followed_for_ever(desk: Desk, web: WebServer, format: str) -> None:
    asked = iter(range(1000, 9000))

    def answer(path: str) -> Reply:
        """Show four articles whatever is asked, each time in other bytes, and promise another page."""
        links = {"self": {"href": web.url(path)}, "next": {"href": web.url(f"/site?page[offset]={next(asked)}")}}
        document = {"jsonapi": {}, "data": [node(number) for number in range(1, 5)], "links": links}
        posts = [post(number) | {"likes": next(asked)} for number in range(1, 5)]
        shown = document if format == "drupal" else posts
        return Reply(json.dumps(shown).encode(), type="application/json", headers={"X-WP-TotalPages": "4000"})

    web.otherwise = answer
    configure(desk, source("site", web.url("/site"), format=format))
    for now in (NOW, LATER):
        before = len(web.requests)
        done = desk("collect", now=now)
        assert (done.code, "withdrawn" in done.out, len(titles(desk))) == (1, False, 4)
        [line] = failures(done)
        assert line.startswith("site: shows the same page again")
        assert len(web.requests) - before < 5


def test_a_json_feed_whose_next_page_is_itself_is_read_once(desk: Desk, web: WebServer) -> None:
    document = json.loads(agenda("un", "deux").body) | {"next_url": web.url("/agenda")}
    web.pages["/agenda"] = Reply(json.dumps(document).encode(), type="application/feed+json")
    configure(desk, source("agenda", web.url("/agenda")))
    assert (desk("collect").code, len(web.requests), len(titles(desk))) == (0, 2, 2)


def test_a_page_of_which_everything_is_withheld_does_not_end_a_listing(desk: Desk, web: WebServer) -> None:
    def answer(path: str) -> Reply:
        """Show three pages; of the second one Drupal leaves out everything, as nobody may see it."""
        page = int(parse_qs(urlsplit(path).query).get("page[offset]", ["0"])[0])
        links = {"self": {"href": web.url(path)}}
        if page < 2:
            links["next"] = {"href": web.url(f"/jsonapi/node/article?page[offset]={page + 1}")}
        shown = [node(page + 1)] if page != 1 else []
        return Reply(json.dumps({"jsonapi": {}, "data": shown, "links": links}).encode(), type="application/json")

    web.otherwise = answer
    configure(desk, source("centre", web.url("/jsonapi/node/article"), format="drupal"))
    for now in (NOW, LATER):
        done = desk("collect", now=now)
        assert (done.code, "withdrawn" in done.out) == (0, False)
    assert (titles(desk), titles(desk, "hidden")) == ({"Nouvelle 1", "Nouvelle 3"}, set())


def test_a_listing_ends_when_everything_was_seen(desk: Desk, site: Site, web: WebServer) -> None:
    site.posts = [post(number) for number in range(1, 10)]
    site.largest = 3
    desk("collect")
    before = len(web.requests)
    site.posts += [post(number, "2024-03-01T10:00:00") for number in range(10, 100)]
    desk("collect", now=LATER)
    assert sum("_fields" in request.path for request in web.requests[before:]) == 3


def test_most_of_a_source_gone_at_once_is_taken_for_a_mistake(desk: Desk, site: Site) -> None:
    site.posts = [post(number) for number in range(1, 16)]
    desk("collect")
    site.posts = site.posts[:2]
    done = desk("collect", now=LATER)
    assert (done.code, len(titles(desk))) == (1, 15)
    assert "13 of its 15 articles are gone at once" in done.err
    done = desk("collect", "--withdraw", now=MUCH_LATER)
    assert (done.code, len(titles(desk))) == (0, 2)


def test_a_deleted_file_withdraws_its_article_unless_another_source_has_it(desk: Desk) -> None:
    configure(desk, '\n[sources.articles]\npath = "articles"\n')
    for name in ("un", "deux", "trois"):
        desk.article(name)
    desk("collect")
    (desk.root / "articles/deux.md").unlink()
    done = desk("import", "articles", now=LATER)
    assert "1 withdrawn" in done.out
    assert titles(desk, "hidden") == {"L’article deux"}
    desk.article("deux")
    assert "1 updated" in desk("import", "articles", now=MUCH_LATER).out
    assert titles(desk, "hidden") == set()


def test_a_row_that_was_deleted_is_gone_though_the_clock_stands_still(desk: Desk) -> None:
    configure(desk, '\n[sources.tables]\npath = "tables"\nformat = "csv"\n')
    rows = ["Titre;Date;Texte", *(f"Visite {name};26/03/2024;Un mot." for name in ("un", "deux", "trois"))]
    table = desk.write("tables/agenda.csv", "\n".join(rows))
    for _ in range(3):
        assert "withdrawn" not in desk("import", "tables").out
    table.write_text("\n".join(rows[:2] + rows[3:]), encoding="utf-8")
    assert "1 withdrawn" in desk("import", "tables").out
    assert titles(desk, "hidden") == {"Visite deux"}
    table.write_text("\n".join(rows), encoding="utf-8")
    assert "withdrawn" not in desk("import", "tables").out
    assert titles(desk, "hidden") == set()


FOLDER = """
[sources.articles]
path = "articles"
"""


def test_all_of_a_small_folder_gone_is_taken_for_a_mistake(desk):
    desk.write("config.toml", (desk.root / "config.toml").read_text(encoding="utf-8") + FOLDER)
    for name in ("un", "deux"):
        desk.article(name)
    desk("collect")
    for name in ("un", "deux"):
        (desk.root / f"articles/{name}.md").unlink()
    done = desk("collect")
    assert done.code == 1
    assert "2 of its 2 articles are gone at once" in done.err
    desk.article("deux")
    assert "1 withdrawn" in desk("collect").out


def test_a_withdrawn_article_says_since_when(desk):
    desk.write("config.toml", (desk.root / "config.toml").read_text(encoding="utf-8") + FOLDER)
    for name in ("un", "deux"):
        desk.article(name)
    desk("collect")
    (desk.root / "articles/un.md").unlink()
    desk("collect", now="2024-04-03T09:00:00+02:00")
    assert desk("articles", "show", "articles/un", "--json").data["withdrawn"] == "2024-04-03T09:00:00+02:00"
    assert "its sources have it no more" in desk("articles", "show", "articles/un").out
    assert "withdrawn  L’article un" in desk("articles", "list").out
    assert {each["withdrawn"] for each in desk("articles", "list", "--json").data} == {
        None,
        "2024-04-03T09:00:00+02:00",
    }


def test_a_file_that_broke_is_not_gone(desk: Desk) -> None:
    configure(desk, '\n[sources.articles]\npath = "articles"\n')
    desk.article("un")
    desk("collect")
    desk.write("articles/un.md", "---\ntitle: [\n---\n")
    done = desk("collect", now=LATER)
    assert (done.code, titles(desk)) == (1, {"L’article un"})


def test_reading_the_kept_inputs_again_brings_nothing_back_that_is_gone(desk: Desk) -> None:
    configure(desk, '\n[sources.articles]\npath = "articles"\n')
    for name in ("un", "deux", "trois"):
        desk.article(name)
    desk("collect")
    (desk.root / "articles/deux.md").unlink()
    assert "1 withdrawn" in desk("collect", now=LATER).out
    assert desk("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 2 unchanged")
    assert titles(desk, "hidden") == {"L’article deux"}


def test_what_could_not_be_had_is_tried_again_though_the_feed_did_not_change(desk: Desk, web: WebServer) -> None:
    names = {name: web.url(f"/media/{name}") for name in ("port.jpg", "plan.pdf", "quai.jpg", "perdu.jpg")}
    item = {
        "id": "https://blog.example.org/port",
        "title": "Le port",
        "content_html": f'<p>Le port. <img src="{names["quai.jpg"]}" alt="Le quai"></p>',
        "date_published": "2024-03-30T10:00:00Z",
        "image": names["port.jpg"],
        "attachments": [{"url": names["plan.pdf"], "mime_type": "application/pdf", "title": "Le plan"}],
    }
    other = item | {"id": "https://blog.example.org/quai", "title": "Le quai", "image": names["perdu.jpg"]}
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [item, other]}
    web.pages["/feed.json"] = Reply(json.dumps(document).encode(), type="application/feed+json", etag='"un"')
    configure(desk, source("blog", web.url("/feed.json")))
    desk("collect")
    before = desk("articles", "show", "https://blog.example.org/port", "--json").data
    assert (before["image"], before["attachments"][0]["url"]) == (None, names["plan.pdf"])

    web.pages["/media/port.jpg"] = web.pages["/media/quai.jpg"] = Reply(jpeg(), type="image/jpeg")
    web.pages["/media/plan.pdf"] = Reply(b"%PDF-1.7\n%plan\n", type="application/pdf")
    asked = len(web.requests)
    soon = desk("collect", now="2024-04-02T10:00:00+02:00")
    assert (soon.code, web.paths[asked:]) == (0, ["/feed.json"]), "not so soon"
    done = desk("collect", now=LATER)
    assert (done.code, done.out.splitlines()[0]) == (0, "0 new, 2 updated, 0 unchanged, 0 older, 0 failed")
    after = desk("articles", "show", "https://blog.example.org/port", "--json").data
    ours = "https://www.troisrivieres.example.org/media/"
    assert [after[key]["url"].startswith(ours) for key in ("image",)] == [True]
    assert after["attachments"][0]["url"].startswith(ours)
    assert f'<img src="{ours}' in after["html"]
    assert (after["updated"], after["arrival"]) == (before["updated"], before["arrival"])
    assert web.requests[-1].headers["if-none-match"] == '"un"'

    asked = len(web.requests)
    desk("collect", now="2024-04-04T10:00:00+02:00")
    assert sorted(web.paths[asked:]) == ["/feed.json", "/media/perdu.jpg"], "what came is not asked for again"
    asked = len(web.requests)
    desk("collect", now="2024-06-04T10:00:00+02:00")
    assert web.paths[asked:] == ["/feed.json"], "not for ever"


def jpeg() -> bytes:
    photo = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(photo, "JPEG")
    return photo.getvalue()


def test_pictures_and_files_of_a_site_come_home(desk: Desk, web: WebServer) -> None:
    web.pages["/media/port.jpg"] = Reply(jpeg(), type="image/jpeg")
    web.pages["/media/plan.pdf"] = Reply(b"%PDF-1.7\n%plan\n", type="application/pdf")
    web.pages["/media/logo.svg"] = Reply(b"<svg xmlns='http://www.w3.org/2000/svg'/>", type="image/svg+xml")
    names = {name: web.url(f"/media/{name}") for name in ("port.jpg", "plan.pdf", "logo.svg")}
    html = (
        f'<p>Le port.</p><p><img src="{names["port.jpg"]}" alt="Le port"><img src="{names["logo.svg"]}" alt="Logo"></p>'
    )
    item = {
        "id": "https://blog.example.org/port",
        "url": "https://blog.example.org/port",
        "title": "Le port",
        "content_html": html,
        "date_published": "2024-03-30T10:00:00Z",
        "attachments": [{"url": names["plan.pdf"], "mime_type": "application/pdf", "title": "Le plan"}],
    }
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": [item]}
    web.pages["/feed.json"] = Reply(json.dumps(document).encode(), type="application/feed+json")
    configure(desk, source("blog", web.url("/feed.json")))
    done = desk("collect")
    assert (done.code, "1 new" in done.out) == (0, True)
    found = desk("articles", "show", "https://blog.example.org/port", "--json").data
    ours = "https://www.troisrivieres.example.org/media/"
    assert f'<img src="{ours}' in found["html"]
    assert f'<a href="{names["logo.svg"]}">Logo</a>' in found["html"]
    assert [each["url"].startswith(ours) for each in found["attachments"]] == [True]
    assert (found["attachments"][0]["size"], found["attachments"][0]["size_exact"]) == (15, True)
    asked = len(web.requests)
    desk("collect", now=LATER)
    assert len(web.requests) == asked + 1, "the feed alone"
    assert desk("articles", "reparse", now=LATER).out.startswith("0 new, 0 updated, 1 unchanged")
    assert len(web.requests) == asked + 1
