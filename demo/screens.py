"""A screen of the integration: its device, its entities, its session."""

import asyncio
from dataclasses import dataclass
import time
from typing import Any

from .client import HubClient
from .errors import CheckError, HubRefusedError

_POLL = 0.05
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen as it stands in the registries."""

    device_id: str
    name: str
    session_url: str
    qr_code: str


async def find_screen(client: HubClient, entry_id: str, name: str) -> Screen:
    """Return the screen with a name; raises CheckError when it is not there in full."""
    deadline = time.monotonic() + _TIMEOUT
    while True:
        try:
            return await _find_screen(client, entry_id, name)
        except CheckError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(_POLL)


async def create_voucher_session(client: HubClient, screen: Screen) -> dict[str, Any]:
    """Start a voucher session on a screen and return what the action answers."""
    return await client.action_response(
        "piggy.create_voucher_session", device_id=screen.device_id
    )


async def wait_for_url(
    client: HubClient,
    screen: Screen,
    url: str,
    timeout: float = _TIMEOUT,  # noqa: ASYNC109
) -> None:
    """Wait until the screen's sensor shows the url; timeout in seconds."""
    deadline = time.monotonic() + timeout
    while True:
        state = (await client.state(screen.session_url))["state"]
        if state == url:
            return
        if time.monotonic() >= deadline:
            msg = f"{screen.session_url} does not show the url"
            raise CheckError(msg)
        await asyncio.sleep(_POLL)


async def picture_path(client: HubClient, screen: Screen) -> str:
    """Return where the hub serves the QR code, with a token for some minutes."""
    attributes = (await client.state(screen.qr_code))["attributes"]
    path: str = attributes["entity_picture"]
    return path


async def _find_screen(client: HubClient, entry_id: str, name: str) -> Screen:
    devices = [
        device
        for device in await client.devices()
        if entry_id in device["config_entries"]
        and name in (device["name_by_user"], device["name"])
    ]
    if len(devices) != 1:
        msg = f"There are {len(devices)} screens named {name!r}, not one"
        raise CheckError(msg)
    device_id: str = devices[0]["id"]
    entities = [
        entity for entity in await client.entities() if entity["device_id"] == device_id
    ]
    screen = Screen(
        device_id,
        name,
        session_url=_entity_id(entities, "sensor", "session_url"),
        qr_code=_entity_id(entities, "image", "qr_code"),
    )
    for entity_id in (screen.session_url, screen.qr_code):
        try:
            await client.state(entity_id)
        except HubRefusedError as err:
            msg = f"{entity_id} has no state yet"
            raise CheckError(msg) from err
    return screen


def _entity_id(entities: list[dict[str, Any]], domain: str, key: str) -> str:
    for entity in entities:
        entity_id: str = entity["entity_id"]
        if entity_id.startswith(f"{domain}.") and (
            entity["translation_key"] == key or entity["unique_id"].endswith(f"_{key}")
        ):
            return entity_id
    msg = f"The screen has no {domain} {key!r}"
    raise CheckError(msg)
