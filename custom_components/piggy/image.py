"""Image platform of the Piggy integration."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any, Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.const import MATCH_ALL
from homeassistant.helpers.entity import EntityDescription

from . import qr
from .const import CONF_LOGO, CONF_STAFF_PIN
from .coordinator import ScreenCoordinator
from .entity import PiggyEntity, platform_setup
from .logo_source import LogoSource
from .settings import CONF_CODE_SIZE

PARALLEL_UPDATES = 0

PLACEHOLDER: Final = Path(__file__).parent / "placeholder.png"
IMAGES: Final = (ImageEntityDescription(key="qr_code"),)


class PiggyImage(PiggyEntity, ImageEntity):
    """The session's URL as a QR code; a placeholder when there is none."""

    _attr_content_type = "image/png"
    _unrecorded_attributes = frozenset({MATCH_ALL})

    def __init__(
        self, coordinator: ScreenCoordinator, description: EntityDescription
    ) -> None:
        PiggyEntity.__init__(self, coordinator, description)
        ImageEntity.__init__(self, coordinator.hass)
        self._size: int = coordinator.subentry.data.get(CONF_CODE_SIZE, 0)
        logo = None if self._size else coordinator.subentry.data.get(CONF_LOGO)
        self._logo = LogoSource(coordinator.hass, logo) if logo else None
        self._url: str | None = None
        self._image: asyncio.Future[bytes] | None = None

    @property
    @override
    def image_last_updated(self) -> datetime:
        return self.coordinator.data.image_last_updated

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        account = self.coordinator.account
        return {
            "brand_color": account.color,
            "brand_logo": account.logo and account.logo.path,
            "has_staff_pin": CONF_STAFF_PIN in self.coordinator.subentry.data,
        }

    @override
    async def async_image(self) -> bytes:
        """Return the image, which is drawn once, and again after a failure."""
        shown = self.coordinator.data.shown
        url = shown.session.url if shown else None
        if self._image is None or self._url != url:
            self._url = url
            self._image = self.hass.async_add_executor_job(self._draw, url)
        try:
            return await asyncio.shield(self._image)
        except Exception:
            self._image = None
            raise

    def _draw(self, url: str | None) -> bytes:
        """Return the placeholder, or the URL's code: with the logo if both fit."""
        if url is None:
            return qr.blank(self._size) if self._size else PLACEHOLDER.read_bytes()
        if self._logo is None or not qr.fits(url, logo=True):
            return qr.render(url, size=self._size)
        return qr.render(url, self._logo.load_or_warn())


async_setup_entry = platform_setup(PiggyImage, IMAGES)
