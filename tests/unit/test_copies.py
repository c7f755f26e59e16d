"""Pictures and files come home: what articles show is the publication's own, or a plain link."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from newsletter import pictures
from newsletter.errors import BusyError, FetchError, GoneError
from newsletter.fetching import Fetcher, Page
from newsletter.model import Article, Attachment, Image
from newsletter.pipeline.copies import AGAIN, FRESH, MOST, PATIENCE, Copies, addresses, offline
from newsletter.pipeline.media import Shelf
from newsletter.store.copies import Copy
from tests.flows.publications import NOW, article
from tests.unit.test_pictures import camera, drawing, photo, png, written
from tests.web_server import Reply, WebServer, redirect

SITE = "https://www.example.org"
BASE = "https://www.troisrivieres.example.org"
PHOTO = f"{SITE}/files/Pont.jpg"
PDF = b"%PDF-1.7 un plan"
BUSY = "est occupé"


class Elsewhere(dict[str, object]):
    """What stands at addresses, and which were asked with what."""

    def __init__(self, *given: object, **known: object) -> None:
        super().__init__(*given, **known)
        self.asked: list[tuple[str, str, str]] = []

    def __call__(self, url: str, *, etag: str, modified: str, largest: int) -> Page:
        self.asked.append((url, etag, modified))
        found = self.get(url, FetchError(f"{url}: 404 Not Found; check the address"))
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, bytes)
        known = etag == '"1"'
        return Page(url, 304 if known else 200, b"" if known else found, "", "", '"1"', "", {})

    @property
    def urls(self) -> list[str]:
        return [url for url, _, _ in self.asked]


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "media", f"{BASE}/media")


@pytest.fixture
def there():
    return Elsewhere({PHOTO: camera(), f"{SITE}/plan.pdf": PDF, f"{SITE}/carte.png": written(drawing(900, 300), "PNG")})


def given(html: str = "", image: Image | None = None, *files: Attachment) -> Article:
    return replace(article("un"), html=html, image=image, attachments=files)


def sources(html: str) -> list[str]:
    return re.findall(r'<img[^>]* src="([^"]*)"', html)


def test_what_an_article_shows_and_offers_becomes_our_own_with_its_real_size(shelf, there):
    copies = Copies(shelf, NOW, there)
    file = Attachment(f"{SITE}/plan.pdf", "Le plan", "application/octet-stream", 17_000)
    html = f'<p>Un mot.</p><p><img src="{SITE}/carte.png" alt="La &quot;carte&quot;" width="9000"></p>'
    found = copies.bring(given(html, Image(PHOTO, "Le pont", 1, 1), file))
    assert found.image.url.startswith(f"{BASE}/media/") and found.image.url.endswith("/pont-1200.jpg")
    assert found.image.small == found.image.url.replace("-1200", "-600")
    assert (found.image.alt, found.image.width, found.image.height) == ("Le pont", 1000, 1600)
    [source] = sources(found.html)
    assert source.startswith(f"{BASE}/media/") and source.endswith("/carte-1200.png")
    assert f'<img src="{source}" alt="La &quot;carte&quot;" width="900" height="300">' in found.html
    [brought] = found.attachments
    assert brought.url.startswith(f"{BASE}/media/") and brought.url.endswith("/plan.pdf")
    assert (brought.title, brought.type, brought.size, brought.size_exact) == ("Le plan", "application/pdf", 16, True)
    assert found.warnings == ()
    assert SITE not in found.html
    kept = shelf.folder / brought.url.removeprefix(f"{BASE}/media/")
    assert kept.read_bytes() == PDF


def test_what_is_ours_already_is_not_asked_for_and_gets_its_size(shelf, there):
    mine = shelf.keep(camera(), "photo.jpg")
    plan = shelf.keep(PDF, "plan.pdf")
    found = Copies(shelf, NOW).bring(
        given(
            f'<img src="{mine.url}"><img src="{plan.url}" alt="Plan">',
            Image(mine.url, "Le pont"),
            Attachment(plan.url, "Plan", plan.type, plan.size, True),
        )
    )
    assert found.html == (f'<img src="{mine.url}" alt="" width="1000" height="1600"><a href="{plan.url}">Plan</a>')
    assert found.image == Image(mine.url, "Le pont", 1000, 1600, mine.small)
    assert found.attachments[0].url == plan.url
    assert found.warnings == ()
    again = Copies(shelf, NOW, there).bring(found)
    assert (again, there.asked) == (found, [])


def test_without_copies_no_page_and_no_letter_asks_anybody_else(shelf):
    file = Attachment(f"{SITE}/plan.pdf", "Le plan", "application/pdf", 16)
    html = f'<p><img src="{PHOTO}" alt="Le pont"> et <img src="{SITE}/carte_du%20gu%C3%A9.png?a=1&amp;b=2"></p>'
    found = Copies(shelf, NOW).bring(given(html, Image(PHOTO, "x"), file))
    assert found.html == (
        f'<p><a href="{PHOTO}">Le pont</a> et <a href="{SITE}/carte_du%20gu%C3%A9.png?a=1&amp;b=2">carte du gué</a></p>'
    )
    assert found.image is None
    assert found.attachments == (file,), "the text has a link to it already"
    assert [warning.partition(":")[0] for warning in found.warnings] == ["image", "pictures in the text"]
    assert all('files = "copy"' in warning for warning in found.warnings)
    assert not shelf.folder.exists()


def test_what_cannot_be_had_stays_a_link_with_its_reason(shelf, there):
    file = Attachment(f"{SITE}/absent.pdf", "Absent", "application/pdf", 16)
    html = f'<img src="{SITE}/absent.jpg" alt="Un &lt;quai&gt;"><img src="{SITE}/dessin.svg" alt="Dessin">'
    there[f"{SITE}/dessin.svg"] = b"<svg/>"
    there[f"{SITE}/erreur.jpg"] = b"<!doctype html><p>404"
    found = Copies(shelf, NOW, there).bring(given(html, Image(f"{SITE}/erreur.jpg", "Le pont au matin"), file))
    assert found.html == (f'<a href="{SITE}/absent.jpg">Un &lt;quai&gt;</a><a href="{SITE}/dessin.svg">Dessin</a>')
    assert found.image is None
    assert found.attachments == (file, Attachment(f"{SITE}/erreur.jpg", "Le pont au matin", "image/jpeg"))
    assert [warning.split(": ")[0] for warning in found.warnings] == [
        f"{SITE}/{name}" for name in ("erreur.jpg", "absent.jpg", "dessin.svg", "absent.pdf")
    ]
    assert f"{SITE}/dessin.svg" not in there.urls, "what may act is not even fetched"
    assert all("\n" not in warning and warning.count(SITE) == 1 for warning in found.warnings)


def test_a_link_around_a_picture_stays_one_link(shelf):
    html = f'<p><a href="{SITE}/a"><img src="{PHOTO}" alt="Le pont"></a><img src="{PHOTO}" alt="Encore"></p>'
    found = Copies(shelf, NOW).bring(given(html)).html
    assert found == f'<p><a href="{SITE}/a">Le pont</a><a href="{PHOTO}">Encore</a></p>'


def test_a_counting_pixel_is_neither_shown_nor_asked_for(shelf, there):
    there[f"{SITE}/b.gif"] = written(drawing(1, 1, "P"), "GIF")
    html = f'<p>Un mot.</p><p><img src="{SITE}/a.gif" width="1" height="1" alt=""></p><p><img src="{SITE}/b.gif"></p>'
    assert Copies(shelf, NOW, there).bring(given(html)).html == "<p>Un mot.</p>"
    assert there.urls == [f"{SITE}/b.gif"]
    assert Copies(shelf, NOW).bring(given(html)).html.count("a.gif") == 0


def test_a_picture_shown_small_stays_so_and_none_is_stretched(shelf, there):
    html = "".join(
        f'<img src="{SITE}/carte.png" alt=""{size}>' for size in (' width="90"', ' height="60"', "", ' width="5%"')
    )
    found = Copies(shelf, NOW, there).bring(given(html)).html
    assert re.findall(r'width="(\d+)" height="(\d+)"', found) == [
        ("90", "30"),
        ("180", "60"),
        ("900", "300"),
        ("900", "300"),
    ]
    assert there.urls == [f"{SITE}/carte.png"], "asked once"


def test_a_file_that_is_missing_beside_an_article_is_no_dead_link(shelf, there):
    html = f'<p>Voir <img src="{BASE}/articles/images/absente.png" alt="la vue"></p>'
    for visit in (None, there):
        found = Copies(shelf, NOW, visit).bring(given(html))
        assert (found.html, found.warnings) == ("<p>Voir la vue</p>", ())
    assert there.asked == []


@pytest.mark.parametrize("age", [timedelta(0), FRESH - timedelta(seconds=1)])
def test_a_fresh_copy_is_taken_without_asking(shelf, there, age):
    first = Copies(shelf, NOW, there)
    brought = first.bring(given(image=Image(PHOTO)))
    there.asked.clear()
    second = Copies(shelf, NOW + age, there, known=first.made)
    assert second.bring(given(image=Image(PHOTO))) == brought
    assert (there.asked, second.made) == ([], {})


def test_an_old_copy_is_asked_for_by_what_was_known_of_it(shelf, there, monkeypatch):
    first = Copies(shelf, NOW, there)
    brought = first.bring(given(image=Image(PHOTO)))
    later = Copies(shelf, NOW + FRESH, there, known=first.made)
    monkeypatch.setattr(pictures, "renditions", lambda data: pytest.fail("decoded again"))
    assert later.bring(given(image=Image(PHOTO))) == brought
    assert there.asked[-1] == (PHOTO, '"1"', "")
    assert later.made == {PHOTO: replace(first.made[PHOTO], at=NOW + FRESH)}


@pytest.mark.parametrize("what", [GoneError("410"), BusyError("429"), FetchError("timed out"), b"<p>Erreur"])
def test_a_copy_stays_whatever_becomes_of_its_address(shelf, there, what):
    first = Copies(shelf, NOW, there)
    brought = first.bring(given(image=Image(PHOTO)))
    changed = Elsewhere({PHOTO: what})
    known = {PHOTO: replace(first.made[PHOTO], etag="")}
    later = Copies(shelf, NOW + FRESH, changed, known=known)
    assert later.bring(given(image=Image(PHOTO))) == brought
    assert changed.urls == [PHOTO]


def test_a_new_picture_at_an_old_address_has_an_address_of_its_own(shelf, there):
    first = Copies(shelf, NOW, there)
    brought = first.bring(given(image=Image(PHOTO)))
    there[PHOTO] = written(photo(700, 400), "JPEG")
    known = {PHOTO: replace(first.made[PHOTO], etag='"0"')}
    later = Copies(shelf, NOW + FRESH, there, known=known).bring(given(image=Image(PHOTO)))
    assert later.image.url != brought.image.url
    assert shelf.known(brought.image.url), "mails link to it"


def test_a_copy_that_left_the_shelf_is_fetched_whole(shelf, there):
    first = Copies(shelf, NOW, there)
    brought = first.bring(given(image=Image(PHOTO)))
    for path in shelf.folder.rglob("*.jpg"):
        path.unlink()
    there.asked.clear()
    assert Copies(shelf, NOW, there, known=first.made).bring(given(image=Image(PHOTO))) == brought
    assert there.asked == [(PHOTO, "", "")]


def test_what_gave_nothing_is_asked_for_again_the_next_day_and_tells_the_same_meanwhile(shelf, there):
    first = Copies(shelf, NOW, there)
    html = f'<img src="{SITE}/absent.jpg" alt="x">'
    told = first.bring(given(html))
    there.asked.clear()
    assert Copies(shelf, NOW + AGAIN / 2, there, known=first.made).bring(given(html)) == told
    assert there.asked == []
    there[f"{SITE}/absent.jpg"] = camera()
    assert sources(Copies(shelf, NOW + AGAIN, there, known=first.made).bring(given(html)).html)


def test_a_server_that_fails_again_and_again_is_left_alone(shelf, there):
    for number in range(40):
        there[f"https://lent.example.org/{number}.jpg"] = FetchError("timed out")
    html = "".join(f'<img src="https://lent.example.org/{number}.jpg" alt="x">' for number in range(40))
    copies = Copies(shelf, NOW, there)
    found = copies.bring(given(html + f'<img src="{PHOTO}">'))
    assert len(there.asked) == PATIENCE + 1
    assert len(copies.made) == PATIENCE + 1, "the others are asked for the next time"
    assert found.html.count("<a href") == 40 and len(sources(found.html)) == 1
    busy = Elsewhere({f"{SITE}/{number}.jpg": BusyError("429") for number in range(9)})
    Copies(shelf, NOW, busy).bring(given("".join(f'<img src="{url}">' for url in busy)))
    assert len(busy.asked) == 1


def test_an_article_of_ten_thousand_pictures_asks_for_a_hundred(shelf, there):
    small = written(drawing(20, 20), "PNG")
    there.update({f"{SITE}/{number}.png": small for number in range(10_000)})
    html = "".join(f'<img src="{SITE}/{number}.png">' for number in range(10_000))
    found = Copies(shelf, NOW, there).bring(given(html))
    assert len(there.asked) == MOST
    assert found.html.count("<img") == MOST and found.html.count("<a href") == 10_000 - MOST


def test_an_address_without_end_is_not_asked_for(shelf, there):
    url = f"{SITE}/{'a' * 3000}.png"
    found = Copies(shelf, NOW, there).bring(given(f'<img src="{url}" alt="x">'))
    assert (there.asked, found.html) == ([], f'<a href="{url}">x</a>')
    assert len(found.warnings[0]) <= 301
    assert addresses([given(f'<img src="{url}"><img src="{PHOTO}?a&amp;b">')], shelf) == {f"{PHOTO}?a&b"}


def test_a_bomb_is_a_link(shelf, there):
    there[PHOTO] = png(30_000, 30_000)
    found = Copies(shelf, NOW, there).bring(given(f'<img src="{PHOTO}" alt="x">'))
    assert found.html == f'<a href="{PHOTO}">x</a>'
    assert "900 million pixels" in found.warnings[0]
    assert shelf.files() == []


def test_a_file_behind_a_picture_is_a_link(shelf, there):
    file = Attachment(f"{SITE}/plan.pdf", "Plan", "application/pdf")
    copies = Copies(shelf, NOW, there)
    copies.bring(given("", None, file))
    found = copies.bring(given(f'<img src="{SITE}/plan.pdf" alt="x">', Image(f"{SITE}/plan.pdf")))
    assert (found.html, found.image) == (f'<a href="{SITE}/plan.pdf">x</a>', None)


def test_offline_what_was_copied_serves_however_old_it_is(shelf, there):
    first = Copies(shelf, NOW, there)
    html = f'<img src="{PHOTO}" alt="x">'
    brought = first.bring(given(html))
    later = Copies(shelf, NOW + 100 * FRESH, offline, known=first.made)
    assert later.bring(given(html)).html == brought.html
    assert "was not copied" in Copies(shelf, NOW, offline).bring(given(html)).warnings[0]


def test_the_words_of_an_article_are_not_touched(shelf, there):
    html = f'<p>Un <abbr title="x">a</abbr> &lt;img src="{PHOTO}"&gt; et <a href="{SITE}/x">un lien</a>.</p>'
    before = given(html)
    assert Copies(shelf, NOW, there).bring(before) == before
    assert there.asked == []


@pytest.fixture
def fetcher():
    with Fetcher("newsletter") as made:
        yield made


def test_over_a_real_connection(shelf, fetcher):
    with WebServer() as web:
        web.pages |= {
            "/pont.jpg": Reply(camera(), type="image/jpeg", etag='"a"'),
            "/telecharger": redirect("/fichiers/Plan%20du%20gu%C3%A9.pdf"),
            "/fichiers/Plan%20du%20gu%C3%A9.pdf": Reply(PDF, type="text/html"),
            "/long.jpg": Reply(bytes(33 << 20)),
        }
        one = given(
            f'<img src="{web.url("/long.jpg")}" alt="Long">',
            Image(web.url("/pont.jpg"), "Le pont"),
            Attachment(web.url("/telecharger"), "Plan", ""),
        )
        first = Copies(shelf, NOW, partial(fetcher.get, private=True))
        found = first.bring(one)
        assert found.image.width == 1000
        assert found.attachments[0].url.endswith("/plan-du-gue.pdf")
        assert "<img" not in found.html and "33,554,432 bytes" in found.warnings[0]
        later = Copies(shelf, NOW + FRESH, partial(fetcher.get, private=True), known=first.made)
        assert later.bring(one).image == found.image
        again = [request for request in web.requests if request.path == "/pont.jpg"]
        assert [request.headers.get("if-none-match") for request in again] == [None, '"a"']
        closed = Copies(shelf, NOW, fetcher.get).bring(one)
        assert closed.image is None and len(closed.warnings) == 3, "an internal address is not asked"


def test_a_copy_says_what_it_is():
    assert Copy(PHOTO, "404", NOW).media is None
