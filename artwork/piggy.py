"""The pig: an icon, a logo, and asleep while a screen is idle."""

from dataclasses import dataclass
from typing import Final

from PIL import Image

from .canvas import Canvas, Point, arc


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours of one pig."""

    skin: str
    shade: str
    snout: str
    line: str
    coin: str
    rim: str
    word: str


LIGHT: Final = Palette(
    skin="#ff9db5",
    shade="#ee7896",
    snout="#ffc4d2",
    line="#4a2335",
    coin="#ffcf4a",
    rim="#e6a417",
    word="#4a2335",
)
DARK: Final = Palette(
    skin="#ffa9be",
    shade="#f2839f",
    snout="#ffd0db",
    line="#4a2335",
    coin="#ffd65f",
    rim="#e9ac24",
    word="#ffe3ea",
)
# Of one strength on white and on black.
IDLE: Final = Palette(
    skin="#b3a3aa",
    shade="#978790",
    snout="#c9bcc2",
    line="#6b5b64",
    coin="#b3a3aa",
    rim="#978790",
    word="#6b5b64",
)

SIDE: Final = 256  # units; the icon


def _face(canvas: Canvas, colours: Palette, left: float, top: float) -> None:
    """Draw the head, 240 units wide and 196 high, without eyes."""

    def at(x: float, y: float) -> Point:
        return left + x, top + y

    for mirrored in (False, True):
        ear = [
            at(240 - x if mirrored else x, y)
            for x, y in ((12, 10), (26, 10), (96, 36), (40, 100), (12, 70))
        ]
        canvas.polygon(ear, colours.shade)
        canvas.stroke([*ear, ear[0]], 20, colours.shade)
    canvas.block((*at(0, 20), *at(240, 196)), 84, colours.skin)
    canvas.block((*at(62, 100), *at(178, 172)), 36, colours.snout)
    for x in (86, 132):
        canvas.block((*at(x, 120), *at(x + 22, 152)), 9, colours.line)


def _eyes(canvas: Canvas, colours: Palette, left: float, top: float) -> None:
    for x in (52, 188):
        canvas.ellipse((left + x, top + 92), (13, 15), colours.line)
        canvas.ellipse((left + x + 4, top + 86), (4.5, 4.5), "#ffffff")


def _closed_eyes(canvas: Canvas, colours: Palette, left: float, top: float) -> None:
    for x in (46, 194):
        canvas.stroke(arc((left + x, top + 86), 15, 15, 165), 7, colours.line)


def _coin(canvas: Canvas, colours: Palette, x: float, y: float) -> None:
    """Draw a coin on its way into the slot."""
    canvas.ellipse((x, y), (40, 40), colours.rim)
    canvas.ellipse((x, y), (31, 31), colours.coin)


def _pig(canvas: Canvas, colours: Palette, left: float) -> None:
    """Draw the whole icon, 256 units square."""
    _coin(canvas, colours, left + 128, 42)
    _face(canvas, colours, left + 8, 58)
    canvas.block((left + 80, 72, left + 176, 86), 7, colours.line)
    _eyes(canvas, colours, left + 8, 62)


def icon(colours: Palette, pixels: int) -> Image.Image:
    """Return the icon, so many pixels square."""
    canvas = Canvas(SIDE, SIDE, pixels)
    _pig(canvas, colours, 0)
    return canvas.finished()


STROKE: Final = 25  # units; the word's lines
BASE: Final = 182  # units from the top; what the letters stand on


def _hooked(x: float) -> list[Point]:
    """Return the right stem of g and y, with its hook."""
    return [(x, BASE - 86), (x, BASE + 6), *arc((x - 37, BASE + 6), 37, 0, 140)]


def _word(canvas: Canvas, colour: str, left: float) -> float:
    """Draw "Piggy" and return where it ends."""
    top, x = BASE - 140, left + STROKE / 2
    strokes: list[list[Point]] = [
        [(x, BASE), (x, top), *arc((x + 46, top + 41), 41, -90, 90), (x, top + 82)],
    ]
    x += 87 + 40
    strokes.append([(x, BASE), (x, BASE - 86)])
    canvas.block((x - 15, top - 11, x + 15, top + 19), 8, colour)
    for _ in "gg":
        x += 40
        strokes += [arc((x + 43, BASE - 43), 43, 0, 360), _hooked(x + 86)]
        x += 86
    x += 38
    strokes += [
        [(x, BASE - 86), *arc((x + 41, BASE - 41), 41, 180, 0), (x + 82, BASE - 86)],
        _hooked(x + 82),
    ]
    for stroke in strokes:
        canvas.stroke(stroke, STROKE, colour)
    return x + 82 + STROKE / 2


GAP: Final = 36  # units between pig and word


def logo(colours: Palette, pixels: int) -> Image.Image:
    """Return the icon with the name beside it, so many pixels high."""
    width = _word(Canvas(1, 1, 1), colours.word, SIDE + GAP)
    canvas = Canvas(width, SIDE, pixels)
    _pig(canvas, colours, 0)
    _word(canvas, colours.word, SIDE + GAP)
    return canvas.finished()


def placeholder(pixels: int) -> Image.Image:
    """Return what an idle screen shows: the pig asleep, at ease on any background."""
    canvas = Canvas(560, 560, pixels)
    _face(canvas, IDLE, 160, 182)
    _closed_eyes(canvas, IDLE, 160, 182)
    return canvas.finished()
