"""What is written into elements, what stays in <style>, and what may not be in a letter's style sheet."""

import socket

import pytest

from newsletter.digest.stylesheet import inline, inlined, kept, structural

SHEET = """
/* a, b + c { } */
p { color: #111111 }
a:hover { color: #222222 }
@media (max-width: 400px) { p { color: #333333 } .x { margin: 0 } }
.x { margin: 4px }
"""


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html>\n<html><head><title>t</title>{head}</head><body>{body}</body></html>"


def test_rules_are_told_apart():
    assert inlined(SHEET) == "p { color: #111111 }\n.x { margin: 4px }"
    assert kept(SHEET).startswith("a:hover { color: #222222 }\n@media (max-width: 400px) {")
    assert kept(SHEET).count("{") == kept(SHEET).count("}") == 4


@pytest.mark.parametrize(
    "selector",
    [
        "tr + tr",
        "h2 ~ p",
        "td:first-child",
        "td:last-of-type > a",
        "tr:nth-child(2n + 1)",
        ".x:only-child",
        "p:empty",
        "a:not(:first-child)",
    ],
)
def test_selectors_that_look_at_neighbours_are_found(selector):
    assert structural(f"{SHEET} .y, {selector} {{ color: #000000 }}") == [selector]
    assert structural(f"@media print {{ {selector} {{ color: #000000 }} }}") == [selector]


def test_other_selectors_are_let_through():
    assert structural(SHEET + "a[href~='+'] { margin: 0 } div > p.first, a:hover { margin: 0 }") == []


def test_plain_rules_become_style_attributes():
    made = inline(page("<p class='x'>a</p>"), SHEET)
    assert '<p class="x" style="color:#111; margin:4px">a</p>' in made


def test_the_traps_of_the_inliner_are_closed():
    made = inline(
        page('<table width="100%"><tr><td class="w"><img class="w" src="x.png" width="40"></td></tr></table>'),
        ".w { width: 90%; height: auto; text-align: right; color: #123456 !important; mso-hide: all }",
    )
    assert made.startswith("<!DOCTYPE html>")
    assert 'width="40"' in made and 'width="90%"' not in made and 'height="auto"' not in made and "align=" not in made
    assert "color:#123456 !important" in made and "mso-hide:all" in made


def test_style_in_the_head_stays_as_it_is():
    css = "@media (prefers-color-scheme: dark) { .x > p { color: #abcdef !important } }"
    assert f"<style>{css}</style>" in inline(page("<p>a</p>", f"<style>{css}</style>"), "")


def test_nothing_is_fetched(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    head = '<link rel="stylesheet" href="http://www.example.org/a.css">'
    made = inline(page('<img src="http://www.example.org/a.png">', head), "@import url(http://www.example.org/b.css);")
    assert head in made
