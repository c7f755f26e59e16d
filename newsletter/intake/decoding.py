"""Bytes become words: by their mark, by what declares their encoding, else as UTF-8, else as Windows-1252."""

from __future__ import annotations

import codecs
import re

from newsletter.errors import IntakeError

_SAVE = "save it as UTF-8 text"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Encodings of documents; Python knows more, some of which run code points together or write "<" as something else.
_KNOWN = re.compile(
    r"utf-(?:8|16(?:-[lb]e)?)|iso8859-\d+|cp(?:125\d|874|932)|koi8-\w|mac-\w+|gb\w+|big5\w*|euc_\w+|shift_jis\w*"
)
_DECLARED = re.compile(
    rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]+)|<meta[^>]*?\bcharset\s*=\s*[\"']?([\w.:-]+)", re.I
)


def decode(data: bytes, charset: str = "") -> str:
    """Return the text of a file, its line ends as they are, without a byte order mark.

    ``charset`` is what somebody said of its encoding; where it is unknown or cannot be true, the bytes decide.

    Raises:
        IntakeError: if it is no text in any of them, or a mixture.
    """
    mark = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    for name in (mark, encoding(charset)):
        if (text := _as(data, name)) is not None:
            return text
    if b"\0" in data:
        raise IntakeError(f"this is a binary file or UTF-16, no text that can be read; {_SAVE}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # only now: what reads as UTF-8 beyond ASCII is UTF-8, whatever an old template declares
        if (text := _as(data, encoding(declared(data)))) is not None:
            return text
        if re.search(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]", data):
            raise IntakeError(
                f"the encoding breaks at byte {error.start}, the file is cut off or mixed; {_SAVE}"
            ) from None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise IntakeError(f"byte {error.start} is neither UTF-8 nor Windows-1252; {_SAVE}") from None


def _as(data: bytes, name: str) -> str | None:
    if not name or (name.startswith("utf-16") and b"\0" not in data):
        return None
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def encoding(charset: str) -> str:
    """Return the name by which Python knows an encoding of documents, nothing if there is none by that name.

    >>> encoding("UTF8"), encoding("latin1"), encoding("rot13")
    ('utf-8', 'cp1252', '')
    """
    try:
        name = codecs.lookup(charset.strip("\"' ")).name
    except (LookupError, ValueError):
        return ""
    # Whoever writes ASCII or Latin 1 means Windows-1252 (the WHATWG's encoding standard)
    return "cp1252" if name in ("ascii", "iso8859-1") else name if _KNOWN.fullmatch(name) else ""


def declared(data: bytes) -> str:
    """Return the encoding that the beginning of an XML or HTML document declares, if it does."""
    match = _DECLARED.search(data[:2048])
    return (match[1] or match[2]).decode() if match else ""
