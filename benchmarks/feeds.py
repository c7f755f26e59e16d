"""Feeds: the whole process ``newsletter build``, Atom only, against Hugo for the same feeds.

10,000 stored articles, 500 terms of one taxonomy, 30 entries a feed. Hugo parses 10,000 files at each run, since it has
no other way; ours are in the books already. Pairs are interleaved, and the median of their ratios counts.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ARTICLES, MANY, TERMS, ENTRIES, ROUNDS = 10_000, 100_000, 500, 30, 5
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
SITE = "https://www.troisrivieres.example.org"
WORDS = ["atelier", "habitants", "quartier", "rencontre", "projet", "salle", "rivière", "jardin", "commune", "équipe"]

CONFIG = f"""
[site]
name = "Centre de ressources des Trois Rivières"
url = "{SITE}"
[feeds]
entries = {ENTRIES}
formats = ["atom"]
archives = false
[taxonomies.topic]
label = "Sujet"
"""

HUGO = f"""
baseURL = "{SITE}/"
title = "Centre de ressources des Trois Rivières"
disableKinds = ["section", "sitemap", "robotsTXT", "404"]
[taxonomies]
topic = "topics"
[markup.goldmark.renderer]
unsafe = true
[outputFormats.ATOM]
mediaType = "application/atom+xml"
baseName = "feed"
[mediaTypes."application/atom+xml"]
suffixes = ["atom"]
[outputs]
home = ["ATOM"]
term = ["ATOM"]
taxonomy = ["ATOM"]
"""

TEMPLATE = """{{ printf "<?xml version='1.0' encoding='UTF-8'?>" | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">
<id>tag:troisrivieres.example.org,2024:{{ .RelPermalink }}</id><title>{{ .Title }}</title>
{{- $pages := first 30 (where .Site.RegularPages "Type" "articles") }}
{{- if eq .Kind "term" }}{{ $pages = first 30 .Pages }}{{ end }}
<updated>{{ (index $pages 0).Date.Format "2006-01-02T15:04:05Z07:00" }}</updated>
<author><name>{{ .Site.Title }}</name></author>
{{ range .OutputFormats }}<link href="{{ .Permalink }}" rel="self" type="application/atom+xml"/>{{ end }}
{{ range $pages }}<entry><id>{{ .Params.tag }}</id><title>{{ .Title }}</title>
<updated>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</updated>
<published>{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}</published>
<content type="html">{{ .Content | transform.XMLEscape | safeHTML }}</content>
<link href="{{ .Permalink }}" rel="alternate"/><summary>{{ .Params.lead }}</summary>
{{ range .Params.topics }}<category term="{{ . }}"/>{{ end }}
</entry>
{{ end }}</feed>
"""


def main() -> None:
    """Print the rows of the table."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        ours, theirs = office(root / "ours", ARTICLES), hugo_site(root / "hugo", ARTICLES)
        print_whole(ours, theirs)
        print_added(ours, theirs)
        print_growth(root, ours)


def print_whole(ours: Path, theirs: Path) -> None:
    """Print the ratios of whole builds from an empty output, with what was serialised and without."""
    for name, prepare in (("warm", keep), ("cold", forget)):
        ratios, mine, peers = [], [], []
        for _ in range(ROUNDS):
            prepare(ours)
            mine.append(emptied(ours, build))
            peers.append(emptied(theirs, hugo))
            ratios.append(mine[-1] / peers[-1])
        print(f"feeds, {name}: {told(ratios)} of Hugo's time ({median(mine):.2f} s against {median(peers):.2f} s)")
    print(f"  files: {counted(ours, '*.atom')} ours, {counted(theirs, '*.atom')} Hugo's")


def print_added(ours: Path, theirs: Path) -> None:
    """Print the ratio of a build after one more article to Hugo's rebuild."""
    ratios, mine, peers = [], [], []
    for turn in range(ROUNDS):
        add(ours, ARTICLES + turn)
        (theirs / f"content/articles/{ARTICLES + turn}.md").write_text(hugo_article(ARTICLES + turn), encoding="utf-8")
        mine.append(build(ours))
        peers.append(hugo(theirs))
        ratios.append(mine[-1] / peers[-1])
    print(f"feeds, one article added: {told(ratios)} of Hugo's ({median(mine):.2f} s against {median(peers):.2f} s)")


def print_growth(root: Path, few: Path) -> None:
    """Print what one changed article costs among ten times as many, builds with nothing to do subtracted."""
    many = office(root / "many", MANY)
    peak = emptied_peak(many)
    costs = {path: [changed(path, turn) - build(path) for turn in range(ROUNDS)] for path in (few, many)}
    small, large = (median(costs[path]) for path in (few, many))
    print(f"feeds, one article changed: {large * 1e3:.0f} ms at {MANY:,}, {small * 1e3:.0f} ms at {ARTICLES:,}")
    print(f"  ratio {large / small:.2f}; nothing to do: {build(many):.2f} s and {build(few):.2f} s")
    print(f"  memory of the whole build at {MANY:,}: {peak:.0f} MB at the peak")


def told(ratios: list[float]) -> str:
    """Return the median of some ratios with their extremes."""
    return f"{median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})"


def office(root: Path, count: int) -> Path:
    """Make a publication with so many stored articles."""
    root.mkdir()
    (root / "config.toml").write_text(CONFIG, encoding="utf-8")
    store(root, range(count))
    build(root)
    return root


def store(root: Path, numbers: range, word: str = "") -> None:
    """Put articles into the books of a publication."""
    from newsletter.configfile import load
    from newsletter.pipeline.publication import Publication
    from newsletter.store import incoming
    from newsletter.store.engine import Store

    config = load(root / "config.toml")
    books = Store.open(config.store.url, root)
    publication = Publication(config, books, NOW)
    for start in range(numbers.start, numbers.stop, 1000):
        given = [incoming.Given(article(number, word)) for number in numbers if start <= number < start + 1000]
        with books.write() as connection:
            incoming.save_all(connection, given, publication.ends, ["topic"], publication.numbering())
    books.close()


def article(number: int, word: str = ""):  # type: ignore[no-untyped-def]
    """Return an article as intake would read it."""
    from newsletter.model import Article, Origin, Term

    url, published = f"{SITE}/actualites/{number}", NOW - timedelta(minutes=2 * MANY - number)
    return Article(
        id=f"tag:troisrivieres.example.org,2024:{number}",
        identity=url,
        url=url,
        title=f"Article {number} {word}".strip(),
        title_source="given",
        lead=f"Ce qu’il faut savoir de l’article {number}.",
        html=html(number),
        text="",
        lang="fr",
        published=published,
        updated=published,
        terms=tuple(Term("topic", f"sujet-{topic}", f"Sujet {topic}") for topic in topics(number)),
        source=Origin("banc", "markdown", "0" * 64),
    )


def topics(number: int) -> list[int]:
    """Return the topics of an article: three of all."""
    return sorted(random.Random(number).sample(range(TERMS), 3))


def html(number: int) -> str:
    """Return four thousand characters of text."""
    dice = random.Random(number)
    return "\n".join(f"<p>{' '.join(dice.choices(WORDS, k=60))}.</p>" for _ in range(9))


def hugo_site(root: Path, count: int) -> Path:
    """Make the site of the same articles for Hugo."""
    (root / "content/articles").mkdir(parents=True)
    (root / "layouts/_default").mkdir(parents=True)
    (root / "hugo.toml").write_text(HUGO, encoding="utf-8")
    for name in ("list", "term", "home"):
        (root / f"layouts/_default/{name}.atom").write_text(TEMPLATE, encoding="utf-8")
    for number in range(count):
        (root / f"content/articles/{number}.md").write_text(hugo_article(number), encoding="utf-8")
    return root


def hugo_article(number: int) -> str:
    """Return an article as Hugo reads it."""
    given = article(number)
    head = {
        "title": given.title,
        "date": given.published.isoformat(),
        "tag": given.id,
        "lead": given.lead,
        "topics": [term.slug for term in given.terms],
        "type": "articles",
    }
    return json.dumps(head, ensure_ascii=False) + "\n\n" + html(number)


def build(root: Path) -> float:
    """Return the seconds of one whole process ``newsletter build``."""
    command = [sys.executable, "-m", "newsletter", "--config", str(root / "config.toml"), "build"]
    return timed(command, root, {"NEWSLETTER_NOW": NOW.isoformat()})


def hugo(root: Path) -> float:
    """Return the seconds of one whole process ``hugo``."""
    return timed([shutil.which("hugo") or str(Path(sys.executable).parent / "hugo"), "--quiet"], root, {})


def timed(command: list[str], root: Path, environment: dict[str, str]) -> float:
    # As installed: with the bytecode of the package beside it.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    clock = time.perf_counter()
    subprocess.run(command, cwd=root, env=inherited | environment, check=True, **quiet)
    return time.perf_counter() - clock


def emptied(root: Path, run: Callable[[Path], float]) -> float:
    """Return the seconds of a build from an empty output."""
    for folder in ("feeds", "public"):
        shutil.rmtree(root / folder, ignore_errors=True)
    return run(root)


def emptied_peak(root: Path) -> float:
    """Return the MB at the peak of a build from an empty output."""
    shutil.rmtree(root / "feeds")
    program = (
        "import re, sys; from pathlib import Path; from newsletter.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1], file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "--config", str(root / "config.toml"), "build"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return int(done.stderr.split()[-1]) / 1024


def keep(root: Path) -> None:
    """Leave what was serialised as it is."""


def forget(root: Path) -> None:
    """Forget what was serialised."""
    books = sqlite3.connect(root / "newsletter.db")
    with books:
        books.execute("DELETE FROM serial")
    books.close()


def counted(root: Path, pattern: str) -> int:
    """Return how many documents a build wrote."""
    return sum(1 for folder in ("feeds", "public") for _ in (root / folder).rglob(pattern))


def add(root: Path, number: int) -> None:
    """Put one more article into the books."""
    store(root, range(number, number + 1))


def changed(root: Path, turn: int) -> float:
    """Return the seconds of a build after one article changed."""
    store(root, range(ARTICLES - 1 - turn, ARTICLES - turn), word=f"corrigé {turn}")
    return build(root)
