"""The small pages that say why there is nothing to read, in the language of the site."""

from __future__ import annotations

import html
from http import HTTPStatus
from string import Template

from newsletter.catalogue import spoken, words

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
    said = words("refusal", language)
    known = status if f"title_{status}" in said else int(HTTPStatus.NOT_FOUND)
    title, text = said[f"title_{known}"], said[f"text_{known}"]
    given = {"site": site, "title": title, "text": text, "link": new or home, "name": new or said["home"]}
    escaped = {key: html.escape(value) for key, value in given.items()}
    return _PAGE.substitute(escaped, language=spoken(language)).encode()
