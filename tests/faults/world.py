"""A hub, a Piggy that can fail it, and what is to be seen of a screen."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import ssl
from typing import Any

from aiohttp import ClientTimeout
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.piggy.api import client as client_module
from custom_components.piggy.const import DOMAIN
from homeassistant.components.image import async_get_image
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sandbox import Fault, Sandbox
from tests.conftest import entity_id

from .bad_server import BadServer
from .table import OTHER, Row, Server


@dataclass
class World:
    """A hub and a Piggy, with the fault of a row at hand."""

    hass: HomeAssistant
    row: Row
    sandbox: Sandbox
    other: Sandbox
    contexts: Mapping[str, ssl.SSLContext]
    monkeypatch: pytest.MonkeyPatch
    _bad: BadServer | None = field(default=None, init=False)

    async def befall(self, *, delay: float = 0) -> None:
        """Let the fault befall every request from now on, a while after it was read."""
        row = self.row
        if row.error == "timeout":
            self.monkeypatch.setattr(client_module, "TIMEOUT", ClientTimeout(total=0.3))
        if row.fault:
            fault = row.fault()
            if OTHER in fault.location:
                where = self.other.url.replace("127.0.0.1", "localhost")
                fault = replace(fault, location=fault.location.replace(OTHER, where))
            self.sandbox.add_fault(replace(fault, delay=fault.delay or delay))
        elif delay:
            self.sandbox.add_fault(Fault("delay", delay=delay, times=0))
        if row.url_for is not None:
            self.sandbox.url_for = row.url_for
        if row.clock:
            self._shift_clock(row.clock)
        if row.server:
            await self._serve_badly(row.server)

    async def mend(self) -> None:
        """Let all be as it was."""
        self.sandbox.clear_faults()
        self.sandbox.url_for = None
        self.monkeypatch.undo()
        if self._bad:
            self._bad.stop()
            self._bad = None
        if self.row.server:
            await self.sandbox.stop()
            await self.sandbox.start()
            await asyncio.sleep(0.01)  # the client hears of connections that closed

    async def _serve_badly(self, how: Server) -> None:
        """Put another server where Piggy was, or none."""
        await self.sandbox.stop()
        if how != "refuses":
            where = (self.sandbox.host, self.sandbox.port)
            self._bad = BadServer(where, self.contexts.get(how))
            self._bad.start()
        await asyncio.sleep(0.01)

    def _shift_clock(self, by: timedelta) -> None:
        """Set the hub's clock; what counts seconds, as timers do, does not notice."""
        real = dt_util.utcnow
        self.monkeypatch.setattr(dt_util, "utcnow", lambda: real() + by)

    async def pass_time(self, seconds: float) -> None:
        """Run what is due within that time."""
        self.jump(seconds)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def jump(self, seconds: float) -> None:
        """Begin what is due within that time."""
        due = datetime.now(UTC) + timedelta(seconds=seconds)
        async_fire_time_changed(self.hass, due)

    def look(self) -> dict[str, str]:
        """Return everything that is to be seen of the screens."""
        return {
            state.entity_id: state.state
            for state in self.hass.states.async_all()
            if state.domain in ("button", "event", "image", "number", "sensor")
        }

    async def picture(self, entry: MockConfigEntry) -> bytes:
        """Return what Till 1 shows to whoever looks at it."""
        entity = entity_id(self.hass, entry, "image", "qr_code")
        return (await async_get_image(self.hass, entity)).content

    def state(self, entry: MockConfigEntry, key: str) -> str:
        """Return the state of one of Till 1's sensors."""
        state = self.hass.states.get(entity_id(self.hass, entry, "sensor", key))
        assert state is not None
        return state.state

    def reauths(self) -> list[Any]:
        """Return the flows that ask for a new key."""
        return [
            flow
            for flow in self.hass.config_entries.flow.async_progress()
            if (flow["handler"], flow["context"]["source"]) == (DOMAIN, SOURCE_REAUTH)
        ]
