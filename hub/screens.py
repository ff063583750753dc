"""Finds a screen of the integration on a hub, and starts sessions on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import HubClient
from .errors import HubRefusedError, NotYetError
from .waiting import eventually


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen's device and its enabled entities, by `domain.translation_key`."""

    device_id: str
    name: str
    entities: Mapping[str, str]

    @property
    def session_url(self) -> str:
        """Return the sensor of the session's URL."""
        return self.entities["sensor.session_url"]

    @property
    def qr_code(self) -> str:
        """Return the image entity of the QR code."""
        return self.entities["image.qr_code"]


async def find_screen(client: HubClient, entry_id: str, name: str) -> Screen:
    """Return a screen by name, once its entities have states; raises NotYetError."""

    async def look() -> Screen:
        return await _find_screen(client, entry_id, name)

    return await eventually(look)


async def create_voucher_session(client: HubClient, screen: Screen) -> dict[str, Any]:
    """Start a voucher session on a screen and return the action's response."""
    return await client.action_response(
        "piggy.create_voucher_session", device_id=screen.device_id
    )


async def wait_for_url(client: HubClient, screen: Screen, url: str) -> None:
    """Wait until the screen's sensor has the URL; raises NotYetError."""

    async def look() -> None:
        if (await client.state(screen.session_url))["state"] != url:
            raise NotYetError(f"{screen.session_url} does not have the session's URL")

    await eventually(look)


async def picture_path(client: HubClient, screen: Screen) -> str:
    """Return the QR code's path on the hub; its token is valid for some minutes."""
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
        raise NotYetError(f"There are {len(devices)} screens named {name!r}, not one")
    device_id: str = devices[0]["id"]
    entities = {
        f"{entity['entity_id'].partition('.')[0]}.{entity['translation_key']}": entity[
            "entity_id"
        ]
        for entity in await client.entities()
        if entity["device_id"] == device_id and entity["disabled_by"] is None
    }
    for key in ("sensor.session_url", "image.qr_code"):
        if key not in entities:
            raise NotYetError(f"{name!r} has no entity {key} yet")
        try:
            await client.state(entities[key])
        except HubRefusedError as err:
            raise NotYetError(f"{entities[key]} has no state yet") from err
    return Screen(device_id, name, entities)
