"""The long-term statistics that the recorder compiles of a screen's totals."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)
from pytest_homeassistant_custom_component.typing import RecorderInstanceContextManager

from custom_components.piggy.store import SessionStore, store_key
from custom_components.piggy.totals import TOTALS
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from sandbox import Sandbox

from .conftest import (
    Advance,
    account,
    act,
    clear,
    device_id,
    entity_id,
    screen,
    set_up,
)
from .postgresql import find_binaries, running_server

OPENING = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
PERIOD = timedelta(minutes=5)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def recorder_db_url(
    request: pytest.FixtureRequest, socket_enabled: None
) -> Iterator[str]:
    """Run the recorder on each of the databases."""
    if request.param == "SQLite":
        yield "sqlite://"
        return
    pytest.importorskip("psycopg2", reason="its driver is not installed")
    if not (binaries := find_binaries()):
        pytest.skip("Debian's package postgresql is not installed")
    with running_server(binaries) as url:
        yield url


@pytest.fixture
def mock_recorder_before_hass(
    async_test_recorder: RecorderInstanceContextManager,
) -> None:
    """Prepare the recorder before Home Assistant starts."""


async def test_statistics(
    recorder_mock: Recorder,
    all_entities: None,
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    freezer: FrozenDateTimeFactory,
    advance: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every total has an exact sum, whatever happens in between."""
    freezer.move_to(OPENING)
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    till = device_id(hass, entry)
    await compile_period(hass, freezer, 0)

    # On the screen, and after it.
    redeem = await act(
        hass, "create_redeem_giftcard_session", till, amount_in_cents=5000
    )
    for cents in (-1005, -3995):
        data = {"amount_in_cents": cents}
        sandbox.add_event(redeem["uuid"], "giftcard_transaction", data)
        await advance(16)
        await clear(hass, till)
    await compile_period(hass, freezer, 1)

    # Home Assistant is killed before it stored what it had counted.
    portal = await act(hass, "create_portal_session", till)
    uuid = portal["uuid"]
    sandbox.add_event(uuid, "prepaid_transaction", {"amount_in_cents": -250})
    sandbox.add_event(uuid, "credit_reception", {"credits": 12})
    sandbox.add_event(uuid, "voucher_redeemed", {"name": "Tea"})
    with monkeypatch.context() as patch:
        patch.setattr(SessionStore, "async_write", nothing)
        await advance(6)
        await compile_period(hass, freezer, 2)
        await hass.config_entries.async_unload(entry.entry_id)
    del hass.data[store_key(entry.entry_id)]
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await compile_period(hass, freezer, 3)
    await advance(6)
    await compile_period(hass, freezer, 4)

    assert await changes(hass, entry) == {
        "sessions_completed": [0, 1, 1, -1, 1],
        "sessions_started": [0, 1, 1, 0, 0],
        "credits_given": [0, 0, 12, -12, 12],
        "paid_with_giftcards": [0, 50, 0, 0, 0],
        "paid_with_prepaid": [0, 0, 2.5, -2.5, 2.5],
        "vouchers_redeemed": [0, 0, 1, -1, 1],
    }
    listed = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    units = {
        row["statistic_id"]: row["statistics_unit_of_measurement"] for row in listed
    }
    for total in TOTALS:
        unit = units[entity_id(hass, entry, "sensor", total.key)]
        assert unit == (hass.config.currency if total.is_money else None)


async def nothing(_: SessionStore) -> None:
    """Write nothing, as when Home Assistant is killed before."""


async def compile_period(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, number: int
) -> None:
    """End a period of five minutes, and compile its statistics."""
    await async_wait_recording_done(hass)
    freezer.move_to(OPENING + PERIOD * (number + 1))
    do_adhoc_statistics(hass, start=OPENING + PERIOD * number)
    await async_wait_recording_done(hass)


async def changes(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, list[Any]]:
    """Return what each total changed by in each period."""
    ids = {total.key: entity_id(hass, entry, "sensor", total.key) for total in TOTALS}
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        *(hass, OPENING, None, {*ids.values()}, "5minute", None, {"change"}),
    )
    return {
        key: [row["change"] for row in found[statistic_id]]
        for key, statistic_id in ids.items()
    }
