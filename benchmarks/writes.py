"""Counts the state changes of a session that a user can see."""

from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .hub import account, add, create, devices, running_hub
from .piggy import Piggy, running_piggy
from .samples import Samples

POLLS = 10  # with nothing new, between one step of the session and the next
ROUNDS = 3


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    samples = Samples()
    async with running_piggy() as piggy, running_hub() as hass:
        entry = account(piggy, 1)
        await add(hass, entry)
        for _ in range(1 if quick else ROUNDS):
            life = Life(hass, piggy, entry.entry_id, *devices(hass, entry))
            await life.run(*entry.runtime_data.screens.values())
            samples.this.append(life.changes)
            samples.other.append(life.differences)
    return {"writes": samples}


class Life:
    """The life of a session: created, identified, completed and cleared."""

    def __init__(
        self, hass: HomeAssistant, piggy: Piggy, entry_id: str, device: str
    ) -> None:
        """Count the changes of the account's entities."""
        found = er.async_entries_for_config_entry(er.async_get(hass), entry_id)
        self.changes = 0
        self.differences = 0
        self._entities = {entity.entity_id for entity in found}
        self._hass = hass
        self._piggy = piggy
        self._device = device
        self._before = self._look()

    async def run(self, screen: Any) -> None:
        """Take every step, and poll several times with nothing new after each."""
        http = async_get_clientsession(self._hass)
        stop = self._hass.bus.async_listen(EVENT_STATE_CHANGED, self._on_change)
        uuid = (await create(self._hass, self._device))["uuid"]
        await self._compare(screen)
        await self._piggy.identify(http, uuid)
        await self._compare(screen)
        await self._piggy.admin(
            http, "POST", f"sessions/{uuid}/events", type="voucher_redeemed"
        )
        await self._compare(screen)
        await self._hass.services.async_call(
            "piggy", "clear_session", {"device_id": self._device}, blocking=True
        )
        await self._compare(screen)
        stop()

    async def _compare(self, screen: Any) -> None:
        """Poll, without waiting until it is due; count the entities that differ."""
        for _ in range(POLLS):
            await screen.async_refresh()
        await self._hass.async_block_till_done()
        after = self._look()
        self.differences += sum(
            after[entity] != self._before[entity] for entity in after
        )
        self._before = after

    def _look(self) -> dict[str, Any]:
        """Return the visible state of each entity."""
        return {
            entity: state and (state.state, state.attributes)
            for entity in self._entities
            for state in [self._hass.states.get(entity)]
        }

    @callback
    def _on_change(self, event: Event[Any]) -> None:
        self.changes += event.data["entity_id"] in self._entities
