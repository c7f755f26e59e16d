"""The program as people call it: the command line of a publication on disk, in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsletter.cli import main
from newsletter.store.engine import Store

NOW = "2024-04-02T09:00:00+02:00"

CONFIG = """
[site]
name = "Centre de ressources des Trois Rivières"
url = "https://www.troisrivieres.example.org"

[taxonomies.type]
label = "Type"
events = ["agenda"]

[taxonomies.theme]
label = { fr = "Thématique", en = "Theme" }
[taxonomies.theme.terms]
education = { label = "Éducation" }
sante = { label = "Santé" }

[lists.lettre]
title = "La lettre des Trois Rivières"
sender = { address = "lettre@troisrivieres.example.org" }
[[lists.lettre.sections]]
title = "Agenda"
select = "upcoming"
filter = { type = ["agenda"] }
[[lists.lettre.sections]]
title = "Actualités"
filter = { type = ["actualite"] }

[lists.veille]
title = "La veille"
sender = { address = "veille@troisrivieres.example.org" }
"""


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it wrote with --json."""
        return json.loads(self.out)


Run = Callable[..., Result]


@dataclass
class Desk:
    """A publication in a folder, the commands of which run at a frozen instant."""

    root: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str | Path, now: str = NOW) -> Result:
        """Run ``newsletter`` in the folder of the publication."""
        self.monkeypatch.chdir(self.root)
        self.monkeypatch.setenv("NEWSLETTER_NOW", now)
        self.monkeypatch.setattr(sys, "argv", ["newsletter", *map(str, arguments)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        said = self.capsys.readouterr()
        return Result(int(stopped.value.code or 0), said.out, said.err)

    def article(self, name: str, *, body: str = "Un texte pour les habitants.", **keys: str) -> Path:
        """Write an article; keys are its front matter."""
        given = {"title": f"L’article {name}", "date": "2024-03-26 10:00", "type": "Actualité"} | keys
        fenced = "".join(f"{key}: {value}\n" for key, value in given.items() if value)
        return self.write(f"articles/{name}.md", f"---\n{fenced}---\n\n{body}\n")

    def write(self, path: str, content: str | bytes) -> Path:
        """Write a file of the publication."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def store(self) -> Store:
        """Open the books."""
        return Store.open("sqlite:///newsletter.db", self.root)


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return every file below a folder: its bytes, when it was written, and which file it is on the disk."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
        for path in found
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {path: facts[0] for path, facts in tree(folder).items()}
