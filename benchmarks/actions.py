"""From an action to its response, and on to the code in a client's hands."""

from io import BytesIO
from typing import override

from PIL import Image
import zxingcpp

from homeassistant.components.image import ImageEntity
from homeassistant.components.image.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from .hub import account, add, create, devices, entities, running_hub
from .piggy import running_piggy
from .rendering import segno_png
from .samples import Samples, in_turn, timed

ROUNDS = {"action": 4000, "action-50ms": 200, "action-qr": 400, "proxy": 4000}
DELAY = 0.05  # seconds
QUICK = 20


class ConstantImage(ImageEntity):
    """An image entity that returns constant bytes."""

    _attr_content_type = "image/png"
    _attr_name = "Constant"
    _attr_should_poll = False

    content = b""

    @override
    async def async_added_to_hass(self) -> None:
        """Have a state, as an entity that shows something has."""
        self._attr_image_last_updated = dt_util.utcnow()

    @override
    async def async_image(self) -> bytes:
        """Return the bytes."""
        return self.content


def decoded(content: bytes) -> str:
    """Return what a picture's code says; raises ValueError when it has none."""
    found = zxingcpp.read_barcode(Image.open(BytesIO(content)))
    if found is None:
        msg = "no code"
        raise ValueError(msg)
    return found.text


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family."""
    rounds = {row: count // (QUICK if quick else 1) for row, count in ROUNDS.items()}
    async with running_piggy() as piggy, running_hub() as hass:
        session = async_get_clientsession(hass)
        entry = account(piggy, 1)
        await add(hass, entry)
        (device,) = devices(hass, entry)
        (code,) = entities(hass, entry, "image")
        constant = ConstantImage(hass)
        await hass.data[DATA_COMPONENT].async_add_entities([constant])

        async def action() -> None:
            await create(hass, device)

        async def post() -> None:
            await piggy.create(session)

        async def get(entity_id: str) -> bytes:
            return await _picture(hass, entity_id)

        async def action_to_code() -> None:
            url = (await create(hass, device))["url"]
            _check(decoded(await get(code)), url)

        async def post_to_code() -> None:
            url = (await piggy.create(session))["url"]
            constant.content = await hass.async_add_executor_job(segno_png, url)
            _check(decoded(await get(constant.entity_id)), url)

        samples = {
            "action": await in_turn(timed(action), timed(post), rounds["action"], 10)
        }
        await piggy.admin(session, "POST", "faults", kind="delay", delay=DELAY, times=0)
        samples["action-50ms"] = await in_turn(
            timed(action), timed(post), rounds["action-50ms"], 2
        )
        await piggy.admin(session, "DELETE", "faults")
        samples["action-qr"] = await in_turn(
            timed(action_to_code), timed(post_to_code), rounds["action-qr"], 2
        )
        constant.content = await get(code)
        samples["proxy"] = await in_turn(
            timed(lambda: get(code)),
            timed(lambda: get(constant.entity_id)),
            rounds["proxy"],
            10,
        )
    return samples


async def _picture(hass: HomeAssistant, entity_id: str) -> bytes:
    """Return what a client gets at the address that the entity's state gives it."""
    state = hass.states.get(entity_id)
    if state is None:
        msg = f"{entity_id} has no state"
        raise RuntimeError(msg)
    port = hass.http.server_port
    address = f"http://127.0.0.1:{port}{state.attributes['entity_picture']}"
    async with async_get_clientsession(hass).get(address) as response:
        response.raise_for_status()
        return await response.read()


def _check(shown: str, url: str) -> None:
    """Raise ValueError when what is shown is not what was created."""
    if shown != url:
        msg = "another code than the session's"
        raise ValueError(msg)
