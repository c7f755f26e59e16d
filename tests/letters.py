"""An issue of the fictitious Centre de ressources des Trois Rivières, for the tests of letters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lxml import html
from msgspec import structs

from newsletter.brand import Brand, FootLink, Logo
from newsletter.config import Mailbox
from newsletter.digest.letter import CORRECTED, TITLES, Block, Contents, Form, Heading, Intro, Letter, Links
from newsletter.model import Article, Attachment, EventDate, Image, Term
from newsletter.shipped import templates as shipped

PARIS = ZoneInfo("Europe/Paris")
BASE = "https://www.troisrivieres.example.org/lettres"
SITE = "https://www.troisrivieres.example.org"
NONCE = "qzkvxwjpyhbt"
LINKS = Links(f"{BASE}/unsubscribe/mXr4-T0k_en", f"{BASE}/preferences/mXr4-T0k_en?a=1&b=2")

AGENDA = Term("type", "agenda", "Agenda")
NEWS = Term("type", "actualites", "Actualités")
CALL = Term("type", "appels", "Appels à projets")
SCHOOL = Term("theme", "education", "Éducation")
HOUSING = Term("theme", "habitat", "Habitat et cadre de vie")
NORTH = Term("territory", "vallee-nord", "Vallée nord")


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def templates(**changed: str) -> dict[str, str]:
    """Read the shipped template folder; ``page_html=`` replaces ``page.html``."""
    folder: Path = shipped() / "email" / "digest"
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
    return files | {name.replace("_", "."): source for name, source in changed.items()}


def article(number: int, title: str, lead: str = "", **facts: object) -> Article:
    known = Article(
        id=f"tag:troisrivieres.example.org,2024:{number}",
        identity=f"articles/{number}",
        url=f"{SITE}/articles/{number}",
        title=title,
        title_source="front matter",
        lead=lead,
        html="",
        text="",
        lang="fr",
        published=at(2024, 3, 28, 9),
        updated=at(2024, 3, 28, 9),
        terms=(NEWS,),
    )
    return replace(known, **facts)


ARTICLES = (
    article(
        1,
        "Ateliers du soir : ce que quatre communes ont appris en deux ans",
        "À la tombée du jour, les salles de classe rouvrent pour les parents. Le centre a suivi quatre équipes : "
        "ce qui a tenu, ce qui a lassé, ce qui coûte moins cher qu’on ne le croyait.",
        terms=(NEWS, SCHOOL, NORTH),
        image=Image(
            f"{BASE}/media/3f2a/ateliers-1200.jpg",
            "Une salle de classe éclairée, vue de la rue",
            1200,
            600,
            f"{BASE}/media/3f2a/ateliers-600.jpg",
        ),
    ),
    article(
        2,
        "Rencontre des équipes de quartier",
        "Une matinée d’échanges sur les budgets participatifs et deux visites au choix. Sur inscription.",
        terms=(AGENDA, HOUSING, NORTH),
        dates=(EventDate(at(2024, 4, 11, 9, 30), at(2024, 4, 11, 12, 30)),),
    ),
    article(
        3,
        "Rapport d’activité 2023",
        "Soixante pages, trois cartes et une page de chiffres à garder sous la main.",
        attachments=(
            Attachment(f"{BASE}/media/9c1d/rapport-2023.pdf", "Rapport d’activité 2023", "application/pdf", 3596616),
            Attachment(f"{BASE}/media/77aa/tableaux.ods", "Tableaux", "application/octet-stream", 372695),
        ),
    ),
    article(
        4,
        "Cours et jardins : 120 000 € pour végétaliser les pieds d’immeuble",
        "Les associations et les bailleurs déposent un dossier commun. Une réunion de questions se tient en ligne.",
        terms=(CALL, HOUSING),
        deadline=at(2024, 12, 15, 12),
    ),
    article(
        5,
        "Neighbourhood libraries: a field guide",
        "A short guide from our partners, with a checklist for the first year.",
        lang="en",
        terms=(Term("type", "ressources", "Publications et ressources"), SCHOOL),
    ),
    article(
        6,
        "Journées d’été de la médiation",
        "Trois jours de formation au bord de l’eau.",
        terms=(AGENDA,),
        dates=(EventDate(at(2025, 7, 1), at(2025, 7, 4), all_day=True),),
    ),
    article(7, "Ce que lisent les médiatrices, n° 12", "Dix notes de lecture."),
    article(8, "La carte des lieux d’accueil est à jour", "Trente-deux adresses, dont cinq nouvelles."),
)

CONTENTS = Contents(
    name="lettre/2024-04-02",
    list="lettre",
    title={"fr": "La lettre des Trois Rivières", "en": "The Three Rivers letter"},
    number=42,
    opened=at(2024, 4, 2, 9),
    base=BASE,
    site="Centre de ressources des Trois Rivières",
    sender=Mailbox(address="lettre@troisrivieres.example.org"),
    articles=ARTICLES,
    headings=(
        Heading({"fr": "À la une", "en": "Top story"}, (0,), max=1, layout="top"),
        Heading({"fr": "Agenda", "en": "Events"}, (1, 5), upcoming=True, form=Form.SHORT, layout="upcoming"),
        Heading({"fr": "Actualités et ressources", "en": "News"}, (2, 4, 3, 6, 7, 0, 1, 5)),
    ),
    contact="lettre@troisrivieres.example.org",
    description={"fr": "Ce qui bouge dans les quartiers, deux fois par mois.", "en": "What moves, twice a month."},
    intro=Intro(
        "<p>Le printemps revient, les chantiers aussi. <strong>Deux rencontres</strong> vous attendent "
        f'et <a href="{SITE}/jardins">un jardin</a> s’ouvre.</p><p>L’équipe</p>',
        "Le printemps revient, les chantiers aussi. Deux rencontres vous attendent "
        f"et un jardin s’ouvre ({SITE}/jardins).\n\nL’équipe",
    ),
    corrected=(6,),
    brand=Brand(
        logo=Logo(url=f"{BASE}/media/5b1c/logo.png", alt="Trois Rivières", width=180, height=48),
        links=(FootLink(title={"fr": "Mentions légales", "en": "Legal notice"}, url=f"{SITE}/mentions"),),
    ),
    calendars=True,
)


def letter(language: str = "fr", **facts: object) -> Letter:
    known = Letter(
        language=language,
        light=False,
        blocks=(
            Block(0, ((0, Form.FULL),)),
            Block(1, ((1, Form.SHORT), (5, Form.SHORT))),
            Block(2, ((2, Form.FULL), (3, Form.FULL), (4, Form.FULL))),
            Block(CORRECTED, ((6, Form.SHORT),)),
            Block(TITLES, ((7, Form.TITLE),)),
        ),
        count=20,
        others=12,
        subject="",
        preheader=f"{ARTICLES[1].title} · {ARTICLES[2].title}",
    )
    return structs.replace(known, **facts)


def tree(document: str) -> object:
    """Parse HTML into plain tuples; runs of blanks count as one, no-break spaces are kept."""

    def node(element: html.HtmlElement) -> object:
        inside = [words(element.text), *((node(child), words(child.tail)) for child in element)]
        return (str(element.tag), sorted(element.attrib.items()), inside)

    def words(text: str | None) -> str:
        return re.sub("[ \\t\\r\\n]+", " ", text or "").strip(" ")

    return node(html.document_fromstring(document))
