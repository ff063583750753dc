"""The time from an action to its response, and to the QR code's download."""

from itertools import count
from typing import override

from homeassistant.components.image import ImageEntity
from homeassistant.components.image.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from hub.barcode import read_codes

from .hub import account, add, create, devices, entities, running_hub
from .piggy import Piggy, running_piggy
from .rendering import segno_png
from .samples import Measure, Samples, in_turn, timed

ROUNDS = {"action": 4000, "action-50ms": 200, "action-qr": 400, "proxy": 4000}
DELAY = 0.05  # seconds
QUICK = 20
USES = 10  # creates on one screen


class ConstantImage(ImageEntity):
    """An image entity that returns constant bytes."""

    _attr_content_type = "image/png"
    _attr_name = "Constant"
    _attr_should_poll = False

    content = b""

    @override
    async def async_added_to_hass(self) -> None:
        """Set the state of an entity that shows an image."""
        self._attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes:
        """Return the bytes."""
        return self.content


class Screens:
    """A measurement's screen, replaced by a new account's every few sessions.

    A session that was replaced is polled and stored for minutes; a till has a few of
    them, not thousands.
    """

    device = ""
    image = ""

    def __init__(self, hass: HomeAssistant, piggy: Piggy) -> None:
        """Prepare; the first measurement adds a screen."""
        self._hass = hass
        self._piggy = piggy
        self._uses = count()
        self._entry: ConfigEntry | None = None

    def fresh(self, measure: Measure) -> Measure:
        """Return the same measurement, on a new screen every few times."""

        async def on_fresh_screen() -> float:
            use = next(self._uses)
            if use % USES == 0:
                await self._replace(use)
            return await measure()

        return on_fresh_screen

    async def _replace(self, number: int) -> None:
        if self._entry:
            await self._hass.config_entries.async_remove(self._entry.entry_id)
        self._entry = account(self._piggy, 1, number)
        await add(self._hass, self._entry)
        (self.device,) = devices(self._hass, self._entry)
        (self.image,) = entities(self._hass, self._entry, "image")


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family."""
    rounds = {row: count // (QUICK if quick else 1) for row, count in ROUNDS.items()}
    async with running_piggy() as piggy, running_hub() as hass:
        session = async_get_clientsession(hass)
        screens = Screens(hass, piggy)
        constant = ConstantImage(hass)
        await hass.data[DATA_COMPONENT].async_add_entities([constant])

        async def action() -> None:
            await create(hass, screens.device)

        async def post() -> None:
            await piggy.create(session)

        async def get(entity_id: str) -> bytes:
            return await _picture(hass, entity_id)

        async def action_to_code() -> None:
            url = (await create(hass, screens.device))["url"]
            _check(await get(screens.image), url)

        async def post_to_code() -> None:
            url = (await piggy.create(session))["url"]
            constant.content = await hass.async_add_executor_job(segno_png, url)
            _check(await get(constant.entity_id), url)

        async def compare(row: str, this: Measure, other: Measure, warm: int) -> None:
            samples[row] = await in_turn(screens.fresh(this), other, rounds[row], warm)

        samples: dict[str, Samples] = {}
        await compare("action", timed(action), timed(post), 10)
        await piggy.admin(session, "POST", "faults", kind="delay", delay=DELAY, times=0)
        await compare("action-50ms", timed(action), timed(post), 2)
        await piggy.admin(session, "DELETE", "faults")
        await compare("action-qr", timed(action_to_code), timed(post_to_code), 2)
        constant.content = await get(screens.image)
        samples["proxy"] = await in_turn(
            timed(lambda: get(screens.image)),
            timed(lambda: get(constant.entity_id)),
            rounds["proxy"],
            10,
        )
    return samples


async def _picture(hass: HomeAssistant, entity_id: str) -> bytes:
    """Return the image at the URL in the entity's state."""
    state = hass.states.get(entity_id)
    if state is None:
        raise RuntimeError(f"{entity_id} has no state")
    port = hass.http.server_port
    address = f"http://127.0.0.1:{port}{state.attributes['entity_picture']}"
    async with async_get_clientsession(hass).get(address) as response:
        response.raise_for_status()
        return await response.read()


def _check(picture: bytes, url: str) -> None:
    """Raise ValueError unless the image shows the session's QR code."""
    if read_codes(picture) != [url]:
        raise ValueError("The picture does not have the session's code")
