"""The invariants of a screen hold for any order of steps."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from hypothesis import HealthCheck, given, settings, strategies as st
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.piggy.api.session_types import SessionType
from homeassistant.components.image import async_get_image
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from sandbox import Fault, Sandbox
from sandbox.store import Session

from .conftest import account, device_id, entity_id, run_due, screen, set_up

SENSORS = ("session_url", "session_status", "session_type", "session_expires")
FAULTS = (
    Fault("status", status=500),
    Fault("status", status=503),
    Fault("status", status=429, headers={"Retry-After": "7"}),
    Fault("reset_before"),
    Fault("reset_after"),
    Fault("truncate"),
    Fault("html"),
    Fault("no_data"),
    Fault("malformed"),
    Fault("code", code=1000),
)


@dataclass
class Screen:
    """One screen under test, and the events of its event entity."""

    hass: HomeAssistant
    sandbox: Sandbox
    freezer: FrozenDateTimeFactory
    entry: MockConfigEntry
    device: str
    entities: dict[str, str]
    told: list[tuple[str, int | None]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    def state(self, key: str) -> str:
        """Return the state of an entity."""
        found = self.hass.states.get(self.entities[key])
        assert found is not None
        return found.state

    def session(self) -> Session | None:
        """Return the session that the screen shows."""
        url = self.state("session_url")
        return next(
            (
                session
                for session in self.sandbox.sessions.values()
                if self.sandbox.portal_url(session.uuid) == url
            ),
            None,
        )

    async def act(
        self, action: str, *, wants_response: bool = False, **data: Any
    ) -> bool:
        """Run an action; return whether it succeeded."""
        try:
            await self.hass.services.async_call(
                "piggy",
                action,
                {"device_id": self.device, **data},
                blocking=True,
                return_response=wants_response,
            )
        except HomeAssistantError:
            return False
        return True

    async def pass_time(self, seconds: float) -> None:
        """Advance the clock."""
        self.freezer.tick(seconds)
        await run_due(self.hass)

    @callback
    def collect(self, event: Event[EventStateChangedData]) -> None:
        """Record every event of the event entity."""
        new, old = event.data["new_state"], event.data["old_state"]
        if event.data["entity_id"] != self.entities["session"] or new is None:
            return
        if old is None or old.state == STATE_UNAVAILABLE:
            return
        kind = new.attributes.get("event_type")
        if kind is not None:
            self.told.append((str(kind), new.attributes.get("credits")))


@dataclass(frozen=True)
class Create:
    """Start a session."""

    session_type: SessionType

    async def run(self, screen: Screen) -> None:
        """Start it; a failure changes nothing on the screen."""
        await run_due(screen.hass)  # a poll that is due may change it
        before = snapshot(screen)
        extra: dict[str, Any] = (
            {"amount_in_cents": 1040} if "redeem" in self.session_type else {}
        )
        if not await screen.act(f"create_{self.session_type}_session", **extra):
            assert snapshot(screen) == before


@dataclass(frozen=True)
class CreateTwo:
    """Start two sessions at once; the first to be started may be answered last."""

    slow: int

    async def run(self, screen: Screen) -> None:
        """Start both; the later one wins if it succeeded."""
        faulty = bool(screen.sandbox.faults)
        screen.sandbox.add_fault(
            Fault("delay", method="POST", path=("vouchers", "pay-prepaid")[self.slow])
        )
        results = await asyncio.gather(
            screen.act("create_voucher_session"),
            screen.act("create_pay_prepaid_session"),
        )
        if not faulty:
            assert all(results)
            assert screen.state("session_type") == "pay_prepaid"


@dataclass(frozen=True)
class Identify:
    """Let the customer identify."""

    contact: str

    async def run(self, screen: Screen) -> None:
        """Identify in the session on the screen, if there is one."""
        if session := screen.session():
            screen.sandbox.identify(session.uuid, self.contact)


@dataclass(frozen=True)
class Act:
    """Let the customer do something in the session on the screen."""

    known: bool

    async def run(self, screen: Screen) -> None:
        """Add an event that differs from all others."""
        if session := screen.session():
            number = len(screen.done) + 1
            screen.done.append(number if self.known else 0)
            screen.sandbox.add_event(
                session.uuid,
                "credit_reception" if self.known else "dance",
                {"credits": number},
            )


@dataclass(frozen=True)
class Wait:
    """Advance the clock."""

    seconds: float

    async def run(self, screen: Screen) -> None:
        """Advance the clock."""
        await screen.pass_time(self.seconds)


@dataclass(frozen=True)
class Disturb:
    """Make the next request fail."""

    fault: Fault

    async def run(self, screen: Screen) -> None:
        """Queue the fault."""
        screen.sandbox.add_fault(self.fault)


@dataclass(frozen=True)
class Run:
    """Run an action that needs no input."""

    action: str

    async def run(self, screen: Screen) -> None:
        """Run it; whether it succeeds depends on the session on the screen."""
        gets = self.action == "get_portal_session"
        if await screen.act(self.action, wants_response=gets) and not gets:
            assert screen.session() is None


@dataclass(frozen=True)
class Restart:
    """Reload the account."""

    async def run(self, screen: Screen) -> None:
        """Reload; what was shown is shown again, and its status is known."""
        screen.sandbox.clear_faults()
        before = {key: screen.state(key) for key in SENSORS}
        if before["session_status"] == STATE_UNAVAILABLE:
            await screen.act("get_portal_session", wants_response=True)
            before["session_status"] = screen.state("session_status")
            before["session_expires"] = screen.state("session_expires")
        screen.freezer.tick(0.001)  # no clock stands still for so long
        await screen.hass.config_entries.async_reload(screen.entry.entry_id)
        await screen.hass.async_block_till_done()
        assert screen.entry.state is ConfigEntryState.LOADED
        assert {key: screen.state(key) for key in SENSORS} == before


STEPS = st.one_of(
    st.sampled_from(SessionType).map(Create),
    st.sampled_from((0, 1)).map(CreateTwo),
    st.sampled_from(("123", "0f6c1f0e-5a0d-4a8f-8c39-5f4f3a0b7c22")).map(Identify),
    st.booleans().map(Act),
    st.sampled_from((1, 4, 6, 6, 6, 16, 61, 301)).map(Wait),
    st.sampled_from(FAULTS).map(Disturb),
    st.sampled_from(("clear_session", "get_portal_session")).map(Run),
    st.just(Restart()),
)


def snapshot(screen: Screen) -> dict[str, str]:
    """Return what the screen shows."""
    return {key: screen.state(key) for key in (*SENSORS, "qr_code")}


async def check(screen: Screen, pictures: dict[str, str]) -> None:
    """Check that image, sensors and status agree."""
    shown = snapshot(screen)
    url, status = shown["session_url"], shown["session_status"]
    assert (url == STATE_UNKNOWN) == (status == "idle")
    assert (url == STATE_UNKNOWN) == (shown["session_type"] == STATE_UNKNOWN)
    assert (url == STATE_UNKNOWN) == (shown["session_expires"] == STATE_UNKNOWN)
    # One state of the image is one image of this url.
    assert pictures.setdefault(shown["qr_code"], url) == url
    counts = Counter(screen.told)
    assert all(
        count == 1 for (kind, _), count in counts.items() if kind == "credit_reception"
    )


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
async def test_any_interleaving(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    freezer: FrozenDateTimeFactory,
    steps: list[Any],
) -> None:
    """Image, sensors and status agree, and each event is told once."""
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    under_test = Screen(
        hass,
        sandbox,
        freezer,
        entry,
        device_id(hass, entry),
        {
            key: entity_id(hass, entry, platform, key)
            for platform, keys in {
                "sensor": SENSORS,
                "image": ("qr_code",),
                "event": ("session",),
            }.items()
            for key in keys
        },
    )
    stop = hass.bus.async_listen("state_changed", under_test.collect)
    try:
        await live(under_test, steps)
    finally:
        stop()
        sandbox.clear_faults()
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
    asked = len(sandbox.requests)
    await under_test.pass_time(3600)
    assert len(sandbox.requests) == asked
    assert not any("piggy" in task.get_name() for task in asyncio.all_tasks())


async def live(screen: Screen, steps: list[Any]) -> None:
    """Take the steps, checking what must always hold after each."""
    pictures: dict[str, str] = {}
    for item in steps:
        await item.run(screen)
        await check(screen, pictures)

    # Every transaction of every session is reported once.
    screen.sandbox.clear_faults()
    for _ in range(5):
        await screen.pass_time(700)
        await check(screen, pictures)
    numbers = [number for kind, number in screen.told if kind == "credit_reception"]
    assert Counter(numbers) == Counter(number for number in screen.done if number)
    assert screen.session() is None

    # Idle screens send no requests, and show an image.
    asked = len(screen.sandbox.requests)
    for _ in range(3):
        await screen.pass_time(60)
    assert len(screen.sandbox.requests) == asked
    image = await async_get_image(screen.hass, screen.entities["qr_code"])
    assert image.content
