"""Fixtures of the end-to-end tests."""

from pathlib import Path

import pytest

from demo.hub import EXECUTABLE


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Do without the Home Assistant inside the test process that other tests have."""


@pytest.fixture(scope="session")
def real_hass() -> Path:
    """Return the newest Home Assistant's executable; a missing one is a failure."""
    if not EXECUTABLE.exists():
        pytest.fail(f"{EXECUTABLE} is missing: run scripts/setup hass")
    return EXECUTABLE
