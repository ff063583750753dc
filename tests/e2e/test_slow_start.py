"""A payment made while Home Assistant was down, and a start that takes long."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from hub.client import HubClient
from hub.errors import NotYetError
from hub.flow import DOMAIN
from hub.process import Hub
from hub.screens import create_voucher_session
from hub.waiting import eventually
from sandbox import Sandbox

from .furnish import furnish
from .till import submit

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]

CARD = "1000001"
EVENT = "event.till_1_session"
HEARD = "input_text.heard"
# Seconds after Piggy has been set up; it polls meanwhile.
DELAY = 12
# Seconds in which a second event would be heard.
SOON = 2.0

SLOW = "slow_start"
MANIFEST = {
    "domain": SLOW,
    "name": "Slow start",
    "codeowners": [],
    "documentation": "https://slow.example",
    "integration_type": "service",
    "iot_class": "calculated",
    "version": "1.0.0",
}
CODE = f'''\
"""Delays the end of the start."""

import asyncio

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import config_validation as cv

CONFIG_SCHEMA = cv.empty_config_schema("{SLOW}")


async def async_setup(hass, config):
    """Take {DELAY} seconds longer than the accounts that are to be set up."""
    accounts = hass.config_entries.async_entries("{DOMAIN}")
    while any(account.state is not ConfigEntryState.LOADED for account in accounts):
        await asyncio.sleep(0.05)
    await asyncio.sleep({DELAY} if accounts else 0)
    return True
'''

CONFIGURATION: dict[str, Any] = {
    "input_text": {"heard": {"initial": "", "max": 255}},
    "automation listener": [
        {
            "id": "listener",
            "alias": "Listener",
            "mode": "queued",
            "triggers": [
                {
                    "trigger": "event.received",
                    "target": {"entity_id": EVENT},
                    "options": {"event_type": ["voucher_redeemed"]},
                }
            ],
            "actions": [
                {
                    "action": "input_text.set_value",
                    "target": {"entity_id": HEARD},
                    "data": {
                        "value": "{{ states('" + HEARD + "') }}"
                        "{{ trigger.to_state.attributes.voucher_name }}; "
                    },
                }
            ],
        }
    ],
}


@pytest.fixture
def slow_hub(tmp_path: Path) -> Hub:
    """Return a hub with a listening automation and an integration that is slow."""
    folder = tmp_path / "hub"
    integration = folder / "custom_components" / SLOW
    integration.mkdir(parents=True)
    (integration / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    (integration / "__init__.py").write_text(CODE, encoding="utf-8")
    return Hub(folder, extra=CONFIGURATION | {SLOW: {}})


async def heard(client: HubClient) -> str:
    """Return the events that the automation has recorded since the start."""
    state: str = (await client.state(HEARD))["state"]
    return state.strip()


async def test_a_payment_during_a_power_cut_is_heard(slow_hub: Hub) -> None:
    """An automation that starts long after the integration gets the event once."""
    async with Sandbox() as sandbox, slow_hub:
        token, screen = await furnish(slow_hub, sandbox)
        assert screen.entities["event.session"] == EVENT
        async with HubClient(slow_hub.url, token) as client:
            session = await create_voucher_session(client, screen)
        await slow_hub.kill()
        await submit(session["url"], "identify-card", card=CARD)
        await submit(session["url"], "redeem-voucher")

        await slow_hub.start()
        async with HubClient(slow_hub.url, token) as client:
            await client.wait_until_running()
            assert f"Setup of {SLOW} is taking over 10 seconds" in slow_hub.log_text()

            async def look() -> None:
                if not await heard(client):
                    raise NotYetError("The automation has heard nothing")

            await eventually(look)
            assert await heard(client) == "Free coffee;"

            # A further poll reports nothing for a second time.
            await client.action_response(
                "piggy.get_portal_session",
                device_id=screen.device_id,
                uuid=session["uuid"],
            )
            await asyncio.sleep(SOON)
            assert await heard(client) == "Free coffee;"
    assert slow_hub.complaints(DOMAIN) == []
