"""The output folder: atomic, untouched when unchanged, and nobody else's file is ever removed."""

import errno
import fcntl
import gzip
import os
from pathlib import Path

import pytest

from newsletter.errors import NewsletterError
from newsletter.pipeline.output import Output


@pytest.fixture
def output(tmp_path: Path) -> Output:
    root = tmp_path / "feeds"
    root.mkdir()
    (root / "README.md").write_text("note")
    return Output(root)


def files(output: Output) -> set[str]:
    return {
        str(path.relative_to(output.root))
        for path in output.root.rglob("*")
        if path.is_file() and path.name not in (".newsletter-files", "README.md")
    }


def test_new_file_is_written_for_everyone_to_read(output):
    assert output.write("theme/sante.atom", b"<feed/>") is True
    target = output.root / "theme/sante.atom"
    assert target.read_bytes() == b"<feed/>"
    assert target.stat().st_mode & 0o777 == 0o644


def test_same_bytes_leave_the_file_untouched(output):
    output.write("all.atom", b"same")
    os.utime(output.root / "all.atom", ns=(10**18, 10**18))
    before = (output.root / "all.atom").stat()
    assert output.write("all.atom", b"same") is False
    assert Output(output.root).write("all.atom", b"same") is False
    after = (output.root / "all.atom").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_other_bytes_of_the_same_length_replace_the_file_whole(output):
    output.write("all.atom", b"one")
    with (output.root / "all.atom").open("rb") as reader:
        assert output.write("all.atom", b"two") is True
        assert reader.read() == b"one", "who was reading keeps the old file"
    assert (output.root / "all.atom").read_bytes() == b"two"


def test_two_builds_touch_nothing_and_two_folders_are_alike(tmp_path):
    trees = []
    paths = [f"{name}.atom" for name in "hgfedcba"] + ["y/z.html"]
    for name, order in (("a", paths), ("b", paths[::-1])):
        (tmp_path / name).mkdir()
        for _ in range(2):
            output = Output(tmp_path / name)
            for path in order:
                output.write(path, path.encode())
            output.sweep(order)
            snapshot = {p.relative_to(tmp_path / name): p for p in (tmp_path / name).rglob("*") if p.is_file()}
            trees.append({p: (file.read_bytes(), file.stat().st_mtime_ns) for p, file in snapshot.items()})
    assert trees[0] == trees[1]
    assert trees[2] == trees[3]
    assert {p: data for p, (data, _) in trees[0].items()} == {p: data for p, (data, _) in trees[2].items()}


@pytest.mark.parametrize(
    "path",
    [
        "../all.atom",
        "theme/../../all.atom",
        "/etc/all.atom",
        "",
        "theme//a.atom",
        "theme/",
        ".htaccess",
        "theme/.git/x.atom",
        "theme/..",
        "a\\b.atom",
        "c:x.atom",
        "a\nb.atom",
        "a\x00b.atom",
        "a\ud800.atom",
        "trailing .atom/x.atom ",
        "theme/x.",
    ],
)
def test_odd_paths_are_refused_and_leave_no_trace(output, tmp_path, path):
    with pytest.raises(NewsletterError, match="no path for a public file") as caught:
        output.write(path, b"x")
    assert "\n" not in str(caught.value)
    assert files(output) == set()
    assert {p.name for p in tmp_path.iterdir()} == {"feeds"}


def test_accents_and_spaces_in_a_name_are_no_oddity(output):
    assert output.write("media/3f/Bilan de l’année (2023).pdf", b"x")


def test_a_link_out_of_the_folder_is_not_followed(output, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (output.root / "theme").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NewsletterError, match="no path for a public file"):
        output.write("theme/sante.atom", b"x")
    assert not any((tmp_path / "elsewhere").iterdir())


def test_sweep_removes_what_an_earlier_run_wrote_and_nobody_wants(output):
    for path in ("all.atom", "theme/old.atom", "articles/a.html", "media/1/a.pdf"):
        output.write(path, b"x")
    later = Output(output.root)
    later.write("all.atom", b"x")
    assert later.sweep({"all.atom", "articles/a.html"}) == 1
    assert files(output) == {"all.atom", "articles/a.html", "media/1/a.pdf"}
    assert not (output.root / "theme").exists()
    assert (output.root / "README.md").read_text() == "note"
    assert Output(output.root).sweep({"all.atom", "articles/a.html"}) == 0


def test_sweep_leaves_foreign_files_even_where_ours_stood(output):
    output.write("theme/old.atom", b"x")
    (output.root / "theme/contact.html").write_text("staff")
    (output.root / "mentions.html").write_text("staff")
    output.sweep(())
    assert files(output) == {"theme/contact.html", "mentions.html"}


def test_what_was_swept_once_is_no_longer_ours(output):
    output.write("theme/old.html", b"x")
    output.sweep(())
    (output.root / "theme").mkdir()
    (output.root / "theme/old.html").write_text("staff")
    assert Output(output.root).sweep(()) == 0
    assert files(output) == {"theme/old.html"}


def test_without_its_list_sweep_removes_nothing_until_it_wrote_again(output):
    output.write("all.atom", b"x")
    (output.root / ".newsletter-files").unlink()
    later = Output(output.root)
    assert later.sweep(()) == 0
    assert later.write("all.atom", b"x") is False
    assert Output(output.root).sweep(()) == 1


def test_a_list_that_names_other_places_removes_nothing_there(output, tmp_path):
    (tmp_path / "site.html").write_text("x")
    (output.root / ".newsletter-files").write_text("../site.html\n/etc/x.html\n\n")
    assert output.sweep(()) == 0
    assert (tmp_path / "site.html").exists()


def test_sweep_clears_what_a_killed_run_left_but_not_what_a_live_one_writes(output):
    (output.root / "theme").mkdir()
    dead, alive = output.root / "theme/.newsletter-dead.part", output.root / ".newsletter-live.part"
    dead.write_bytes(b"half")
    alive.write_bytes(b"half")
    with alive.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        output.sweep(())
    assert not dead.exists()
    assert alive.exists()
    output.sweep(())
    assert not alive.exists()


def test_a_missing_folder_is_one_clear_line(tmp_path):
    output = Output(tmp_path / "gone")
    for act in (lambda: output.write("all.atom", b"x"), lambda: output.sweep(())):
        with pytest.raises(NewsletterError, match=r"gone: no such folder; .*feeds\.output"):
            act()
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_folder_that_cannot_be_written_is_one_clear_line_and_no_half_file(output, monkeypatch, number):
    output.write("all.atom", b"old")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fchmod", fail)
    with pytest.raises(NewsletterError, match=os.strerror(number)) as caught:
        output.write("all.atom", b"new")
    assert "feeds.output" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (output.root / "all.atom").read_bytes() == b"old"
    assert not list(output.root.rglob("*.part"))


def test_a_file_that_stands_where_a_folder_must_is_one_clear_line(output):
    (output.root / "theme").write_text("in the way")
    with pytest.raises(NewsletterError, match=r"theme.*cannot be written"):
        output.write("theme/sante.atom", b"x")


@pytest.fixture
def packing(output: Output) -> Output:
    return Output(output.root, compress=True)


def test_each_document_has_its_gzip_beside_it_with_its_date(packing):
    for path in ("all.atom", "theme/sante.html", "feeds.opml"):
        assert packing.write(path, path.encode() * 99) is True
        packed, plain = packing.root / f"{path}.gz", packing.root / path
        assert gzip.decompress(packed.read_bytes()) == path.encode() * 99
        assert packed.stat().st_mtime_ns == plain.stat().st_mtime_ns
        assert packed.stat().st_mode & 0o777 == 0o644
    packing.write("redirects.txt", b"x")
    assert not (packing.root / "redirects.txt.gz").exists()


def test_same_bytes_leave_the_gzip_untouched_and_other_bytes_do_not(packing):
    packing.write("all.atom", b"same")
    before = (packing.root / "all.atom.gz").stat()
    assert Output(packing.root, compress=True).write("all.atom", b"same") is False
    after = (packing.root / "all.atom.gz").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    packing.write("all.atom", b"else")
    assert gzip.decompress((packing.root / "all.atom.gz").read_bytes()) == b"else"


def test_a_gzip_says_nothing_of_when_or_where_it_was_made(packing, tmp_path):
    (tmp_path / "other").mkdir()
    other = Output(tmp_path / "other", compress=True)
    packing.write("all.atom", b"same" * 99)
    packed = (packing.root / "all.atom.gz").read_bytes()
    other.write("theme/sante.atom", b"same" * 99)
    assert (other.root / "theme/sante.atom.gz").read_bytes() == packed
    assert packed[3:8] == bytes(5), "neither a name nor a time (RFC 1952 §2.3)"


@pytest.mark.parametrize(
    "harm",
    [b"", b"no gzip", gzip.compress(b"other"), gzip.compress(b"same")[:-4]],
    ids=["empty", "no gzip", "another", "cut off"],
)
def test_a_gzip_that_is_not_its_document_is_made_anew(packing, harm):
    packing.write("all.atom", b"same")
    date = (packing.root / "all.atom").stat().st_mtime_ns
    (packing.root / "all.atom.gz").write_bytes(harm)
    os.utime(packing.root / "all.atom.gz", ns=(date, date))
    assert packing.write("all.atom", b"same") is False
    assert gzip.decompress((packing.root / "all.atom.gz").read_bytes()) == b"same"


def test_a_gzip_that_got_another_date_has_that_of_its_document_again(packing):
    packing.write("all.atom", b"same")
    os.utime(packing.root / "all.atom", (10**9, 10**9))
    packing.write("all.atom", b"same")
    assert (packing.root / "all.atom.gz").stat().st_mtime == 10**9


@pytest.mark.parametrize(("stopped", "plain"), [("all.atom", b"old"), ("all.atom.gz", b"new")])
def test_a_run_that_ends_between_the_two_leaves_no_gzip_of_other_words(packing, monkeypatch, stopped, plain):
    packing.write("all.atom", b"old")
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == stopped:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        packing.write("all.atom", b"new")
    monkeypatch.undo()
    assert (packing.root / "all.atom").read_bytes() == plain
    assert not (packing.root / "all.atom.gz").exists()
    later = Output(packing.root, compress=True)
    assert not later.whole, "the next build looks at everything"
    later.write("all.atom", b"new")
    assert gzip.decompress((packing.root / "all.atom.gz").read_bytes()) == b"new"


def test_a_gzip_goes_with_its_document(packing):
    for path in ("all.atom", "theme/old.atom"):
        packing.write(path, b"x")
    later = Output(packing.root, compress=True)
    assert later.sweep({"all.atom"}) == 2
    assert files(packing) == {"all.atom", "all.atom.gz"}


def test_without_compression_our_gzips_go_and_those_of_others_stay(packing):
    packing.write("all.atom", b"old")
    (packing.root / "logo.svg.gz").write_bytes(b"theirs")
    (packing.root / "all.rss.gz").write_bytes(b"theirs")
    later = Output(packing.root)
    later.write("all.atom", b"new")
    assert not (packing.root / "all.atom.gz").exists(), "older words are not sent meanwhile"
    later.write("all.rss", b"new")
    later.sweep({"all.atom", "all.rss"})
    assert files(packing) == {"all.atom", "all.rss", "all.rss.gz", "logo.svg.gz"}
