"""A screen on a real hub as its entities show it, and the customer in front of it."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from custom_components.piggy.coordinator import BRAKE
from hub.barcode import read_codes
from hub.client import HubClient
from hub.errors import NotYetError
from hub.screens import Screen
from hub.waiting import TIMEOUT, eventually

UNSET = "unknown"


@dataclass(frozen=True, slots=True)
class Shown:
    """The states of a screen's sensors."""

    url: str
    status: str
    type: str
    expires: str

    @property
    def idle(self) -> bool:
        """Whether there is no session."""
        return self == IDLE


IDLE = Shown(UNSET, "idle", UNSET, UNSET)


class Till:
    """A screen of a running hub."""

    def __init__(self, client: HubClient, screen: Screen) -> None:
        """Use a user's access to the hub."""
        self.client = client
        self.device_id = screen.device_id
        self._entities = screen.entities

    def entity(self, key: str) -> str:
        """Return the entity of a `domain.key`."""
        return self._entities[key]

    async def press(self, button: str) -> None:
        """Press one of the screen's buttons."""
        await self.client.action(
            "button.press", entity_id=self.entity(f"button.{button}")
        )

    async def start(self, button: str) -> None:
        """Press a button that starts a session, when a person may press one again."""
        await asyncio.sleep(BRAKE)
        await self.press(button)

    async def clear(self) -> None:
        """Clear the screen."""
        await self.client.action("piggy.clear_session", device_id=self.device_id)

    async def ready(self) -> bool:
        """Return whether all entities are available."""
        states = {row["entity_id"]: row["state"] for row in await self.client.states()}
        return all(
            states.get(entity, "unavailable") != "unavailable"
            for entity in self._entities.values()
        )

    async def shown(self) -> Shown:
        """Return the sensors' states at one moment."""
        states = {row["entity_id"]: row["state"] for row in await self.client.states()}
        return Shown(
            *(
                states[self.entity(f"sensor.session_{name}")]
                for name in ("url", "status", "type", "expires")
            )
        )

    async def last_event(self) -> dict[str, Any]:
        """Return the attributes of the event entity."""
        state = await self.client.state(self.entity("event.session"))
        attributes: dict[str, Any] = state["attributes"]
        return attributes

    async def code(self) -> str | None:
        """Return the text of the image's QR code; None for an image without one."""
        state = await self.client.state(self.entity("image.qr_code"))
        picture = await self.client.fetch(state["attributes"]["entity_picture"])
        codes = read_codes(picture)
        assert len(codes) <= 1
        return codes[0] if codes else None

    async def wait_for(
        self, status: str, *, other_than: str = "", seconds: float = TIMEOUT
    ) -> Shown:
        """Wait for a status, of a session with another URL than the one given."""

        async def look() -> Shown:
            shown = await self.shown()
            if shown.status != status or shown.url == other_than:
                raise NotYetError(
                    f"The screen does not show a new {status} session: {shown}"
                )
            return shown

        return await eventually(look, seconds)


async def submit(url: str, action: str, **fields: str) -> str:
    """Send a form of a session's page, as a phone's browser does.

    Returns the page that follows.
    """
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data={"action": action, **fields}) as response,
    ):
        assert response.ok, await response.text()
        return await response.text()
