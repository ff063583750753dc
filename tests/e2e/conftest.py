"""Fixtures of the end-to-end tests."""

from pathlib import Path
from typing import Final

import pytest

from hub.process import EXECUTABLE

# With several processes, each runs one file at a time. What takes longest begins first:
# no file then runs alone at the end.
LONGEST: Final = (
    *("test_kill", "test_shop_day", "test_portal_page", "test_slow_start"),
    *("test_portal", "test_wall", "test_accessibility", "test_browser", "test_demo"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the files that take longest first."""
    order = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session")
def real_hass() -> Path:
    """Return the newest Home Assistant's executable; a missing one is a failure."""
    if not EXECUTABLE.exists():
        pytest.fail(f"{EXECUTABLE} is missing: run scripts/setup hass")
    return EXECUTABLE
