"""Foreign HTML becomes ours: a written allow-list, absolute addresses, headings from h2 to h4, and words alone.

Everything that is not named here goes; of what may hold code, the content goes too.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import unquote, urljoin, urlsplit

import nh3

from newsletter.intake.identity import escaped, host
from newsletter.intake.plain import INSIDE, inlined, level, text
from newsletter.intake.played import ATTRIBUTES, PLAYERS, linked
from newsletter.intake.tangle import untangled
from newsletter.intake.wording import cut, seen

LEAD = 280
"""The longest lead, in characters."""

_FLAT = frozenset({"p", "br", "a", "img", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"em", "strong", "b", "i", "u", "s", "small", "mark", "sub", "sup", "abbr", "del", "ins", "time"})
_CODES = frozenset({"q", "cite", "code", "kbd", "samp", "var"})
_LISTS = frozenset({"ul", "ol", "li", "dl", "dt", "dd", "div", "blockquote", "pre", "hr", "figure", "figcaption"})
_TABLE = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
_TAGS = _FLAT | _LINES | _CODES | _LISTS | _TABLE
_GONE = {"script", "style", "iframe", "object", "embed", "applet", "noscript", "template", "svg", "math", "title"}
_GONE |= {"button", "select", "textarea", "audio", "video", "canvas", "frameset", "noembed", "noframes", "xmp"}
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
    "abbr": {"title"},
    "time": {"datetime"},
} | {name: set(ATTRIBUTES) for name in (*PLAYERS, "source")}
_ANYWHERE = {"lang", "title"}
_SCHEMES = {"http", "https", "mailto", "tel"}
_TRIES = 5
_DEEPEST = 60  # elements inside each other: readers, mail programs and parsers give up soon after

_PLAYED = re.compile(r"<(?:iframe|video|audio|embed|object)\b", re.IGNORECASE)

# What clean HTML looks like: it escapes < and > in words and attributes, and each of its attributes has quotes.
_STROKE = re.compile(">\u0338+")
_FOLLOWED = re.compile(r'<(a|img)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LINK = re.compile(r"<a(?: [^>]*)?>|</a>")
_LEVEL = re.compile(r"<h([1-6])\b")
_EMPTY = re.compile(r"<(p|div|li|h[1-6])\b[^>]*>(?:\s|<br>)*</\1>")
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]+(?:/[\w./~-]*)?(?:#[\w.~-]+)?", re.ASCII)
# The words of a paragraph, up to the first tag that does not stand inside a line
_PROSE = re.compile(rf"<(?:p|div|dd|li|blockquote)\b[^>]*>([^<]*(?:(?:<br>|{INSIDE})[^<]*)*)")
_PAUSE = re.compile(r"[ ](?<=[.!?…»][ ])(?<![ .'’\u00a0][A-ZÀ-Ý][.][ ])(?=[«“\"(]?[\u00a0\u202f ]?[A-ZÀ-Ý0-9])")


def clean(
    html: str, base: str, local: Callable[[str], str | None] | None = None, warnings: list[str] | None = None
) -> str:
    """Return HTML of allowed elements only, its links and pictures absolute against ``base``.

    ``local`` gives the published address of a file beside the input, nothing where that is not published, and None for
    what is no such file. ``warnings`` gets what is told of films and frames that became links.
    """
    given = safe = untangled(seen(html))
    if _PLAYED.search(given):
        safe = linked(
            _sifter(_TAGS | PLAYERS | {"source"}).clean(given), base, (warnings if warnings is not None else []).append
        )
    for _ in range(_TRIES):
        sifted = _flat(_sifted(safe, _TAGS))
        safe = _filled(_linked(_addressed(sifted, base, local)))
        if safe.count("<") == sifted.count("<"):  # where an element went, its neighbours may not fit together
            break
    safe = _shifted(safe).strip()
    return _composed(safe) if "&" in given else safe


def _flat(safe: str) -> str:
    return _sifted(safe, _FLAT) if _depth(safe) > _DEEPEST else safe


def _sifted(html: str, tags: frozenset[str]) -> str:
    """Return HTML of these elements, as every parser reads it: sifted until nothing changes any more."""
    before = html.replace(" />", ">")
    for _ in range(_TRIES):
        safe = _sifter(tags).clean(html).replace("&nbsp;", "\u00a0")
        if safe == before:
            break
        before = html = safe
    return safe


def _linked(html: str) -> str:
    """Return HTML without links that lead nowhere, and without links inside others, which a browser tears apart."""
    inside: list[bool] = []

    def kept(match: re.Match[str]) -> str:
        if match[0] == "</a>":
            return match[0] if inside and inside.pop() else ""
        inside.append(match[0] != "<a>" and not any(inside))
        return match[0] if inside[-1] else ""

    return _LINK.sub(kept, html)


def _filled(html: str) -> str:
    """Return HTML without empty elements, and without those that are empty once they are gone."""
    while (fuller := _EMPTY.sub("", html)) != html:
        html = fuller
    return html


def words(html: str) -> str:
    """Return the words of a fragment of HTML on one line, as for a title that came with markup."""
    return entities.unescape(nh3.clean(untangled(html), tags=set(), clean_content_tags=_GONE))


def lead(html: str) -> str:
    """Return the first good sentences of clean HTML, at most ``LEAD`` characters.

    Good are paragraphs that read as prose: ended by a full stop or its like. Without any, the first words serve.
    """
    taken = ""
    for sentence in (s for p in _paragraphs(html) if _is_prose(p) for s in _sentences(p)):
        if len(taken) + 1 + len(sentence) > LEAD:
            break
        taken = f"{taken} {sentence}".strip()
    return taken or cut(_beginning(html), LEAD)


def _beginning(html: str) -> str:
    """Return the first paragraph of prose, else the words of all paragraphs, else all words."""
    prose = next(filter(_is_prose, _paragraphs(html)), "")
    return prose or " ".join(_paragraphs(html)) or level(text(html))


def _paragraphs(html: str) -> Iterator[str]:
    """Yield the words of the elements that hold sentences, up to the first element inside that holds its own."""
    for found in _PROSE.finditer(html):
        if paragraph := level(inlined(found[1].replace("<br>", " "))):
            yield entities.unescape(paragraph) if "&" in paragraph else paragraph


def _is_prose(paragraph: str) -> bool:
    return len(paragraph) >= 30 and paragraph.rstrip(' \u00a0\u202f»”")').endswith((".", "!", "?", "…"))


def _sentences(paragraph: str) -> list[str]:
    """Split after a full stop that a capital follows, but not after an initial."""
    return _PAUSE.split(paragraph)


@cache
def _sifter(tags: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=_GONE - tags,
        attributes={"*": _ANYWHERE} | {tag: names for tag, names in _ATTRIBUTES.items() if tag in tags},
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def _addressed(html: str, base: str, local: Callable[[str], str | None] | None) -> str:
    """Return sifted HTML with absolute addresses; a picture without an allowed one goes, a link is ``<a>`` alone.
    Of a file that should stand beside the input, the words of the picture stay.

    Attributes are read one after the other: the words of one may look like the beginning of another.
    """

    def addressed(match: re.Match[str]) -> str:
        found = dict(_ATTRIBUTE.findall(match[2]))
        name = "href" if match[1] == "a" else "src"
        url = _absolute(entities.unescape(found[name]), base, local, picture=name == "src") if name in found else None
        if not url:
            return "<a>" if name == "href" else found.get("alt", "") if local and name in found else ""
        found[name] = entities.escape(url)
        written = "".join(f' {key}="{value}"' for key, value in found.items())
        return f"<{match[1]}{written}>"

    return _FOLLOWED.sub(addressed, html)


def _composed(html: str) -> str:
    """Return clean HTML without what character references have brought that must not be seen; composed.

    A stroke at the beginning of words would make the > before them one letter with it (U+226F), and the tag no tag.
    """
    return seen(_STROKE.sub(">", html))


def _absolute(value: str, base: str, local: Callable[[str], str | None] | None, *, picture: bool) -> str | None:
    """Return an absolute address of an allowed scheme, or nothing: the attribute goes."""
    if _PLAIN.fullmatch(value):
        return value
    wanted = escaped(seen(value))
    try:
        if local and is_local(wanted):
            found = local(unquote(urlsplit(wanted).path))
            if found is not None or picture:  # a picture that is not there would show as a broken one
                return found or None
        whole = urlsplit(wanted if "://" in wanted[:8] else urljoin(base, wanted))
        _ = whole.port
        if whole.scheme in ("http", "https"):
            whole = whole._replace(netloc=host(urljoin(base, seen(value).strip())))
    except ValueError:
        return None
    if (
        whole.scheme not in ({"http", "https"} if picture else _SCHEMES)
        or "javascript:" in unquote(whole.path[:20]).lower()
    ):
        return None
    return whole.geturl() if whole.netloc or whole.scheme in ("mailto", "tel") else None


def is_local(path: str) -> bool:
    """Tell whether a reference names a file beside or below the input: no scheme, no host, no way up."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    if parts.scheme or parts.netloc or not parts.path:
        return False
    steps = unquote(parts.path).split("/")
    return not ("" in steps[:1] or ".." in steps or "\\" in path)


def _depth(html: str) -> int:
    if html.count("</") <= _DEEPEST:
        return 0
    deepest = depth = 0
    for closing, tag in re.findall(r"<(/?)([a-z0-9]+)", html):
        depth += 0 if tag in ("br", "hr", "img") else -1 if closing else 1
        deepest = max(deepest, depth)
    return deepest


def _shifted(html: str) -> str:
    """Move headings so that the highest one is h2: h1 is the article's title; below h4 all are h4."""
    levels = [int(level) for level in _LEVEL.findall(html)]
    down = 2 - min(levels, default=2)
    if not down and max(levels, default=2) <= 4:
        return html
    return re.sub(r"<(/?)h([1-6])\b", lambda m: f"<{m[1]}h{min(4, int(m[2]) + down)}", html)
