"""Debian's Chromium, as every browser test starts it."""

import os
from pathlib import Path
from typing import Final

CHROMIUM: Final = Path("/usr/bin/chromium")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing_chromium() -> str | None:
    """Return why there is no browser, or None; CI has to have one."""
    if CHROMIUM.exists() or os.environ.get("CI") == "true":
        return None
    return f"there is no {CHROMIUM}"
