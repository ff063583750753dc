"""A screen's session from created to gone, as the hub's states tell it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from sandbox import Fault, Sandbox

from .conftest import account, device_id, entity_id, screen, set_up

type Advance = Callable[[float], Any]
type Told = list[dict[str, Any]]


@pytest.fixture
def advance(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Advance:
    """Let time go by."""

    async def go(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    return go


@pytest.fixture
def told(hass: HomeAssistant, entry: MockConfigEntry) -> Told:
    """Collect what the event entity tells."""
    return listen(hass, entity_id(hass, entry, "event", "session"))


def listen(hass: HomeAssistant, entity: str) -> Told:
    """Collect what an event entity tells from now on."""
    collected: Told = []

    @callback
    def collect(event: Event[EventStateChangedData]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        if event.data["entity_id"] != entity or new is None:
            return
        # The last event is restored with the entity; it has been told already.
        is_restored = old is None or old.state == STATE_UNAVAILABLE
        if new.attributes.get("event_type") and not is_restored:
            collected.append(
                {
                    name: value
                    for name, value in new.attributes.items()
                    if name not in ("event_types", "friendly_name")
                }
            )

    hass.bus.async_listen("state_changed", collect)
    return collected


def types(told: Told) -> list[str]:
    """Return the types of what was told."""
    return [event["event_type"] for event in told]


async def create(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> Any:
    """Start a voucher session on Till 1."""
    return await hass.services.async_call(
        "piggy",
        "create_voucher_session",
        {"device_id": device_id(hass, entry), **data},
        blocking=True,
        return_response=True,
    )


def state(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Return the state of one of Till 1's sensors."""
    found = hass.states.get(entity_id(hass, entry, "sensor", key))
    assert found is not None
    return found.state


def picture(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the state of Till 1's image."""
    found = hass.states.get(entity_id(hass, entry, "image", "qr_code"))
    assert found is not None
    return found.state


def assert_idle(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Check that nothing stands on the screen."""
    assert state(hass, entry, "session_status") == "idle"
    for key in ("session_url", "session_type", "session_expires"):
        assert state(hass, entry, key) == STATE_UNKNOWN


def polls(sandbox: Sandbox) -> int:
    """Return how often a session was asked for."""
    return len(sandbox.calls("GET", "/portal-sessions/"))


async def test_whole_life(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
) -> None:
    """Created, identified, redeemed, gone: every state and event on the way."""
    session = await create(hass, entry)
    shown_since = picture(hass, entry)
    assert state(hass, entry, "session_status") == "waiting"
    assert state(hass, entry, "session_type") == "voucher"
    assert state(hass, entry, "session_url") == session["url"]
    expires = dt_util.parse_datetime(state(hass, entry, "session_expires"))
    assert expires == (dt_util.utcnow() + timedelta(minutes=5)).replace(microsecond=0)

    sandbox.identify(session["uuid"], "123")
    await advance(6)
    assert state(hass, entry, "session_status") == "identified"

    sandbox.add_event(
        session["uuid"], "voucher_redeemed", {"name": "Free coffee", "code": "C"}
    )
    await advance(6)
    assert state(hass, entry, "session_status") == "completed"
    assert state(hass, entry, "session_url") == session["url"]
    assert picture(hass, entry) == shown_since

    await advance(16)
    assert_idle(hass, entry)
    assert picture(hass, entry) != shown_since
    assert told == [
        {"event_type": "session_created", "session_type": "voucher"},
        {"event_type": "contact_identified", "session_type": "voucher"},
        {
            "event_type": "voucher_redeemed",
            "session_type": "voucher",
            "voucher_name": "Free coffee",
        },
        {
            "event_type": "session_expired",
            "session_type": "voucher",
            "status": "completed",
        },
    ]


async def test_states_follow_before_the_event(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, advance: Advance
) -> None:
    """An automation that an event starts finds the sensors as they are now."""
    seen: list[str] = []
    event = entity_id(hass, entry, "event", "session")

    @callback
    def look(changed: Event[EventStateChangedData]) -> None:
        if changed.data["entity_id"] == event:
            seen.append(state(hass, entry, "session_status"))

    hass.bus.async_listen("state_changed", look)
    session = await create(hass, entry)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    await advance(6)
    await advance(16)
    assert seen == ["waiting", "completed", "idle"]


async def test_polls_every_five_seconds_while_shown_and_not_at_all_else(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, advance: Advance
) -> None:
    """Only a session that is shown is asked for."""
    for _ in range(12):
        await advance(5)
    assert polls(sandbox) == 0
    await create(hass, entry)
    for _ in range(12):
        await advance(5)
    assert 11 <= polls(sandbox) <= 12
    await hass.services.async_call(
        "piggy",
        "clear_session",
        {"device_id": device_id(hass, entry)},
        blocking=True,
    )
    asked = polls(sandbox)
    for _ in range(12):
        await advance(5)
    assert polls(sandbox) == asked


async def test_answer_without_events_is_normal(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A GET may leave the events out."""
    session = await create(hass, entry)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 1})
    sandbox.omit_events = True
    await advance(6)
    assert state(hass, entry, "session_status") == "waiting"
    sandbox.omit_events = False
    await advance(6)
    assert types(told) == ["session_created", "credit_reception"]
    assert "ERROR" not in caplog.text


async def test_failing_poll_changes_nothing_and_backs_off(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Ten seconds, twenty, forty, then a minute; one line in the log; then recovery."""
    session = await create(hass, entry)
    before = {item.entity_id: item.state for item in hass.states.async_all()}
    sandbox.add_fault(Fault("status", method="GET", status=500, times=0))
    asked_at = []
    asked = 0
    for second in range(1, 150):
        await advance(1)
        if polls(sandbox) != asked:
            asked = polls(sandbox)
            asked_at.append(second)
    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert gaps == [pytest.approx(gap, abs=1) for gap in (10, 20, 40, 60)]
    assert {item.entity_id: item.state for item in hass.states.async_all()} == before
    errors = [
        record
        for record in caplog.records
        if record.levelname == "ERROR" and "piggy" in record.getMessage()
    ]
    assert len(errors) == 1
    assert not any(
        session["url"] in record.getMessage()
        for record in caplog.records
        if record.name.startswith(("custom_components", "homeassistant"))
    )

    sandbox.clear_faults()
    sandbox.identify(session["uuid"], "123")
    await advance(61)
    assert state(hass, entry, "session_status") == "identified"
    asked = polls(sandbox)
    await advance(6)
    assert polls(sandbox) == asked + 1


@pytest.mark.parametrize("action", ["create_voucher_session", "get_portal_session"])
async def test_action_that_finds_piggy_back_is_logged(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
    action: str,
) -> None:
    """Whether a poll or an action hears of it first: the log tells it, and once."""

    def told() -> int:
        return caplog.text.count("Fetching piggy Till 1 data recovered")

    await create(hass, entry)
    sandbox.add_fault(Fault("status", method="GET", status=503))
    await advance(6)
    assert "Error fetching piggy Till 1 data" in caplog.text
    for expected in (1, 1):
        await hass.services.async_call(
            "piggy",
            action,
            {"device_id": device_id(hass, entry)},
            blocking=True,
            return_response=True,
        )
        assert told() == expected
    await advance(20)
    assert told() == 1


@pytest.mark.parametrize(
    ("retry_after", "waits"), [("30", 30), ("1", 5), ("86400", 3600), (None, 10)]
)
async def test_rate_limit_is_obeyed(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    retry_after: str | None,
    waits: int,
) -> None:
    """Piggy's own word on when to come back goes before the doubling."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=0))
    await set_up(hass, entry)
    await create(hass, entry)
    sandbox.add_fault(
        Fault(
            "status",
            method="GET",
            status=429,
            headers={"Retry-After": retry_after} if retry_after else {},
        )
    )
    await advance(6)
    assert polls(sandbox) == 1
    await advance(waits - 2)
    assert polls(sandbox) == 1
    await advance(3)
    assert polls(sandbox) == 2


async def test_expires_while_piggy_is_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
) -> None:
    """A dead code leaves the screen by itself, whatever the API does."""
    await create(hass, entry)
    await sandbox.stop()
    await advance(299)
    assert state(hass, entry, "session_status") == "waiting"
    await advance(2)
    assert_idle(hass, entry)
    assert told[-1]["event_type"] == "session_expired"
    assert told[-1]["status"] == "waiting"


async def test_stays_until_cleared(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """A lifetime of 0 is until somebody clears it."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=0))
    await set_up(hass, entry)
    told = listen(hass, entity_id(hass, entry, "event", "session"))
    await create(hass, entry)
    assert state(hass, entry, "session_expires") == STATE_UNKNOWN
    await advance(7 * 24 * 3600)
    assert state(hass, entry, "session_status") == "waiting"
    await hass.services.async_call(
        "piggy",
        "clear_session",
        {"device_id": device_id(hass, entry)},
        blocking=True,
    )
    assert_idle(hass, entry)
    assert types(told) == ["session_created", "session_cleared"]


async def test_clearing_an_idle_screen_tells_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, told: Told
) -> None:
    """There is nothing to clear, and that is no error."""
    await hass.services.async_call(
        "piggy",
        "clear_session",
        {"device_id": device_id(hass, entry)},
        blocking=True,
    )
    assert told == []


async def test_clock_put_forward(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A clock that jumps ahead ends a session at the next poll."""
    await create(hass, entry)
    at = dt_util.utcnow() + timedelta(seconds=6)
    freezer.tick(timedelta(days=1))
    async_fire_time_changed(hass, at)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert_idle(hass, entry)
    assert polls(sandbox) == 0


async def test_replaced_session_is_not_asked_for_any_more(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
) -> None:
    """A new session takes the screen over, with a lifetime of its own."""
    first = await create(hass, entry)
    await advance(200)
    second = await create(hass, entry)
    sandbox.identify(first["uuid"], "123")
    await advance(200)
    assert state(hass, entry, "session_url") == second["url"]
    assert state(hass, entry, "session_status") == "waiting"
    assert types(told) == ["session_created", "session_created"]


async def test_answer_that_comes_too_late_is_dropped(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    told: Told,
) -> None:
    """A poll that is under way when the session is cleared brings nothing back."""
    session = await create(hass, entry)
    sandbox.identify(session["uuid"], "123")
    for fault in (
        Fault("delay", method="GET", delay=0.1),
        Fault("status", method="GET", status=500, delay=0.1),
    ):
        sandbox.add_fault(fault)
        await create(hass, entry)
        freezer.tick(6)
        asked = polls(sandbox)
        async_fire_time_changed(hass)
        await sandbox.wait_for_calls(asked + 1, "GET", "/portal-sessions/")
        await hass.services.async_call(
            "piggy",
            "clear_session",
            {"device_id": device_id(hass, entry)},
            blocking=True,
        )
        freezer.tick(1)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert_idle(hass, entry)
        assert types(told)[-1] == "session_cleared"


async def test_key_that_expires_while_a_session_is_shown(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, advance: Advance
) -> None:
    """The code stays, the user is asked for a new key once, polling slows down."""
    session = await create(hass, entry)
    sandbox.remove_key("sandbox-key")
    for _ in range(5):
        await advance(6)
    assert state(hass, entry, "session_url") == session["url"]
    assert polls(sandbox) == 2
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


@pytest.mark.parametrize("status", [401, 403])
async def test_key_that_is_refused_by_mistake(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
    status: int,
) -> None:
    """One refusal does not leave the rest of a session unnoticed."""
    session = await create(hass, entry)
    sandbox.add_fault(Fault("status", method="GET", status=status))
    await advance(6)
    sandbox.identify(session["uuid"], "123")
    await advance(11)
    assert state(hass, entry, "session_status") == "identified"
    assert types(told) == ["session_created", "contact_identified"]


async def test_survives_a_reload(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
) -> None:
    """Session, remaining time and what was noticed are taken up again."""
    session = await create(hass, entry)
    sandbox.add_event(session["uuid"], "dance", {})
    await advance(100)
    expires = state(hass, entry, "session_expires")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert state(hass, entry, "session_url") == session["url"]
    assert state(hass, entry, "session_expires") == expires
    assert state(hass, entry, "session_type") == "voucher"
    await advance(100)
    assert types(told) == ["session_created", "other"]
    await advance(110)
    assert_idle(hass, entry)
    assert types(told)[-1] == "session_expired"


@pytest.mark.parametrize("lifetime", [60, 5])
async def test_leaves_when_it_says_after_a_change(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    advance: Advance,
    lifetime: int,
) -> None:
    """A shorter lifetime counts for the session on the screen too, and is told."""
    entry = account(sandbox, screen(shop_uuid, session_lifetime=60))
    await set_up(hass, entry)
    await create(hass, entry)
    (subentry,) = entry.subentries.values()
    data = {**subentry.data, "session_lifetime": lifetime}
    hass.config_entries.async_update_subentry(entry, subentry, data=data)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    expires = dt_util.parse_datetime(state(hass, entry, "session_expires"))
    left = timedelta(minutes=lifetime)
    assert expires == (dt_util.utcnow() + left).replace(microsecond=0)
    await advance(60 * lifetime - 2)
    assert state(hass, entry, "session_status") == "waiting"
    await advance(3)
    assert_idle(hass, entry)


async def test_time_ran_out_while_away(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    told: Told,
) -> None:
    """What ran out while Home Assistant was stopped is gone at start, and told of."""
    await create(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(301)
    await set_up(hass, entry)
    assert_idle(hass, entry)
    assert types(told) == ["session_created", "session_expired"]


async def test_unreadable_session_is_dropped(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A damaged file costs the session, not the set-up."""
    entry = account(sandbox, screen(shop_uuid))
    key = f"piggy.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {next(iter(entry.subentries)): {"uuid": "s1"}},
    }
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert_idle(hass, entry)
    assert "Dropped an unreadable session" in caplog.text


async def test_session_created_while_the_account_is_unloaded(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox
) -> None:
    """A screen that goes meanwhile shows nothing, and the caller hears of it."""
    sandbox.add_fault(Fault("delay", method="POST", delay=0.1))
    task = hass.async_create_task(create(hass, entry))
    await sandbox.wait_for_calls(1, "POST")
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError, match="reloaded"):
        await task


async def test_get_takes_in_what_is_new(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    told: Told,
) -> None:
    """Asking for the screen's session is as good as a poll, and noticed once."""
    session = await create(hass, entry)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 2})
    await hass.services.async_call(
        "piggy",
        "get_portal_session",
        {"device_id": device_id(hass, entry)},
        blocking=True,
        return_response=True,
    )
    assert state(hass, entry, "session_status") == "completed"
    await advance(6)
    assert types(told) == ["session_created", "credit_reception"]


async def test_answer_during_an_unload_is_noticed_after_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    told: Told,
) -> None:
    """A poll that is under way during a reload loses no event."""
    session = await create(hass, entry)
    sandbox.add_event(session["uuid"], "credit_reception", {"credits": 3})
    freezer.tick(6)
    async_fire_time_changed(hass)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    freezer.tick(6)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert types(told) == ["session_created", "credit_reception"]


async def test_time_runs_out_during_set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    told: Told,
) -> None:
    """What happens before the event entity is there is told once it is."""
    await create(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)

    @callback
    def run_out(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "waiting":
            freezer.tick(301)
            async_fire_time_changed(hass)

    hass.bus.async_listen("state_changed", run_out)
    await set_up(hass, entry)
    assert_idle(hass, entry)
    assert types(told) == ["session_created", "session_expired"]
