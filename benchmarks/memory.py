"""The memory of a screen with a session."""

from collections.abc import Awaitable, Callable
import gc
from itertools import count
from pathlib import Path
import tracemalloc
from typing import Any

import yaml

from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .hub import CONFIGURATION, account, add, create, devices, entities, running_hub
from .piggy import Piggy, running_piggy
from .samples import Measure, Samples, in_turn

SCREENS = 50
ROUNDS = 3


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    async with running_piggy() as piggy, running_hub() as hass:
        added = Added(hass, piggy)
        tracemalloc.start()
        # Imports, and what is kept but once.
        await added.screens(1)
        await added.templates(1)
        samples = await in_turn(
            weighed(added.screens), weighed(added.templates), 1 if quick else ROUNDS
        )
        tracemalloc.stop()
    samples.notes = f"{added.entities} entities a screen"
    return {"memory": samples}


def weighed(show: Callable[[int], Awaitable[None]]) -> Measure:
    """Return how to measure the KiB that each further screen takes."""

    async def measured() -> float:
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        await show(SCREENS)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        return (after - before) / SCREENS / 1024

    return measured


class Added:
    """Screens that are added, and templates in their place."""

    def __init__(self, hass: HomeAssistant, piggy: Piggy) -> None:
        """Prepare; the first screen tells how many entities each one has."""
        self.entities = 0
        self._hass = hass
        self._piggy = piggy
        self._numbers = count()
        self._templates = 0

    async def screens(self, number: int) -> None:
        """Show a session on each screen of a new account, and fetch the images."""
        entry = account(self._piggy, number, next(self._numbers))
        await add(self._hass, entry)
        for device in devices(self._hass, entry):
            await create(self._hass, device)
        for entity_id in entities(self._hass, entry, "image"):
            await async_get_image(self._hass, entity_id)
        await self._hass.async_block_till_done()
        found = er.async_entries_for_config_entry(
            er.async_get(self._hass), entry.entry_id
        )
        self.entities = sum(not entity.disabled_by for entity in found) // number

    async def templates(self, number: int) -> None:
        """Add as many template sensors as that number of screens has entities."""
        self._templates += number * self.entities
        sensors = [_sensor(index) for index in range(self._templates)]
        configuration = CONFIGURATION | {"template": [{"sensor": sensors}]}
        path = Path(self._hass.config.path("configuration.yaml"))
        await self._hass.async_add_executor_job(
            path.write_text, yaml.safe_dump(configuration)
        )
        await self._hass.services.async_call("template", "reload", blocking=True)
        await self._hass.async_block_till_done()
        if len(self._hass.states.async_entity_ids("sensor")) < self._templates:
            raise RuntimeError("The templates have no states")


def _sensor(index: int) -> dict[str, Any]:
    return {
        "name": f"Template {index}",
        "unique_id": f"template-{index}",
        "state": "{{ states('sun.sun') }}",
    }
