"""Articles, from a folder of Markdown files to the books, against a loop that only parses and cleans the same files.

Each figure is taken in a process of its own, after its start-up: by the clock, and by the time of the processor, which
a shared machine disturbs less. The memory is that of the process at its peak, as Linux counts it.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ARTICLES, MANY, ROUNDS, FEEDS = 10_000, 100_000, 5, (19, 50)
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
SITE = "https://www.troisrivieres.example.org"

TYPES = ["Actualité", "Agenda", "Appel à projets", "Formation", "Publication", "Retour sur"]
THEMES = ["Culture et sport", "Éducation", "Emploi et insertion", "Habitat", "Participation des habitants", "Santé"]
PLACES = ["Montorlaine", "Les Tanneries", "Belroche", "Port-Thiel", "L’Isle-Thiel", "Val-de-Sévanne", "La Briqueterie"]
BEGUN = ["Le", "La", "Notre", "Cette", "Chaque", "Une", "Depuis mars, la", "À Belroche, le", "Dès l’automne, la"]
# fmt: off
WORDS = [
    "atelier", "association", "habitants", "quartier", "médiathèque", "rencontre", "projet", "élèves",
    "collège", "salle", "marché", "rivière", "jardin", "bailleur", "commune", "équipe", "dossier", "fête",
    "été", "santé", "emploi", "bénévoles", "visite", "parcours", "logement", "cour", "école", "place",
    "réunion", "fiche", "calendrier", "soutien", "métier", "jeunesse", "loisirs", "cuisine", "vélo", "pont",
    "quai", "lecture", "théâtre", "mémoire",
]
# fmt: on
JOINED = ["du", "de la", "pour le", "avec une", "à la", "vers la", "sans", "près de la", "et", "puis", "où", "chaque"]


def main() -> None:
    """Print the rows of the table."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        few = written(root / "few", ARTICLES)
        print_speed(few)
        alone = measured("import", few)["peak"]
        many = measured("import", written(root / "many", MANY))
        print(f"memory: {alone:.0f} MB at the peak for {ARTICLES:,} articles, {many['peak']:.0f} MB for {MANY:,}")
        print_feed(root)


def print_speed(folder: Path) -> None:
    """Print articles a second, the ratio to the peer, and what the time goes to."""
    print_again(folder)
    pairs = [(measured("import", folder), measured("peer", folder)) for _ in range(ROUNDS)]
    for clock, name in (("seconds", "by the clock"), ("cpu", "of processor time")):
        ours, theirs = (median(each[clock] for each in column) for column in zip(*pairs, strict=True))
        ratios = [mine[clock] / peer[clock] for mine, peer in pairs]
        print(f"articles: {ARTICLES / ours:.0f} a second {name}")
        print(f"  the peer, which parses and cleans only: {ARTICLES / theirs:.0f} a second")
        print(
            f"  times the peer's, median of {ROUNDS} pairs: {median(ratios):.1f} ({min(ratios):.1f}, {max(ratios):.1f})"
        )
    whole = median(mine["cpu"] for mine, _ in pairs)
    files, taken = (median(measured(what, folder)["cpu"] for _ in range(ROUNDS)) for what in ("open", "read"))
    parts = {"files": files, "reading and cleaning": taken - files, "the books": whole - taken}
    print("  of it", ", ".join(f"{name} {each / ARTICLES * 1e6:.0f} µs" for name, each in parts.items()), "an article")


def print_again(folder: Path) -> None:
    """Print what it takes to import the same files a second time, which changes nothing, against the first time."""
    pairs = [(measured("import", folder), measured("again", folder)) for _ in range(ROUNDS)]
    again = median(second["cpu"] for _, second in pairs)
    ratios = [second["cpu"] / first["cpu"] for first, second in pairs]
    print(f"the same again: {ARTICLES / again:.0f} a second of processor time")
    print(f"  times the first, median of {ROUNDS} pairs: {median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f})")


def print_feed(root: Path) -> None:
    """Print what becomes of large feeds, as files and over the net: one that just fits, and one that does not."""
    from tests.web_server import Reply, WebServer

    for size in FEEDS:
        feed = root / f"feed-{size}" / "feed.xml"
        feed.parent.mkdir()
        feed.write_text(rss(size << 20), encoding="utf-8")
        with WebServer({"/feed.xml": Reply(feed.read_bytes(), type="application/rss+xml", packed=True)}) as web:
            found = {"import": measured("import", feed), "collect": measured("collect", web.url("/feed.xml"))}
        for name, each in found.items():
            said = each["said"].rpartition(": ")[2]
            print(f"{name} of a feed of {size} MB: {said}; {each['seconds']:.1f} s, {each['peak']:.0f} MB at the peak")


def measured(work: str, what: Path | str) -> dict[str, Any]:
    """Return what a process of its own found of one piece of work."""
    command = [sys.executable, "-m", "benchmarks.articles", work, str(what)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def measure(work: str, what: str) -> None:
    """Do one piece of work and print time, memory, and what it said."""
    with TemporaryDirectory() as folder:
        task = WORKS[work](what, Path(folder))
        clock, processor = time.perf_counter(), time.process_time()
        said = task()
        found = {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - processor}
    # not ru_maxrss, which a process inherits of the one that began it
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    print(json.dumps({**found, "said": said, "peak": int(peak[1]) / 1024 if peak else 0}))


def importing(what: str, root: Path) -> Callable[[], str]:
    """Prepare the import of a file or folder into new books."""
    from newsletter.pipeline.importing import import_paths

    books = publication(root, {"articles": {"path": what}})

    def task() -> str:
        report = import_paths(books, [Path(what)])
        return "; ".join(report.failures) or f"{report.counts.total()} articles"

    return task


def repeating(what: str, root: Path) -> Callable[[], str]:
    """Prepare the import of a file or folder that is in the books as it is."""
    task = importing(what, root)
    task()
    return task


def collecting(what: str, root: Path) -> Callable[[], str]:
    """Prepare the collection of an address into new books."""
    from newsletter.fetching import Fetcher
    from newsletter.pipeline.collecting import collect

    books = publication(root, {"feed": {"url": what, "private": True}})

    def task() -> str:
        with Fetcher("benchmark") as fetcher:
            report = collect(books, ["feed"], fetcher)
        return "; ".join(report.failures) or f"{report.counts.total()} articles"

    return task


def opening(what: str, root: Path) -> Callable[[], str]:
    """Prepare to read the bytes of files, and no more."""
    files = sorted(Path(what).iterdir())
    return lambda: f"{sum(len(file.read_bytes()) for file in files)} bytes"


def reading(what: str, root: Path) -> Callable[[], str]:
    """Prepare to make articles of files, without books."""
    from newsletter import intake
    from newsletter.config import Source

    desk = publication(root, {}).desk("import", Source(""))
    files = sorted(Path(what).iterdir())
    return lambda: f"{sum(len(intake.read(file.read_bytes(), file.name, desk)) for file in files)} articles"


def peering(what: str, root: Path) -> Callable[[], str]:
    """Prepare the peer: YAML by libyaml, Markdown by pyromark, HTML by nh3, and nothing is done with it."""
    import nh3
    import pyromark
    import yaml

    files = sorted(Path(what).iterdir())

    def task() -> str:
        size = 0
        for file in files:
            _, head, body = file.read_text(encoding="utf-8").split("---\n", 2)
            size += len(yaml.load(head, Loader=yaml.CSafeLoader)) + len(nh3.clean(pyromark.html(body)))
        return f"{size} characters"

    return task


WORKS = {
    "import": importing,
    "again": repeating,
    "collect": collecting,
    "open": opening,
    "read": reading,
    "peer": peering,
}


def publication(root: Path, sources: dict[str, object]):  # type: ignore[no-untyped-def]
    """Return a publication of three taxonomies with new books."""
    from newsletter.configfile import parse
    from newsletter.pipeline.publication import Publication
    from newsletter.store.engine import Store

    taxonomies = {name: {"label": name} for name in ("type", "theme", "territory")}
    taxonomies["type"]["events"] = ["agenda"]
    site = {"name": "Centre de ressources des Trois Rivières", "url": SITE}
    config = parse({"site": site, "taxonomies": taxonomies, "sources": sources}, root=root)
    return Publication(config, Store.open(config.store.url, root), NOW)


def written(folder: Path, count: int) -> Path:
    """Write a folder of Markdown files."""
    folder.mkdir()
    for number in range(count):
        (folder / f"article-{number:06}.md").write_text(markdown(number), encoding="utf-8")
    return folder


def markdown(number: int) -> str:
    """Return an article with its front matter."""
    dice = random.Random(number)
    day = NOW - timedelta(hours=number % 20_000)
    lines = [
        f'title: "{sentence(dice, 6)} : n° {number}"',
        f"date: {day:%Y-%m-%d %H:%M}",
        f"type: {dice.choice(TYPES)}",
    ]
    lines += [f"theme: [{', '.join(dice.sample(THEMES, 2))}]", f"territory: {dice.choice(PLACES)}"]
    if number % 4 == 0:
        lines += ["dates:", f"  - {{start: {day + timedelta(days=20):%Y-%m-%d} 14:00}}"]
    if number % 5 == 0:
        lines += ["attachments:", f"  - {{url: {SITE}/files/dossier-{number}.pdf, title: Le dossier {number}}}"]
    return "---\n" + "\n".join(lines) + "\n---\n\n" + "\n\n".join(blocks(dice, number)) + "\n"


def blocks(dice: random.Random, number: int) -> Iterator[str]:
    """Yield the paragraphs, headings and lists of an article of two to four thousand characters."""
    yield paragraph(dice)
    for part in range(dice.randrange(2, 5)):
        yield f"## {sentence(dice, 4)}"
        yield f"{paragraph(dice)} Voir [{sentence(dice, 3)}]({SITE}/pages/{number}-{part})."
        yield "\n".join(f"- **{sentence(dice, 3)}** {sentence(dice, 7)} ;" for _ in range(3))


def rss(size: int) -> str:
    """Return a feed of so many bytes."""
    dice, items, length = random.Random(1), [], 0
    while length < size:
        where = f"{SITE}/actualites/{len(items)}"
        words = "".join(f"&lt;p&gt;{paragraph(dice)}&lt;/p&gt;" for _ in range(5))
        items.append(
            f"<item><title>{sentence(dice, 6)}</title><link>{where}</link><description>{words}</description></item>"
        )
        length += len(items[-1].encode())
    return f'<rss version="2.0"><channel><title>Actualités</title>{"".join(items)}</channel></rss>'


def paragraph(dice: random.Random) -> str:
    """Return some sentences."""
    return " ".join(f"{sentence(dice, dice.randrange(8, 16))}." for _ in range(dice.randrange(3, 6)))


def sentence(dice: random.Random, length: int) -> str:
    """Return words in a row, without the full stop."""
    rest = " ".join(f"{dice.choice(WORDS)} {dice.choice(JOINED)}" for _ in range(length // 2))
    return f"{dice.choice(BEGUN)} {rest} {dice.choice(WORDS)}"


if __name__ == "__main__":
    measure(*sys.argv[1:])
