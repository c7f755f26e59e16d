"""Pictures as they are published: decoded by what they are, turned upright, in sRGB, small, and without any metadata.

Whoever sends a picture may be hostile: only formats named here are read, and none before its pixels are counted.
Nothing that a camera or a program wrote beside the pixels (where, when, with what) survives. The only home of Pillow.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from newsletter.errors import MediaError

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTHS = (1200, 600)
"""Pixels of the renditions; what is narrower than the second has only that one."""

LARGEST = {"JPEG": 60_000_000, "PNG": 25_000_000, "GIF": 25_000_000, "WEBP": 25_000_000, "AVIF": 25_000_000}
"""Pixels that are read at most. Of a JPEG, decoding gives a fraction; the others need up to 20 bytes of memory each."""

TALLEST = 8_000
"""Pixels of height; JPEG knows no more than 65,535, and nobody scrolls further."""

FORMATS = "JPEG, PNG, GIF, WebP or AVIF"

_QUALITY = 84
_LONGEST_PROFILE = 4 << 20
_ORIENTATION = 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""What brings a picture upright, by its orientation as Exif numbers it."""

_QUARTERS = ("TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90")


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture to be published: ``slot`` is the width of ``WIDTHS`` for which it was made, at most that wide."""

    slot: int
    width: int
    height: int
    suffix: str
    data: bytes


def format_of(data: bytes) -> str:
    """Return the format of a picture by its first bytes, nothing where it is none that we read.

    >>> format_of(b"GIF89a"), format_of(b"<svg xmlns=")
    ('GIF', '')
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    brands = data[8 : min(int.from_bytes(data[:4]), 256)]
    return "AVIF" if data[4:8] == b"ftyp" and (b"avif" in brands or b"avis" in brands) else ""


def smaller(address: str) -> str:
    """Return the address of the narrow rendition, by that of the wide one; nothing where there is only one.

    >>> smaller("media/0123456789abcdef/pont-1200.jpg"), smaller("media/0123456789abcdef/plan.pdf")
    ('media/0123456789abcdef/pont-600.jpg', '')
    """
    match = re.fullmatch(r"(.*[0-9a-f]{16}/[\w.-]+)-1200(\.(?:jpg|png))", address)
    return f"{match[1]}-600{match[2]}" if match else ""


def renditions(data: bytes) -> list[Rendition]:
    """Return a picture in the widths in which it is published, the widest first; of an animation the first frame.

    The same bytes give the same renditions, as long as Pillow is the same.

    Raises:
        MediaError: when it is no picture, too large, or broken.
    """
    kind = format_of(data)
    if not kind:
        raise MediaError(f"is no picture that can be published; save it as {FORMATS}")
    with warnings.catch_warnings():
        # Pillow warns of what it then reads anyway; what it cannot read it raises.
        warnings.simplefilter("ignore")
        large = _upright(_decoded(data, kind))
    suffix, encoded = _written(large, kind)
    if large.width <= WIDTHS[1]:
        return [Rendition(WIDTHS[1], large.width, large.height, suffix, encoded)]
    small = _scaled(large, _fitted(large.size, WIDTHS[1]))
    return [
        Rendition(WIDTHS[0], large.width, large.height, suffix, encoded),
        Rendition(WIDTHS[1], small.width, small.height, suffix, _encoded(small, suffix)),
    ]


def _decoded(data: bytes, kind: str) -> Image:
    """Return the pixels of a picture as its file has them, a large JPEG at a fraction of its size."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # it would only warn of what is counted here
    try:
        opened = Image.open(BytesIO(data), formats=[kind])
        if (pixels := opened.width * opened.height) <= LARGEST[kind]:
            opened.draft(None, (2 * WIDTHS[0], 2 * WIDTHS[0]))
            opened.load()
            return opened
    except MemoryError:
        raise MediaError("is too large for this computer; make it smaller") from None
    except Exception as error:  # of a broken file, decoders raise whatever they stumble over
        raise MediaError(f"is no whole {kind} picture, but broken or cut off; save or send it again") from error
    most = LARGEST[kind] // 1_000_000
    raise MediaError(f"has {pixels // 1_000_000} million pixels; make it smaller, a {kind} at most {most} million")


def _upright(picture: Image) -> Image:
    """Return the widest rendition: upright, its colours as every screen takes them, nothing but pixels."""
    from PIL.Image import Transpose

    profile = picture.info.get("icc_profile")
    turn = _turn(picture)
    size = _fitted(picture.size[::-1], WIDTHS[0])[::-1] if turn in _QUARTERS else _fitted(picture.size, WIDTHS[0])
    plain = _opaque(_as_seen(_scaled(_plain(picture), size), profile))
    plain.info.clear()
    return plain.transpose(Transpose[turn]) if turn else plain


def _turn(picture: Image) -> str:
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1), "")
    except Exception:  # a broken preface does not break the picture
        return ""


def _fitted(size: tuple[int, int], width: int) -> tuple[int, int]:
    """Return the size of a picture that is at most so wide, and not too tall; never a larger one."""
    scale = min(1.0, width / size[0], TALLEST / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _scaled(picture: Image, size: tuple[int, int]) -> Image:
    from PIL.Image import Resampling

    return picture if picture.size == size else picture.resize(size, Resampling.LANCZOS, reducing_gap=2.0)


def _plain(picture: Image) -> Image:
    """Return the pixels in a mode that can be scaled: grey, colours, colours with transparency, or inks."""
    if picture.mode == "I;16":  # converting would cut all but the darkest
        return picture.point(lambda level: level * (1 / 256)).convert("L")
    if picture.mode in ("L", "RGB") and "transparency" not in picture.info:
        return picture
    if picture.mode in ("RGBA", "CMYK"):
        return picture
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "I", "F", "L") else "RGB")


def _as_seen(picture: Image, profile: bytes | None) -> Image:
    """Return a picture in sRGB, which is what mail programs take every colour for; grey stays as it is."""
    if picture.mode == "L":
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if not profile or len(profile) > _LONGEST_PROFILE:
        return picture.convert(mode)
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        if picture.mode == mode and "sRGB" in ImageCms.getProfileDescription(given):
            return picture
        found = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # a broken profile, or one for other colours
        return picture.convert(mode)
    return found or picture.convert(mode)


def _opaque(picture: Image) -> Image:
    """Return a picture without the transparency that it does not use."""
    unused = picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255)
    return picture.convert("RGB") if unused else picture


def _written(picture: Image, kind: str) -> tuple[str, bytes]:
    """Return the suffix and the bytes of a picture: a PNG if it needs one, or is a drawing that is smaller so."""
    if picture.mode == "RGBA":
        return "png", _encoded(picture, "png")
    photograph = _encoded(picture, "jpg")
    if kind in ("PNG", "GIF") and len(drawing := _encoded(picture, "png")) <= len(photograph):
        return "png", drawing
    return "jpg", photograph


def _encoded(picture: Image, suffix: str) -> bytes:
    made = BytesIO()
    if suffix == "png":
        picture.save(made, "PNG", optimize=True)
    else:
        picture.save(made, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return made.getvalue()
