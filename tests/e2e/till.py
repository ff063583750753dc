"""A screen on a real hub as its entities tell of it, and the customer before it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import time
from typing import Any, Self

import aiohttp

from demo.client import HubClient
from demo.errors import CheckError
from demo.qr import decode
from demo.screens import Screen

# Seconds; what a test waits for comes much sooner, or never.
TIMEOUT = 20.0
UNSET = "unknown"

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Shown:
    """What the sensors of a screen say."""

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
    """One screen of a hub."""

    def __init__(
        self, client: HubClient, device_id: str, entities: dict[str, str]
    ) -> None:
        """Describe it; `entities` by `domain.key`."""
        self.client = client
        self.device_id = device_id
        self._entities = entities

    @classmethod
    async def find(cls, client: HubClient, screen: Screen) -> Self:
        """Look up the entities of a screen."""
        entities = {
            f"{row['entity_id'].partition('.')[0]}.{row['translation_key']}": row[
                "entity_id"
            ]
            for row in await client.entities()
            if row["device_id"] == screen.device_id
        }
        return cls(client, screen.device_id, entities)

    def entity(self, key: str) -> str:
        """Return the entity of a `domain.key`."""
        return self._entities[key]

    async def press(self, button: str) -> None:
        """Press one of the screen's buttons."""
        await self.client.action(
            "button.press", entity_id=self.entity(f"button.{button}")
        )

    async def clear(self) -> None:
        """Take the session off."""
        await self.client.action("piggy.clear_session", device_id=self.device_id)

    async def ready(self) -> bool:
        """Return whether all entities have been set up."""
        states = {row["entity_id"]: row["state"] for row in await self.client.states()}
        return all(
            states.get(entity, "unavailable") != "unavailable"
            for entity in self._entities.values()
        )

    async def shown(self) -> Shown:
        """Return what the sensors say, all of the same moment."""
        states = {row["entity_id"]: row["state"] for row in await self.client.states()}
        return Shown(
            *(
                states[self.entity(f"sensor.session_{name}")]
                for name in ("url", "status", "type", "expires")
            )
        )

    async def last_event(self) -> dict[str, Any]:
        """Return the attributes of what happened last."""
        state = await self.client.state(self.entity("event.session"))
        attributes: dict[str, Any] = state["attributes"]
        return attributes

    async def code(self) -> str | None:
        """Return what the picture's QR code says, None for a picture without one."""
        state = await self.client.state(self.entity("image.qr_code"))
        picture = await self.client.fetch(state["attributes"]["entity_picture"])
        try:
            return decode(picture)
        except CheckError as err:
            if "holds 0 codes" not in str(err):
                raise
            return None

    async def wait_for(
        self, status: str, *, other_than: str = "", seconds: float = TIMEOUT
    ) -> Shown:
        """Wait for a status, of a session with another url than the one given."""

        async def look() -> Shown | None:
            shown = await self.shown()
            return shown if shown.status == status and shown.url != other_than else None

        return await eventually(look, f"the status {status}", seconds)


async def eventually[ResultT](
    look: Callable[[], Awaitable[ResultT | None]],
    what: str,
    seconds: float = TIMEOUT,
) -> ResultT:
    """Look until something is there; fail when it does not come in time."""
    deadline = time.monotonic() + seconds
    while (found := await look()) is None:
        assert time.monotonic() < deadline, f"{what} did not come in {seconds:.0f} s"
        await asyncio.sleep(_POLL)
    return found


async def submit(url: str, action: str, **fields: str) -> str:
    """Send a form of the page that a code leads to, as a phone's browser does.

    Returns the page that follows.
    """
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data={"action": action, **fields}) as response,
    ):
        assert response.ok, await response.text()
        return await response.text()
