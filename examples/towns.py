"""Pictures of the towns of the invented region."""

from __future__ import annotations

from canvas import (
    BRICK,
    DAY,
    FAR,
    LEAF,
    MIST,
    NIGHT,
    PAPER,
    PINE,
    RIVER,
    SUN,
    WIDTH,
    Canvas,
    arch,
    box,
    cloud,
    disc,
    hill,
    mix,
    ripples,
    stream,
    sun,
    tree,
    windows,
)


def school() -> Canvas:
    """A school with a clock, two wings and a yard."""
    c = Canvas(DAY)
    cloud(c, 120, 130, 40, PAPER)
    cloud(c, 860, 90, 30, PAPER)
    c.fill(FAR, hill((0, 330), (300, 260), (640, 340), (950, 270), (1200, 330)))
    c.fill(LEAF, hill((0, 440), (600, 420), (1200, 440)))
    for x in (70, 1130):
        tree(c, x, 500, 190)
    for x in (190, 690):
        c.fill(PAPER, box(x, 310, 320, 190))
        c.fill(BRICK, [(x - 16, 310), (x + 30, 250), (x + 290, 250), (x + 336, 310)])
        windows(c, (x + (52 if x < 600 else 92), 340), 3, 2, (70, 72), lambda n: SUN if n in (1, 5) else RIVER)
    c.fill(mix(PAPER, SUN, 0.25), box(470, 240, 260, 260))
    c.fill(BRICK, [(450, 240), (600, 140), (750, 240)])
    c.fill(PAPER, disc(600, 290, 44))
    c.fill(NIGHT, disc(600, 290, 44), disc(600, 290, 37))
    c.fill(NIGHT, box(597, 262, 6, 31))
    c.fill(NIGHT, box(600, 287, 24, 6))
    c.fill(NIGHT, arch(555, 500, 90, 130))
    c.fill(NIGHT, box(597, 80, 6, 64))
    c.fill(SUN, [(603, 82), (664, 98), (603, 114)])
    c.fill(mix(PAPER, BRICK, 0.2), hill((0, 500), (600, 496), (1200, 500)))
    c.fill(PAPER, [(555, 500), (645, 500), (800, 630), (400, 630)])
    for n in range(7):
        x, y = 860 + (n * 2 + 1) // 3 * 62, (566, 546, 586)[n % 3]
        c.fill((BRICK, SUN, RIVER)[n % 3], box(x, y, 56, 34))
    c.fill(BRICK, disc(262, 572, 24))
    c.fill(PAPER, disc(255, 565, 7))
    return c


def quarter() -> Canvas:
    """Blocks of flats around a planted yard."""
    sky = mix(MIST, PAPER, 0.6)
    c = Canvas(sky)
    sun(c, 990, 130, 60, sky)
    cloud(c, 420, 90, 32, PAPER)
    c.fill(FAR, hill((0, 330), (500, 280), (1200, 340)))
    walls = (mix(PAPER, BRICK, 0.18), PAPER, mix(PAPER, RIVER, 0.22), mix(PAPER, SUN, 0.3))
    blocks = ((40, 190, 240, 5), (300, 270, 220, 4), (650, 230, 230, 5), (900, 300, 260, 4))
    for number, (x, top, width, columns) in enumerate(blocks):
        c.fill(walls[number], box(x, top, width, 300))
        c.fill((BRICK, NIGHT, PINE, BRICK)[number], box(x - 8, top - 14, width + 16, 16))
        step = (width - 24) / columns
        windows(c, (x + 24, top + 24), columns, 4, (step, 54), lambda n: SUN if n % 7 == 3 else RIVER)
    c.fill(LEAF, hill((0, 470), (400, 450), (1200, 475)))
    c.fill(mix(PAPER, SUN, 0.15), stream([(458, 560), (530, 640), (640, 480)], 170, 26))
    for x, floor, size in (
        (90, 520, 120),
        (250, 505, 90),
        (400, 500, 84),
        (760, 505, 96),
        (930, 520, 120),
        (1120, 530, 140),
    ):
        tree(c, x, floor, size)
    for x, y in ((180, 560), (860, 575)):
        c.fill(BRICK, box(x, y, 130, 12), box(x, y - 24, 130, 10))
        c.fill(NIGHT, box(x + 12, y + 12, 8, 24), box(x + 110, y + 12, 8, 24))
    return c


def market() -> Canvas:
    """A square with stalls, bunting and old houses."""
    c = Canvas(DAY)
    sun(c, 600, 230, 56, DAY)
    colours = (PAPER, mix(PAPER, SUN, 0.4), mix(PAPER, BRICK, 0.3), mix(PAPER, RIVER, 0.25), mix(PAPER, LEAF, 0.35))
    for n, x in enumerate((0, 150, 300, 750, 900, 1050)):
        top = 190 + (n * 47) % 80
        c.fill(colours[n % 5], box(x, top, 150, 330))
        c.fill((BRICK, NIGHT, PINE)[n % 3], [(x - 6, top), (x + 75, top - 74), (x + 156, top)])
        windows(c, (x + 26, top + 26), 2, 3, (62, 66), lambda k: RIVER)
    c.fill(FAR, hill((0, 400), (450, 400), (600, 370), (750, 400), (1200, 400)))
    c.fill(mix(PAPER, BRICK, 0.16), hill((0, 440), (600, 430), (1200, 440)))
    string = [(float(x), 34 + 280 * (x / WIDTH) * (1 - x / WIDTH)) for x in range(0, WIDTH + 1, 20)]
    for n, (left, right) in enumerate(zip(string[1::3], string[3::3], strict=False)):
        tip = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2 + 46)
        c.fill((BRICK, SUN, PINE, RIVER)[n % 4], [left, right, tip])
    c.fill(NIGHT, string + [(x, y + 4) for x, y in reversed(string)])
    for x, colour in ((90, BRICK), (470, PINE), (850, RIVER)):
        c.fill(NIGHT, box(x + 8, 400, 8, 180), box(x + 244, 400, 8, 180))
        for n in range(6):
            c.fill(PAPER if n % 2 else colour, box(x + n * 260 / 6, 370, 260 / 6 + 0.5, 50))
            c.fill(PAPER if n % 2 else colour, disc(x + (n + 0.5) * 260 / 6, 420, 260 / 12))
        c.fill(mix(SUN, BRICK, 0.5), box(x, 510, 260, 80))
        for n in range(9):
            c.fill((SUN, LEAF, BRICK)[n % 3], disc(x + 24 + n * 26, 500 + n % 2 * 6, 17))
        c.fill(mix(BRICK, NIGHT, 0.4), box(x, 516, 260, 12))
    return c


def night() -> Canvas:
    """The town at night, its windows in the river."""
    c = Canvas(NIGHT)
    sun(c, 1000, 130, 56, NIGHT, PAPER)
    for n in range(26):
        c.fill(MIST, disc((n * 347) % 1190 + 5, (n * 71) % 230 + 14, 2 + n % 3))
    c.fill(mix(NIGHT, RIVER, 0.45), hill((0, 300), (300, 230), (650, 310), (980, 220), (1200, 290)))
    shades = (mix(NIGHT, RIVER, 0.2), mix(NIGHT, PINE, 0.5), mix(NIGHT, BRICK, 0.3))
    for n in range(9):
        x, top, width = n * 138 - 20, 250 + (n * 83) % 70, 128
        c.fill(shades[n % 3], box(x, top, width, 460 - top))
        c.fill(shades[n % 3], [(x - 6, top), (x + width / 2, top - 58), (x + width + 6, top)])
        windows(c, (x + 24, top + 22), 2, 2, (54, 52), lambda k, n=n: SUN if (k * 5 + n * 3) % 4 else RIVER)
    c.fill(mix(NIGHT, PINE, 0.35), hill((0, 428), (600, 420), (1200, 430)))
    c.fill(mix(NIGHT, RIVER, 0.6), hill((0, 470), (1200, 470)))
    for n in range(6):
        x = 100 + n * 200
        c.fill(mix(NIGHT, SUN, 0.35), disc(x, 450, 56, 0.22))
        c.fill(PAPER, box(x - 3, 376, 6, 76))
        c.fill(PAPER, disc(x, 374, 10))
        ripples(c, mix(RIVER, SUN, 0.6), [(x - 30 + k * 7, 486 + k * 27, 60 - k * 9) for k in range(5)])
    ripples(c, mix(RIVER, PAPER, 0.6), [(930 + k * 11, 500 + k * 25, 140 - k * 22) for k in range(5)])
    return c


def health_house() -> Canvas:
    """A health centre on a hill, with a path to its door."""
    sky = mix(PAPER, SUN, 0.18)
    c = Canvas(sky)
    sun(c, 1010, 150, 64, sky)
    cloud(c, 130, 100, 36, mix(MIST, PAPER, 0.3))
    c.fill(FAR, hill((0, 300), (260, 220), (560, 310), (900, 240), (1200, 310)))
    c.fill(mix(PINE, FAR, 0.4), hill((0, 370), (500, 320), (1200, 380)))
    c.fill(LEAF, hill((0, 470), (600, 400), (1200, 470)))
    c.fill(PAPER, box(380, 270, 440, 170))
    c.fill(mix(PAPER, RIVER, 0.25), box(640, 210, 180, 230))
    c.fill(PINE, [(360, 270), (400, 220), (640, 220), (640, 270)])
    c.fill(BRICK, box(630, 196, 200, 16))
    c.fill(PINE, box(716, 232, 28, 84))
    c.fill(PINE, box(688, 260, 84, 28))
    windows(c, (410, 300), 4, 1, (58, 90), lambda n: SUN if n == 2 else RIVER)
    c.fill(NIGHT, arch(700, 440, 60, 92))
    c.fill(PAPER, stream([(436, 730), (520, 660), (640, 720)], 190, 30))
    for x, floor, size in ((110, 500, 150), (250, 475, 110), (930, 470, 120), (1090, 500, 170)):
        tree(c, x, floor, size, tall=1.2)
    for n in range(12):
        x = (n * 109) % 1150 + 20
        if not 480 < x < 900:
            c.fill((BRICK, SUN, PAPER)[n % 3], disc(x, 540 + (n * 37) % 70, 9))
    return c
