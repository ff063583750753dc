"""Find, read and keep a screen's logo, a file in the media, image or `www` folder."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL.Image import Image

from homeassistant.core import HomeAssistant

from . import qr
from .const import LOGGER

MEDIA: Final = ("media-source://media_source/", "/media/")
UPLOADED: Final = "media-source://image_upload/"


@dataclass
class LogoSource:
    """Loads a logo file, and checks it again only when it was changed."""

    hass: HomeAssistant
    logo: str | Mapping[str, str]
    _content: bytes | None = None
    _checked: Image | qr.LogoProblem = "logo_not_found"
    _has_warned: bool = False

    @property
    def address(self) -> str:
        """Return the path that was entered, or what the media selector returned."""
        logo = self.logo
        return logo if isinstance(logo, str) else logo["media_content_id"]

    def load(self) -> Image | qr.LogoProblem:
        """Return the logo, or why it cannot be used. Blocking."""
        content = _read(self.hass, self.address)
        if content is None:
            return "logo_not_found"
        if content != self._content:
            self._checked = qr.load_logo(content)
            self._content = content
        return self._checked

    def load_or_warn(self) -> Image | None:
        """Return the logo, or None after one warning, until it works. Blocking."""
        logo = self.load()
        if isinstance(logo, Image):
            self._has_warned = False
            return logo
        if not self._has_warned:
            LOGGER.warning(
                "The logo %s is %s. QR codes are shown without it. Replace the file,"
                " or set another logo in the screen's settings, which say more",
                self.address,
                logo.removeprefix("logo_").replace("_", " "),
            )
        self._has_warned = True
        return None


def _read(hass: HomeAssistant, address: str) -> bytes | None:
    """Return the content of a frontend address's file, or None for another address.

    Only a regular file is opened: a FIFO could block, and a device have an effect.
    """
    www, uploads = hass.config.path("www"), hass.config.path("image")
    folders = {"/local/": www, UPLOADED: uploads} | {
        f"{prefix}{name}/": folder
        for prefix in MEDIA
        for name, folder in hass.config.media_dirs.items()
    }
    if address.startswith(UPLOADED):
        address += "/original"
    for prefix, folder in folders.items():
        if address.startswith(prefix):
            with suppress(OSError, ValueError):
                path = Path(folder, address.removeprefix(prefix)).resolve()
                if path.is_relative_to(Path(folder).resolve()) and path.is_file():
                    with path.open("rb") as file:
                        return file.read(qr.MAX_BYTES + 1)
    return None
