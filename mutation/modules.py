"""The modules to mutate, each with its relevant tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = CHECKOUT / ".cache" / "mutation"
PACKAGE: Final = Path("custom_components/piggy")
FRONTEND: Final = PACKAGE / "frontend"

_CLIENT: Final = ("tests/api",)
_SCREEN: Final = (
    "tests/test_button.py",
    "tests/test_coordinator.py",
    "tests/test_event.py",
    "tests/test_init.py",
    "tests/test_store.py",
)

# Tests of the module itself, then those of its callers. Of these, only the tests that
# run a mutated line are run for it, the fastest first.
PYTHON: Final[Mapping[str, tuple[str, ...]]] = {
    "qr/code.py": ("tests/qr",),
    "qr/logo.py": ("tests/qr",),
    "api/client.py": (*_CLIENT, "tests/test_brand.py"),
    "api/errors.py": (*_CLIENT, "tests/test_errors.py"),
    "api/http.py": _CLIENT,
    "api/models.py": _CLIENT,
    "api/session_types.py": (
        *_CLIENT,
        "tests/test_options.py",
        "tests/test_transactions.py",
    ),
    "session.py": (
        "tests/test_session.py",
        "tests/test_screen.py",
        "tests/test_event.py",
        "tests/test_totals.py",
    ),
    "options.py": (
        "tests/test_options.py",
        "tests/test_button.py",
        "tests/test_services.py",
        "tests/test_subentry_flow.py",
    ),
    "store.py": ("tests/test_store.py", "tests/test_screen.py"),
    "services.py": (
        "tests/test_services.py",
        "tests/test_permissions.py",
        "tests/test_button.py",
        "tests/test_options.py",
    ),
    "account.py": (
        *_SCREEN,
        "tests/test_brand.py",
        "tests/test_repairs.py",
        "tests/test_services.py",
        "tests/test_system_health.py",
    ),
    "coordinator.py": (
        *_SCREEN,
        "tests/test_image.py",
        "tests/test_permissions.py",
        "tests/test_sensor.py",
        "tests/test_services.py",
    ),
}

CARD: Final[Mapping[str, str]] = {
    "format.js": "tests/card/format.test.js",
    "kiosk.js": "tests/card/kiosk.test.js",
    "look.js": "tests/card/model.test.js",
    "model.js": "tests/card/model.test.js",
    "seen.js": "tests/card/model.test.js",
    "touch.js": "tests/card/model.test.js",
}


def source_of(module: str) -> Path:
    """Return the path of a module, relative to the checkout."""
    return (FRONTEND if module in CARD else PACKAGE) / module
