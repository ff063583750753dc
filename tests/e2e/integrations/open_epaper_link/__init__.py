"""Stands in for the OpenEPaperLink integration, with its own renderer and client.

Only its action `drawcustom` is here, and of that what the documentation uses.
"""

from typing import Any

from odl_renderer import generate_image
from oepl import OEPLClient
from oepl.client import DitherMode

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.network import get_url
from homeassistant.helpers.typing import ConfigType

DOMAIN = "open_epaper_link"


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the action; the configuration says where the access point is."""
    settings: dict[str, Any] = config[DOMAIN]

    async def draw(call: ServiceCall) -> None:
        """Draw an image for a label, and send it through the access point."""
        session = async_get_clientsession(hass)
        elements = [
            {**element, "url": _address(hass, element["url"])}
            for element in call.data["payload"]
        ]
        image = await generate_image(
            settings["width"],
            settings["height"],
            elements,
            background=call.data["background"],
            session=session,
        )
        assert int(call.data["dither"]) == 0
        client = OEPLClient(settings["host"], session=session)
        await client.upload_image(
            settings["mac"],
            image.rotate(-call.data["rotate"], expand=True),
            dither_mode=DitherMode.NONE,
            dither=0,
            ttl=call.data["ttl"],
        )

    hass.services.async_register(DOMAIN, "drawcustom", draw)
    return True


def _address(hass: HomeAssistant, entity: str) -> str:
    """Return the address of an image entity as the integration does: with its token."""
    state = hass.states.get(entity)
    assert state is not None
    return f"{get_url(hass)}{state.attributes['entity_picture']}"
