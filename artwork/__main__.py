"""Render the brand images and the placeholder into the integration."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Final

import pyvips

ROOT: Final = Path(__file__).parent
INTEGRATION: Final = ROOT.parent / "custom_components" / "piggy"
DRAWING: Final = (ROOT / "piggy.svg").read_text("utf-8")


@dataclass(frozen=True)
class View:
    """A part of the drawing, in its units, and the height of its image in pixels."""

    left: int
    top: int
    width: int
    height: int
    pixels: int


# Each begins and ends with the shapes in it, so that nothing is left to be trimmed.
ICON: Final = View(2, 2, 252, 252, pixels=256)
LOGO: Final = View(8, 2, 808, 252, pixels=252)
PLACEHOLDER: Final = View(-152, -124, 560, 560, pixels=800)


def images() -> Iterator[tuple[Path, bytes]]:
    """Yield every image as a PNG, with its path within the integration.

    Names and sizes are those that Home Assistant serves (component `brands`).
    """
    for prefix, style in (("", ""), ("dark_", "dark.css")):
        for suffix, scale in (("", 1), ("@2x", 2)):
            for kind, view in (("icon", ICON), ("logo", LOGO)):
                name = Path("brand", f"{prefix}{kind}{suffix}.png")
                yield name, render(view, style, scale)
    yield Path("placeholder.png"), render(PLACEHOLDER, "idle.css")


def render(view: View, style: str = "", scale: int = 1) -> bytes:
    """Return a view of the drawing as a PNG, changed by a style sheet."""
    box = f"{view.left} {view.top} {view.width} {view.height}"
    drawing = re.sub(r'viewBox="[^"]*"', f'viewBox="{box}"', DRAWING, count=1)
    image = pyvips.Image.svgload_buffer(
        drawing.encode(),
        scale=scale * view.pixels / view.height,
        stylesheet=(ROOT / style).read_text("utf-8") if style else "",
    )
    # Plain surfaces compress best without a filter.
    return image.pngsave_buffer(
        interlace=True, compression=9, filter=pyvips.ForeignPngFilter.NONE
    )


def main() -> None:
    """Write the images."""
    for name, image in images():
        (INTEGRATION / name).write_bytes(image)
        print(f"{name}: {len(image)} bytes")


if __name__ == "__main__":
    main()
