"""Which files of folders are read, in which order, and what their names cost."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from newsletter.pipeline.folders import Files


def made(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def found(*paths: Path, but: tuple[Path, ...] = ()) -> tuple[list[str], list[str]]:
    files, failures = Files(), []
    files.find(paths, but, lambda path, what: failures.append(f"{path.name}: {what}"))
    names = [file.name for some in files.batches() for file in some]
    assert len(names) == files.count
    return names, failures


def test_texts_are_read_before_tables_and_those_before_what_they_may_name(tmp_path: Path) -> None:
    made(tmp_path, "b.xml", "a.csv", "z.md", "un/c.md", "un/a.json", "deux/c.CSV", "sans", "photo.jpg", "x.docx", "a.")
    names, _ = found(tmp_path)
    assert names == ["z.md", "c.md", "a.csv", "c.CSV", "a.", "b.xml", "sans", "a.json"]


def test_what_is_hidden_or_ours_or_no_file_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path, "in/un.md", ".git/deux.md", ".trois.md", "feeds/quatre.html", "ailleurs/cinq.md")
    os.mkfifo(tmp_path / "in" / "six.md")
    (tmp_path / "in" / "sept.md").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "huit").symlink_to(tmp_path / "ailleurs")
    assert found(tmp_path, but=(tmp_path / "feeds",))[0] == ["cinq.md", "un.md"]


@pytest.mark.parametrize("paths", [("", "un/a.md"), ("un/a.md", ""), ("un", ""), ("", "un"), ("", "")])
def test_a_file_is_read_once_whichever_paths_hold_it(tmp_path: Path, paths: tuple[str, ...]) -> None:
    made(tmp_path, "un/a.md", "un/b.md", "c.md")
    assert sorted(found(*(tmp_path / path for path in paths))[0]) == ["a.md", "b.md", "c.md"]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    made(tmp_path, "un/a.md")
    names, [failure] = found(tmp_path / "absent", tmp_path)
    assert (names, failure) == (
        ["a.md"],
        "absent: cannot be read (No such file or directory); correct the name or its rights",
    )


def test_the_names_of_a_large_folder_cost_their_letters_and_no_more(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"article-{number:06}.md").touch()
    files = Files()
    tracemalloc.start()
    try:
        files.find([tmp_path], (), lambda *_: None)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / files.count < 40
