"""Serve the dashboard card, and load it on every dashboard."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components import frontend
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_when_setup

from .const import DOMAIN

FOLDER: Final = Path(__file__).parent / "frontend"
MODULE: Final = "piggy-screen-card.js"


async def async_setup_card(hass: HomeAssistant) -> None:
    """Serve the card, and add it to the modules that every dashboard loads.

    Browsers keep its files for a month. The path holds a digest of all of them, and so
    does the address of every module that the card imports: each start after an update
    has other addresses.
    """
    path = f"/{DOMAIN}_static/{await hass.async_add_executor_job(_digest)}"
    await hass.http.async_register_static_paths([StaticPathConfig(path, str(FOLDER))])

    async def add_module(hass: HomeAssistant, _component: str) -> None:
        frontend.add_extra_js_url(hass, f"{path}/{MODULE}")

    # A hub may have no frontend.
    async_when_setup(hass, frontend.DOMAIN, add_module)


def _digest() -> str:
    digest = sha256()
    for file in sorted(FOLDER.rglob("*.js*")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(FOLDER)} {len(content)} ".encode() + content)
    return digest.hexdigest()[:16]
