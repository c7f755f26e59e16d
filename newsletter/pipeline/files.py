"""Which files are published: those that only show or play something, and are what their name says.

Browsers and programs go by the ending of an address, virus writers by what is inside; both must say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from newsletter.errors import MediaError

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file that is kept."""

ACTIVE = re.compile(
    "html|htm|xhtml|xht|mht|svg|svgz|xml|xsl|xslt|js|mjs|css|wasm|swf|sh|exe|com|scr|msi|bat|cmd|ps1|vbs|hta|jar|apk"
    "|dmg|app|deb|rpm|lnk|url|docm|xlsm|pptm|dotm|xltm|xlam"
)
"""Endings of what may act on whoever opens it."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MARKUP = re.compile(rb"<(?:!doctype|!--|\?xml|html|head|body|script|svg|iframe)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def ending(data: bytes, name: str) -> str:
    """Return the ending under which a file is published, that of its name; a PDF is one under any odd name.

    Raises:
        MediaError: when files of its kind are not published, or it is not what its name says.
    """
    named = checked_name(name)
    if not is_known(named) and _is_pdf(data):
        return "pdf"
    if not is_known(named):
        kind = f".{named}" if named else "this kind"
        raise MediaError(f"files of {kind} are not published; save it as PDF")
    if not _FITS[named](data):
        raise MediaError(f"is no {named.upper()}, whatever its name says; save it anew")
    return named


def is_known(ending: str) -> bool:
    """Tell whether files with this ending are published."""
    return ending in _FITS


def checked_name(name: str) -> str:
    """Return the ending of a name in small letters, nothing where it has none.

    Raises:
        MediaError: when it is that of what may act.
    """
    stem, _, suffix = name.rpartition(".")
    named = suffix.lower() if stem and re.fullmatch(r"[A-Za-z0-9]{1,10}", suffix) else ""
    if ACTIVE.fullmatch(named):
        raise MediaError(f"a .{named} may hold code and is never published; save it as PDF, a drawing as PNG")
    return named


def _is_pdf(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-")


def _is_ole(data: bytes) -> bool:
    return data.startswith(_OLE)


def _is_text(data: bytes) -> bool:
    """Tell whether these are words in UTF-8, UTF-16 or an encoding of one byte a letter, and no page or drawing."""
    charset = next((charset for mark, charset in _BOMS.items() if data.startswith(mark)), "latin-1")
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(text) and not _MARKUP.match(text[:100].lstrip().encode(errors="replace"))


def _is_calendar(data: bytes) -> bool:
    return _is_text(data) and data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"BEGIN:VCALENDAR")


def _is_sound(data: bytes) -> bool:
    return data.startswith(b"ID3") or (data[:1] == b"\xff" and data[1:2] >= b"\xe0")


def _is_office(folder: bytes) -> Callable[[bytes], bool]:
    """Make the test of an Office Open XML package (ECMA-376), whose names stand there unpacked; macros are code."""
    return lambda data: data.startswith(_ZIP[0]) and folder in data and b"vbaProject.bin" not in data


def _is_packed(kind: str) -> Callable[[bytes], bool]:
    """Make the test of a package that names its type first, not compressed (ODF 1.3 part 2 §3.3, EPUB OCF §4.3)."""
    head = re.compile(rb"PK\x03\x04.{26}mimetype.{0,64}?" + re.escape(kind.encode()), re.DOTALL)
    return lambda data: head.match(data) is not None


_FITS: dict[str, Callable[[bytes], bool]] = {
    "pdf": _is_pdf,
    "doc": _is_ole,
    "xls": _is_ole,
    "ppt": _is_ole,
    "docx": _is_office(b"word/"),
    "xlsx": _is_office(b"xl/"),
    "pptx": _is_office(b"ppt/"),
    "odt": _is_packed("application/vnd.oasis.opendocument.text"),
    "ods": _is_packed("application/vnd.oasis.opendocument.spreadsheet"),
    "odp": _is_packed("application/vnd.oasis.opendocument.presentation"),
    "epub": _is_packed("application/epub+zip"),
    "zip": lambda data: data.startswith(_ZIP),
    "rtf": lambda data: data.startswith(b"{\\rtf"),
    "csv": _is_text,
    "txt": _is_text,
    "ics": _is_calendar,
    "mp3": _is_sound,
    "mp4": lambda data: data[4:8] == b"ftyp",
}
