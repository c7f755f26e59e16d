"""The shelf: what is kept, under which name, and what is never published."""

import hashlib
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from newsletter import pictures
from newsletter.errors import MediaError, NewsletterError
from newsletter.intake.attachments import kind
from newsletter.model import Image as Shown
from newsletter.pipeline.media import Shelf
from tests.flows.command import tree
from tests.flows.publications import article
from tests.unit.test_pictures import camera, drawing, photo, png, written

BASE = "https://www.troisrivieres.example.org/media"


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "media", BASE)


def packed(*names: str, kind: str = "") -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind:
            archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        for name in names:
            archive.writestr(name, b"x")
    return made.getvalue()


OFFICE = "application/vnd.oasis.opendocument."
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
GOOD = {
    "bilan.pdf": b"%PDF-1.7\n",
    "blancs.pdf": b"\xef\xbb\xbf\r\n%PDF-1.4\n",
    "note.doc": OLE,
    "note.xls": OLE,
    "note.ppt": OLE,
    "note.docx": packed("[Content_Types].xml", "word/document.xml"),
    "note.xlsx": packed("[Content_Types].xml", "xl/workbook.xml"),
    "note.pptx": packed("[Content_Types].xml", "ppt/presentation.xml"),
    "note.odt": packed("content.xml", kind=OFFICE + "text"),
    "note.ods": packed("content.xml", kind=OFFICE + "spreadsheet"),
    "note.odp": packed("content.xml", kind=OFFICE + "presentation"),
    "livre.epub": packed("a.xhtml", kind="application/epub+zip"),
    "lot.zip": packed("a.txt"),
    "vide.zip": packed(),
    "note.rtf": b"{\\rtf1\\ansi Un mot}",
    "table.csv": "Été;Coût\r\n1;2\r\n".encode("cp1252"),
    "large.csv": "Été\tCoût\r\n".encode("utf-16"),
    "mot.txt": "\ufeffUn mot, 3 < 4.\n".encode(),
    "rien.txt": b"",
    "dates.ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "voix.mp3": b"ID3\x04" + bytes(40),
    "son.mp3": b"\xff\xfb\x90\x00" + bytes(40),
    "film.mp4": b"\0\0\0\x18ftypmp42" + bytes(40),
}
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
BAD = {
    "bilan.pdf": HTML,
    "plan.pdf": written(drawing(20, 20), "PNG"),
    "note.doc": HTML,
    "note.xls": b"<html><table>",
    "note.docx": packed("[Content_Types].xml", "xl/workbook.xml"),
    "macro.docx": packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "note.odt": packed("content.xml", kind=OFFICE + "spreadsheet"),
    "note.xlsx": OLE,
    "livre.epub": packed("a.xhtml"),
    "lot.zip": b"Rar!\x1a\x07\0",
    "note.rtf": HTML,
    "mot.txt": b"  \n" + HTML,
    "dessin.txt": SVG,
    "large.txt": HTML.decode().encode("utf-16"),
    "faux.txt": b"MZ\x90\0\3\0\0\0",
    "faux.csv": b"\x7fELF\2\1\1\0",
    "dates.ics": HTML,
    "voix.mp3": HTML,
    "film.mp4": HTML,
    "photo.png": SVG,
    "photo.jpg": HTML,
    "photo.webp": b"%PDF-1.7",
    "photo.tif": written(drawing(20, 20), "TIFF"),
    "dessin.svg": SVG,
    "dessin.SVGZ": b"\x1f\x8b\x08",
    "page.html": b"%PDF-1.7 html",
    "page.xml": SVG,
    "code.js": b"alert(1)",
    "jeu.swf": b"FWS",
    "jeu.exe": b"MZ\x90\0",
    "macro.docm": packed("[Content_Types].xml", "word/document.xml"),
    "inconnu.xyz": b"un mot",
    "sans-nom": b"un mot",
    "": b"un mot",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_name_says_is_kept_as_it_came(shelf, name):
    found = shelf.keep(GOOD[name], name)
    digest = hashlib.sha256(GOOD[name]).hexdigest()[:16]
    assert found.url == f"{BASE}/{digest}/{name}"
    assert (found.type, found.size, found.width, found.small) == (kind(name), len(GOOD[name]), 0, "")
    assert (shelf.folder / digest / name).read_bytes() == GOOD[name]
    assert shelf.known(found.url) == found


@pytest.mark.parametrize("name", BAD)
def test_what_may_act_or_is_not_what_its_name_says_is_not_kept(shelf, name):
    with pytest.raises(MediaError) as told:
        shelf.keep(BAD[name], name)
    assert ";" in str(told.value)
    assert shelf.files() == []


@pytest.mark.parametrize("name", ["download.php", "download", "rapport.v2", "rapport.PDF"])
def test_a_pdf_is_one_under_any_odd_name(shelf, name):
    found = shelf.keep(b"%PDF-1.7", name)
    assert (found.url.rpartition(".")[2], found.type) == ("pdf", "application/pdf")


@pytest.mark.parametrize("name", ["Pont.jpg", "Pont.png", "Pont.jpeg", "pont", "pont.php", "pont.img"])
def test_a_picture_is_known_by_what_it_is(shelf, name):
    found = shelf.keep(camera(), name)
    digest = hashlib.sha256(camera()).hexdigest()[:16]
    assert found.url == f"{BASE}/{digest}/pont-1200.jpg"
    assert found.small == f"{BASE}/{digest}/pont-600.jpg"
    assert (found.type, found.width, found.height) == ("image/jpeg", 1000, 1600)
    assert shelf.files() == [f"{digest}/pont-1200.jpg", f"{digest}/pont-600.jpg"]
    assert found.size == (shelf.folder / digest / "pont-1200.jpg").stat().st_size


def test_the_bytes_of_a_camera_never_stand_on_the_shelf(shelf):
    shelf.keep(camera(), "photo.jpg")
    kept = b"".join(data for data, _, _ in tree(shelf.folder).values())
    assert kept and b"Exif" not in kept and b"SECRET" not in kept and camera() not in kept


def test_a_drawing_and_a_narrow_picture_are_told_apart_by_their_names(shelf):
    drawn = shelf.keep(written(drawing(900, 300), "PNG"), "carte.png")
    narrow = shelf.keep(written(photo(500, 300), "WEBP"), "vignette.webp")
    assert (drawn.url[-14:], drawn.small[-13:], drawn.width) == ("carte-1200.png", "carte-600.png", 900)
    assert (narrow.url.rpartition("/")[2], narrow.small, narrow.width) == ("vignette-600.jpg", "", 500)
    assert shelf.known(drawn.url) == drawn
    assert shelf.known(drawn.small) == drawn
    assert shelf.known(narrow.url) == narrow


def test_a_picture_that_stands_there_is_neither_decoded_nor_written_again(shelf, monkeypatch):
    first = shelf.keep(camera(), "photo.jpg")
    before = tree(shelf.folder)
    monkeypatch.setattr(pictures, "renditions", lambda data: pytest.fail("decoded again"))
    assert shelf.keep(camera(), "photo.jpg") == first
    assert tree(shelf.folder) == before


def test_a_narrow_rendition_that_is_missing_is_made_again(shelf):
    first = shelf.keep(camera(), "photo.jpg")
    [path] = shelf.folder.rglob("photo-600.jpg")
    whole = path.read_bytes()
    path.unlink()
    assert shelf.keep(camera(), "photo.jpg") == first
    assert path.read_bytes() == whole


def test_a_crash_between_two_renditions_does_not_make_a_wide_picture_narrow(shelf, monkeypatch):
    really = Shelf._write

    def crash(self, place, data):
        really(self, place, data)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Shelf, "_write", crash)
        with pytest.raises(KeyboardInterrupt):
            shelf.keep(camera(), "photo.jpg")
    assert shelf.keep(camera(), "photo.jpg").width == 1000


NAMES = {
    "../../etc/passwd.pdf": "etc-passwd.pdf",
    "..\\..\\autorun.pdf": "autorun.pdf",
    "a/b.pdf": "a-b.pdf",
    ".htaccess.pdf": "htaccess.pdf",
    "Bilan de l’année (2023).PDF": "bilan-de-l-annee-2023.pdf",
    "x\0y\n\u202efdp.pdf": "x-y-fdp.pdf",
    "%2e%2e%2f.pdf": "2e-2e-2f.pdf",
    "CON.pdf": "con.pdf",
    "a" * 300 + ".pdf": "a" * 100 + ".pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_folder_or_says_anything_odd(shelf, name):
    shelf.keep(b"%PDF-1.7", name)
    [kept] = shelf.files()
    assert kept.partition("/")[2] == NAMES[name]
    assert [path.name for path in shelf.folder.parent.iterdir()] == ["media"]


def test_a_name_of_nothing_but_signs_is_one_all_the_same(shelf):
    found = shelf.keep(written(drawing(20, 20), "PNG"), "日本.png")
    assert shelf.files() == [found.url.removeprefix(f"{BASE}/")]


def test_what_is_too_large_is_one_line(shelf, monkeypatch, tmp_path):
    with pytest.raises(MediaError, match="32 MB"):
        shelf.keep(camera() + bytes(32 << 20), "photo.jpg")
    with pytest.raises(MediaError, match="64 MB"):
        shelf.keep(b"%PDF-1.7" + bytes(64 << 20), "plan.pdf")
    with (tmp_path / "grand.pdf").open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(65 << 20)
    with pytest.raises(MediaError, match="64 MB"):
        shelf.load(tmp_path, "grand.pdf")
    assert shelf.files() == []


def test_a_bomb_of_zeros_in_an_archive_is_not_unpacked(shelf):
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
    for name in ("bombe.zip", "bombe.docx"):
        assert shelf.keep(made.getvalue(), name).size == len(made.getvalue()) < 1 << 20


def test_a_shelf_that_cannot_be_written_is_one_line(shelf):
    shelf.folder.write_text("no folder")
    with pytest.raises(NewsletterError, match="cannot be kept") as told:
        shelf.keep(b"%PDF-1.7", "plan.pdf")
    assert not isinstance(told.value, MediaError)
    with pytest.raises(NewsletterError, match="cannot be kept"):
        shelf.keep(camera(), "photo.jpg")


def test_only_what_stands_on_the_shelf_is_known(shelf):
    kept = shelf.keep(b"%PDF-1.7", "plan.pdf")
    for url in (
        f"{kept.url}x",
        f"{BASE}/../../etc/passwd",
        f"{BASE}/0123456789abcdef/plan.pdf",
        f"{BASE}/0123456789abcdef/photo-1200.jpg",
        "https://www.example.com/plan.pdf",
        "",
    ):
        assert shelf.known(url) is None


def test_both_renditions_of_every_picture_are_named_by_an_article(shelf):
    lead, inside = shelf.keep(camera(), "une.jpg"), shelf.keep(written(drawing(900, 300), "PNG"), "carte.png")
    plan = shelf.keep(b"%PDF-1.7", "plan.pdf")
    shown = Shown(lead.url, "", lead.width, lead.height, lead.small)
    from dataclasses import replace

    given = replace(article("un"), image=shown, html=f'<img src="{inside.url}"><a href="{plan.url}">x</a>')
    assert sorted(shelf.named_by([given])) == shelf.files()
    assert len(shelf.files()) == 5


def test_a_picture_is_opened_by_its_bytes_not_by_its_folder(shelf, tmp_path):
    """A local file and the same one fetched lie in one place."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images/Pont.jpg").write_bytes(camera())
    assert shelf.load(tmp_path, "images/Pont.jpg") == shelf.keep(camera(), "Pont.jpg")
    assert shelf.load(tmp_path, "images/absent.jpg") is None
    (tmp_path / "bombe.png").write_bytes(png(30_000, 30_000))
    with pytest.raises(MediaError, match="900 million pixels"):
        shelf.load(tmp_path, "bombe.png")


def test_the_first_frame_is_what_stands_for_an_animation(shelf):
    frames = [Image.new("P", (700, 40), number) for number in range(3)]
    found = shelf.keep(written(frames[0], "GIF", save_all=True, append_images=frames[1:]), "danse.gif")
    assert (found.type, found.url.rpartition("/")[2]) == ("image/png", "danse-1200.png")
