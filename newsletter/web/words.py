"""The small pages that say why there is nothing to read, in the language of the site."""

from __future__ import annotations

import html
from collections.abc import Mapping
from http import HTTPStatus
from string import Template

from newsletter.phrases import NBSP, spoken

WORDS: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "fr": {
        301: ("Adresse changée", "Cette page a une nouvelle adresse."),
        404: ("Page introuvable", f"Rien n’est publié à cette adresse{NBSP}: vérifiez-la, ou partez de l’accueil."),
        405: ("Demande refusée", "Cette adresse se lit, et rien d’autre."),
        410: ("Page retirée", "Ce qui se trouvait à cette adresse n’est plus publié et ne reviendra pas."),
        412: ("Demande refusée", "Ce document a changé entre-temps."),
        416: ("Demande refusée", "Ce fichier n’a pas la partie demandée."),
        500: ("Panne", "Ce site ne peut pas répondre pour le moment. Réessayez plus tard."),
    },
    "en": {
        301: ("Moved", "This page has a new address."),
        404: ("Page not found", "Nothing is published at this address: check it, or start from the home page."),
        405: ("Request refused", "This address can be read, and nothing else."),
        410: ("Page withdrawn", "What stood at this address is no longer published and will not return."),
        412: ("Request refused", "This document has changed meanwhile."),
        416: ("Request refused", "This file does not have the part that was asked for."),
        500: ("Out of order", "This site cannot answer at the moment. Try again later."),
    },
}

HOME = {"fr": "Accueil", "en": "Home"}

_PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>$title – $site</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }</style>
</head>
<body>
<main>
<h1>$title</h1>
<p>$text</p>
<p><a href="$link">$name</a></p>
</main>
</body>
</html>
""")


def page(status: int, site: str, language: str, home: str, new: str = "") -> bytes:
    """Return the page for a status, which leads to the home page, or to the new address where there is one."""
    tongue = spoken(language)
    title, text = WORDS[tongue].get(status) or WORDS[tongue][HTTPStatus.NOT_FOUND]
    given = {"site": site, "title": title, "text": text, "link": new or home, "name": new or HOME[tongue]}
    return _PAGE.substitute({key: html.escape(value) for key, value in given.items()}, language=tongue).encode()
