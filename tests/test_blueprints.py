"""The blueprints, on every supported Home Assistant."""

import asyncio
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from yarl import URL

from homeassistant.const import (
    EVENT_STATE_CHANGED,
    STATE_ON,
)
from homeassistant.core import (
    CoreState,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from sandbox import Sandbox

from .conftest import (
    ROOT,
    Advance,
    act,
    case,
    clear,
    device_id,
    press,
    set_amount,
    state_of,
)

NUMBERS_OF_CARDS = (
    *("1.50", "+123", "0070042", "12345678901234567890", "1e5", "0x10", "1_0"),
)
BLUEPRINTS = ROOT / "blueprints" / "automation" / "piggy"


@pytest.fixture(autouse=True)
def _blueprints(hass_config_dir: str) -> None:
    """Put the blueprints into the configuration folder."""
    folder = Path(hass_config_dir, "blueprints", "automation", "piggy")
    shutil.copytree(BLUEPRINTS, folder)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("scan_card", {}),
        ("show_elsewhere", {"show": [{"event": "shown"}]}),
        ("standing_code", {"opening_hours": "binary_sensor.shop"}),
        ("start_session", {"start": [{"trigger": "tag", "tag_id": "till"}]}),
        ("thank_customer", {}),
    ],
)
async def test_an_automation_is_made_with_as_little_as_possible(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    name: str,
    inputs: dict[str, object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An automation with only the required inputs is valid."""
    screen = device_id(hass, entry)
    screens = {"screens": [screen]} if name == "thank_customer" else {"screen": screen}
    await automate(hass, name, **inputs, **screens)
    state = hass.states.get(f"automation.{name}")
    assert state is not None
    assert state.state == STATE_ON
    assert [
        record.getMessage()
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR")
        and record.name.startswith("homeassistant.")
        and "not been tested by Home Assistant" not in record.getMessage()
    ] == []


async def automate(hass: HomeAssistant, name: str, **inputs: object) -> None:
    """Make an automation from a blueprint."""
    blueprint = {"path": f"piggy/{name}.yaml", "input": inputs}
    config = {"id": name, "alias": name, "use_blueprint": blueprint}
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()


async def stop(hass: HomeAssistant) -> None:
    """Turn off the automations and their timers."""
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


@pytest.mark.parametrize(
    "session_type", ["credit_reception", "redeem_giftcard", "pay_prepaid", "voucher"]
)
@pytest.mark.parametrize("name", ["scan_card", "start_session"])
async def test_purchase_amount(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    name: str,
    session_type: str,
) -> None:
    """A session is for the screen's purchase amount, where its type has use for one."""
    inputs: dict[str, dict[str, Any]] = {
        "scan_card": {"readers": ["reader"]},
        "start_session": {"start": [{"trigger": "tag", "tag_id": "1000001"}]},
    }
    screen = device_id(hass, entry)
    await automate(hass, name, screen=screen, session_type=session_type, **inputs[name])
    for amount in (None, 10.4):
        if amount:
            await set_amount(hass, entry, amount)
        sent = len(sandbox.calls("POST"))
        scanned = {"tag_id": "1000001", "device_id": "reader"}
        hass.bus.async_fire("tag_scanned", scanned)
        await hass.async_block_till_done(wait_background_tasks=True)
        calls = sandbox.calls("POST")[sent:]
        if session_type == "redeem_giftcard" and not amount:
            assert not calls
            continue
        (call,) = calls
        assert isinstance(call.json, dict)
        used = amount and session_type != "voucher"
        assert call.json.get("amount_in_cents") == (1040 if used else None)


@pytest.mark.parametrize("source", ["tag", "text", "other"])
async def test_scanned_number_stays_as_it_is(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    source: str,
) -> None:
    """A card number that looks like a number is not turned into one."""
    hass.states.async_set("sensor.scanner", "idle")
    await automate(
        hass,
        "scan_card",
        screen=device_id(hass, entry),
        readers=["reader"],
        texts=["sensor.scanner"],
        other=[{"trigger": "event", "event_type": "scanned"}],
    )
    for number in NUMBERS_OF_CARDS:
        sandbox.add_identifier(number, sandbox.contacts["123"])
        sandbox.requests.clear()
        if source == "text":
            hass.states.async_set("sensor.scanner", number)
        else:
            hass.bus.async_fire(
                {"tag": "tag_scanned", "other": "scanned"}[source],
                {"tag_id": number, "device_id": "reader"},
            )
        await hass.async_block_till_done(wait_background_tasks=True)
        with case(number):
            (looked_up,) = sandbox.calls("GET", "/contact-identifiers/find")
            assert URL(looked_up.path).query["contact_identifier_value"] == number
            (call,) = sandbox.calls("POST")
            assert isinstance(call.json, dict)
            assert call.json["contact_uuid"] == "123"


@pytest.mark.parametrize("readers", [[], ["reader"]])
async def test_tags_of_other_readers(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    readers: list[str],
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A tag that another device scans starts nothing, and no trace is stored."""
    client = await hass_ws_client(hass)
    await automate(hass, "scan_card", screen=device_id(hass, entry), readers=readers)
    for scanner in ("phone", None, "reader"):
        hass.bus.async_fire("tag_scanned", {"tag_id": "1000001", "device_id": scanner})
        await hass.async_block_till_done(wait_background_tasks=True)
    assert len(sandbox.calls("POST")) == len(readers)
    await client.send_json_auto_id({"type": "trace/list", "domain": "automation"})
    assert (await client.receive_json())["result"] == []


async def test_thanks_when_all_is_paid(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """A part of the amount, and a payment after the screen was cleared: no thanks."""
    thanks = async_capture_events(hass, "thanks")
    device = device_id(hass, entry)
    await automate(
        hass, "thank_customer", screens=[device], announcement=[{"event": "thanks"}]
    )

    async def pay(cents: int) -> None:
        sandbox.add_event(
            session["uuid"], "giftcard_transaction", {"amount_in_cents": -cents}
        )
        await advance(16)

    redeem = "create_redeem_giftcard_session"
    session = await act(hass, redeem, device, amount_in_cents=5000)
    await pay(1000)
    assert not thanks
    await pay(4000)
    assert len(thanks) == 1
    session = await act(hass, redeem, device, amount_in_cents=5000)
    await clear(hass, device)
    await pay(5000)
    assert state_of(hass, entry, "event", "session").attributes["on_screen"] is False
    assert len(thanks) == 1
    await stop(hass)


async def test_standing_code_follows_a_completed_session(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """A code that was used is replaced once its session has left the screen."""
    hass.states.async_set("binary_sensor.shop", "on")
    await automate(
        hass,
        "standing_code",
        screen=device_id(hass, entry),
        opening_hours="binary_sensor.shop",
    )
    first = await act(hass, "create_voucher_session", device_id(hass, entry))
    sandbox.add_event(first["uuid"], "voucher_redeemed", {"name": "Coffee"})
    await advance(6)
    status = ("sensor", "session_status")
    assert state_of(hass, entry, *status).state == "completed"
    await advance(16)
    assert state_of(hass, entry, *status).state == "waiting"
    assert len(sandbox.calls("POST")) == 2
    await stop(hass)


async def test_a_standing_code_that_is_cleared_at_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A session that is cleared before its action has responded is replaced."""
    screen = device_id(hass, entry)
    cleared = False

    @callback
    def clear_first(event: Event[EventStateChangedData]) -> None:
        nonlocal cleared
        state = event.data["new_state"]
        created = state and state.attributes.get("event_type") == "session_created"
        if created and not cleared:
            cleared = True
            hass.async_create_task(clear(hass, screen))

    hass.bus.async_listen(EVENT_STATE_CHANGED, clear_first)
    hass.states.async_set("binary_sensor.shop", "off")
    await automate(
        hass, "standing_code", screen=screen, opening_hours="binary_sensor.shop"
    )
    hass.states.async_set("binary_sensor.shop", "on")
    async with asyncio.timeout(5):  # less than the automation's first pause
        await hass.async_block_till_done()
    assert len(sandbox.calls("POST")) == 2
    assert state_of(hass, entry, "sensor", "session_status").state == "waiting"
    await stop(hass)


async def test_a_standing_code_comes_and_goes(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Its triggers exist on the oldest Home Assistant, too."""
    hass.states.async_set("binary_sensor.shop", "off")
    await automate(
        hass,
        "standing_code",
        screen=device_id(hass, entry),
        opening_hours="binary_sensor.shop",
    )

    def shown() -> str:
        return state_of(hass, entry, "sensor", "session_status").state

    assert shown() == "idle"
    hass.states.async_set("binary_sensor.shop", "on")
    await hass.async_block_till_done()
    assert shown() == "waiting"
    await press(hass, entry, "clear_session")
    await hass.async_block_till_done()
    assert shown() == "waiting"
    hass.states.async_set("binary_sensor.shop", "off")
    await hass.async_block_till_done()
    assert shown() == "idle"
    await stop(hass)  # its patience at closing time is a timer


class Display:
    """Notes what the blueprint sends to another display."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Use the screen Till 1."""
        self._hass = hass
        self._entry = entry
        self._freezer = freezer
        self.told: list[str] = []
        self.last: dict[str, Any] = {}

    async def connect(self, **inputs: object) -> None:
        """Make the automation."""

        @callback
        def note(event: Event) -> None:
            self.told.append(str(event.event_type))
            if event.event_type == "shown":
                self.last = dict(event.data)

        for event in ("shown", "cleared"):
            self._hass.bus.async_listen(event, note)
        data = {
            key: f"{{{{ {key} }}}}" for key in ("image", "media", "path", "seconds")
        }
        await automate(
            self._hass,
            "show_elsewhere",
            screen=device_id(self._hass, self._entry),
            show=[{"event": "shown", "event_data": data}],
            clear=[{"event": "cleared"}],
            **inputs,
        )

    async def start(self, action: str = "create_voucher_session") -> None:
        """Start a session on the screen."""
        await act(self._hass, action, device_id(self._hass, self._entry))
        await self.settle()

    async def clear(self) -> None:
        """Clear the screen."""
        await clear(self._hass, device_id(self._hass, self._entry))
        await self.settle()

    async def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self._freezer.tick(seconds)
        async_fire_time_changed(self._hass, dt_util.utcnow())
        await self.settle()

    async def settle(self) -> None:
        """Let the automation run on, but not wait for what it waits for itself."""
        for _ in range(100):
            await asyncio.sleep(0)


@pytest.fixture
def display(
    hass: HomeAssistant, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> Display:
    """Return another display."""
    return Display(hass, entry, freezer)


async def test_another_display_shows_the_code(
    hass: HomeAssistant, display: Display
) -> None:
    """The code is shown once and cleared once, whatever becomes of its session."""
    await display.connect()
    await display.start()
    assert display.told == ["shown"]
    assert display.last == {
        "image": "image.till_1_qr_code",
        "media": "media-source://image/image.till_1_qr_code",
        "path": "/api/image_proxy/image.till_1_qr_code",
        "seconds": pytest.approx(300, abs=1),
    }
    # The token in the image's address changes, the code does not.
    await display.advance(299)
    assert display.told == ["shown"]
    await display.advance(2)
    assert display.told == ["shown", "cleared"]
    await display.start()
    # The next session takes the place of the first: nothing is cleared in between.
    await display.start("create_portal_session")
    assert display.told == ["shown", "cleared", "shown", "shown"]
    await display.clear()
    assert display.told == ["shown", "cleared", "shown", "shown", "cleared"]


@pytest.mark.parametrize("top_ups", [False, True])
async def test_another_display_and_top_ups(
    hass: HomeAssistant, display: Display, *, top_ups: bool
) -> None:
    """A top-up is not shown where customers may see it, and takes the code away."""
    await display.connect(top_ups=top_ups)
    await display.start()
    await display.start("create_top_up_giftcard_session")
    assert display.told == ["shown", "shown" if top_ups else "cleared"]


async def test_another_display_waits_for_the_next_code(
    hass: HomeAssistant, display: Display
) -> None:
    """A panel that refreshes slowly is not cleared between two sessions."""
    await display.connect(wait=30)
    await display.start()
    await display.clear()
    await display.advance(29)
    await display.start()
    assert display.told == ["shown", "shown"]
    await display.clear()
    await display.advance(29)
    assert display.told == ["shown", "shown"]
    await display.advance(2)
    assert display.told == ["shown", "shown", "cleared"]


async def test_another_display_shows_the_code_again(
    hass: HomeAssistant, display: Display
) -> None:
    """A display that forgets the code is shown it again, as long as it stands."""
    await display.connect(again=10)
    await display.start()
    for count in (2, 3):
        await display.advance(11)
        assert display.told == ["shown"] * count
    assert display.last["seconds"] == pytest.approx(278, abs=1)
    # Another code is shown at once, and the first one no longer.
    await display.start("create_portal_session")
    assert display.told == ["shown"] * 4
    await display.advance(11)
    assert display.told == ["shown"] * 5
    await display.clear()
    assert display.told == [*["shown"] * 5, "cleared"]
    await display.advance(11)
    assert display.told == [*["shown"] * 5, "cleared"]
    await stop(hass)


@pytest.mark.parametrize("again", [0, 10])
async def test_another_display_after_a_restart(
    hass: HomeAssistant, display: Display, *, again: int
) -> None:
    """Only a display that forgets the code is shown it after a restart."""
    hass.set_state(CoreState.not_running)
    await display.start()
    await display.connect(again=again)
    await hass.async_start()
    await display.settle()
    assert display.told == (["shown"] if again else [])
    await stop(hass)
