"""Writes the brand images and the placeholder into the integration."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image

from . import piggy

INTEGRATION: Final = Path(__file__).parent.parent / "custom_components" / "piggy"
ICON, LOGO, PLACEHOLDER = 256, 192, 800  # pixels high


def pictures() -> Iterator[tuple[Path, Image.Image]]:
    """Yield every picture with its file's name within the integration.

    Names and sizes are those that Home Assistant serves (component `brands`).
    """
    for prefix, colours in (("", piggy.LIGHT), ("dark_", piggy.DARK)):
        for suffix, times in (("", 1), ("@2x", 2)):
            brand = Path("brand")
            yield brand / f"{prefix}icon{suffix}.png", piggy.icon(colours, ICON * times)
            yield brand / f"{prefix}logo{suffix}.png", piggy.logo(colours, LOGO * times)
    yield Path("placeholder.png"), piggy.placeholder(PLACEHOLDER)


def main() -> None:
    """Write the pictures."""
    for name, picture in pictures():
        path = INTEGRATION / name
        path.parent.mkdir(exist_ok=True)
        picture.save(path, optimize=True)
        size = f"{picture.width}x{picture.height}, {path.stat().st_size} bytes"
        print(f"{name}: {size}")  # noqa: T201


if __name__ == "__main__":
    main()
