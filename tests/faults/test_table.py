"""Every fault at every moment: what a user reads, what stays, and that it passes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
import ssl
import time
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    SubentryFlowContext,
)
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util, ssl as ssl_util
from sandbox import DEFAULT_KEY, Sandbox
from tests.conftest import account, act, device_id, screen, set_up

from .certificates import server_contexts
from .summary import passed
from .table import (
    ACTIONS,
    BY_CARD,
    BY_EMAIL,
    CLEAR,
    CONFIG_FLOW,
    CREATES,
    CREATING,
    GET,
    POLL,
    REAUTH,
    RELOAD,
    ROWS,
    SCREEN_FLOW,
    SETUP,
    STOP,
    UNLOAD,
    Row,
)
from .world import World

type Check = Callable[[World, MockConfigEntry], Awaitable[None]]

LOADED: Final = ConfigEntryState.LOADED
NEW_KEY: Final = "another-key"
CALLS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    **{action: (action, {}) for action in CREATES},
    "create_redeem_giftcard_session": (
        "create_redeem_giftcard_session",
        {"amount_in_cents": 1040},
    ),
    BY_EMAIL: ("create_portal_session", {"contact_email": "ada@example.com"}),
    BY_CARD: ("create_voucher_session", {"contact_identifier": "1000001"}),
    GET: ("get_portal_session", {}),
    CLEAR: ("clear_session", {}),
}
# A session that is asked for again was of one of these kinds before the fault.
STANDING: Final = "create_voucher_session"


@pytest.fixture(params=ROWS, ids=lambda row: row.name)
def row(request: pytest.FixtureRequest) -> Row:
    """Return a fault."""
    found: Row = request.param
    return found


@pytest.fixture
def contexts(
    row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, ssl.SSLContext]:
    """Return the servers' TLS contexts by name; the client trusts the good one."""
    if row.server not in ("self-signed", "expired", "another's"):
        return {}
    pem, made = server_contexts(tmp_path)
    trusting = ssl_util.create_client_context(alpn_protocols=ssl_util.SSL_ALPN_HTTP11)
    trusting.load_verify_locations(cadata=pem)
    monkeypatch.setattr(ssl_util, "client_context", lambda *_: trusting)
    return made


@pytest.fixture
async def sandbox(
    socket_enabled: None, contexts: Mapping[str, ssl.SSLContext]
) -> AsyncIterator[Sandbox]:
    """Run a sandbox on loopback."""
    async with Sandbox(ssl_context=contexts.get("good")) as running:
        yield running


@pytest.fixture
async def world(
    hass: HomeAssistant,
    row: Row,
    sandbox: Sandbox,
    contexts: Mapping[str, ssl.SSLContext],
) -> AsyncIterator[World]:
    """Return a hub and a sandbox with the fault."""
    async with Sandbox() as other:
        with (
            pytest.MonkeyPatch.context() as patch,
            pytest.MonkeyPatch.context() as clock,
        ):
            made, monotonic = (
                World(hass, row, sandbox, other, contexts, patch),
                time.monotonic,
            )
            clock.setattr(time, "monotonic", lambda: monotonic() + made.elapsed)
            yield made
            await made.mend()
        # Nothing followed a redirect, with the key or without it.
        assert other.requests == []


@pytest.fixture
async def till(world: World, shop_uuid: str) -> MockConfigEntry:
    """Return an account with a screen whose sessions do not expire."""
    lifetime = 5 if world.row.clock else 0
    lifetimes: dict[str, Any] = dict.fromkeys(
        ("session_lifetime", "customer_lifetime"), lifetime
    )
    made = account(world.sandbox, screen(shop_uuid, **lifetimes))
    await set_up(world.hass, made)
    assert made.state is LOADED
    return made


async def start(world: World, till: MockConfigEntry) -> None:
    """Start the session that stands on the screen when the fault comes."""
    await act(world.hass, STANDING, device_id(world.hass, till))


async def give_new_key(world: World, key: str = DEFAULT_KEY) -> None:
    """Do what the hub asks for after a key was refused."""
    (flow,) = world.reauths()
    result = await world.hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": key}
    )
    assert result["reason"] == "reauth_successful"
    await world.hass.async_block_till_done()


async def test_config_flow(world: World, request: pytest.FixtureRequest) -> None:
    """The form shows the error, and accepts the same key after the fault."""
    flows = world.hass.config_entries.flow
    key = {"api_key": DEFAULT_KEY, "advanced": {"url": world.sandbox.url}}
    form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    await world.befall()
    result = await flows.async_configure(form["flow_id"], key)
    if error := world.row.form_error(CONFIG_FLOW):
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
        assert result["errors"] == {"base": error}
        await world.mend()
        result = await flows.async_configure(form["flow_id"], key)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "screen")
    await world.mend()
    result = await flows.async_configure(
        form["flow_id"], {"shop": next(iter(world.sandbox.shops))}
    )
    await world.hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (entry,) = world.hass.config_entries.async_entries(DOMAIN)
    assert entry.state is LOADED
    passed(request, world.row.name, CONFIG_FLOW)


async def assert_reauth(world: World, till: MockConfigEntry) -> None:
    """Check that a new key that cannot be checked is asked for again."""
    before = world.look()
    world.sandbox.add_key(NEW_KEY)
    till.async_start_reauth(world.hass)
    await world.hass.async_block_till_done()
    (flow,) = world.reauths()
    await world.befall()
    error = world.row.expected(REAUTH)
    if shown := world.row.form_error(REAUTH):
        result = await world.hass.config_entries.flow.async_configure(
            flow["flow_id"], {"api_key": NEW_KEY}
        )
        assert result["errors"] == {"base": shown}
        assert_unchanged(world, before, error)
        assert till.state is LOADED
        await world.mend()
    await give_new_key(world, NEW_KEY)
    assert till.state is LOADED
    await assert_stands(world, till, before)


async def assert_screen_flow(world: World, till: MockConfigEntry) -> None:
    """Check that no screen is added without the shops; the others stay."""
    before = world.look()
    flows, handler = world.hass.config_entries.subentries, (till.entry_id, "screen")
    source = SubentryFlowContext(source=SOURCE_USER)
    await world.befall()
    result = await flows.async_init(handler, context=source)
    error = world.row.expected(SCREEN_FLOW)
    if shown := world.row.form_error(SCREEN_FLOW):
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, shown)
        assert_unchanged(world, before, error)
        await world.mend()
        result = await flows.async_init(handler, context=source)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "screen")
    flows.async_abort(result["flow_id"])
    assert_unchanged(world, before, error)


async def test_setup(
    world: World, shop_uuid: str, request: pytest.FixtureRequest
) -> None:
    """An account that cannot be set up says why, and is set up when it can be."""
    entry = account(world.sandbox, screen(shop_uuid))
    await world.befall()
    await set_up(world.hass, entry)
    await assert_recovers(world, entry, SETUP)
    passed(request, world.row.name, SETUP)


async def assert_recovers(world: World, entry: MockConfigEntry, moment: str) -> None:
    """Check the account's set-up error, if any, and its recovery after the fault."""
    error = world.row.expected(moment)
    if error == "invalid_auth":
        assert entry.state is ConfigEntryState.SETUP_ERROR
    elif error:
        assert entry.state is ConfigEntryState.SETUP_RETRY
    else:
        assert entry.state is LOADED
    assert entry.error_reason_translation_key == error
    assert len(world.reauths()) == (error == "invalid_auth")
    await world.mend()
    if error == "invalid_auth":
        await give_new_key(world)
    elif error:
        await world.pass_time(120)
    assert entry.state is LOADED
    assert entry.error_reason_translation_key is None


def with_fault(before: dict[str, str], error: str | None) -> dict[str, str]:
    """Return the states during a fault; without a valid key, no session can start."""
    return {
        entity_id: STATE_UNAVAILABLE
        if error == "invalid_auth"
        and entity_id.startswith("button.")
        and not entity_id.endswith("_clear_session")
        else state
        for entity_id, state in before.items()
    }


def assert_unchanged(world: World, before: dict[str, str], error: str | None) -> None:
    """Check that the screen stays, also if a poll met the fault in the meantime."""
    assert world.look() in (before, with_fault(before, error))


async def assert_action(world: World, till: MockConfigEntry, action: str) -> None:
    """Check that the caller gets the error, and the next call works."""
    device = device_id(world.hass, till)
    name, data = CALLS[action]
    before, posts = world.look(), len(world.sandbox.calls("POST"))
    picture = await world.picture(till)
    error = world.row.expected(action)
    await world.befall()
    if error:
        with pytest.raises(HomeAssistantError) as caught:
            await act(world.hass, name, device, **data)
        await world.hass.async_block_till_done()
        assert caught.value.translation_key == error
        assert isinstance(caught.value, ServiceValidationError) is (
            error == "invalid_input"
        )
        assert world.look() == with_fault(before, error)
        assert await world.picture(till) == picture
        # At most one create was sent.
        assert len(world.sandbox.calls("POST")) <= posts + (action in CREATING)
        assert len(world.reauths()) == (error == "invalid_auth")
        for flow in world.reauths():
            world.hass.config_entries.flow.async_abort(flow["flow_id"])
    else:
        await run(world, till, action, device)
    await world.mend()
    await run(world, till, action, device)


async def run(world: World, till: MockConfigEntry, action: str, device: str) -> None:
    """Run an action that must succeed, and check what the screen shows of it."""
    name, data = CALLS[action]
    if action == CLEAR:
        await world.hass.services.async_call(
            DOMAIN, name, {"device_id": device}, blocking=True
        )
        assert world.state(till, "session_status") == "idle"
        return
    answer = await act(world.hass, name, device, **data)
    assert answer["uuid"] in world.sandbox.sessions
    if action == GET:
        return
    shown = answer["url"] if len(answer["url"]) <= 255 else "unknown"
    assert world.state(till, "session_url") == shown
    if world.row.clock:
        left = expires(world, till) - dt_util.utcnow()
        # It is rounded to the second.
        assert timedelta(minutes=4) < left < timedelta(minutes=5, seconds=1)


def expires(world: World, till: MockConfigEntry) -> datetime:
    """Return when the session leaves the screen, by the hub's clock."""
    found = dt_util.parse_datetime(world.state(till, "session_expires"))
    assert found is not None
    return found


async def assert_stands(
    world: World, till: MockConfigEntry, before: dict[str, str]
) -> None:
    """Check that the screen shows what it did, and reports the customer."""
    if world.row.clock:
        await assert_leaves_on_time(world, till)
        return
    await world.mend()
    url = before["sensor.till_1_session_url"]
    assert world.state(till, "session_url") == url
    shown = next(
        uuid for uuid in world.sandbox.sessions if world.sandbox.portal_url(uuid) == url
    )
    world.sandbox.identify(shown, next(iter(world.sandbox.contacts)))
    for _ in range(2):  # the first poll may meet a connection that was closed
        await world.pass_time(61)
    assert world.state(till, "session_status") == "identified"
    assert world.state(till, "session_url") == url


async def assert_poll(world: World, till: MockConfigEntry) -> None:
    """Check that a failed poll leaves the code alone, and the next one reports."""
    before, picture = world.look(), await world.picture(till)
    error = world.row.expected(POLL)
    asked = len(world.sandbox.calls("GET", "/portal-sessions/"))
    await world.befall()
    await world.pass_time(6)
    if world.row.clock:
        await assert_leaves_on_time(world, till, is_restarted=False)
        return
    # To a poll, invalid input means that there is no such session.
    is_known = error in (None, "invalid_input")
    status = "waiting" if is_known else "unavailable"
    assert world.state(till, "session_status") == status
    assert world.look() == with_fault(before, error)
    assert await world.picture(till) == picture
    assert len(world.reauths()) == (error == "invalid_auth")
    if world.row.waits:
        asked = len(world.sandbox.calls("GET", "/portal-sessions/"))
        await world.pass_time(world.row.waits - 5)
        assert len(world.sandbox.calls("GET", "/portal-sessions/")) == asked
        await world.pass_time(10)
        assert len(world.sandbox.calls("GET", "/portal-sessions/")) == asked + 1
    elif not world.row.server:
        assert len(world.sandbox.calls("GET", "/portal-sessions/")) > asked
    await world.mend()
    if error == "invalid_auth":
        await give_new_key(world)
    await assert_stands(world, till, before)


async def assert_reload(world: World, till: MockConfigEntry) -> None:
    """Check that an account with a session continues if it can, or recovers."""
    before = world.look()
    await world.befall()
    await world.hass.config_entries.async_reload(till.entry_id)
    await world.hass.async_block_till_done()
    if world.row.clock:
        await assert_leaves_on_time(world, till)
    if world.row.is_temporary:
        assert till.state is LOADED
    else:
        await assert_recovers(world, till, RELOAD)
    if not world.row.clock:
        await assert_stands(world, till, before)


async def assert_leaves_on_time(
    world: World, till: MockConfigEntry, *, is_restarted: bool = True
) -> None:
    """Check that a changed clock does not keep a session on the screen for too long.

    A restart cannot tell a clock that was put forward from a long night.
    """
    assert world.row.clock
    if world.row.clock < timedelta() or not is_restarted:
        await world.pass_time(280)
        assert world.state(till, "session_status") == "waiting"
        await world.pass_time(301)
    assert world.state(till, "session_status") == "idle"


async def begin(world: World, till: MockConfigEntry) -> asyncio.Task[Any]:
    """Start a poll and a create call, which the fault hits shortly afterwards."""
    posts = len(world.sandbox.calls("POST"))
    await world.befall(delay=0.05)
    world.jump(6)
    created = world.hass.async_create_task(
        act(world.hass, STANDING, device_id(world.hass, till))
    )
    if not world.row.server:
        await world.sandbox.wait_for_calls(posts + 1, "POST")
    return created


async def assert_told(world: World, created: asyncio.Task[Any], moment: str) -> None:
    """Check that the call returned, raised the right error, or ended with the hub."""
    await asyncio.wait([created])
    if created.cancelled():
        assert moment == STOP
    elif error := created.exception():
        assert isinstance(error, HomeAssistantError)
        assert error.translation_key in (
            "screen_unloaded",
            world.row.expected(moment),
        )
    else:
        assert world.row.expected(moment) is None


async def assert_unload(world: World, till: MockConfigEntry) -> None:
    """Check that an account that is unloaded during a call leaves its session."""
    before = world.look()
    created = await begin(world, till)
    assert await world.hass.config_entries.async_unload(till.entry_id)
    await assert_told(world, created, UNLOAD)
    await world.hass.async_block_till_done(wait_background_tasks=True)
    for flow in world.reauths():
        world.hass.config_entries.flow.async_abort(flow["flow_id"])
    if not world.row.clock:
        await world.mend()
    await set_up(world.hass, till)
    assert till.state is LOADED
    await assert_stands(world, till, before)


MOMENTS_OF_A_SCREEN: Final[dict[str, Check]] = {
    POLL: assert_poll,
    REAUTH: assert_reauth,
    SCREEN_FLOW: assert_screen_flow,
    RELOAD: assert_reload,
    UNLOAD: assert_unload,
    **{action: partial(assert_action, action=action) for action in ACTIONS},
}


async def test_screen(
    world: World,
    till: MockConfigEntry,
    request: pytest.FixtureRequest,
    subtests: pytest.Subtests,
) -> None:
    """A fault harms a screen at no moment longer than it lasts."""
    for moment, check in MOMENTS_OF_A_SCREEN.items():
        with subtests.test(moment):
            await start(world, till)
            await check(world, till)
            passed(request, world.row.name, moment)
        await world.mend()


async def test_shutdown(
    world: World,
    till: MockConfigEntry,
    hass_storage: dict[str, Any],
    request: pytest.FixtureRequest,
) -> None:
    """A hub that stops during a call keeps the session for the next start."""
    await start(world, till)
    url = world.state(till, "session_url")
    created = await begin(world, till)
    async with asyncio.timeout(5):
        await world.hass.async_stop()
    await assert_told(world, created, STOP)
    (stored,) = hass_storage[f"piggy.{till.entry_id}"]["data"].values()
    kept = [session["url"] for session in stored["sessions"]]
    assert url in kept
    if world.row.expected(STOP):
        assert kept == [url]
    passed(request, world.row.name, STOP)
