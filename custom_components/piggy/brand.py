"""The color and the logo of an account's brand kit at Piggy, which the card shows."""

from hashlib import sha256
from io import BytesIO
from typing import Final

from aiohttp import ClientError, hdrs, web

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from . import qr
from .account import Logo, PiggyAccount
from .api.errors import PiggyError
from .api.http import TIMEOUT, read
from .const import DOMAIN, LOGGER

PLAIN: Final = {hdrs.ACCEPT_ENCODING: "identity"}
KEEP: Final = {hdrs.CACHE_CONTROL: "public, max-age=2678400"}
PATH: Final = f"/api/{DOMAIN}/logo/"
MAX_SIDE: Final = 512  # pixels; more than a logo has on a screen in 4K


async def async_read_brand(
    hass: HomeAssistant, account: PiggyAccount, api_url: str
) -> None:
    """Read the brand of an account. What cannot be read stays as it is.

    A logo is fetched over https, or from the API itself, and not after a redirect. The
    client is called directly: no answer to this call may pause the polls or ask for
    another key.
    """
    try:
        account.color, url = await account.client.get_brand_kit()
        if not url or not url.startswith(("https://", f"{api_url}/")):
            account.logo = None
            return
        async with async_get_clientsession(hass).get(
            url, timeout=TIMEOUT, allow_redirects=False, headers=PLAIN
        ) as response:
            response.raise_for_status()
            content = await read(response, qr.MAX_BYTES)
        account.logo = await hass.async_add_executor_job(_redraw, content)
    except (PiggyError, ClientError, OSError, ValueError) as err:
        LOGGER.debug("The brand could not be read: %s", type(err).__name__)


def _redraw(content: bytearray) -> Logo | None:
    """Return an image as a PNG of nothing but its pixels, or None. Blocking."""
    if (image := qr.decode(content)) is None:
        return None
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    written = BytesIO()
    image.save(written, "PNG", icc_profile=None)
    png = written.getvalue()
    return Logo(PATH + sha256(png).hexdigest(), png)


class LogoView(HomeAssistantView):
    """Serves the logos of loaded accounts. Browsers load images without a token."""

    url = f"{PATH}{{digest}}"
    name = f"api:{DOMAIN}:logo"
    requires_auth = False

    async def get(self, request: web.Request, digest: str) -> web.Response:
        """Return a logo by the digest of its content."""
        for entry in request.app[KEY_HASS].config_entries.async_loaded_entries(DOMAIN):
            logo = entry.runtime_data.account.logo
            if logo and logo.path == PATH + digest:
                return web.Response(
                    body=logo.png, content_type="image/png", headers=KEEP
                )
        raise web.HTTPNotFound
