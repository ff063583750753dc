"""What the card's browser tests share."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Page, expect
import zxingcpp

from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.card import FOLDER

HUB: Final = "http://hub.test"
NOW: Final = "2026-11-02T10:00:00Z"
PORTAL: Final = "https://portal.test"
URL: Final = f"{PORTAL}/session/{{}}"
LANGUAGES: Final = sorted(path.stem for path in (FOLDER / "words").glob("*.json"))
USUAL: Final = ["redeem_giftcard", "voucher", "portal"]
ALL_TYPES: Final = [*USUAL, *(str(kind) for kind in SessionType if kind not in USUAL)]

# The default of five seconds is little for a browser on a busy machine.
expect.set_options(timeout=60_000)

type Show = Callable[..., None]


def calls(page: Page) -> Any:
    """Return the actions that the card called."""
    return page.evaluate("hub.calls")


def view(page: Page, name: str) -> None:
    """Expect a view."""
    expect(page.locator("[data-view]")).to_have_attribute("data-view", name)


def codes(page: Page) -> list[str]:
    """Return the codes that a camera would read."""
    picture = Image.open(BytesIO(page.screenshot()))
    codes = zxingcpp.read_barcodes(
        picture, zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [found.text for found in codes]


def ready(page: Page) -> None:
    """Wait for the code."""
    expect(page.locator("[data-part=code]")).to_have_attribute("data-state", "ready")
