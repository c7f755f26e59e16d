"""Bytes become words: UTF-8 with or without its mark, else Windows-1252."""

from __future__ import annotations

import re

from newsletter.errors import IntakeError

_SAVE = "save it as UTF-8 text"


def decode(data: bytes) -> str:
    """Return the text of a file, its line ends as they are, without a byte order mark.

    Raises:
        IntakeError: if it is no text in one of the two encodings, or a mixture of them.
    """
    if b"\0" in data:
        raise IntakeError(f"this is a binary file or UTF-16, no text that can be read; {_SAVE}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if re.search(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]", data):
            raise IntakeError(
                f"the encoding breaks at byte {error.start}, the file is cut off or mixed; {_SAVE}"
            ) from None
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise IntakeError(f"byte {error.start} is neither UTF-8 nor Windows-1252; {_SAVE}") from None
