"""A small drawing kit on the standard library: smooth polygons on a canvas, the shapes of a landscape, PNG out."""

from __future__ import annotations

import math
import struct
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise

Point = tuple[float, float]
Ring = list[Point]
Colour = tuple[int, int, int]

WIDTH, HEIGHT, SAMPLES, SHADES = 1200, 630, 4, 10

NIGHT, RIVER, MIST, PAPER = (29, 53, 87), (69, 123, 157), (178, 212, 218), (248, 240, 224)
SUN, BRICK, LEAF, PINE = (244, 185, 66), (214, 103, 74), (128, 173, 120), (47, 102, 89)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two, ``share`` of the way from the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


DUSK, DAY = mix(PAPER, SUN, 0.35), mix(MIST, PAPER, 0.45)
FAR, MEADOW = mix(MIST, RIVER, 0.35), mix(LEAF, PAPER, 0.25)


class Canvas:
    """Rows of RGB pixels that are filled with polygons, their edges smoothed."""

    def __init__(self, ground: Colour) -> None:
        self.rows = [bytearray(bytes(ground) * WIDTH) for _ in range(HEIGHT)]

    def fill(self, colour: Colour, *rings: Ring) -> None:
        """Fill the rings by the even-odd rule, so that a ring inside another is a hole."""
        pairs = [pair for ring in rings for pair in zip(ring, ring[1:] + ring[:1], strict=True)]
        edges = [(a, b) if a[1] < b[1] else (b, a) for a, b in pairs if a[1] != b[1]]
        top = max(0, math.floor(min(a[1] for a, _ in edges)))
        bottom = min(HEIGHT, math.ceil(max(b[1] for _, b in edges)))
        for row in range(top, bottom):
            near = [(a, b) for a, b in edges if a[1] < row + 1 and b[1] > row]
            self._paint(row, colour, _coverage(row, near))

    def _paint(self, row: int, colour: Colour, steps: dict[int, float]) -> None:
        """Blend a colour into a row whose coverage changes at the given pixels."""
        pixels, places, cover = self.rows[row], sorted(steps), 0.0
        for start, end in zip(places, [*places, WIDTH][1:], strict=True):
            cover += steps[start]
            share = round(cover * SHADES) / SHADES
            if share == 1:
                pixels[start * 3 : end * 3] = bytes(colour) * (end - start)
            elif share:
                for at in range(start, end):
                    under = (pixels[at * 3], pixels[at * 3 + 1], pixels[at * 3 + 2])
                    pixels[at * 3 : at * 3 + 3] = bytes(mix(under, colour, share))

    def png(self) -> bytes:
        """Return the picture as a PNG file (RFC 2083); flat colours are smallest without its row filters."""
        lines = b"".join(b"\0" + row for row in self.rows)
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        chunks = _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines, 9)), _chunk(b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _coverage(row: int, edges: list[tuple[Point, Point]]) -> dict[int, float]:
    """Return where the coverage of a row changes and by how much, from exact crossings on a few lines."""
    steps: dict[int, float] = defaultdict(float)
    for sample in range(SAMPLES):
        y = row + (sample + 0.5) / SAMPLES
        crossings = sorted(x0 + (x1 - x0) * (y - y0) / (y1 - y0) for (x0, y0), (x1, y1) in edges if y0 <= y < y1)
        for number, x in enumerate(crossings):
            x, sign = min(max(x, 0.0), float(WIDTH)), -1 if number % 2 else 1
            rest = x - int(x)
            steps[int(x)] += sign * (1 - rest) / SAMPLES
            steps[int(x) + 1] += sign * rest / SAMPLES
    return {at: step for at, step in steps.items() if at < WIDTH}


def box(x: float, y: float, width: float, height: float) -> Ring:
    """Return a rectangle by its upper left corner."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def disc(x: float, y: float, radius: float, tall: float = 1.0) -> Ring:
    """Return a circle, or an ellipse ``tall`` times as high as wide."""
    turns = [math.tau * n / 72 for n in range(72)]
    return [(x + radius * math.cos(t), y + radius * tall * math.sin(t)) for t in turns]


def bar(x: float, y: float, width: float, height: float) -> Ring:
    """Return a bar with round ends, for ripples, clouds and doors."""
    half, turns = height / 2, [math.pi * n / 16 for n in range(17)]
    right = [(x + width - half + half * math.sin(t), y + half - half * math.cos(t)) for t in turns]
    return right + [(x + half - half * math.sin(t), y + half + half * math.cos(t)) for t in turns]


def arch(x: float, floor: float, width: float, height: float) -> Ring:
    """Return an opening with a round top that stands on ``floor``."""
    rise = min(height, width / 2)
    turns = [math.pi * n / 32 for n in range(33)]
    top = [(x + width / 2 * (1 - math.cos(t)), floor - (height - rise) - rise * math.sin(t)) for t in turns]
    return [(x, floor), *top, (x + width, floor)]


def smooth(knots: list[Point], at: float) -> float:
    """Return the height of a soft curve through the knots, by cosine from one to the next."""
    for (x0, y0), (x1, y1) in pairwise(knots):
        if at <= x1:
            return y0 + (y1 - y0) * (1 - math.cos(math.pi * max(0.0, at - x0) / (x1 - x0))) / 2
    return knots[-1][1]


def hill(*knots: Point, floor: float = HEIGHT) -> Ring:
    """Return rolling ground under a soft curve over the whole width."""
    crest = [(float(x), smooth(list(knots), x)) for x in range(0, WIDTH + 8, 8)]
    return [*crest, (WIDTH + 8, floor), (0, floor)]


def stream(middle: list[Point], near: float, far: float) -> Ring:
    """Return a river seen from above it: the middle line as (y, x), its half widths at the near and the far end."""
    first, last = middle[0][0], middle[-1][0]
    steps = [first + (last - first) * n / 60 for n in range(61)]
    spread = [far + (near - far) * ((y - first) / (last - first)) ** 1.6 for y in steps]
    left = [(smooth(middle, y) - w, y) for y, w in zip(steps, spread, strict=True)]
    return left + [(smooth(middle, y) + w, y) for y, w in zip(reversed(steps), reversed(spread), strict=True)]


def sun(canvas: Canvas, x: float, y: float, radius: float, sky: Colour, light: Colour = SUN) -> None:
    """Draw a sun or a moon with two halos."""
    for size, share in ((2.0, 0.14), (1.5, 0.3), (1.0, 1.0)):
        canvas.fill(mix(sky, light, share), disc(x, y, radius * size))


def cloud(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """Draw a flat cloud."""
    canvas.fill(colour, bar(x, y, size * 4, size))
    canvas.fill(colour, disc(x + size * 1.4, y + size * 0.2, size * 0.8))
    canvas.fill(colour, disc(x + size * 2.5, y + size * 0.25, size * 0.6))


def tree(canvas: Canvas, x: float, floor: float, size: float, leaf: Colour = PINE, tall: float = 1.0) -> None:
    """Draw a tree: round, or a poplar where ``tall`` is above 1; its shaded half is a little darker."""
    canvas.fill(mix(NIGHT, BRICK, 0.25), box(x - size * 0.07, floor - size, size * 0.14, size))
    crown = disc(x, floor - size * (0.7 + 0.5 * tall), size * 0.55, tall)
    canvas.fill(leaf, crown)
    canvas.fill(mix(leaf, NIGHT, 0.18), [point for point in crown if point[0] > x - 0.1])


def ripples(canvas: Canvas, colour: Colour, places: Iterable[tuple[float, float, float]]) -> None:
    """Draw short strokes of light on water, as (x, y, length)."""
    for x, y, length in places:
        canvas.fill(colour, bar(x, y, length, 6))


def house(canvas: Canvas, x: float, floor: float, width: float, wall: Colour, roof: Colour) -> None:
    """Draw a house with a pitched roof, a door and two windows."""
    height = width * 0.62
    canvas.fill(wall, box(x, floor - height, width, height))
    left, right = x - width * 0.08, x + width * 1.08
    canvas.fill(roof, [(left, floor - height), (x + width / 2, floor - height - width * 0.42), (right, floor - height)])
    canvas.fill(NIGHT, arch(x + width * 0.42, floor, width * 0.18, height * 0.52))
    for place in (0.13, 0.69):
        canvas.fill(mix(NIGHT, RIVER, 0.6), box(x + width * place, floor - height * 0.72, width * 0.18, height * 0.3))


def windows(canvas: Canvas, corner: Point, columns: int, rows: int, step: Point, lit: Callable[[int], Colour]) -> None:
    """Draw a grid of windows; ``lit`` gives the colour of the n-th."""
    for number in range(columns * rows):
        row, column = divmod(number, columns)
        x, y = corner[0] + column * step[0], corner[1] + row * step[1]
        canvas.fill(lit(number), box(x, y, step[0] * 0.52, step[1] * 0.55))
