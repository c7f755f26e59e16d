"""What stands at an address, and what becomes of everything that is not a plain answer."""

import contextlib
import gzip
import subprocess
import sys
import threading
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import __version__
from newsletter.errors import BusyError, FetchError, GoneError
from newsletter.fetching import Fetcher, Limits, agent
from newsletter.fetching.address import parse, shown
from newsletter.fetching.errand import Errand
from newsletter.fetching.trouble import Trouble
from newsletter.fetching.wire import Watch
from tests.web_server import MEBIBYTE, Reply, WebServer, bomb, redirect

US = agent("https://www.example.org/contact")
PATIENT = Limits(silence=60, seconds=60)


def everywhere(host, port):
    """Every name is this machine."""
    return ["127.0.0.1"]


@pytest.fixture
def fetcher():
    with Fetcher(US, PATIENT, resolve=everywhere) as one:
        yield one


def get(fetcher, url, **more):
    return fetcher.get(url, private=True, **more)


def complaint(fetcher, url, **more):
    """The one line that staff read."""
    with pytest.raises(FetchError) as caught:
        get(fetcher, url, **more)
    line = str(caught.value)
    assert "\n" not in line
    assert line.isprintable()
    assert "; " in line
    return line


# The page


def test_a_page_is_given_with_what_its_header_says(web, fetcher):
    web.pages["/feed"] = Reply("été".encode(), type='Application/Atom+XML; x=1; Charset="UTF-8"', etag='"7"')
    page = get(fetcher, web.url("/feed"))
    assert (page.url, page.status, page.body) == (web.url("/feed"), 200, "été".encode())
    assert (page.type, page.charset, page.etag, page.modified, page.moved) == (
        "application/atom+xml", "utf-8", '"7"', "", "",
    )  # fmt: skip
    assert page.headers["etag"] == '"7"'


def test_a_header_without_type_or_charset_gives_nothing(web, fetcher):
    web.pages["/"] = Reply(type="")
    page = get(fetcher, web.url("/"))
    assert (page.type, page.charset) == ("", "")


def test_a_header_line_that_stands_there_twice_is_joined(web, fetcher):
    web.pages["/"] = Reply(raw=b"HTTP/1.1 200 OK\r\nLink: <a>\r\nLink: <b>\r\nContent-Length: 0\r\n\r\n")
    assert get(fetcher, web.url("/")).headers["link"] == "<a>, <b>"


def test_we_say_who_we_are_and_take_nothing_along(web, fetcher, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.pages["/"] = Reply(headers={"Set-Cookie": "who=we; Path=/"})
    get(fetcher, web.url("/"))
    get(fetcher, web.url("/"))
    for request in web.requests:
        assert request.headers == {
            "host": f"127.0.0.1:{web.port}",
            "user-agent": f"newsletter/{__version__} (+https://www.example.org/contact)",
            "accept": "*/*",
            "accept-encoding": "gzip",
        }


def test_who_we_are_cannot_break_the_header():
    assert (
        agent("Léa (presse)\r\nX: 1 <lea@example.org>") == f"newsletter/{__version__} (+LapresseX:1<lea@example.org>)"
    )


def test_the_connection_is_kept_for_the_next_request(web, fetcher):
    web.pages["/"] = Reply(etag='"1"')
    web.pages["/old"] = redirect("/")
    for path in ("/", "/old", "/missing", "/"):
        if path == "/missing":
            complaint(fetcher, web.url(path))
        else:
            get(fetcher, web.url(path), etag='"1"')
    assert len(web.paths) == 5
    assert web.lines == 1


def test_a_connection_that_ended_meanwhile_is_made_anew_once(web, fetcher):
    left = Reply(raw=b"")
    web.pages["/"] = [Reply(b"1"), left, Reply(b"2"), left, left]
    assert get(fetcher, web.url("/")).body == b"1"
    assert get(fetcher, web.url("/")).body == b"2"
    complaint(fetcher, web.url("/"))
    assert len(web.paths) == 5
    complaint(fetcher, web.url("/"))
    assert len(web.paths) == 6


# Was it changed?


def test_what_is_as_it_was_is_not_sent_again(web, fetcher):
    web.pages["/"] = Reply(b"<feed/>", etag='W/"7"', modified="Tue, 26 Mar 2024 14:15:00 GMT")
    first = get(fetcher, web.url("/"))
    for known in ({"etag": first.etag}, {"modified": first.modified}):
        again = get(fetcher, web.url("/"), **known)
        assert (again.status, again.body) == (304, b"")
        assert (again.etag, again.modified) == (first.etag, first.modified)
    web.pages["/"] = Reply(b"<feed>new</feed>", etag='W/"8"')
    assert get(fetcher, web.url("/"), etag=first.etag).body == b"<feed>new</feed>"


def test_a_304_that_names_no_etag_leaves_the_old_one(web, fetcher):
    web.pages["/"] = Reply(status=304)
    page = get(fetcher, web.url("/"), etag='"7"', modified="Tue, 26 Mar 2024 14:15:00 GMT")
    assert (page.etag, page.modified) == ('"7"', "Tue, 26 Mar 2024 14:15:00 GMT")


def test_a_304_that_nobody_asked_for_is_no_answer(web, fetcher):
    web.pages["/"] = Reply(status=304)
    assert "304" in complaint(fetcher, web.url("/"))


@pytest.mark.parametrize("etag", ['"é"', '"œuvre"', '"\udc00"'])
def test_an_etag_of_any_letters_is_given_back(web, fetcher, etag):
    web.pages["/"] = Reply(b"<feed/>")
    assert get(fetcher, web.url("/"), etag=etag).body == b"<feed/>"


def test_an_etag_cannot_begin_another_header(web, fetcher):
    web.pages["/"] = Reply(b"<feed/>")
    complaint(fetcher, web.url("/"), etag='"1"\r\nAuthorization: Basic eA==')
    assert web.requests == []


# Packed, large, broken


def test_gzip_is_unpacked(web, fetcher):
    web.pages["/one"] = Reply(b"abc" * 100_000, packed=True)
    web.pages["/two"] = Reply(
        gzip.compress(b"abc", mtime=0) + gzip.compress(b"def"), headers={"Content-Encoding": "x-gzip"}
    )
    assert get(fetcher, web.url("/one")).body == b"abc" * 100_000
    assert get(fetcher, web.url("/two")).body == b"abcdef"


def test_a_gigabyte_in_a_megabyte_costs_no_memory(web, fetcher):
    web.pages["/"] = Reply(bomb(1024 * MEBIBYTE), headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        line = complaint(fetcher, web.url("/"), largest=4 * MEBIBYTE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "larger than 4,194,304 bytes" in line
    assert peak < 20 * MEBIBYTE


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"x" * 1000),
        Reply(b"x" * 1000, packed=True),
        Reply(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000),
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n"),
    ],
    ids=["length", "packed", "until the end", "chunks"],
)
def test_a_body_may_have_as_many_bytes_as_allowed_and_not_one_more(web, fetcher, reply):
    web.pages["/"] = reply
    assert len(get(fetcher, web.url("/"), largest=1000).body) == 1000
    assert "larger than 999 bytes" in complaint(fetcher, web.url("/"), largest=999)


def test_a_body_without_end_is_left_when_it_is_too_large(web):
    web.pages["/"] = Reply(drip=b"x" * 1000)
    with Fetcher(US, Limits(largest=10_000, silence=60, seconds=60)) as fetcher:
        assert "larger than 10,000 bytes" in complaint(fetcher, web.url("/"))


def test_a_body_that_is_announced_as_too_large_is_not_waited_for(web, fetcher):
    web.pages["/"] = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", stall=True)
    assert "larger than" in complaint(fetcher, web.url("/"))


PACKED = gzip.compress(b"abc" * 1000, mtime=0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (PACKED[:-9], "incomplete"),
        (PACKED[:5], "incomplete"),
        (b"", "incomplete"),
        (PACKED[:-4] + b"\0\0\0\1", "damaged"),
        (b"<feed/>", "damaged"),
        (PACKED + b"<feed/>", "damaged"),
    ],
)
def test_broken_gzip_is_refused(web, fetcher, body, words):
    web.pages["/"] = Reply(body, headers={"Content-Encoding": "gzip"})
    assert words in complaint(fetcher, web.url("/"))


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "\x9b31mred"])
def test_what_was_packed_otherwise_is_refused(web, fetcher, coding):
    web.pages["/"] = Reply(b"...", headers={"Content-Encoding": coding})
    assert "is packed as" in complaint(fetcher, web.url("/"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"half", length=100),
        Reply(raw=b""),
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        Reply(raw=b"220 ftp.example.org ready\r\n"),
        Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000),
    ],
    ids=["cut", "nothing", "cut between chunks", "another protocol", "endless header"],
)
def test_half_an_answer_is_none(web, fetcher, reply):
    web.pages["/"] = reply
    assert "does not speak HTTP as it should, or hung up" in complaint(fetcher, web.url("/"))


# Time


def test_silence_is_not_waited_for(web):
    web.pages["/"] = Reply(stall=True)
    with Fetcher(US, Limits(silence=0.1, seconds=60)) as fetcher:
        assert "does not answer in time" in complaint(fetcher, web.url("/"))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(drip=b"x"),
        Reply(raw=b"HTTP/1.1 200 OK\r\nX: ", drip=b"x"),
        Reply(raw=b"", drip=b"HTTP/1.1 100 Continue\r\n\r\n"),
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", drip=b"x"),
        Reply(raw=b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 9999\r\n\r\n", drip=b"x"),
    ],
    ids=["body", "header", "patience", "chunk", "redirect"],
)
def test_a_drip_ends_with_the_time_for_all(web, reply):
    web.pages["/"] = reply
    with Fetcher(US, Limits(silence=60, seconds=0.3)) as fetcher:
        assert "takes too long in all" in complaint(fetcher, web.url("/"))


def test_no_wait_is_longer_than_the_time_that_is_left():
    watch, errand = Watch(silence=60), Errand(headers={}, private=False, largest=1, seconds=5)
    with watch.running(errand):
        assert watch.left(60) <= 5
        assert watch.left(1) == 1
    assert errand.seconds < 5


def test_the_time_for_all_holds_over_redirects(web):
    web.pages["/"] = redirect("/slow")
    web.pages["/slow"] = Reply(drip=b"x")
    with Fetcher(US, Limits(silence=60, seconds=0.3)) as fetcher:
        assert "/slow: takes too long in all" in complaint(fetcher, web.url("/"))


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(web, fetcher, status):
    web.pages["/actus/"] = redirect("../fil?page=1#haut", status)
    web.pages["/fil?page=1"] = Reply(b"<feed/>")
    page = get(fetcher, web.url("/actus/"))
    assert (page.url, page.body) == (web.url("/fil?page=1"), b"<feed/>")
    assert page.moved == (page.url if status in (301, 308) else "")


def test_an_address_has_moved_only_if_every_step_says_so(web, fetcher):
    web.pages |= {"/a": redirect("/b", 301), "/b": redirect("/c", 308), "/c": Reply(), "/d": redirect("/e", 302)}
    web.pages["/e"] = redirect("/c", 301)
    assert get(fetcher, web.url("/a")).moved == web.url("/c")
    assert get(fetcher, web.url("/d")).moved == ""


def test_five_redirects_are_followed_and_no_more(web, fetcher):
    web.pages |= {f"/{n}": redirect(f"/{n + 1}") for n in range(6)} | {"/6": Reply()}
    assert get(fetcher, web.url("/1")).url == web.url("/6")
    assert "one redirect more than 5" in complaint(fetcher, web.url("/0"))


def test_a_location_in_any_alphabet_is_followed(web, fetcher):
    web.pages["/"] = Reply(status=302, headers={"Location": "/actualités".encode().decode("latin-1")})
    web.pages["/actualit%C3%A9s"] = Reply(b"<feed/>")
    assert get(fetcher, web.url("/")).body == b"<feed/>"


@pytest.mark.parametrize(
    "location",
    ["", "file:///etc/passwd", "javascript:alert(1)", "ftp://www.example.org/", "http://[::1", "http://*/"],
)
def test_a_redirect_to_nowhere_is_no_answer(web, fetcher, location):
    web.pages["/"] = redirect(location)
    assert "is redirected" in complaint(fetcher, web.url("/"))
    assert web.paths == ["/"]


def test_what_was_known_is_asked_for_also_where_it_moved(web, fetcher):
    web.pages |= {"/old": redirect("/new", 301), "/new": Reply(b"<feed/>", etag='"7"')}
    page = get(fetcher, web.url("/old"), etag='"7"')
    assert (page.status, page.moved) == (304, web.url("/new"))


# Passwords


def sent(web):
    return [request.headers.get("authorization") for request in web.requests]


def test_a_password_is_told_to_its_server_only(web, fetcher):
    with WebServer({"/": Reply()}) as other:
        web.pages |= {"/a": redirect("/b"), "/b": redirect(other.url("/"))}
        page = get(fetcher, web.url("/a").replace("//", "//l%C3%A9a:se%40cret@"))
        assert page.url == other.url("/")
        assert sent(web) == ["Basic bMOpYTpzZUBjcmV0"] * 2
        assert sent(other) == [None]


def test_a_password_of_any_letters_is_told(web, fetcher):
    web.pages["/"] = Reply()
    get(fetcher, web.url("/").replace("//", "//œ:ü@"))
    assert sent(web) == ["Basic xZM6w7w="]


def test_a_password_is_not_told_to_another_name_of_the_same_server(web, fetcher):
    web.pages |= {"/a": redirect(web.url("/b", host="www.example.org")), "/b": Reply()}
    get(fetcher, web.url("/a").replace("//", "//lea:secret@"))
    assert sent(web)[1:] == [None]


def test_a_password_does_not_come_back_from_elsewhere(web, fetcher):
    with WebServer({"/": redirect(web.url("/b"))}) as other:
        web.pages |= {"/a": redirect(other.url("/")), "/b": Reply()}
        get(fetcher, web.url("/a").replace("//", "//lea:secret@"))
        assert sent(web)[1:] == [None]


def test_a_redirect_cannot_choose_a_password(web, fetcher):
    web.pages |= {"/a": redirect(web.url("/b").replace("//", "//lea:secret@")), "/b": Reply()}
    assert get(fetcher, web.url("/a")).url == web.url("/b")
    assert sent(web) == [None, None]


def test_a_password_goes_from_http_to_https_of_the_same_host_and_never_to_another_port():
    office = parse("http://lea:secret@www.example.org/")
    assert office.trusts(parse("https://www.example.org/x"))
    assert not office.trusts(parse("https://www.example.org:8443/x"))
    assert not office.trusts(parse("http://www.example.org:8080/"))
    assert not parse("https://lea:secret@www.example.org/").trusts(parse("http://www.example.org/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://lea:secret@127.0.0.1:{port}/missing",
        "http://lea:secret@127.0.0.1:{port}/elsewhere",
        "http://lea:secret@127.0.0.1:{port}/nowhere",
        "ftp://lea:secret@127.0.0.1/",
        "http://lea:secret@[::1",
        "http://lea:secret@127.0.0.1:99999999/",
        "http:lea:secret@127.0.0.1/",
        "lea:secret@127.0.0.1",
        "http://lea:sec/secret@ret@[127.0.0.1/",
        "http://lea:secret@www.example..org/",
    ],
)
def test_a_password_is_never_printed(web, fetcher, url):
    web.pages |= {"/elsewhere": redirect("https://lea:secret@[bad"), "/nowhere": redirect("ftp://lea:secret@x/")}
    assert "secret" not in complaint(fetcher, url.format(port=web.port))


# What servers say instead


def test_gone_is_for_ever(web, fetcher):
    web.pages |= {"/old": redirect("/gone", 301), "/gone": Reply(status=410)}
    with pytest.raises(GoneError, match=r"410 Gone; remove the source"):
        get(fetcher, web.url("/old"))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "404 Not Found; check the address"),
        (401, "401 Unauthorized; it wants a user and a password: write user into the source"),
        (403, "403 Forbidden; it does not let us in"),
        (500, "500 Internal Server Error; try later"),
        (204, "204 No Content; check"),
        (299, "299; check"),
        (304, "304 Not Modified"),
        (300, "300 Multiple Choices"),
    ],
)
def test_any_other_answer_is_one_line(web, fetcher, status, words):
    web.pages["/"] = Reply(status=status)
    with pytest.raises(FetchError) as caught:
        get(fetcher, web.url("/"))
    assert type(caught.value) is FetchError
    assert str(caught.value).startswith(web.url("/") + ": answers " + words)


def test_what_a_server_writes_is_not_printed(web, fetcher):
    web.pages["/"] = Reply(raw=b"HTTP/1.1 404 \x9b31mPay here: evil.example.com\r\nContent-Length: 0\r\n\r\n")
    assert "evil" not in complaint(fetcher, web.url("/"))


# Politeness


NOON = "Tue, 26 Mar 2024 12:00:00 GMT"
BUSY = [
    ("30", 30),
    ("31", 31),
    ("0", 0),
    ("Tue, 26 Mar 2024 12:00:20 GMT", 20),
    ("Tue, 26 Mar 2024 13:00:00 GMT", 3600),
    ("Tue, 26 Mar 2024 11:00:00 GMT", 0),
    ("", None),
    ("soon", None),
    ("-5", None),
    ("9" * 5000, None),
    ("Tue, 99 Mar 99999999999999999999 99:99:99 GMT", None),
]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("said", "seconds"), BUSY)
def test_a_busy_server_is_given_the_rest_that_it_asks_for(web, status, said, seconds):
    rests = []
    web.pages["/"] = Reply(raw=f"HTTP/1.1 {status} Busy\r\nDate: {NOON}\r\nRetry-After: {said}\r\n\r\n".encode())
    with Fetcher(US, PATIENT, rest=rests.append) as fetcher, pytest.raises(BusyError) as caught:
        get(fetcher, web.url("/"))
    assert caught.value.seconds == seconds
    assert str(status) in str(caught.value)
    short = seconds is not None and seconds <= 30
    assert rests == [seconds] * short
    assert len(web.paths) == 1 + short


@pytest.mark.parametrize("said", ["Fri, 31 Dec 9999 23:59:59 GMT", "999999999", "691200"])
def test_who_asks_for_longer_than_a_week_is_asked_again_after_one(web, said):
    web.pages["/"] = Reply(status=429, headers={"Retry-After": said})
    with (
        Fetcher(US, PATIENT) as fetcher,
        pytest.raises(BusyError, match="try again in 7 days, though it names a later"),
    ):
        get(fetcher, web.url("/"))


def test_without_a_clock_of_its_own_the_server_is_believed_by_ours(web):
    rests = []
    busy = f"HTTP/1.1 503 Busy\r\nRetry-After: {NOON}\r\nContent-Length: 0\r\n\r\n"
    web.pages["/"] = [Reply(raw=busy.encode()), Reply(b"<feed/>")]
    with Fetcher(US, PATIENT, rest=rests.append, now=lambda: 1711454395.0) as fetcher:  # five seconds before noon
        assert get(fetcher, web.url("/")).body == b"<feed/>"
    assert rests == [5]


def test_one_visit_rests_once_also_after_a_redirect(web):
    rests = []
    busy = Reply(status=503, headers={"Retry-After": "1"})
    web.pages |= {"/a": [busy, redirect("/b")], "/b": [busy, Reply()]}
    with Fetcher(US, PATIENT, rest=rests.append) as fetcher, pytest.raises(BusyError):
        get(fetcher, web.url("/a"))
    assert rests == [1]
    assert web.paths == ["/a", "/a", "/b"]


def test_a_rest_does_not_count_as_time(web):
    web.pages["/"] = [Reply(status=503, headers={"Retry-After": "20"}), Reply(b"<feed/>")]
    clock = threading.Event()
    with Fetcher(US, Limits(silence=60, seconds=20), rest=lambda _: clock.wait(0.05)) as fetcher:
        assert get(fetcher, web.url("/")).body == b"<feed/>"


def test_a_host_is_asked_one_thing_at_a_time_and_others_meanwhile(web):
    resting, go_on = threading.Event(), threading.Event()

    def rest(seconds):
        resting.set()
        assert go_on.wait(60)

    web.pages |= {"/a": [Reply(status=503, headers={"Retry-After": "1"}), Reply()], "/b": Reply(), "/c": Reply()}
    with Fetcher(US, PATIENT, rest=rest, resolve=everywhere) as fetcher:
        first = threading.Thread(target=get, args=(fetcher, web.url("/a")))
        second = threading.Thread(target=get, args=(fetcher, web.url("/b")))
        first.start()
        assert resting.wait(60)
        second.start()
        second.join(0.2)
        get(fetcher, web.url("/c", host="www.example.org"))
        go_on.set()
        first.join()
        second.join()
    assert web.paths == ["/a", "/c", "/a", "/b"]


def test_threads_share_a_fetcher(web, fetcher):
    web.pages |= {f"/{n}": Reply(str(n).encode() * 1000) for n in range(8)}
    found = {}

    def visit(n):
        found[n] = get(fetcher, web.url(f"/{n}", host=f"h{n % 4}.example.org")).body

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: str(n).encode() * 1000 for n in range(8)}


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "", "www.example.org", "/feed", "file:///etc/passwd", "gopher://www.example.org/", "javascript:alert(1)",
        "http://", "http:///feed", "http://[::1", "http://[fe80::1%25eth0]/", "http://www.example.org:0/",
        "http://www.example.org:99999/", "http://www..example.org/", "http://www example.org/",
        "http://" + "é" * 80 + ".org/", "http://\udc00/", "http://www.example.org/\udc00", "http://\udc00@www.example.org/",
        "http://ex%61mple.org/", "http://www.example.org/" + "x" * 9000, "http://\u202egro.elpmaxe/", "http://*/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_not_fetched(fetcher, url):
    complaint(fetcher, url)
    with pytest.raises(Trouble):
        parse(url)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("http://www.example.org", "http://www.example.org/"),
        (" HTTP://WWW.Example.ORG:80/a b?q=é&f[x]=1#c ", "http://www.example.org/a%20b?q=%C3%A9&f[x]=1"),
        ("https://médiathèque.example.org:443/%C3%A9", "https://xn--mdiathque-53af.example.org/%C3%A9"),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://a\\@b.example.org/", "http://b.example.org/"),
        ("http://www.example.org/a\r\nHost: x", "http://www.example.org/aHost:%20x"),
    ],
)
def test_an_address_is_asked_as_the_standards_write_it(written, asked):
    assert str(parse(written)) == asked
    assert str(parse(asked)) == asked


def test_the_host_is_named_as_it_was_asked_for(web, fetcher):
    web.pages["/a%20b"] = Reply()
    get(fetcher, web.url("/a b", host="Médiathèque.example.org"))
    assert web.requests[0].headers["host"] == f"xn--mdiathque-53af.example.org:{web.port}"


ANY = st.text(st.characters())


@settings(deadline=None)
@given(ANY | ANY.map("http://".__add__) | ANY.map("https://www.example.org/".__add__))
def test_any_text_is_an_address_or_none(url):
    assert shown(url).isascii()
    assert shown(url).isprintable()
    with contextlib.suppress(Trouble):
        found = str(parse(url))
        assert found.isascii()
        assert found.isprintable()
        assert str(parse(found)) == found


@settings(deadline=None)
@given(ANY.map("https://lea:secret@".__add__))
def test_no_text_after_a_password_makes_it_printed(url):
    assert "secret" not in shown(url)
    with contextlib.suppress(Trouble):
        assert "secret" not in str(parse(url))


def test_who_does_not_fetch_does_not_pay(tmp_path):
    program = "import sys, newsletter.fetching as f; f.Fetcher('x').close(); sys.exit('httpcore2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False).returncode == 0


def test_limits_are_generous_and_finite():
    limits = Limits()
    assert (limits.largest, limits.redirects) == (20 * MEBIBYTE, 5)
    assert all(0 < shorter < longer for shorter, longer in pairwise((limits.silence, limits.seconds, 600)))


# A form


def post(fetcher, web, **form):
    return fetcher.post(web.url("/hub"), form or {"a": "é b&c"}, private=True)


def test_a_form_is_handed_in_and_its_receipt_says_what_came_of_it(web, fetcher):
    web.pages["/hub"] = Reply(b"thank you", status=202)
    receipt = post(fetcher, web)
    assert (receipt.taken, receipt.said, receipt.wait) == (True, "202 Accepted", None)
    [request] = web.requests
    assert (request.method, request.form) == ("POST", {"a": "é b&c"})
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["content-length"] == str(len("a=%C3%A9+b%26c"))


@pytest.mark.parametrize("status", [301, 307, 400, 410, 429, 500, 503])
def test_a_form_that_is_refused_raises_nothing_and_is_not_handed_in_again(web, fetcher, status):
    headers = {"Retry-After": "7", "Location": "/elsewhere"}
    web.pages["/hub"] = Reply(status=status, headers=headers)
    receipt = post(fetcher, web)
    assert (receipt.taken, receipt.status, receipt.wait) == (False, status, 7)
    assert web.paths == ["/hub"]


def test_what_is_said_to_a_form_may_be_of_any_size(web):
    web.pages["/hub"] = Reply(bytes(MEBIBYTE))
    with Fetcher(US, Limits(largest=10, silence=60, seconds=60)) as fetcher:
        assert post(fetcher, web).taken


def test_a_form_goes_nowhere_inside_unless_that_is_allowed(web, fetcher):
    with pytest.raises(FetchError, match="hub_private for a hub"):
        fetcher.post(web.url("/hub"), {"a": "b"})
    with pytest.raises(FetchError, match="only addresses that begin with http"):
        fetcher.post("gopher://hub.example.org/", {"a": "b"})
    assert web.requests == []
