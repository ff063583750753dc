"""An integration for a hub under test: a fast clock, and a record of all events.

A test copies this file into the hub's `custom_components`. From the end of the start
on, the hub's monotonic clock and the timers of its event loop run `factor` times as
fast; the wall clock does not. Every state of an event entity is appended to the file
`record` before anything else happens, so that a hub that is killed loses none.
"""

import asyncio
import json
import os
import time
from typing import Any

import voluptuous as vol

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType

DOMAIN = "fast_clock"
MANIFEST = {
    "domain": DOMAIN,
    "name": "Fast clock",
    "codeowners": [],
    "documentation": "https://fast-clock.example",
    "integration_type": "service",
    "iot_class": "calculated",
    "version": "1.0.0",
}
CONFIG_SCHEMA = vol.Schema(
    {DOMAIN: {vol.Required("factor"): vol.Coerce(float), vol.Required("record"): str}},
    extra=vol.ALLOW_EXTRA,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Open the record; make the clock fast once Home Assistant has started."""
    factor, path = config[DOMAIN]["factor"], config[DOMAIN]["record"]
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    file = await hass.async_add_executor_job(os.open, path, flags)

    @callback
    def record(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is None or state.domain != EVENT_DOMAIN:
            return
        row = {
            "run": os.getpid(),
            "at": state.last_updated_timestamp,
            "entity_id": state.entity_id,
            "attributes": dict(state.attributes),
        }
        os.write(file, json.dumps(row, default=str).encode() + b"\n")

    @callback
    def start(hass: HomeAssistant) -> None:
        speed_up(hass.loop, factor)

    hass.bus.async_listen(EVENT_STATE_CHANGED, record)
    async_at_started(hass, start)
    return True


def speed_up(loop: asyncio.AbstractEventLoop, factor: float) -> None:
    """Run the monotonic clock and a loop's timers faster from now on."""
    real, selector = time.monotonic, vars(loop)["_selector"]
    begin, select = real(), selector.select

    def monotonic() -> float:
        return begin + (real() - begin) * factor

    def fast_select(timeout: float | None = None) -> Any:
        return select(timeout and timeout / factor)

    vars(time)["monotonic"] = monotonic
    vars(loop)["time"] = monotonic
    vars(selector)["select"] = fast_select
