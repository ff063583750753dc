"""Where a screen's logo is: the user's media or `www` folder."""

from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import raise_if_invalid_path

from .logo import MAX_BYTES, LogoError, check_logo

WWW: Final = "/local/"
MEDIA: Final = ("media-source://media_source/", "/media/")


async def async_check_logo(hass: HomeAssistant, address: str) -> None:
    """Raise `LogoError` unless the picture at an address can stand in a code."""
    await hass.async_add_executor_job(_check, hass, address)


def read_logo(hass: HomeAssistant, address: str) -> bytes:
    """Return a logo's picture; blocks. Raises `LogoError` when there is none."""
    if (path := _path(hass, address)) is None:
        raise LogoError("logo_not_found")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as err:
        raise LogoError("logo_not_found") from err


def _check(hass: HomeAssistant, address: str) -> None:
    """Read the logo and check it."""
    check_logo(read_logo(hass, address))


def _path(hass: HomeAssistant, address: str) -> Path | None:
    """Return the file that an address of the frontend's stands for."""
    folders = {WWW: hass.config.path("www")} | {
        f"{prefix}{name}/": folder
        for prefix in MEDIA
        for name, folder in hass.config.media_dirs.items()
    }
    for prefix, folder in folders.items():
        if address.startswith(prefix):
            try:
                raise_if_invalid_path(name := address.removeprefix(prefix))
                base = Path(folder).resolve()
                path = (base / name).resolve()
            except ValueError, OSError:
                return None
            return path if path.is_relative_to(base) else None
    return None
