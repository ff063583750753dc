"""The time from an action to its response, and of a request to the image proxy."""

from itertools import count
import json
from pathlib import Path
from typing import Any, override

from homeassistant.components.image import ImageEntity
from homeassistant.components.image.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .hub import account, add, create, devices, entities, running_hub
from .piggy import Piggy, running_piggy
from .samples import Measure, Samples, in_turn, timed

ROUNDS = {"action": 4000, "action-50ms": 300, "proxy": 4000}
DELAY = 0.05  # seconds
QUICK = 20
USES = 10  # creates on one screen


class ConstantImage(ImageEntity):
    """An image entity that returns constant bytes."""

    _attr_content_type = "image/png"
    _attr_name = "Constant"
    _attr_should_poll = False

    content = b""

    @override
    async def async_added_to_hass(self) -> None:
        """Set the state of an entity that shows an image."""
        self._attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes:
        """Return the bytes."""
        return self.content


class Screens:
    """A measurement's screen, replaced by a new account's every few sessions.

    A session that was replaced is polled and stored for minutes; a till has a few of
    them, not thousands. `stored` is what the integration wrote last.
    """

    device = ""
    image = ""

    def __init__(self, hass: HomeAssistant, piggy: Piggy) -> None:
        """Prepare; the first measurement adds a screen."""
        self.stored: dict[str, Any] = {}
        self._hass = hass
        self._piggy = piggy
        self._uses = count()
        self._entry: ConfigEntry | None = None

    def fresh(self, measure: Measure) -> Measure:
        """Return the same measurement, on a new screen every few times."""

        async def on_fresh_screen() -> float:
            use = next(self._uses)
            if use % USES == 0:
                await self._replace(use)
            found = await measure()
            self.stored = await self._hass.async_add_executor_job(self._read)
            return found

        return on_fresh_screen

    async def _replace(self, number: int) -> None:
        if self._entry:
            await self._hass.config_entries.async_remove(self._entry.entry_id)
        self._entry = account(self._piggy, 1, number)
        await add(self._hass, self._entry)
        (self.device,) = devices(self._hass, self._entry)
        (self.image,) = entities(self._hass, self._entry, "image")

    def _read(self) -> dict[str, Any]:
        """Return what the integration stored; raises OSError if that is nothing."""
        name = f"piggy.{self._entry.entry_id}" if self._entry else ""
        path = Path(self._hass.config.path(".storage", name))
        stored: dict[str, Any] = json.loads(path.read_bytes())["data"]
        return stored


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family."""
    rounds = {row: count // (QUICK if quick else 1) for row, count in ROUNDS.items()}
    async with running_piggy() as piggy, running_hub() as hass:
        session = async_get_clientsession(hass)
        screens = Screens(hass, piggy)
        constant = ConstantImage(hass)
        await hass.data[DATA_COMPONENT].async_add_entities([constant])
        store: Store[dict[str, Any]] = Store(
            hass, 1, "bench", private=True, atomic_writes=True
        )

        async def action() -> None:
            await create(hass, screens.device)

        async def post_and_write() -> None:
            await piggy.create(session)
            await store.async_save(screens.stored)

        async def get(entity_id: str) -> bytes:
            return await _picture(hass, entity_id)

        async def compare(row: str, warm: int) -> None:
            this, other = screens.fresh(timed(action)), timed(post_and_write)
            samples[row] = await in_turn(this, other, rounds[row], warm)

        samples: dict[str, Samples] = {}
        await compare("action", 10)
        await piggy.admin(session, "POST", "faults", kind="delay", delay=DELAY, times=0)
        await compare("action-50ms", 2)
        await piggy.admin(session, "DELETE", "faults")
        constant.content = await get(screens.image)
        samples["proxy"] = await in_turn(
            timed(lambda: get(screens.image)),
            timed(lambda: get(constant.entity_id)),
            rounds["proxy"],
            10,
        )
    return samples


async def _picture(hass: HomeAssistant, entity_id: str) -> bytes:
    """Return the image at the URL in the entity's state."""
    state = hass.states.get(entity_id)
    if state is None:
        raise RuntimeError(f"{entity_id} has no state")
    port = hass.http.server_port
    address = f"http://127.0.0.1:{port}{state.attributes['entity_picture']}"
    async with async_get_clientsession(hass).get(address) as response:
        response.raise_for_status()
        return await response.read()
