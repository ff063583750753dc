"""The books of a simulated day balance; `scripts/shop-day` runs longer ones."""

import asyncio
import json
import os
from pathlib import Path
import random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from sandbox import Sandbox
from tests.faults.test_soak import unlogged

from .books import compare
from .plan import plan_customers, plan_disturbances
from .shop import Shop

CUSTOMERS = int(os.environ.get("DAY_CUSTOMERS", "500"))
SEEDS = [int(seed) for seed in os.environ.get("DAY_SEEDS", "1").split(",")]
SAMPLE = 500  # customers; of fewer there are too few latencies in quiet times
REPORT = os.environ.get("DAY_REPORT")


@pytest.mark.parametrize("seed", SEEDS)
async def test_books_balance(
    hass: HomeAssistant,
    sandbox: Sandbox,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    request: pytest.FixtureRequest,
    seed: int,
) -> None:
    """Every transaction is reported once, to the cent, on the screen it belongs to."""
    asyncio.get_running_loop().set_debug(enabled=False)
    random.seed(seed)  # the coordinators pick their part of a second with it
    with unlogged(), pytest.MonkeyPatch.context() as patch:
        shop = Shop(hass, sandbox, freezer, hass_storage, patch)
        await shop.open()
        await shop.run(
            plan_customers(seed, CUSTOMERS), plan_disturbances(seed, CUSTOMERS)
        )
    result = compare(shop.books)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\nshop day, seed {seed}\n{result.table()}")  # noqa: T201
    if REPORT:
        content = json.dumps(result.as_dict(), indent=2)
        await hass.async_add_executor_job(Path(REPORT).write_text, content, "utf-8")
    assert (result.missed, result.doubled, result.cents_off) == (0, 0, 0)
    assert (result.misplaced, result.invented) == (0, 0)
    expected = shop.books.totals()
    assert {key: shop.totals()[key] for key in expected} == expected
    assert result.requests_share <= 0.6
    if CUSTOMERS < SAMPLE:
        return
    assert result.identified_median_s <= 1.0
    assert result.identified_p95_s <= 2.5
    assert result.others_median_s <= 2.0
    assert result.others_p95_s <= 4.0
