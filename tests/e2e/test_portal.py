"""A customer on the page that the code leads to, on a real Home Assistant."""

import asyncio
from pathlib import Path
import time
from typing import Any

import pytest

from demo.stage import Stage, running_stage
from hub.flow import DOMAIN, NewAccount, screen_answer, wait_until_loaded
from hub.screens import create_voucher_session
from hub.waiting import TIMEOUT
from sandbox import DEFAULT_KEY

from .till import IDLE, Till, submit

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]

PROMISED = 6.0
CARD = "1000001"


async def test_a_customer_redeems(tmp_path: Path) -> None:
    """The hub knows within six seconds, though the press comes right after a poll."""
    async with running_stage(tmp_path / "hub") as stage:
        till = Till(stage.client, stage.screen)
        await _stays_for_a_while(stage, till)
        await _keep_nothing_completed(stage)
        await _leaves_at_once(stage, till)
    assert stage.hub.complaints(DOMAIN) == []


async def _stays_for_a_while(stage: Stage, till: Till) -> None:
    """By default, a completed session stays on the screen for a while."""
    url: str = stage.session["url"]
    assert await till.code() == url
    page = await submit(url, "identify-card", card=CARD)
    assert "ada@example.com" in page
    identified = await till.wait_for("identified", seconds=PROMISED)
    assert (identified.url, identified.type) == (url, "voucher")
    assert (await till.last_event())["event_type"] == "contact_identified"

    pressed = await _redeem(stage, stage.session)
    completed = await till.wait_for("completed", seconds=PROMISED)
    assert time.monotonic() - pressed < PROMISED
    event = await till.last_event()
    assert event["event_type"] == "voucher_redeemed"
    assert event["voucher_name"] == "Free coffee"
    assert completed.expires < identified.expires
    assert await till.code() == url

    await till.wait_for("idle")
    assert await till.shown() == IDLE
    assert (await till.last_event())["event_type"] == "session_ended"
    assert await till.code() is None


async def _leaves_at_once(stage: Stage, till: Till) -> None:
    """On a screen that keeps nothing completed, the code leaves with the event."""
    session = await create_voucher_session(stage.client, stage.screen)
    await submit(session["url"], "identify-card", card=CARD)
    await till.wait_for("identified", seconds=PROMISED)
    async with stage.client.subscribe_events("state_changed") as changes:
        pressed = await _redeem(stage, session)
        await till.wait_for("idle", seconds=PROMISED)
        assert time.monotonic() - pressed < PROMISED
        assert await till.shown() == IDLE
        assert await till.code() is None
        told = [changes.get_nowait()["data"] for _ in range(changes.qsize())]
    assert [
        data["new_state"]["state"]
        for data in told
        if data["entity_id"] == till.entity("sensor.session_status")
    ] == ["completed", "idle"]
    assert [
        data["new_state"]["attributes"]["event_type"]
        for data in told
        if data["entity_id"] == till.entity("event.session")
    ] == ["voucher_redeemed", "session_ended"]


async def _redeem(stage: Stage, session: dict[str, Any]) -> float:
    """Press redeem at the worst moment, just after a poll; return when."""
    poll = "GET", f"/portal-sessions/{session['uuid']}"
    polls = len(stage.sandbox.calls(*poll))
    async with asyncio.timeout(TIMEOUT):
        await stage.sandbox.wait_for_calls(polls + 1, *poll)
    pressed = time.monotonic()
    await submit(session["url"], "redeem-voucher")
    return pressed


async def _keep_nothing_completed(stage: Stage) -> None:
    """Set the completed lifetime of the screen to 0, in its form."""
    subentries = await stage.client.command(
        "config_entries/subentries/list", entry_id=stage.entry_id
    )
    form = await stage.client.start_subentry_flow(
        stage.entry_id, "screen", subentry_id=subentries[0]["subentry_id"]
    )
    account = NewAccount(DEFAULT_KEY, stage.sandbox.url)
    answer = screen_answer(form, account) | {"completed_lifetime": 0}
    result = await stage.client.continue_subentry_flow(form["flow_id"], answer)
    assert result["reason"] == "reconfigure_successful"
    await wait_until_loaded(stage.client, stage.entry_id)
