"""A shop's day on a real hub that is killed, with a clock that runs fast.

`tests/ledger` runs the same day on frozen time.
"""

import asyncio
import json
import os
from pathlib import Path
from random import Random
import shutil

import pytest

from hub.client import HubClient
from hub.onboarding import create_owner
from hub.process import Hub
from sandbox import Sandbox
from tests.ledger.books import compare
from tests.ledger.plan import (
    SCREENS,
    SECONDS_A_CUSTOMER,
    plan_customers,
    plan_disturbances,
)

from . import fast_clock
from .fast_shop import FACTOR, RECORD, open_shop

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]

CUSTOMERS = 200
KILLS = 4
# Set it to what a failed run printed to see the same day again.
SEED = int(os.environ.get("PIGGY_DAY_SEED", "1"))
# How many seconds each disturbance lasts at most.
LONGEST = {
    "reset_before": 60,
    "maintenance": 120,
    "rate_limit_with_retry_after": 60,
    "rate_limit": 20,
    "reset_after": 20,
    "truncated": 20,
    "wrong_uuid": 20,
}


def make_hub(folder: Path) -> Hub:
    """Return a hub with a fast clock."""
    integration = folder / "custom_components" / fast_clock.DOMAIN
    integration.mkdir(parents=True)
    manifest = json.dumps(fast_clock.MANIFEST)
    (integration / "manifest.json").write_text(manifest, encoding="utf-8")
    shutil.copy(fast_clock.__file__, integration)
    options = {"factor": FACTOR, "record": str(folder / RECORD)}
    # The recorder checks a database that was not closed, which takes time.
    extra = {"recorder": {"db_url": "sqlite://"}, fast_clock.DOMAIN: options}
    return Hub(folder, extra=extra)


async def test_books_balance_on_a_hub_that_is_killed(tmp_path: Path) -> None:
    """Every transaction is reported to the cent, at most once between two kills."""
    random = Random(SEED)  # noqa: S311 -- it has to be repeatable
    day = CUSTOMERS * SECONDS_A_CUSTOMER / SCREENS
    kills = [day * (number + random.random()) / KILLS for number in range(KILLS)]
    hub = make_hub(tmp_path / "hub")
    async with asyncio.timeout(600), Sandbox() as sandbox, hub:
        token = (await create_owner(hub.url)).token
        async with HubClient(hub.url, token) as client:
            shop = await open_shop(hub, sandbox, client)
            await shop.run(
                plan_customers(SEED, CUSTOMERS),
                plan_disturbances(SEED, CUSTOMERS, LONGEST),
                kills,
            )
    result = compare(shop.books)
    print(f"PIGGY_DAY_SEED={SEED}\n{result.table()}")  # noqa: T201 -- of a failure
    assert len({report.run for report in shop.books.reported}) > KILLS // 2
    assert result.transactions > CUSTOMERS // 2
    assert (result.missed, result.doubled, result.cents_off) == (0, 0, 0)
    assert (result.misplaced, result.invented) == (0, 0)
