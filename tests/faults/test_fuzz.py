"""A short run of what scripts/fuzz does at length."""

from tests.fuzz.run import fuzz


def test_nothing_but_the_clients_own_errors() -> None:
    """Every answer is parsed, or raises one of the client's own errors."""
    outcomes = fuzz(2_000, 2026)
    # The inputs must reach all of the code that reads them.
    assert outcomes.keys() == {
        *("account", "shop", "session"),
        *("PiggyApiError", "PiggyAuthError", "PiggyMaintenanceError"),
        *("PiggyRateLimitError", "PiggyResponseError"),
    }
    assert min(outcomes.values()) >= 5
    assert outcomes["session"] >= 100
