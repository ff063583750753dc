"""What is kept of an account's open sessions across a restart."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN

STORAGE_VERSION: Final = 1


class SessionStore:
    """The open sessions of one account, by screen.

    Written at once on every change, so that a hub that is killed knows them again.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare the account's file."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}", private=True
        )
        self._screens: dict[str, Mapping[str, Any]] = {}
        self._lock = asyncio.Lock()
        self._dirty = False

    async def async_load(self, screens: set[str]) -> None:
        """Read what was kept; what belonged to a screen that is gone is dropped."""
        kept = await self._store.async_load()
        known = kept if isinstance(kept, dict) else {}
        self._screens = {key: known[key] for key in known if key in screens}
        if self._screens != known:
            self._dirty = True
            await self.async_save()

    def get(self, screen: str) -> Mapping[str, Any] | None:
        """Return what was kept for a screen."""
        return self._screens.get(screen)

    def set(self, screen: str, session: Mapping[str, Any] | None) -> None:
        """Note a screen's session, or that it has none; `async_save` writes it."""
        if session is None:
            self._screens.pop(screen, None)
        else:
            self._screens[screen] = session
        self._dirty = True

    async def async_save(self) -> None:
        """Return when all that was noted is written; one write serves all who wait.

        Whoever is cancelled while it waits stops no write.
        """
        await asyncio.shield(
            self._hass.async_create_task(self._async_write(), f"{DOMAIN} save")
        )

    async def _async_write(self) -> None:
        """Write what was noted since the last write."""
        async with self._lock:
            if self._dirty:
                self._dirty = False
                await self._store.async_save(dict(self._screens))

    async def async_remove(self) -> None:
        """Remove the account's file."""
        await self._store.async_remove()
