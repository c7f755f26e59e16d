"""Foreign HTML becomes ours: a written allow-list, absolute addresses, headings from h2 to h4, and words alone.

Everything that is not named here goes; of what may hold code, the content goes too.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

import nh3

from newsletter.intake.identity import escaped
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
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_DEEPEST = 60  # elements inside each other: readers, mail programs and parsers give up soon after


_HELD = {0xA0: 0xE0A0, 0x202F: 0xE0AF}
_FREED = {held: space for space, held in _HELD.items()}


def clean(html: str, base: str, local: Callable[[str], str] | None = None) -> str:
    """Return HTML of allowed elements only, its links and pictures absolute against ``base``.

    ``local`` gives the published address of a file beside the input, or nothing where there is no such file.
    """
    safe = _sifted(seen(html), base, local, _TAGS)
    if _depth(safe) > _DEEPEST:
        safe = _sifted(safe, base, local, _FLAT)
    safe = re.sub(r"<img(?![^>]* src=)[^>]*>", "", safe)
    safe = re.sub(r"<a>(.*?)</a>", r"\1", safe, flags=re.DOTALL)
    safe = re.sub(r"<(p|div|li|h[1-6])>(?:\s|&nbsp;|<br>)*</\1>", "", safe)
    return seen(_shifted(safe.replace("&nbsp;", "\u00a0"))).strip()


def text(html: str) -> str:
    """Return the words of clean HTML, paragraphs parted by blank lines."""
    if not html:
        return ""
    from inscriptis import get_text
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.model.config import ParserConfig

    # inscriptis runs all spaces together, and a French text needs those that do not break
    laid = get_text(html.translate(_HELD), ParserConfig(css=STRICT_CSS_PROFILE)).translate(_FREED)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip(" \t") for line in laid.splitlines())).strip("\n")


def words(html: str) -> str:
    """Return the words of a fragment of HTML on one line, as for a title that came with markup."""
    return entities.unescape(nh3.clean(html, tags=set(), clean_content_tags=_GONE))


def lead(html: str) -> str:
    """Return the first good sentences of clean HTML, at most ``LEAD`` characters.

    Good are paragraphs that read as prose: ended by a full stop or its like. Without any, the first words serve.
    """
    paragraphs = _paragraphs(html)
    prose = [p for p in paragraphs if re.search(r"[.!?…][\s\u00a0\u202f]*[»”\")]*$", p) and len(p) >= 30]
    taken = ""
    for sentence in (s for p in prose for s in _sentences(p)):
        if len(taken) + 1 + len(sentence) > LEAD:
            break
        taken = f"{taken} {sentence}".strip()
    return taken or cut(prose[0] if prose else " ".join(paragraphs), LEAD)


def _paragraphs(html: str) -> list[str]:
    plain = re.findall(
        r"<(?:p|div|dd|li|blockquote)>((?:(?!<(?:p|div|ul|ol|table)\b).)*?)</", _inlined(html), re.DOTALL
    )
    found = plain or [text(html)]
    return [p for p in (re.sub(r"[ \t\r\n]+", " ", words(each)).strip() for each in found) if p]


def _inlined(html: str) -> str:
    """Return the HTML without the elements inside a line, so that a paragraph ends at the next closing tag."""
    broken = re.sub(r"<br>", "\n", html)
    return re.sub(
        r"</?(?:a|q|cite|code|em|strong|b|i|u|s|small|mark|sub|sup|abbr|del|ins|time|img)\b[^>]*>", "", broken
    )


def _sentences(paragraph: str) -> list[str]:
    """Split after a full stop that a capital follows, but not after an initial."""
    return re.split(r"(?<![ .'’\u00a0][A-ZÀ-Ý][.])(?<=[.!?…»])[ ](?=[«“\"(]?[\u00a0\u202f ]?[A-ZÀ-Ý0-9])", paragraph)


def _sifted(html: str, base: str, local: Callable[[str], str] | None, tags: frozenset[str]) -> str:
    def address(tag: str, attribute: str, value: str) -> str | None:
        if attribute in ("href", "src"):
            return _absolute(value, base, local, picture=attribute == "src")
        return value

    attributes = {tag: names for tag, names in _ATTRIBUTES.items() if tag in tags}
    return nh3.clean(
        html,
        tags=set(tags),
        clean_content_tags=_GONE,
        attributes=attributes,
        attribute_filter=address,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def _absolute(value: str, base: str, local: Callable[[str], str] | None, *, picture: bool) -> str | None:
    """Return an absolute address of an allowed scheme, or nothing: the attribute goes."""
    wanted = escaped(seen(value))
    try:
        if local and is_local(wanted) and (found := local(unquote(urlsplit(wanted).path))):
            return found
        whole = urlsplit(urljoin(base, wanted))
        _ = whole.port
    except ValueError:
        return None
    if (
        whole.scheme not in ({"http", "https"} if picture else _SCHEMES)
        or "javascript:" in unquote(whole.path[:20]).lower()
    ):
        return None
    return whole.geturl() if whole.hostname or whole.scheme in ("mailto", "tel") else None


def is_local(path: str) -> bool:
    """Tell whether a reference names a file beside or below the input: no scheme, no host, no way up."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    steps = unquote(parts.path).split("/")
    return bool(parts.path) and not (parts.scheme or parts.netloc or "" in steps[:1] or ".." in steps or "\\" in path)


def _depth(html: str) -> int:
    deepest = depth = 0
    for closing, tag in re.findall(r"<(/?)([a-z0-9]+)", html):
        depth += 0 if tag in ("br", "hr", "img") else -1 if closing else 1
        deepest = max(deepest, depth)
    return deepest


def _shifted(html: str) -> str:
    """Move headings so that the highest one is h2: h1 is the article's title; below h4 all are h4."""
    levels = [int(level) for level in re.findall(r"<h([1-6])>", html)]
    down = 2 - min(levels, default=2)
    return re.sub(r"<(/?)h([1-6])>", lambda m: f"<{m[1]}h{min(4, int(m[2]) + down)}>", html)
