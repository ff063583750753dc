"""Serve the dashboard card, and load it on every dashboard."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from homeassistant.components import frontend
from homeassistant.components.http.static import CACHE_HEADER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.setup import async_when_setup

from .const import DOMAIN

FOLDER: Final = Path(__file__).parent / "frontend"
MODULE: Final = "piggy-screen-card.js"
HEADERS: Final = {hdrs.CACHE_CONTROL: CACHE_HEADER, hdrs.VARY: hdrs.ACCEPT_ENCODING}


class CardView(HomeAssistantView):
    """Serves the card's files, compressed if the browser accepts it.

    Browsers keep them for a month. The URL holds a digest of all of them, so that every
    module that the card imports has another address after an update.
    """

    name = f"{DOMAIN}:card"
    requires_auth = False

    def __init__(self) -> None:
        """Read the files."""
        files = sorted(FOLDER.rglob("*.js*"))
        self._files = {
            str(file.relative_to(FOLDER)): file.read_bytes() for file in files
        }
        digest = sha256(repr(self._files).encode()).hexdigest()[:16]
        self.folder = f"/{DOMAIN}_static/{digest}"
        self.url = f"{self.folder}/{{name:.+}}"

    async def get(self, request: web.Request, name: str) -> web.Response:
        """Return a file."""
        if name not in self._files:
            raise web.HTTPNotFound
        kind = "text/javascript" if name.endswith(".js") else "application/json"
        body = self._files[name]
        response = web.Response(body=body, content_type=kind, headers=HEADERS)
        response.enable_compression()
        return response

    head = get


async def async_setup_card(hass: HomeAssistant) -> None:
    """Serve the card, and add it to the modules that every dashboard loads."""
    view = await hass.async_add_executor_job(CardView)
    hass.http.register_view(view)

    async def add_module(hass: HomeAssistant, _component: str) -> None:
        frontend.add_extra_js_url(hass, f"{view.folder}/{MODULE}")

    # A hub may have no frontend.
    async_when_setup(hass, frontend.DOMAIN, add_module)
