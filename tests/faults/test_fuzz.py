"""A short run of what scripts/fuzz does at length."""

import pytest

from tests.fuzz.run import fuzz


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Do without Home Assistant."""


def test_nothing_but_the_clients_own_errors() -> None:
    """Whatever comes as an answer is understood, or refused in the client's words."""
    outcomes = fuzz(2_000, 2026)
    # Inputs that reach only a part of what reads them would test nothing.
    assert outcomes.keys() == {
        *("account", "shop", "contact", "card", "session"),
        *("PiggyApiError", "PiggyAuthError", "PiggyMaintenanceError"),
        *("PiggyRateLimitError", "PiggyResponseError"),
    }
    assert min(outcomes.values()) >= 5
    assert outcomes["session"] >= 100
