"""Image platform of the Piggy integration."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import qr
from .const import CONF_LOGO, LOGGER
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .entity import PiggyEntity, async_add_screen_entities
from .logo import LogoError, check_logo
from .logo_file import read_logo

PARALLEL_UPDATES = 0

PLACEHOLDER: Final = Path(__file__).parent / "placeholder.png"

IMAGES: Final = (ImageEntityDescription(key="qr_code", translation_key="qr_code"),)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PiggyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the QR code of every screen."""
    async_add_screen_entities(entry, async_add_entities, PiggyImage, IMAGES)


class PiggyImage(PiggyEntity, ImageEntity):
    """The session's url as a QR code; a placeholder when there is none."""

    _attr_content_type = "image/png"

    def __init__(
        self, coordinator: ScreenCoordinator, description: EntityDescription
    ) -> None:
        """Initialize the entity."""
        PiggyEntity.__init__(self, coordinator, description)
        ImageEntity.__init__(self, coordinator.hass)
        self._picture: tuple[str | None, asyncio.Future[bytes]] | None = None

    @property
    @override
    def image_last_updated(self) -> datetime:
        """Return since when the screen shows what it shows."""
        return self.coordinator.data.image_last_updated

    @property
    @override
    def follows(self) -> datetime:
        """Return since when the screen shows what it shows."""
        return self.image_last_updated

    @override
    async def async_image(self) -> bytes:
        """Return the picture, drawn once however many screens ask for it.

        One that could not be drawn is drawn anew for who asks next.
        """
        url = self.shown.session.url if self.shown else None
        if self._picture is None or self._picture[0] != url:
            logo = self.coordinator.subentry.data.get(CONF_LOGO)
            self._picture = (
                url,
                self.hass.async_add_executor_job(_draw, self.hass, url, logo),
            )
        try:
            return await asyncio.shield(self._picture[1])
        except Exception:
            self._picture = None
            raise


def _draw(hass: HomeAssistant, url: str | None, logo: str | None) -> bytes:
    """Return what an idle screen or one with a session shows.

    A code without its logo can be scanned; one with a spoiled logo might not.
    """
    if url is None:
        return PLACEHOLDER.read_bytes()
    if logo is None or not qr.fits(url, logo=True):
        return qr.render(url)
    try:
        picture = read_logo(hass, logo)
        check_logo(picture)
    except LogoError as err:
        LOGGER.warning("The logo %s can not be used any more: %s", logo, err.key)
        return qr.render(url)
    return qr.render(url, picture)
