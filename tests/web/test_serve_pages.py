"""Which files are there for the public, what is said of them, and the pages where there is nothing to read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.requests import Request

from newsletter.catalogue import words
from newsletter.configfile import parse
from newsletter.feeds import opml, redirects
from newsletter.feeds.forms import FORMS
from newsletter.intake.attachments import kind
from newsletter.web import refusals
from newsletter.web.app import Published
from newsletter.web.folder import path_of
from newsletter.web.kinds import TYPES, media_type
from tests.web.serving import CONFIG, FEED, MOVED, Site, publication, served

SECRET = b"NEWSLETTER_SMTP_PASSWORD"


def test_types_are_those_that_feeds_and_pages_declare() -> None:
    declared = {form: FORMS[form].media_type for form in FORMS} | {"opml": opml.MEDIA_TYPE, "ics": "text/calendar"}
    for ending, type_ in declared.items():
        assert TYPES[f".{ending}"] == f"{type_}; charset=utf-8"


@pytest.mark.parametrize("name", ["plan.pdf", "bilan.XLSX", "vue.png", "vue.jpeg", "film.mp4", "donnees.csv"])
def test_files_have_the_type_that_their_enclosure_has(home: Site, name: str) -> None:
    path = home.root / "media/00000000000000ff" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    said = home.ask(f"/media/00000000000000ff/{name}").fields
    assert said["content-type"] == kind(name) == media_type(name)
    assert said["cache-control"] == "public, max-age=31536000, immutable"


def test_only_what_has_a_hash_in_its_address_is_fresh_for_ever(home: Site) -> None:
    for path in ("media/vue.jpg", "media/0123/vue.jpg", "medias/0123456789abcdef/vue.jpg"):
        (home.root / path).parent.mkdir(parents=True, exist_ok=True)
        (home.root / path).write_bytes(b"x")
        assert home.ask(f"/{path}").fields["cache-control"] == "public, max-age=300", path


def test_what_nobody_knows_is_bytes(home: Site) -> None:
    (home.root / "LISEZMOI").write_bytes(b"<script>")
    said = home.ask("/LISEZMOI").fields
    assert (said["content-type"], said["x-content-type-options"]) == ("application/octet-stream", "nosniff")


def test_names_with_accents_and_spaces_are_found(home: Site) -> None:
    (home.root / "bilan de l’été.txt").write_text("x")
    assert home.ask("/bilan%20de%20l%E2%80%99%C3%A9t%C3%A9.txt").status == 200
    assert home.ask("/bilan%20de%20l%E2%80%99%C3%A9t%C3%A9.txt?from=mail").status == 200


@pytest.mark.parametrize(
    "address",
    [
        *(b"//all.atom", b"/theme//sante.atom", b"/./all.atom", b"/theme%2fsante.atom", b"/theme%5csante.atom"),
        *(b"/%252e%252e/config.toml/..", b"/a%0a.atom", b"/a%00", b"/%c2%85", b"/%ff", b"/%", b"/all.atom/"),
        *(b"/.well-known/x", b"/theme/.hidden.atom"),
    ],
)
def test_addresses_that_name_no_public_file(home: Site, address: bytes) -> None:
    assert path_of(address) in ("", "%")
    assert home.ask(address.decode()).status == 404


def test_what_is_encoded_twice_is_decoded_once(home: Site) -> None:
    assert path_of(b"/%252e%252e/config.toml") == "%2e%2e/config.toml"
    assert home.ask("/%252e%252e/config.toml").status == 404


@pytest.fixture
def outside(home: Site) -> Path:
    path = home.root.parent / "secret.html"
    path.write_bytes(SECRET)
    return path


def test_links_lead_nowhere_else(home: Site, outside: Path) -> None:
    links = {
        "file.html": outside,
        "folder": outside.parent,
        "hidden.html": home.root / ".newsletter-files",
        "circle.html": home.root / "circle.html",
        "absent.html": home.root / "gone",
    }
    for name, target in links.items():
        (home.root / name).symlink_to(target)
    for address in ("/file.html", "/folder/secret.html", "/folder/config.toml", "/hidden.html", "/circle.html"):
        said = home.ask(address)
        assert said.status == 404, address
        assert SECRET not in said.body
    (home.root / "inside.atom").symlink_to(home.root / "all.atom")
    assert home.ask("/inside.atom").body == FEED.encode()


def test_the_folder_itself_may_be_a_link_that_is_turned(tmp_path: Path) -> None:
    made = publication(tmp_path / "publication")
    (made / "feeds").rename(made / "one")
    (made / "two").mkdir()
    (made / "two" / "all.atom").write_text("<feed>deux</feed>")
    (made / "feeds").symlink_to("one")
    with served(made) as site:
        assert site.ask("/all.atom").body == FEED.encode()
        (made / "next").symlink_to("two")
        (made / "next").replace(made / "feeds")
        assert site.ask("/all.atom").body == b"<feed>deux</feed>"


def test_what_is_no_file_is_not_there(home: Site) -> None:
    os.mkfifo(home.root / "pipe.atom")
    (home.root / "folder.atom").mkdir()
    assert home.ask("/pipe.atom").status == 404
    assert home.ask("/folder.atom").status == 404


@pytest.mark.parametrize("length", [250, 256, 3000, 12000])
def test_names_that_are_too_long_are_not_there(home: Site, length: int) -> None:
    assert home.ask(f"/{'x' * length}.atom", accept_encoding="gzip").status == 404


@pytest.mark.parametrize("language", ["fr", "en", "zxx"])
def test_errors_are_pages_in_the_language_of_the_site(tmp_path: Path, language: str) -> None:
    spoken = "fr" if language == "fr" else "en"
    with served(publication(tmp_path / "publication", language=language)) as site:
        for path, method, status in (
            ("/absent", "GET", 404),
            ("/theme/papier.atom", "GET", 410),
            ("/theme/mobilite.atom", "GET", 301),
            ("/all.atom", "POST", 405),
        ):
            said = site.ask(path, method, content_length="0")
            assert said.status == status
            assert said.fields["content-type"] == "text/html; charset=utf-8"
            assert said.fields["content-security-policy"].startswith("default-src 'none'")
            assert said.fields["x-content-type-options"] == "nosniff"
            text = said.body.decode()
            assert f'<html lang="{spoken}">' in text
            assert words("refusal", spoken)[f"title_{status}"] in text
            assert words("refusal", spoken)[f"text_{status}"] in text


def test_where_we_fail_a_page_says_so_and_nothing_of_why() -> None:
    site = Published(
        parse({"site": {"name": "Centre de ressources", "url": "https://www.example.org", "language": "en"}})
    )
    request = Request({"type": "http", "method": "GET", "raw_path": b"/all.atom", "headers": []})
    said = site.refuse(request, RuntimeError("/srv/publication"))
    assert said.status_code == 500
    assert b"Try again later" in said.body
    assert b"/srv/publication" not in said.body


def test_an_error_without_words_of_its_own_is_a_page_that_is_not_there() -> None:
    assert b"<title>Page not found" in refusals.page(418, "Centre de ressources", "zxx", "/")


def test_names_of_sites_are_text() -> None:
    assert b"<title>Page introuvable \xe2\x80\x93 A &amp; &lt;b&gt; $x</title>" in refusals.page(
        404, "A & <b> $x", "fr", "/"
    )


def test_a_former_address_links_to_the_present_one(home: Site) -> None:
    said = home.ask("/theme/mobilite.html").body.decode()
    assert '<a href="/theme/se-deplacer.html">' in said
    assert home.ask("/theme/mobilite.html?page=2").status == 301


def test_former_addresses_are_read_again_when_a_build_changes_them(tmp_path: Path) -> None:
    with served(publication(tmp_path / "publication")) as site:
        file = site.root / "redirects.txt"
        assert site.ask("/theme/mobilite.atom").status == 301
        (site.root / "new").write_bytes(redirects.as_text({"/theme/eau.atom": "/theme/rivieres.atom"}))
        (site.root / "new").replace(file)
        assert site.ask("/theme/mobilite.atom").status == 404
        assert site.ask("/theme/eau.atom").fields["location"] == "/theme/rivieres.atom"
        file.unlink()
        assert site.ask("/theme/eau.atom").status == 404
        file.write_bytes(b"\xff half\n/theme/eau.atom\n\n/theme/eau.rss /theme/rivieres.rss\n")
        assert site.ask("/theme/eau.rss").status == 301
        assert site.ask("/theme/eau.atom").status == 404


def test_what_is_gone_is_gone_although_its_file_is_left(home: Site) -> None:
    (home.root / "articles").mkdir(exist_ok=True)
    (home.root / "articles/retire.html").write_text("retiré")
    assert home.ask("/articles/retire.html").status == 410


def test_a_site_below_a_path_is_led_below_it(tmp_path: Path) -> None:
    made = publication(tmp_path / "publication")
    (made / "config.toml").write_text(CONFIG.replace("example.org", "example.org/lettres/"), encoding="utf-8")
    with served(made) as site:
        assert site.ask("/theme/mobilite.atom").fields["location"] == "/lettres/theme/se-deplacer.atom"
        assert site.ask("/articles/ancien.html").fields["location"] == MOVED["/articles/ancien.html"]
        assert '<a href="/lettres/">' in site.ask("/absent").body.decode()


def test_redirects_are_written_and_read_alike_but_for_what_web_servers_misread() -> None:
    odd = "https://elsewhere.example.com/%C3%A9t%C3%A9?prix=%24uri&ou=%7Bpath%7D#bas"
    assert redirects.from_text(redirects.as_text(MOVED)) == MOVED | {"/articles/parti.html": odd}
    assert redirects.as_nginx({"/a.html": 'https://elsewhere.example.com/";$uri\\'}).count(b'"') == 4
