"""What is said of a page for people."""

from __future__ import annotations

import pytest

from tests.unit.validation.folder_sample import BASE, told

PATH = "articles/jardin.html"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<!doctype html>\n", "", "1: does not begin with <!doctype html>"),
        ("</html>", "", "ends before </html>"),
        (' lang="fr"', "", "<html> lang '' is no language"),
        (' lang="fr"', ' lang="français"', "is no language"),
        ('<meta charset="utf-8">\n', "", "does not name its charset"),
        ("<title>Le jardin</title>", "", "must have one <title> that says something"),
        ("<title>Le jardin</title>", "<title> </title>", "must have one <title> that says something"),
        ("<h1 ", "<h2 ", "must have one <h1> that says something"),
        ("</h1>", "</h1><h1>Encore</h1>", "must have one <h1> that says something"),
        (f'href="{BASE}/articles/jardin.html"', f'href="{BASE}/articles/ecole.html"', "6: says that it stands at"),
        ('id="suite"', 'id="fin"', "10: links to #suite, which is not on the page"),
        ("</h1>", '</h1><p id="suite">Fin</p>', "has the id 'suite' 2 times"),
        ("../theme/sante.atom", "../theme/x.atom", "7: <link> leads to theme/x.atom, which is not there"),
        ("../media/4d/vue.jpg", "../media/4d/x.jpg", "14: <img> leads to media/4d/x.jpg, which is not there"),
        ("../media/4d/vue.jpg", "https://x.example.org/a.jpg", "14: <img> loads 'https://x.example.org/a.jpg' from"),
        ("../media/4d/vue.jpg", "//x.example.org/a.jpg", "loads '//x.example.org/a.jpg' from elsewhere"),
        ('alternate" type="application/atom+xml" href="../', 'icon" href="https://x.example.org/', "7: <link> loads"),
        (' alt="La vue"', "", "14: shows '../media/4d/vue.jpg' without saying what it is"),
        ('href="mailto:lea@example.org"', 'href="JavaScript:x()"', "12: <a> leads to a script"),
        ("<p>", "<p onclick='x()'>", "12: has onclick of <p>"),
        (f"{BASE}/comite", f"{BASE}/articles/x.html", "13: <a> leads to articles/x.html, which is not there"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_page_is_told(old: str, new: str, what: str) -> None:
    found = told(PATH, old, new)
    assert any(each.startswith(f"{PATH}:") and what in each for each in found), found
    assert all("; " in each or "is no language" in each for each in found), "and what to do"
