"""How often states are written in a session's life, and how often they change."""

from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .hub import account, add, create, devices, running_hub
from .piggy import Piggy, running_piggy
from .samples import Samples

POLLS = 10  # with nothing new, between one thing that happens and the next
ROUNDS = 3


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    samples = Samples()
    async with running_piggy() as piggy, running_hub() as hass:
        entry = account(piggy, 1)
        await add(hass, entry)
        (device,) = devices(hass, entry)
        found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        ours = {entity.entity_id for entity in found}
        written: list[str] = []
        changed: list[str] = []

        @callback
        def is_ours(data: Any) -> bool:
            return data["entity_id"] in ours

        @callback
        def on_written(event: Event[Any]) -> None:
            written.append(event.data["entity_id"])

        @callback
        def on_changed(event: Event[Any]) -> None:
            written.append(event.data["entity_id"])
            changed.append(event.data["entity_id"])

        for event_type, listener in (
            (EVENT_STATE_REPORTED, on_written),
            (EVENT_STATE_CHANGED, on_changed),
        ):
            hass.bus.async_listen(event_type, listener, event_filter=is_ours)
        (screen,) = entry.runtime_data.screens.values()
        for _ in range(1 if quick else ROUNDS):
            written.clear()
            changed.clear()
            await _live(hass, piggy, device, screen)
            samples.this.append(len(written))
            samples.other.append(len(changed))
    return {"writes": samples}


async def _live(hass: HomeAssistant, piggy: Piggy, device: str, screen: Any) -> None:
    """Let a session be created, identified in, completed and taken off a screen."""
    session = async_get_clientsession(hass)
    uuid = (await create(hass, device))["uuid"]
    await _poll(hass, screen)
    await piggy.identify(session, uuid)
    await _poll(hass, screen)
    await piggy.admin(
        session, "POST", f"sessions/{uuid}/events", type="voucher_redeemed"
    )
    await _poll(hass, screen)
    await hass.services.async_call(
        "piggy", "clear_session", {"device_id": device}, blocking=True
    )
    await hass.async_block_till_done()


async def _poll(hass: HomeAssistant, screen: Any) -> None:
    """Let the screen ask, without waiting until its next question is due."""
    for _ in range(POLLS):
        await screen.async_refresh()
    await hass.async_block_till_done()
