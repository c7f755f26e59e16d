"""What stands in the text besides the author's words: header, files, contact block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.intake.printed.lines import LINK, RULE, Line, Link, Links, Unit, units
from newsletter.intake.wording import fold

_SITE = re.compile(r"(?:publie sur|published on) .+ \(<?https?://\S+\)")
_LONGEST = 1000  # characters of a line that may be more than the author's words
_SIZE = re.compile(r"(?:Poids|Taille|Size)\s*:\s*(?P<size>\d{1,9}(?:[.,]\d{1,3})?\s*[a-z]{1,6})", re.IGNORECASE)
_BULLET = re.compile(r"(?<=\s)[•·|](?=\s)")  # a middle dot inside a word is the inclusive spelling
_REACHED = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\bwww\.|(?:\d{2}[ .]?){5}|\btel\b")
_INVITATION = re.compile(
    r"(?:vous pouvez\s+)?"
    r"(?:retrouve[zr]|télécharge[zr]|consulte[zr]|découvr(?:ez|ir)|li(?:re|sez)|voir|read|see|download)\s+"
    r"(?:(?:également|aussi|ici|ci-après|ci-dessous|ci-joint|en ligne|below|here)\s*,?\s+)*(?::\s*)?"
    r"(?:le |la |les |l['’]|un |une |notre |nos |the |our )?(?P<what>\S.*?)[\s.:]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class File:
    """A file block: the link to the file, its size as written, a title from the words before it, if they are one."""

    link: Link
    size: str
    title: str


def take_header(lines: Sequence[Line], links: Links) -> tuple[str, str]:
    """Mark site line, breadcrumb, rule and heading at the top; return the title and where it came from."""
    title = ("", "")
    for line in (line for line in lines if line.open):
        if len(line.text) > _LONGEST:
            break
        crumbs = re.split(r"\s+[>›»]\s+", links.plain(line.text))
        if _SITE.fullmatch(fold(links.plain(line.text))) or RULE.fullmatch(line.text):
            line.kind = "header"
        elif len(crumbs) > 1 and (fold(crumbs[0]) in ("accueil", "home") or _after_site(lines, line)):
            line.kind, title = "header", (crumbs[-1], "breadcrumb")
        elif heading := re.fullmatch(r"#{1,2}\s+(.{1,300}?)\s*#*", line.text):
            line.kind, title = "title", (links.plain(heading[1]), "heading")
            break
        else:
            break
    return title


def take_files(lines: Sequence[Line], links: Links) -> list[tuple[int, File]]:
    """Mark the file blocks; return each with the index of its first line."""
    found = []
    start = 0
    for index, line in enumerate(lines):
        match = _SIZE.fullmatch(line.text) if line.open else None
        place = next((n for n in range(index + 1, min(index + 5, len(lines))) if lines[n].text), None)
        if match is None or place is None or not (downloads := _downloads(lines[place], links)):
            continue
        before = units(lines[start:index])
        title = _titled(links.plain(before[-1].text)) if before else ""
        found.append((index, File(downloads[0], match["size"], title)))
        found += [(index, File(link, "", link.words)) for link in downloads[1:]]
        line.kind = "file"
        if all(link.button or link in downloads for link in links.all(lines[place].text)):
            lines[place].kind = "file"
        start = place + 1
    return found


def take_contact(lines: Sequence[Line]) -> list[Unit]:
    """Mark the boilerplate with the organisation's address: a line of parts between bullets, and the name above it."""
    found: list[Unit] = []
    above: Unit | None = None
    for unit in units(lines):
        if len(unit.text) <= _LONGEST and len(_BULLET.findall(unit.text)) >= 2 and _REACHED.search(fold(unit.text)):
            if above and above.gap > 1 and not re.search(r"[.!?:…]$", above.text) and len(above.text) <= 150:
                found.append(above)
            found.append(unit)
        above = unit
    for unit in found:
        unit.take("contact")
    return found


def _after_site(lines: Sequence[Line], line: Line) -> bool:
    above = [before for before in lines if before.text]
    place = next(n for n, other in enumerate(above) if other is line)
    return place > 0 and above[place - 1].kind == "header"


def _downloads(line: Line, links: Links) -> list[Link]:
    """Return the links to files of a line that holds nothing but links."""
    if not line.open or LINK.sub("", line.text).strip():
        return []
    return [link for link in links.all(line.text) if re.match("telecharg|download", fold(link.label))]


def _titled(words: str) -> str:
    """Return the title of a file in the paragraph before it: what a sentence invites to read, or a bare short line."""
    if len(words) > _LONGEST:
        return ""
    if invitation := _INVITATION.fullmatch(words):
        words = invitation["what"]
        return words[:1].upper() + words[1:] if len(words) <= 120 else ""
    return "" if len(words) > 120 or re.search(r"[.!?:…]$", words) else words
