"""Write the attachments of the sample articles: small PDF, CSV and ODS files, with the standard library only.

Run ``python examples/papers.py`` from anywhere; the same bytes come out each time.
"""

from __future__ import annotations

import io
import textwrap
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent.parent / "articles" / "fichiers"
PUBLISHER = "Centre de ressources des Trois Rivières"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
Table = list[tuple[str, ...]]


def pdf(title: str, pages: list[list[str]]) -> bytes:
    """Return a PDF of A4 pages (ISO 32000-1): a title on the first, headings (lines that begin with "# ") and lines."""
    first = 5
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) /ViewerPreferences << /DisplayDocTitle true >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        _font("Helvetica"),
        _font("Helvetica-Bold"),
    ]
    for number, lines in enumerate(pages):
        content = _content(title if number == 0 else "", lines, f"{PUBLISHER} – {number + 1}/{len(pages)}")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 2 * number + 1} 0 R"
            " /Resources << /Font << /Text 3 0 R /Bold 4 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects.append(b"<< /Title " + _string(title) + b" /Author " + _string(PUBLISHER) + b" >>")
    return _file(objects)


def _font(name: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()


def _string(text: str) -> bytes:
    """Return a PDF string in the one-byte code that the fonts use."""
    encoded = text.encode("cp1252")
    return b"(" + encoded.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)") + b")"


def _content(title: str, lines: list[str], footer: str) -> bytes:
    """Return the drawing of one page, top to bottom."""
    parts, y = [b"0.11 0.21 0.34 rg"], 770
    if title:
        parts.append(_line("Bold", 20, y, title))
        y -= 44
    for line in (piece for paragraph in lines for piece in textwrap.wrap(paragraph, 84)):
        heading = line.startswith("# ")
        y -= 12 if heading else 0
        parts.append(_line("Bold" if heading else "Text", 13 if heading else 11, y, line.removeprefix("# ")))
        y -= 22 if heading else 18
    parts.append(_line("Text", 9, 48, footer))
    return b"\n".join(parts)


def _line(font: str, size: int, y: int, text: str) -> bytes:
    return f"BT /{font} {size} Tf 64 {y} Td ".encode() + _string(text) + b" Tj ET"


def _file(objects: list[bytes]) -> bytes:
    """Return the file around the objects, the last of which is the document's information."""
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, size - 1, start)
    return bytes(out)


def csv(rows: Table, mark: str = ";") -> bytes:
    """Return a table as spreadsheets read it (French ones want semicolons), with the mark that says UTF-8."""
    return "".join(mark.join(row) + "\r\n" for row in rows).encode("utf-8-sig")


def ods(name: str, rows: Table) -> bytes:
    """Return a table as an OpenDocument sheet (ODF 1.2)."""
    spaces = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content xmlns:office="{spaces}:office:1.0"'
        f' xmlns:table="{spaces}:table:1.0" xmlns:text="{spaces}:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{escape(name)}">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="{spaces}:manifest:1.0"'
        f' manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return _package({"mimetype": ODS, "content.xml": content, "META-INF/manifest.xml": manifest})


def _cell(text: str) -> str:
    kind = f'float" office:value="{text}' if text.isdigit() else "string"
    return f'<table:table-cell office:value-type="{kind}"><text:p>{escape(text)}</text:p></table:table-cell>'


def _package(files: dict[str, str]) -> bytes:
    """Return a zip without clock or compressor in its bytes: entries of 1980, stored as they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            package.writestr(entry, text.encode())
    return out.getvalue()


PANORAMA: Table = [
    ("Territoire", "Quartiers", "Habitants", "Moins de 25 ans (%)", "Taux d’emploi (%)", "Logements rénovés (%)"),
    ("Haute-Orlaine", "17", "58400", "39,2", "47,1", "31,5"),
    ("Val-de-Sévanne", "23", "81900", "41,0", "45,8", "35,2"),
    ("Thiel-et-Marais", "21", "74300", "40,3", "44,9", "32,7"),
    ("Région Trois-Rivières", "61", "214600", "40,3", "45,8", "33,3"),
]

INDICATORS: Table = [
    ("Department", "Neighbourhoods", "Inhabitants", "Under 25 (%)", "Employment rate (%)"),
    ("Haute-Orlaine", "17", "58400", "39.2", "47.1"),
    ("Val-de-Sévanne", "24", "84700", "41.0", "45.9"),
    ("Thiel-et-Marais", "22", "77100", "40.4", "44.8"),
]

BUDGET: Table = [
    ("Poste", "Année 1 (€)", "Année 2 (€)"),
    ("Diagnostic des horaires", "6000", "0"),
    ("Véhicules et entretien", "18000", "9500"),
    ("Assurances", "2400", "2400"),
    ("Salaires", "31000", "32000"),
    ("Communication", "1500", "800"),
    ("Total", "58900", "44700"),
]

PANORAMA_PAGES = [
    [
        "# Soixante et un quartiers, trois départements",
        "Les quartiers prioritaires comptent 214 600 habitants, soit un habitant de la région sur onze. "
        "Quatre sur dix ont moins de 25 ans.",
        "# Emploi",
        "Le taux d’emploi atteint 45,8 %. L’écart avec les communes voisines a reculé de deux points "
        "en cinq ans, surtout chez les femmes de 30 à 49 ans.",
        "# Logement",
        "Un tiers du parc social a été rénové depuis 2015. Les charges de chauffage ont baissé de 18 % "
        "dans les immeubles concernés.",
    ],
    [
        "# Lire les indicateurs",
        "En dessous de 1 000 habitants, les pourcentages sont arrondis à l’unité.",
        "Les comparaisons d’une année sur l’autre demandent trois éditions au moins.",
        "# Citer ce document",
        "Observatoire régional, Panorama n° 3 des quartiers prioritaires, décembre 2023.",
    ],
]

GUIDE_PAGES = [
    [
        "# Avant de commencer",
        "Un noyau de quatre ou cinq personnes, un carnet, et la carte du cadastre.",
        "# Le terrain",
        "Identifier le propriétaire, demander une convention écrite, vérifier l’accès à l’eau.",
        "Faire analyser la terre : comptez 120 € et trois semaines.",
        "# La règle commune",
        "Une page, pas davantage : horaires, clés, arrosage, partage de la récolte, départ d’un membre.",
    ],
    [
        "# Le calendrier d’une première année",
        "Janvier : réunion des voisins. Mars : analyse de la terre. Avril : construction des bacs.",
        "Mai : premières plantations. Août : tours d’arrosage. Octobre : fête de la récolte.",
        "# Budget indicatif",
        "De 900 à 2 500 € pour vingt bacs, outils compris.",
    ],
]

TEST_PAGES = [
    [
        "# Méthode",
        "1 200 candidatures fictives envoyées à 600 offres, d’avril à octobre 2023.",
        "Deux candidatures par offre, identiques à l’adresse près, envoyées à un jour d’intervalle.",
        "# Résultats",
        "Réponses positives : 34 % pour l’adresse hors quartier, 26 % pour l’adresse en quartier prioritaire.",
        "Avec une grille d’entretien écrite, l’écart tombe à un point.",
    ],
    [
        "# Marges d’erreur",
        "À l’échelle de la région, l’écart est connu à deux points près, dans un sens ou dans l’autre.",
        "Par secteur, les effectifs sont trop faibles pour établir un classement.",
    ],
]

BOOKS_PAGES = [
    [
        "# Article 1 – Objet",
        "L’appel soutient la création ou le développement de vingt bibliothèques de rue.",
        "# Article 2 – Candidats",
        "Associations, centres sociaux, bibliothèques municipales, seuls ou ensemble.",
        "# Article 3 – Aide",
        "Jusqu’à 1 500 € d’ouvrages neufs par projet, et deux journées de formation.",
        "# Article 4 – Calendrier",
        "Dépôt avant le 19 avril 2024 à 18 h. Réponse du jury le 17 mai 2024.",
    ]
]

REPORT_PAGES = [
    [
        "# L’année en chiffres",
        "70 rencontres, dont 22 en ligne ; 2 400 participants, venus de 190 communes.",
        "12 publications, téléchargées 31 000 fois. 3 permanents et 2 apprenties.",
        "# Ce qui a marché",
        "Les visites d’étude et les webinaires de midi.",
    ],
    [
        "# Ce qui reste à faire",
        "Aller vers les petites communes, avec une permanence itinérante dans chaque département.",
        "Découper les formations longues en demi-journées.",
        "# Comptes",
        "Produits : 412 000 €. Charges : 405 300 €. Excédent : 6 700 €.",
    ],
]

HEALTH_PAGES = [
    [
        "# Objectif",
        "Aller à la rencontre des jeunes de 11 à 25 ans qui ne demandent pas d’aide.",
        "# Actions soutenues",
        "Aller vers, former, accueillir : un projet peut combiner les trois.",
        "# Critères",
        "Participation des jeunes à la conception ; partenariat avec un professionnel de santé ; "
        "gratuité ; évaluation partagée au bout d’un an.",
        "# Dépôt",
        "Avant le 3 mai 2024 à midi. Enveloppe totale : 300 000 €.",
    ]
]


def papers() -> dict[str, bytes]:
    """Return every attachment by its file name."""
    return {
        "panorama-2023.pdf": pdf("Panorama n° 3 des quartiers prioritaires", PANORAMA_PAGES),
        "panorama-2023.csv": csv(PANORAMA),
        "guide-jardin-partage.pdf": pdf("Guide du jardin partagé", GUIDE_PAGES),
        "budget-mobilite.ods": ods("Budget", BUDGET),
        "test-embauche-2023.pdf": pdf("Test régional sur l’embauche : synthèse", TEST_PAGES),
        "bibliotheques-de-rue.pdf": pdf("Bibliothèques de rue : règlement de l’appel", BOOKS_PAGES),
        "rapport-activite-2023.pdf": pdf("Rapport d’activité 2023", REPORT_PAGES),
        "sante-mentale-jeunes.pdf": pdf("Santé mentale des jeunes : cahier des charges", HEALTH_PAGES),
        "neighbourhood-indicators.csv": csv(INDICATORS, ","),
    }


def main() -> None:
    """Write every attachment into the folder of the articles."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in papers().items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}  {len(content):,} bytes")


if __name__ == "__main__":
    main()
