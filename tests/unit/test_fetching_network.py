"""Where a fetcher connects to, and where it never does, whatever names and redirects say."""

import socket

import httpcore2
import pytest

from newsletter.errors import FetchError
from newsletter.fetching import Fetcher, Limits, agent
from newsletter.fetching.ranges import is_public
from newsletter.fetching.wire import look_up
from tests.relay import CERTIFICATE
from tests.web_server import Reply, WebServer, redirect

US = agent("https://www.example.org/contact")
PATIENT = Limits(silence=60, seconds=60)
OUTSIDE, OUTSIDE_6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


class Names:
    """Tells the addresses of names as scripted: a list of answers is given one by one, the last one for ever."""

    def __init__(self, **answers):
        self.answers = {name.replace("_", "."): answer for name, answer in answers.items()}
        self.asked = []

    def __call__(self, host, port):
        self.asked.append(host)
        answer = self.answers.get(host, host)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer.split()


class Elsewhere(httpcore2.SyncBackend):
    """The internet: connects to loopback in place of every address, and remembers which was wanted."""

    def __init__(self, *closed):
        self.wanted = []
        self.closed = closed

    def connect_tcp(self, host, port, *more):
        self.wanted.append(host)
        if host in self.closed:
            raise httpcore2.ConnectError from ConnectionRefusedError(111, "Connection refused")
        return super().connect_tcp("127.0.0.1", port, *more)


@pytest.fixture
def internet():
    return Elsewhere()


@pytest.fixture
def visit(internet):
    """Fetch a page of a server under a name; gives the page, or the one line of the complaint."""
    opened = []

    def go(server, names, host, path="/", **more):
        opened.append(Fetcher(US, PATIENT, resolve=names, network=internet))
        return opened[-1].get(server.url(path, host=host), **more)

    yield go
    for fetcher in opened:
        fetcher.close()


@pytest.fixture
def refused(visit, web):
    def line(names, host, path="/"):
        with pytest.raises(FetchError) as caught:
            visit(web, names, host, path)
        assert "\n" not in str(caught.value)
        assert "no public address; check it, or set private = true" in str(caught.value)
        return str(caught.value)

    return line


INTERNAL = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.0.3", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:93.184.215.14", "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1",
    "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "localhost", "",
]  # fmt: skip
PUBLIC = [
    OUTSIDE, OUTSIDE_6, "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
    "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255", "2001:4860::1", "2a01:e0a::1", "2003::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_what_is_not_of_the_public_internet_is_known(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_of_the_public_internet_is_known(address):
    assert is_public(address)


@pytest.mark.parametrize("address", [address for address in INTERNAL if address])
def test_a_public_name_does_not_lead_inside(refused, internet, web, address):
    line = refused(Names(public_example_org=address), "public.example.org")
    assert f"public.example.org is {address}, which is no public address" in line
    assert (internet.wanted, web.requests) == ([], [])


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "10.0.0.1"])
def test_an_address_inside_is_refused_as_it_stands(refused, internet, host):
    assert f"{host.strip('[]')} is no public address" in refused(Names(), host).replace("::ffff:7f00:1", host[1:-1])
    assert internet.wanted == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_a_disguised_address_is_refused(internet, web, host):
    with Fetcher(US, PATIENT, network=internet) as fetcher, pytest.raises(FetchError, match="no public address"):
        fetcher.get(web.url("/", host=host))
    assert internet.wanted == []


@pytest.mark.parametrize("addresses", [f"{OUTSIDE} 10.0.0.1", f"10.0.0.1 {OUTSIDE}", f"{OUTSIDE_6} ::1"])
def test_a_name_with_one_foot_inside_is_refused(refused, internet, addresses):
    refused(Names(public_example_org=addresses), "public.example.org")
    assert internet.wanted == []


def test_what_was_checked_is_what_is_connected_to(visit, internet, web):
    web.pages["/"] = Reply(b"<feed/>")
    names = Names(public_example_org=[OUTSIDE, "127.0.0.1"])
    assert visit(web, names, "public.example.org").body == b"<feed/>"
    assert names.asked == ["public.example.org"]
    assert internet.wanted == [OUTSIDE]
    assert web.requests[0].headers["host"] == f"public.example.org:{web.port}"


def test_a_name_that_changes_its_answer_is_checked_again(web, internet):
    web.pages["/"] = Reply(b"<feed/>", length=7)  # closes the connection
    names = Names(public_example_org=[OUTSIDE, "127.0.0.1"])
    with Fetcher(US, PATIENT, resolve=names, network=internet) as fetcher:
        assert fetcher.get(web.url("/", host="public.example.org")).body == b"<feed/>"
        with pytest.raises(FetchError, match="no public address"):
            fetcher.get(web.url("/", host="public.example.org"))
    assert internet.wanted == [OUTSIDE]


def test_a_name_cannot_change_its_answer_during_a_redirect(refused, web, internet):
    web.pages["/"] = Reply(raw=b"HTTP/1.1 302 Found\r\nLocation: /secret\r\n\r\n")
    line = refused(Names(public_example_org=[OUTSIDE, "127.0.0.1"]), "public.example.org")
    assert f"redirected to http://public.example.org:{web.port}/secret: public.example.org is 127.0.0.1" in line
    assert (internet.wanted, web.paths) == ([OUTSIDE], ["/"])


@pytest.mark.parametrize("inside", ["127.0.0.1", "[::1]", "169.254.169.254", "office.example.org", "[::ffff:10.0.0.1]"])
def test_a_redirect_does_not_lead_inside(refused, web, internet, inside):
    names = Names(public_example_org=OUTSIDE, office_example_org="192.168.1.4")
    web.pages["/"] = redirect(web.url("/secret", host=inside))
    refused(names, "public.example.org")
    assert (internet.wanted, web.paths) == ([OUTSIDE], ["/"])


def test_a_source_of_our_own_network_may_be_inside(visit, web, internet):
    names = Names(office_example_org="192.168.1.4")
    web.pages |= {"/": redirect(web.url("/feed", host="[::1]")), "/feed": Reply(b"<feed/>")}
    assert visit(web, names, "office.example.org", private=True).body == b"<feed/>"
    assert internet.wanted == ["192.168.1.4", "::1"]
    assert web.requests[1].headers["host"] == f"[::1]:{web.port}"


def test_a_connection_inside_is_not_lent_to_others(web):
    web.pages["/"] = Reply(b"<feed/>")
    with Fetcher(US, PATIENT) as fetcher:
        fetcher.get(web.url("/"), private=True)
        with pytest.raises(FetchError, match="no public address"):
            fetcher.get(web.url("/"))
        fetcher.get(web.url("/"), private=True)
    assert len(web.requests) == 2
    assert web.lines == 1


def test_the_next_address_is_tried_where_one_does_not_answer(web):
    web.pages["/"] = Reply(b"<feed/>")
    internet = Elsewhere(OUTSIDE_6)
    names = Names(public_example_org=f"{OUTSIDE_6} {OUTSIDE}")
    with Fetcher(US, PATIENT, resolve=names, network=internet) as fetcher:
        assert fetcher.get(web.url("/", host="public.example.org")).body == b"<feed/>"
    assert internet.wanted == [OUTSIDE_6, OUTSIDE]


def unknown(host, port):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (unknown, "public.example.org is not known: Name or service not known; check the name"),
        (Names(public_example_org=""), "public.example.org has no address; check the name"),
    ],
)
def test_a_name_without_address_is_one_line(visit, web, names, words):
    with pytest.raises(FetchError, match=words):
        visit(web, names, "public.example.org")


def test_a_server_that_is_down_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Fetcher(US, PATIENT) as fetcher,
        pytest.raises(FetchError, match="cannot be reached: Connection refused; check"),
    ):
        fetcher.get(f"http://127.0.0.1:{port}/", private=True)


def test_names_are_looked_up_as_this_machine_does():
    assert "127.0.0.1" in look_up("localhost", 80)
    assert look_up("::1", 80) == ["::1"]


# TLS


@pytest.fixture
def secure():
    with WebServer({"/": Reply(b"<feed/>", etag='"1"')}, tls=True) as server:
        yield server


@pytest.fixture
def trusting(monkeypatch):
    """This machine trusts the certificate of the test server, as an office may trust its own authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


LOOPBACK = Names(localhost="127.0.0.1", www_example_org="127.0.0.1")


def test_a_certificate_that_nobody_signed_is_refused(visit, secure):
    with pytest.raises(FetchError) as caught:
        visit(secure, LOOPBACK, "localhost", private=True)
    line = str(caught.value)
    assert line == (
        f"{secure.url('/', host='localhost')}: its certificate is not trusted: self-signed certificate; "
        "check the address, or ask who runs it"
    )
    assert secure.requests == []


def test_a_certificate_that_this_machine_trusts_is_taken(visit, secure, trusting):
    assert visit(secure, LOOPBACK, "localhost", private=True).body == b"<feed/>"


def test_a_certificate_of_another_name_is_refused(visit, secure, trusting):
    with pytest.raises(FetchError, match=r"not trusted: Hostname mismatch, .*'www\.example\.org'"):
        visit(secure, LOOPBACK, "www.example.org", private=True)


def test_what_is_no_tls_is_one_line(visit, web):
    with Fetcher(US, PATIENT) as fetcher, pytest.raises(FetchError, match=r"no TLS: .*; check whether the address"):
        fetcher.get(web.url("/").replace("http:", "https:"), private=True)


def test_a_redirect_does_not_leave_tls(visit, web, secure, trusting):
    web.pages["/"] = Reply(b"<feed/>")
    secure.pages["/"] = redirect(web.url("/"))
    with pytest.raises(FetchError, match=f"is redirected from https to {web.url('/')}, which anybody could read"):
        visit(secure, LOOPBACK, "localhost", private=True)
    assert web.requests == []


def test_a_redirect_may_enter_tls(visit, web, secure, trusting):
    web.pages["/"] = redirect(secure.url("/", host="localhost"), 301)
    page = visit(web, LOOPBACK, "localhost", private=True)
    assert (page.body, page.moved) == (b"<feed/>", secure.url("/", host="localhost"))


def test_a_handshake_without_end_is_left():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Fetcher(US, Limits(silence=0.1, seconds=60)) as fetcher,
        pytest.raises(FetchError, match="does not answer in time"),
    ):
        fetcher.get(f"https://127.0.0.1:{listener.getsockname()[1]}/", private=True)
