"""An output folder without a disk: documents as the makers write them, and what is said of one that was changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath

from newsletter import events
from newsletter.configfile import parse
from newsletter.feeds import atom, jsonfeed, opml, rss
from newsletter.feeds.head import Head
from newsletter.feeds.tree import Feed
from newsletter.model import Article, Attachment, Changes, EventDate, Image, Occasion, Term
from newsletter.validation.across import across
from newsletter.validation.documents import READERS
from newsletter.validation.folder import Folder

BASE = "https://www.troisrivieres.example.org"
NOW = datetime(2024, 4, 2, 7, tzinfo=UTC)
CONFIG = parse(
    {
        "site": {"name": "Centre de ressources des Trois Rivières", "url": BASE, "rights": "© Trois Rivières"},
        "taxonomies": {"theme": {"label": "Thème"}},
        "feeds": {
            "hub": "https://hub.example.org/",
            "icon": f"{BASE}/media/icone.png",
            "logo": f"{BASE}/media/logo.png",
        },
    }
)
SANTE = Feed("theme/sante", "Santé", "Thème : Santé", parent="theme", archived=True)
FEEDS = (Feed("all", "Toutes les publications"), Feed("theme", "Thème"), SANTE)


def article(name: str, day: int, **more: object) -> Article:
    """An article of a day of March with a term, a file, a picture and an event."""
    given = {
        "lang": "fr",
        "lead": f"Le chapô de {name}.",
        "html": f'<p>Voir <a href="{BASE}/articles/jardin.html">le jardin</a>.</p>',
        "terms": (Term("theme", "sante", "Santé"), Term("theme", "sport", "Sport")),
        "attachments": (Attachment(f"{BASE}/media/1f/plan.pdf", "Le plan", "application/pdf", 4321, True),),
        "image": Image(f"{BASE}/media/4d/vue.jpg", width=1200, height=800),
        "dates": (EventDate(datetime(2024, 5, 10, 12, tzinfo=UTC), datetime(2024, 5, 10, 14, tzinfo=UTC)),),
    }
    moment = datetime(2024, 3, day, 14, tzinfo=UTC)
    return Article(
        f"tag:www.troisrivieres.example.org,2024:{name}", f"articles/{name}", f"{BASE}/articles/{name}.html",
        f"L’article {name}", "given", text="Voir le jardin.", published=moment, updated=moment, arrival=1,
        **(given | more),
    )  # fmt: skip


JARDIN, ECOLE = article("jardin", 26), article("ecole", 25, lang="en")
PUITS, GUE = article("puits", 4), article("gue", 5)
GONE = ("tag:www.troisrivieres.example.org,2024:retire", datetime(2024, 3, 28, tzinfo=UTC))


def calendar(path: str, *articles: Article) -> bytes:
    made = [events.entry(each, [Occasion(1, date) for date in each.dates], Changes(), CONFIG) for each in articles]
    about = events.About("Santé", f"{BASE}/{path}.ics", f"{BASE}/{path}.html")
    return events.document(made, about)


PAGE = b"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>Le jardin</title>
<link rel="canonical" href="https://www.troisrivieres.example.org/articles/jardin.html">
<link rel="alternate" type="application/atom+xml" href="../theme/sante.atom">
</head>
<body>
<a href="#suite">La suite</a>
<h1 id="suite">Le jardin</h1>
<p><a href="https://elsewhere.example.org/">Ailleurs</a> <a href="mailto:lea@example.org">L\xc3\xa9a</a>
<a href="https://www.troisrivieres.example.org/comite">Le comit\xc3\xa9</a> <a href="../">Accueil</a></p>
<img src="../media/4d/vue.jpg" alt="La vue" width="1200" height="800">
</body>
</html>
"""


def documents() -> dict[str, bytes]:
    """Every document of a small publication."""
    moment = max(atom.updated(each) for each in (JARDIN, ECOLE))
    made: dict[str, bytes] = {}
    for feed in FEEDS:
        before = 2 if feed.archived else 0
        head = Head(feed, moment, before=before, deleted=(GONE,))
        for form, kind in ((atom, "atom"), (rss, "rss"), (jsonfeed, "json")):
            one = form.entry if form is atom else form.item
            made[f"{feed.path}.{kind}"] = form.document(head, [one(each, CONFIG) for each in (JARDIN, ECOLE)], CONFIG)
        made[f"{feed.path}.ics"] = calendar(feed.path, JARDIN, ECOLE)
    for number, each in ((1, PUITS), (2, GUE)):
        head = Head(SANTE, atom.updated(each), number, number - 1)
        made[f"archive/theme/sante/{number}.atom"] = atom.document(head, [atom.entry(each, CONFIG)], CONFIG)
    made["feeds.opml"] = opml.document(FEEDS, CONFIG)
    pages = ["index", *(f"articles/{each}" for each in ("ecole", "puits", "gue")), *(feed.path for feed in FEEDS)]
    for path in pages:
        depth = "../" * path.count("/")
        made[f"{path}.html"] = PAGE.replace(b"articles/jardin.html", f"{path}.html".encode()).replace(
            b"../", depth.encode() or b"./"
        )
    made["articles/jardin.html"] = PAGE
    return made


DOCUMENTS = documents()
MEDIA = ("media/1f/plan.pdf", "media/4d/vue.jpg", "media/icone.png", "media/logo.png")


def folder(published: dict[str, bytes], *, moved: tuple[str, ...] = ()) -> Folder:
    return Folder(BASE, NOW, frozenset(published), frozenset([*published, *MEDIA]), frozenset(moved))


def said(changed: dict[str, bytes], *, without: tuple[str, ...] = (), moved: tuple[str, ...] = ()) -> list[str]:
    """Everything that is wrong with a folder in which some documents are other ones, as ``path:line: what``."""
    every = {path: data for path, data in (DOCUMENTS | changed).items() if path not in without}
    where = folder(every, moved=moved)
    readings = [READERS[PurePosixPath(path).suffix](data, path, where) for path, data in every.items()]
    alone = [f"{each.path}:{line}: {what}" for each in readings for line, what in each.complaints]
    return [*alone, *(f"{path}:{line}: {what}" for path, line, what in across(readings, where))]


def told(path: str, old: str, new: str, count: int = -1) -> list[str]:
    """What is said once something in a document was replaced."""
    data = DOCUMENTS[path]
    assert old.encode() in data, f"{old!r} is not in {path}"
    return said({path: data.replace(old.encode(), new.encode(errors="surrogateescape"), count)})
