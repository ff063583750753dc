"""The conditions, as automations use them."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.condition import (
    async_from_config,
    async_get_all_descriptions,
    async_validate_condition_config,
)
from homeassistant.setup import async_setup_component
from sandbox import Fault, Sandbox

from .conftest import Advance, account, act, clear, device_id, screen, set_up


async def holds(hass: HomeAssistant, condition: str, **config: Any) -> bool | None:
    """Return whether a condition holds."""
    validated = await async_validate_condition_config(
        hass, {"condition": f"piggy.{condition}", **config}
    )
    checker = await async_from_config(hass, validated)
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_screen(
    hass: HomeAssistant, sandbox: Sandbox, till: str, advance: Advance
) -> None:
    """A screen has a session or is idle; while Piggy is away, neither is known."""

    async def both() -> tuple[bool | None, ...]:
        target = {"device_id": till}
        return tuple(
            [
                await holds(hass, condition, target=target)
                for condition in ("has_session", "is_idle")
            ]
        )

    assert await both() == (False, True)
    session = await act(hass, "create_voucher_session", till)
    assert await both() == (True, False)
    sandbox.identify(session["uuid"], "123")
    await advance(6)
    assert await both() == (True, False)
    sandbox.add_fault(Fault("status", status=503))
    await advance(6)
    assert await both() == (False, False)
    await advance(6)
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Tea"})
    await advance(6)
    assert await both() == (True, False)
    await clear(hass, till)
    assert await both() == (False, True)


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [("any", [False, True, True]), ("all", [False, False, True])],
)
async def test_area(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    behavior: str,
    expected: list[bool],
) -> None:
    """One screen of an area is enough, or all of them are needed."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    area = ar.async_get(hass).async_create("Shop")
    devices = [device_id(hass, entry, name) for name in ("Till 1", "Till 2")]
    for device in devices:
        dr.async_get(hass).async_update_device(device, area_id=area.id)
    config = {"target": {"area_id": area.id}, "options": {"behavior": behavior}}
    found = [await holds(hass, "has_session", **config)]
    for device in devices:
        await act(hass, "create_voucher_session", device)
        found.append(await holds(hass, "has_session", **config))
    assert found == expected


async def test_descriptions(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The editor offers each condition for screens."""
    assert await async_setup_component(hass, "automation", {})
    found = await async_get_all_descriptions(hass)
    own = {key: value for key, value in found.items() if key.startswith("piggy.")}
    assert own.keys() == {"piggy.has_session", "piggy.is_idle"}
    for condition in own.values():
        assert condition
        assert condition["fields"].keys() == {"behavior", "for"}
        (target,) = condition["target"]["entity"]
        assert target["integration"] == "piggy"
