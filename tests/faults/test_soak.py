"""A hub that runs for long: as many sessions as SOAK_SESSIONS says, time compressed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import gc
import logging
import os
import sys
from time import CLOCK_MONOTONIC, clock_gettime

from freezegun.api import FrozenDateTimeFactory
import psutil
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.piggy.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.async_ import get_scheduled_timer_handles
from sandbox import Fault, Sandbox
from tests.conftest import account, act, device_id, entity_id, run_due, screen, set_up

from .table import CREATES

SESSIONS = int(os.environ.get("SOAK_SESSIONS", "800"))
# Caches, of urls and the like, are full by then.
WARM = max(400, SESSIONS // 5)
CONTACT = "123"
# The tests' stand-in for the storage remembers every write.
WRITE = vars(Store)["_async_write_data"]


class _Counter(logging.Handler):
    """Counts log records with a traceback, without keeping them."""

    def __init__(self) -> None:
        super().__init__()
        self.tracebacks = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.tracebacks += bool(record.exc_info)


@contextmanager
def unlogged() -> Iterator[_Counter]:
    """Turn off logging for a while."""
    root, counter = logging.getLogger(), _Counter()
    handlers, root.handlers = root.handlers, [counter]
    yield counter
    root.handlers = handlers


@dataclass(frozen=True)
class Size:
    """How much there is of everything that could pile up; memory in bytes."""

    resident: int
    blocks: int
    tasks: int
    timers: int

    @classmethod
    def now(cls) -> Size:
        """Measure."""
        gc.collect()
        loop = asyncio.get_running_loop()
        return cls(
            resident=psutil.Process().memory_info().rss,
            blocks=sys.getallocatedblocks(),
            tasks=len(asyncio.all_tasks(loop)),
            timers=len(
                [
                    timer
                    for timer in get_scheduled_timer_handles(loop)
                    if not timer.cancelled()
                ]
            ),
        )


class Till:
    """A screen on which one session follows the other."""

    def __init__(
        self,
        hass: HomeAssistant,
        sandbox: Sandbox,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Look up the entities."""
        self._hass = hass
        self._sandbox = sandbox
        self._freezer = freezer
        self._device = device_id(hass, entry)
        self._status = entity_id(hass, entry, "sensor", "session_status")
        self._url = entity_id(hass, entry, "sensor", "session_url")
        self._lives = (
            self._is_used,
            self._expires,
            self._is_cleared,
            self._survives_an_outage,
            self._is_replaced,
        )

    async def run(self, number: int) -> None:
        """Run one session; types and courses of events take turns."""
        action = CREATES[number % len(CREATES)]
        amount = {"amount_in_cents": number + 1} if "redeem" in action else {}
        session = await act(self._hass, action, self._device, **amount)
        self._expect("waiting", session["url"])
        await self._lives[number % len(self._lives)](session["uuid"], session["url"])

    def _expect(self, status: str, url: str = "unknown") -> None:
        """Check what the sensors tell."""
        assert [
            state and state.state
            for state in map(self._hass.states.get, (self._status, self._url))
        ] == [status, url]

    async def _after(self, seconds: float) -> None:
        """Advance the clock."""
        self._freezer.tick(seconds)
        await run_due(self._hass)

    async def _is_used(self, uuid: str, url: str) -> None:
        self._sandbox.identify(uuid, CONTACT)
        await self._after(6)
        self._expect("identified", url)
        amount = self._sandbox.sessions[uuid].parameters.get("amount_in_cents")
        if amount is None:
            self._sandbox.add_event(uuid, "credit_reception", {"credits": 1})
        else:
            paid = {"amount_in_cents": -amount}
            self._sandbox.add_event(uuid, "giftcard_transaction", paid)
        await self._after(6)
        self._expect("completed", url)
        await self._after(16)
        self._expect("idle")

    async def _expires(self, _uuid: str, _url: str) -> None:
        await self._after(301)
        self._expect("idle")

    async def _is_cleared(self, _uuid: str, url: str) -> None:
        await self._after(6)
        self._expect("waiting", url)
        await self._hass.services.async_call(
            DOMAIN, "clear_session", {"device_id": self._device}, blocking=True
        )
        self._expect("idle")

    async def _survives_an_outage(self, uuid: str, url: str) -> None:
        self._sandbox.add_fault(Fault("status", status=500))
        await self._after(6)
        self._expect("unavailable", url)
        self._sandbox.identify(uuid, CONTACT)
        await self._after(11)
        self._expect("identified", url)
        await self._after(301)
        self._expect("idle")

    async def _is_replaced(self, _uuid: str, _url: str) -> None:
        """Leave the session on the screen, so that the next one replaces it."""


async def test_soak(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    freezer: FrozenDateTimeFactory,
    request: pytest.FixtureRequest,
) -> None:
    """Memory, tasks and timers do not grow, and every session works."""
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    asyncio.get_running_loop().set_debug(enabled=False)
    till = Till(hass, sandbox, entry, freezer)
    sizes: list[Size] = []
    began = clock_gettime(CLOCK_MONOTONIC)
    with unlogged() as log, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_async_write_data", WRITE)
        for number in range(SESSIONS):
            await till.run(number)
            # The sandbox runs in the same process: its data must not count.
            sandbox.requests.clear()
            for uuid in list(sandbox.sessions)[:-1]:
                sandbox.remove_session(uuid)
            if number + 1 in (WARM, SESSIONS):
                await hass.services.async_call(
                    DOMAIN,
                    "clear_session",
                    {"device_id": device_id(hass, entry)},
                    blocking=True,
                )
                await hass.async_block_till_done(wait_background_tasks=True)
                sizes.append(Size.now())
    seconds = clock_gettime(CLOCK_MONOTONIC) - began
    warm, worn = sizes
    growth = worn.resident / warm.resident - 1
    per_session = (worn.blocks - warm.blocks) / (SESSIONS - WARM)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(  # noqa: T201
            f"\nsoak: {SESSIONS} sessions in {seconds:.0f} s;"
            f" after {WARM}: {warm}; after {SESSIONS}: {worn};"
            f" resident memory {growth:+.2%}, {per_session:+.3f} blocks a session"
        )
    assert log.tracebacks == 0
    assert (worn.tasks, worn.timers) == (warm.tasks, warm.timers)
    assert growth <= 0.02
    # An object that remains of every session would add one. What else this process does
    # has added or taken away 0.6.
    assert per_session < 0.75
