"""A hub, a Piggy that can fail it, and what is to be seen of a screen."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
import ssl
from typing import Any

from aiohttp import ClientTimeout
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.piggy.api import http
from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sandbox import Fault, Sandbox
from tests.conftest import picture, run_due, state_of

from .bad_server import BadServer
from .table import OTHER, Row, Server


@dataclass
class World:
    """A hub and a Piggy, with the fault of a row at hand.

    `elapsed` is by how much the monotonic clock was put forward.
    """

    hass: HomeAssistant
    row: Row
    sandbox: Sandbox
    other: Sandbox
    contexts: Mapping[str, ssl.SSLContext]
    monkeypatch: pytest.MonkeyPatch
    elapsed: float = 0
    _bad: BadServer | None = field(default=None, init=False)
    _is_down: bool = field(default=False, init=False)

    async def befall(self, *, delay: float = 0) -> None:
        """Apply the fault to every request from now on, after a delay."""
        row = self.row
        if row.error == "timeout":
            self.monkeypatch.setattr(http, "TIMEOUT", ClientTimeout(total=0.3))
        if row.fault:
            fault = row.fault()
            if OTHER in fault.location:
                where = self.other.url.replace("127.0.0.1", "localhost")
                fault = replace(fault, location=fault.location.replace(OTHER, where))
            self.sandbox.add_fault(replace(fault, delay=fault.delay or delay))
        elif delay:
            self.sandbox.add_fault(Fault("delay", delay=delay, times=0))
        if row.url_for is not None:
            self.sandbox.settings.url_for = row.url_for
        if row.clock:
            self._shift_clock(row.clock)
        if row.server:
            await self._serve_badly(row.server)

    async def mend(self) -> None:
        """End the fault."""
        self.sandbox.clear_faults()
        self.sandbox.settings.url_for = None
        self.monkeypatch.undo()
        if self._bad:
            # On a thread: it waits for a handshake, whose other end is this loop.
            await asyncio.to_thread(self._bad.stop)
            self._bad = None
        if self._is_down:
            # Once only: a connection that a poll is just making outlives its server.
            self._is_down = False
            await self.sandbox.start()
            await asyncio.sleep(0.01)  # the client notices closed connections

    async def _serve_badly(self, how: Server) -> None:
        """Stop the sandbox, and start a server that misbehaves, if any."""
        # A connection that a poll is just making would outlive its server.
        await self.hass.async_block_till_done(wait_background_tasks=True)
        await self.sandbox.stop()
        self._is_down = True
        if how != "refuses":
            where = (self.sandbox.host, self.sandbox.port)
            self._bad = BadServer(where, self.contexts.get(how))
            self._bad.start()
        await asyncio.sleep(0.01)

    def _shift_clock(self, by: timedelta) -> None:
        """Change the wall clock, but not the monotonic clock."""
        real = dt_util.utcnow
        self.monkeypatch.setattr(dt_util, "utcnow", lambda: real() + by)

    async def pass_time(self, seconds: float) -> None:
        """Put the monotonic clock forward, and run what is due."""
        self.elapsed += seconds
        await run_due(self.hass)

    def jump(self, seconds: float) -> None:
        """Put the monotonic clock forward, and begin what is due."""
        self.elapsed += seconds
        async_fire_time_changed(self.hass)

    def look(self) -> dict[str, str]:
        """Return the states of all of the screens' entities, except the status.

        It is not available after a failed poll, which real time may bring.
        """
        return {
            state.entity_id: state.state
            for state in self.hass.states.async_all()
            if state.domain in ("button", "event", "image", "number", "sensor")
            and not state.entity_id.endswith("_session_status")
        }

    async def picture(self, entry: MockConfigEntry) -> bytes:
        """Return the image that Till 1 shows."""
        return await picture(self.hass, entry)

    def state(self, entry: MockConfigEntry, key: str) -> str:
        """Return the state of one of Till 1's sensors."""
        return state_of(self.hass, entry, "sensor", key).state

    def reauths(self) -> list[Any]:
        """Return the flows that ask for a new key."""
        return [
            flow
            for flow in self.hass.config_entries.flow.async_progress()
            if (flow["handler"], flow["context"]["source"]) == (DOMAIN, SOURCE_REAUTH)
        ]
