"""Pictures of the invented region outside its towns."""

from __future__ import annotations

from canvas import (
    BRICK,
    DUSK,
    FAR,
    LEAF,
    MEADOW,
    MIST,
    NIGHT,
    PAPER,
    PINE,
    RIVER,
    SUN,
    WIDTH,
    Canvas,
    arch,
    bar,
    box,
    cloud,
    disc,
    hill,
    house,
    mix,
    ripples,
    stream,
    sun,
    tree,
    windows,
)


def three_rivers() -> Canvas:
    """Three rivers that meet under an evening sun."""
    c = Canvas(DUSK)
    sun(c, 860, 170, 70, DUSK)
    cloud(c, 190, 110, 34, PAPER)
    c.fill(FAR, hill((0, 250), (190, 150), (420, 245), (640, 170), (900, 260), (1200, 190)))
    c.fill(mix(FAR, PINE, 0.45), hill((0, 230), (300, 285), (620, 225), (900, 290), (1200, 235)))
    c.fill(LEAF, hill((0, 310), (350, 280), (700, 305), (1200, 290)))
    for start in (150, 640, 1080):
        c.fill(RIVER, stream([(306, start), (470, 600)], 64, 4))
    c.fill(RIVER, stream([(440, 600), (545, 560), (640, 640)], 330, 70))
    c.fill(PINE, hill((0, 400), (120, 430), (330, 590), (480, 660), (1200, 700)))
    c.fill(PINE, hill((0, 700), (800, 660), (930, 560), (1100, 470), (1200, 450)))
    ripples(c, MIST, [(520, 505, 70), (610, 535, 110), (500, 566, 90), (640, 592, 150), (420, 404, 40), (745, 396, 46)])
    for x, floor, size in ((60, 440, 90), (130, 470, 110), (1050, 500, 100), (1140, 480, 120)):
        tree(c, x, floor, size, mix(PINE, LEAF, 0.35), 1.5)
    for x, floor, size in ((300, 345, 44), (480, 322, 38), (760, 330, 42), (980, 330, 46)):
        tree(c, x, floor, size)
    house(c, 405, 342, 60, PAPER, BRICK)
    return c


def bridge() -> Canvas:
    """A stone bridge with a bus on it, at sunrise."""
    c = Canvas(DUSK)
    sun(c, 300, 230, 80, DUSK)
    c.fill(FAR, hill((0, 300), (280, 330), (560, 220), (860, 310), (1200, 200)))
    c.fill(mix(FAR, PINE, 0.5), hill((0, 330), (400, 375), (760, 320), (1200, 345)))
    c.fill(RIVER, hill((0, 400), (1200, 400)))
    c.fill(mix(RIVER, SUN, 0.6), *[bar(300 - w / 2, y, w, 9) for y, w in ((424, 220), (452, 150), (480, 190))])
    stone = mix(PAPER, BRICK, 0.28)
    c.fill(
        stone,
        [(0, 330), (600, 286), (1200, 330), (1200, 560), (0, 560)],
        *[arch(x, 560, 210, 186) for x in (30, 270)],
        arch(510, 560, 180, 206),
        *[arch(x, 560, 210, 186) for x in (720, 960)],
    )
    c.fill(mix(stone, NIGHT, 0.3), [(0, 326), (600, 282), (1200, 326), (1200, 344), (600, 300), (0, 344)])
    c.fill(mix(RIVER, NIGHT, 0.25), hill((0, 540), (500, 528), (1200, 545)))
    ripples(c, MIST, [(90, 560, 120), (430, 585, 160), (760, 566, 110), (980, 598, 140), (250, 606, 70)])
    c.fill(BRICK, bar(690, 212, 220, 60))
    c.fill(BRICK, box(690, 242, 220, 54))
    for n in range(5):
        c.fill(PAPER, box(708 + n * 38, 230, 28, 28))
    for x in (735, 865):
        c.fill(NIGHT, disc(x, 298, 17))
        c.fill(MIST, disc(x, 298, 7))
    for x, size in ((40, 130), (1150, 150), (1085, 100)):
        tree(c, x, 332, size, tall=1.3)
    return c


def garden() -> Canvas:
    """A shared garden with rows of vegetables, sunflowers and a shed."""
    sky = mix(PAPER, MIST, 0.5)
    c = Canvas(sky)
    sun(c, 450, 150, 64, sky)
    cloud(c, 700, 90, 36, PAPER)
    c.fill(FAR, hill((0, 280), (350, 220), (720, 290), (1200, 210)))
    c.fill(PINE, hill((0, 310), (260, 330), (600, 290), (1200, 325)))
    c.fill(MEADOW, hill((0, 350), (600, 335), (1200, 350)))
    soil = mix(BRICK, NIGHT, 0.45)
    for n in range(6):
        far, near = 330 + n * 92, -200 + n * 270
        c.fill(soil, [(far, 380), (far + 60, 380), (near + 190, 640), (near, 640)])
        for k in range(6):
            share = (k / 5) ** 1.5
            y = 392 + 234 * share
            x = far + 30 + (near + 65 - far) * (y - 380) / 260
            c.fill((PINE, LEAF, mix(LEAF, SUN, 0.4))[n % 3], disc(x, y - 8, 12 + 34 * share, 0.7))
            if n % 3 == 1:
                c.fill(BRICK, disc(x + 4, y - 14, 5 + 11 * share))
    house(c, 900, 380, 170, mix(SUN, PAPER, 0.3), BRICK)
    tree(c, 1130, 400, 150)
    for x, size in ((90, 1.0), (170, 1.25), (250, 0.9)):
        top = 400 - 120 * size
        c.fill(PINE, box(x - 4, top, 8, 400 - top))
        c.fill(LEAF, disc(x - 20 * size, 372, 20 * size, 0.45))
        c.fill(LEAF, disc(x + 20 * size, 356, 20 * size, 0.45))
        c.fill(SUN, disc(x, top, 34 * size))
        c.fill(soil, disc(x, top, 15 * size))
    return c


def stadium() -> Canvas:
    """A small stadium: a stand, floodlights, a pitch and a ball."""
    c = Canvas(MIST)
    cloud(c, 300, 80, 34, PAPER)
    c.fill(FAR, hill((0, 260), (420, 190), (800, 260), (1200, 180)))
    c.fill(NIGHT, [(200, 210), (1000, 210), (1060, 240), (140, 240)])
    for n in range(5):
        c.fill(mix(BRICK, PAPER, 0.12 * n), box(190 - n * 8, 262 + n * 26, 820 + n * 16, 26))
        for k in range(24):
            seat = (SUN, PAPER, NIGHT, RIVER)[(k * 7 + n * 5) % 4]
            c.fill(seat, disc(222 + k * 33 + n % 2 * 12, 272 + n * 26, 9))
    for x in (200, 600, 1000):
        c.fill(NIGHT, box(x - 5, 236, 10, 160))
    c.fill(LEAF, hill((0, 390), (1200, 390)))
    for n in range(6):
        c.fill(
            mix(LEAF, PINE, 0.22),
            [(n * 240 - 90, 390), (n * 240 + 10, 390), (n * 300 - 210, 630), (n * 300 - 400, 630)],
        )
    c.fill(PAPER, box(0, 408, WIDTH, 6))
    c.fill(PAPER, disc(600, 640, 330, 0.42), disc(600, 640, 318, 0.41))
    for x in (70, 1130):
        c.fill(NIGHT, box(x - 6, 110, 12, 290))
        c.fill(NIGHT, box(x - 60, 70, 120, 56))
        windows(c, (x - 50, 78), 4, 2, (27, 23), lambda n: SUN)
    c.fill(mix(PINE, NIGHT, 0.3), disc(618, 574, 62, 0.25))
    c.fill(PAPER, disc(600, 520, 58))
    c.fill(
        NIGHT,
        disc(600, 520, 18),
        *[disc(600 + x, 520 + y, 9) for x, y in ((0, -44), (42, -13), (26, 36), (-26, 36), (-42, -13))],
    )
    return c


def docks() -> Canvas:
    """A barge full of books and boxes, cranes behind it."""
    c = Canvas(DUSK)
    sun(c, 250, 200, 66, DUSK)
    cloud(c, 560, 90, 30, PAPER)
    c.fill(FAR, hill((0, 330), (360, 290), (760, 340), (1200, 270)))
    for x, reach in ((780, 230), (1010, 120)):
        c.fill(NIGHT, box(x, 110, 14, 300), box(x + 46, 110, 14, 300))
        c.fill(NIGHT, [(x - reach, 132), (x + 120, 132), (x + 120, 150), (x - reach, 142)])
        c.fill(NIGHT, [(x + 22, 60), (x + 38, 60), (x + 60, 134), (x, 134)])
        for k in range(5):
            y = 170 + k * 46
            c.fill(NIGHT, [(x, y), (x + 8, y), (x + 60, y + 46), (x + 52, y + 46)])
        c.fill(NIGHT, box(x - reach + 20, 142, 4, 80))
        c.fill(BRICK, box(x - reach - 8, 222, 60, 40))
    for n in range(4):
        c.fill((PINE, BRICK, mix(SUN, BRICK, 0.3), RIVER)[n], box(40 + n % 2 * 150, 340 - n // 2 * 56, 140, 54))
    c.fill(mix(PAPER, NIGHT, 0.3), box(0, 394, WIDTH, 26))
    c.fill(RIVER, hill((0, 420), (1200, 420)))
    c.fill(PAPER, box(610, 392, 190, 90))
    c.fill(BRICK, box(598, 380, 214, 16))
    windows(c, (628, 412), 4, 1, (44, 70), lambda n: SUN)
    for n in range(9):
        colour = (BRICK, SUN, PINE, PAPER)[n % 4]
        c.fill(colour, box(310 + n * 31, 480 - 36 - n * 13 % 30, 26, 70))
    c.fill(NIGHT, [(240, 470), (960, 470), (900, 560), (310, 560)])
    c.fill(BRICK, [(240, 470), (960, 470), (950, 486), (252, 486)])
    c.fill(mix(RIVER, NIGHT, 0.25), hill((0, 548), (600, 540), (1200, 548)))
    ripples(
        c, MIST, [(60, 470, 110), (1010, 500, 130), (200, 585, 150), (520, 572, 110), (800, 598, 170), (420, 608, 60)]
    )
    return c
