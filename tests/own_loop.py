"""Fixtures for modules whose browser or hub is on an event loop of the module's own.

They take the places of those that look after a Home Assistant in the test process, on
another loop. A module that imports them lists them in `__all__`.
"""

import pytest


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Keep the event loop as it is."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Keep what runs between the tests."""
