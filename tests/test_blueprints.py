"""The blueprints, on every supported Home Assistant."""

from pathlib import Path
import shutil

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .conftest import ROOT, device_id, entity_id

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
    """What may be left empty is, and the automation is valid."""
    screen = device_id(hass, entry)
    screens = {"screens": [screen]} if name == "thank_customer" else {"screen": screen}
    blueprint = {"path": f"piggy/{name}.yaml", "input": {**inputs, **screens}}
    config = {"id": name, "alias": name, "use_blueprint": blueprint}
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
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


async def test_a_standing_code_comes_and_goes(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The triggers it stands on are there on the oldest Home Assistant, too."""
    hass.states.async_set("binary_sensor.shop", "off")
    inputs = {"screen": device_id(hass, entry), "opening_hours": "binary_sensor.shop"}
    blueprint = {"path": "piggy/standing_code.yaml", "input": inputs}
    config = {"id": "standing", "alias": "standing", "use_blueprint": blueprint}
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    status = entity_id(hass, entry, "sensor", "session_status")

    def shown() -> str:
        state = hass.states.get(status)
        assert state is not None
        return state.state

    assert shown() == "idle"
    hass.states.async_set("binary_sensor.shop", "on")
    await hass.async_block_till_done()
    assert shown() == "waiting"
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, entry, "button", "clear_session")},
        blocking=True,
    )
    await hass.async_block_till_done()
    assert shown() == "waiting"
    hass.states.async_set("binary_sensor.shop", "off")
    await hass.async_block_till_done()
    assert shown() == "idle"
    # Its patience at closing time is a timer.
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.standing"}, blocking=True
    )
