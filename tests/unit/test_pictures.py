"""Pictures as they are published: what they show stays, what is written beside it goes, and no bomb is decoded."""

import random
import struct
import zlib
from functools import cache
from io import BytesIO
from resource import RUSAGE_SELF, getrusage

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from newsletter.errors import MediaError
from newsletter.pictures import renditions

SIXTEEN = struct.pack(">IIBBBBB", 64, 4, 16, 0, 0, 0, 0)


def written(picture: Image.Image, kind: str, **options: object) -> bytes:
    made = BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def photo(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return colours that no drawing has: a blue left half, a red right half, and grain everywhere."""
    grain = Image.frombytes("L", (width, height), random.Random(7).randbytes(width * height)).point(lambda x: x // 8)
    made = Image.new("RGB", (width, height), (20, 40, 200))
    made.paste((200, 40, 20), (width // 2, 0, width, height))
    return Image.blend(made, Image.merge("RGB", [grain] * 3), 0.2).convert(mode)


def drawing(width: int, height: int, mode: str = "RGB") -> Image.Image:
    made = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(made).rectangle((width // 4, height // 4, width // 2, height // 2), fill="navy")
    return made.convert(mode)


def seen(data: bytes) -> Image.Image:
    opened = Image.open(BytesIO(data))
    opened.load()
    return opened


def close(found: object, wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


@cache
def camera() -> bytes:
    """Return a photo on its side, as a telephone writes it: with the place where it was taken, and more."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    exif[0x010F] = "Fabricant SECRET"
    exif.get_ifd(0x8825)[2] = (45.0, 46.0, 1.2)
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return written(
        photo(1600, 1000),
        "JPEG",
        exif=exif,
        icc_profile=profile,
        comment=b"SECRET",
        xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>",
    )


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, depth: int = 8, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def test_a_photo_comes_in_two_widths_upright_and_says_nothing_of_who_took_it_where():
    given = camera()
    assert b"Exif" in given and b"SECRET" in given and b"ICC_PROFILE" in given
    wide, narrow = renditions(given)
    assert [(each.slot, each.suffix, each.width, each.height) for each in (wide, narrow)] == [
        (1200, "jpg", 1000, 1600),
        (600, "jpg", 600, 960),
    ]
    for each in (wide, narrow):
        shown = seen(each.data)
        assert (shown.size, shown.mode) == ((each.width, each.height), "RGB")
        assert shown.info.get("progressive")
        assert not shown.getexif() and set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
            "progressive", "progression"
        }  # fmt: skip
        for word in (b"Exif", b"GPS", b"SECRET", b"ICC_PROFILE", b"Photoshop", b"xmp"):
            assert word not in each.data
        # what was left is above once the picture stands upright
        assert close(shown.getpixel((each.width // 2, 50)), (19, 35, 163), 25)
        assert close(shown.getpixel((each.width // 2, each.height - 50)), (163, 35, 19), 25)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_camera_comes_upright(orientation):
    marked = Image.new("RGB", (300, 200), "white")
    marked.paste("black", (0, 0, 60, 60))
    undo = [None, 0, 3, 1, 5, 2, 6, 4]  # what puts an upright picture so that this orientation brings it back
    turned = marked if orientation == 1 else marked.transpose(Image.Transpose(undo[orientation - 1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    [found] = renditions(written(turned, "JPEG", exif=exif))
    shown = seen(found.data).convert("L")
    assert shown.size == (300, 200)
    assert shown.getpixel((30, 30)) < 60
    assert min(shown.getpixel(place) for place in ((270, 30), (30, 170), (270, 170))) > 200


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "GIF"])
def test_nothing_beside_the_pixels_of_other_formats_is_published(kind):
    exif = Image.Exif()
    exif[0x010F] = "SECRET"
    options: dict[str, object] = {"exif": exif, "xmp": b"SECRET", "comment": b"SECRET"}
    if kind == "PNG":
        options["pnginfo"] = words = PngImagePlugin.PngInfo()
        words.add_text("Author", "SECRET")
        words.add_itxt("Comment", "SECRET")
    picture = drawing(700, 300, "P" if kind == "GIF" else "RGB")
    given = written(picture, kind, **options)
    assert b"SECRET" in given
    for each in renditions(given):
        assert b"SECRET" not in each.data and b"Exif" not in each.data and b"eXIf" not in each.data


@pytest.mark.parametrize(
    ("picture", "kind", "suffix"),
    [
        (photo(700, 400), "JPEG", "jpg"),
        (drawing(700, 400), "JPEG", "jpg"),
        (photo(700, 400, "CMYK"), "JPEG", "jpg"),
        (photo(700, 400, "L"), "JPEG", "jpg"),
        (photo(700, 400), "PNG", "jpg"),
        (photo(700, 400), "WEBP", "jpg"),
        (photo(700, 400), "AVIF", "jpg"),
        (drawing(700, 400), "PNG", "png"),
        (drawing(700, 400, "P"), "PNG", "png"),
        (drawing(700, 400, "1"), "PNG", "png"),
        (drawing(700, 400, "P"), "GIF", "png"),
        (drawing(700, 400, "LA"), "PNG", "png"),
    ],
    ids=lambda given: given.mode if isinstance(given, Image.Image) else given,
)
def test_every_kind_becomes_one_that_every_mail_program_shows(picture, kind, suffix):
    wide, narrow = renditions(written(picture, kind))
    for each in (wide, narrow):
        shown = seen(each.data)
        assert (shown.format, each.suffix) == ({"jpg": "JPEG", "png": "PNG"}[suffix], suffix)
        assert shown.mode in ("RGB", "L")
        wanted = picture.convert("RGB").resize(shown.size)
        for place in ((20, 20), (shown.width // 3, shown.height // 3), (shown.width - 20, 20)):
            assert close(shown.convert("RGB").getpixel(place), wanted.getpixel(place), 40)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_transparency_stays(kind):
    picture = Image.new("RGBA", (800, 400), (200, 30, 30, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 400, 400))
    for each in renditions(written(picture, kind)):
        shown = seen(each.data)
        assert (each.suffix, shown.mode) == ("png", "RGBA")
        assert shown.getpixel((10, 10))[3] == 0
        assert close(shown.getpixel((shown.width - 10, 10)), (200, 30, 30, 255), 4)


def test_of_an_animation_the_first_frame_is_shown():
    frames = [Image.new("RGB", (80, 40), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        [found] = renditions(written(frames[0], kind, save_all=True, append_images=frames[1:], duration=50))
        shown = seen(found.data)
        assert getattr(shown, "n_frames", 1) == 1
        assert close(shown.convert("RGB").getpixel((40, 20)), (255, 0, 0), 6)


def test_sixteen_bits_of_grey_keep_their_lights():
    rows = b"".join(b"\0" + b"".join(struct.pack(">H", x * 1024) for x in range(64)) for _ in range(4))
    [found] = renditions(png(64, 4, 16, chunk(b"IDAT", zlib.compress(rows))))
    shown = seen(found.data).convert("L")
    assert [abs(shown.getpixel((x, 2)) - x * 4) <= 4 for x in (0, 10, 32, 63)] == [True] * 4


def test_colours_of_another_profile_are_brought_to_what_every_screen_shows():
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # a profile that takes red for green: the names of two of its tags changed places
    red, green = swapped.index(b"rXYZ"), swapped.index(b"gXYZ")
    swapped[red : red + 4], swapped[green : green + 4] = b"gXYZ", b"rXYZ"
    name = swapped.index("sRGB".encode("utf-16-be"))
    swapped[name : name + 8] = "ABCD".encode("utf-16-be")
    picture = Image.new("RGB", (300, 200), (250, 0, 0))
    [as_given] = renditions(written(picture, "PNG"))
    [brought] = renditions(written(picture, "PNG", icc_profile=bytes(swapped)))
    assert close(seen(as_given.data).getpixel((9, 9)), (250, 0, 0), 4)
    assert close(seen(brought.data).getpixel((9, 9)), (0, 250, 0), 12)
    for broken in (b"no profile", bytes(swapped[:200])):
        [found] = renditions(written(picture, "PNG", icc_profile=broken))
        assert close(seen(found.data).getpixel((9, 9)), (250, 0, 0), 4)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((1, 1), [(1, 1)]),
        ((600, 400), [(600, 400)]),
        ((601, 400), [(601, 400), (600, 399)]),
        ((1200, 630), [(1200, 630), (600, 315)]),
        ((4000, 3000), [(1200, 900), (600, 450)]),
        ((12000, 2), [(1200, 1), (600, 1)]),
        ((2, 12000), [(1, 8000)]),
        ((1000, 16000), [(500, 8000)]),
    ],
    ids=str,
)
def test_no_picture_is_enlarged_and_none_is_wider_or_taller_than_a_page_needs(size, wanted):
    found = renditions(written(Image.new("RGB", size, "teal"), "PNG"))
    assert [(each.width, each.height) for each in found] == wanted
    assert [seen(each.data).size for each in found] == wanted
    assert [each.slot for each in found] == ([1200, 600] if len(wanted) == 2 else [600])


def test_a_wide_photo_on_its_side_keeps_its_width():
    exif = Image.Exif()
    exif[0x0112] = 6
    wide, narrow = renditions(written(photo(5000, 2600), "JPEG", exif=exif))
    assert (wide.width, wide.height, narrow.width) == (1200, 2308, 600)


def test_the_same_bytes_give_the_same_renditions():
    for given in (camera(), written(drawing(900, 900, "P"), "GIF")):
        assert renditions(given) == renditions(given)


BOMB = chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
ANIMATED = [Image.new("P", (200, 200), number) for number in range(60)]
HOSTILE = {
    "a bomb of pixels": png(30_000, 30_000, 8, BOMB),
    "a bomb of one bit": png(60_000, 60_000, 1, BOMB),
    "huge dimensions": png(0x7FFFFFFF, 0x7FFFFFFF, 8, BOMB),
    "no dimensions": png(0, 0, 8, BOMB),
    "a GIF of its largest size": b"GIF89a\xff\xff\xff\xff\x80\0\0"
    + bytes(6)
    + b",\0\0\0\0\xff\xff\xff\xff\0\x08\x01\0\0;",
    "a JPEG of its largest size": b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\3\1\x22\0\2\x11\1\3\x11\1" + bytes(99),
    "a WebP of its largest size": b"RIFF\xff\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0" + bytes(99),
    "a WebP beyond it": b"RIFF\xff\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(99),
    "a JPEG cut off": half(written(photo(800, 600), "JPEG")),
    "a PNG cut off": half(written(photo(800, 600), "PNG")),
    "a GIF cut off": half(written(photo(300, 200, "P"), "GIF")),
    "a WebP cut off": half(written(photo(300, 200), "WEBP")),
    "an AVIF cut off": half(written(photo(300, 200), "AVIF")),
    "a text chunk that swells": png(4, 4, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000), 9)), BOMB),
    "a head alone": b"\x89PNG\r\n\x1a\n",
    "another head alone": b"\xff\xd8\xff",
    "an AVIF of nothing": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(40),
}
NO_PICTURES = {
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": b"<!doctype html><p>404",
    "TIFF": written(drawing(20, 20), "TIFF"),
    "BMP": written(drawing(20, 20), "BMP"),
    "EPS": written(drawing(20, 20), "EPS"),
    "ICO": written(drawing(32, 32), "ICO"),
    "PDF": written(drawing(20, 20), "PDF"),
    "PSD": b"8BPS\0\1" + bytes(40),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bomb_or_a_broken_picture_is_one_line(kind):
    before = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises(MediaError) as told:
        renditions(HOSTILE[kind])
    assert "\n" not in str(told.value) and ";" in str(told.value)
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 300_000, "kilobytes; a bomb decoded takes ten times that"


def whole(width: int, height: int) -> bytes:
    """Return a picture of one bit a pixel that is nothing but valid, and white."""
    rows = zlib.compressobj(9)
    line = b"\0" + b"\xff" * ((width + 7) // 8)
    packed = b"".join(rows.compress(line) for _ in range(height)) + rows.flush()
    return png(width, height, 1, chunk(b"IDAT", packed))


def test_pixels_are_counted_before_they_are_decoded():
    before = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises(MediaError, match="400 million pixels; make it smaller, a PNG at most 25 million"):
        renditions(whole(20_000, 20_000))
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 200_000, "kilobytes; decoded it takes four hundred thousand"
    assert renditions(whole(5_000, 5_000))[0].width == 1200
    with pytest.raises(MediaError, match="60 million pixels"):
        renditions(written(Image.new("L", (10_000, 6_001)), "JPEG"))


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_nothing_but_pictures_is_read(kind):
    with pytest.raises(MediaError, match="no picture that can be published"):
        renditions(NO_PICTURES[kind])


def test_an_animation_of_many_frames_costs_one():
    given = written(ANIMATED[0], "GIF", save_all=True, append_images=ANIMATED[1:] * 30, duration=20)
    [found] = renditions(given)
    assert (found.width, found.height) == (200, 200)


@pytest.mark.parametrize("where", range(40))
def test_damage_anywhere_is_one_line_or_a_picture(where):
    dice = random.Random(where)
    given = bytearray(
        written(photo(120, 80, "P" if where % 5 == 4 else "RGB"), ["JPEG", "PNG", "WEBP", "AVIF", "GIF"][where % 5])
    )
    for _ in range(3):
        given[dice.randrange(len(given))] = dice.randrange(256)
    try:
        found = renditions(bytes(given))
    except MediaError:
        return
    assert all(seen(each.data).size == (each.width, each.height) for each in found)


def test_a_broken_preface_does_not_break_the_picture():
    good = written(drawing(100, 50), "JPEG")
    broken = good[:2] + b"\xff\xe1\0\x20Exif\0\0II*\0\xff\xff\xff\xff" + bytes(16) + good[2:]
    assert renditions(broken)[0].width == 100
