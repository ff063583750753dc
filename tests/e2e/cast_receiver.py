"""Stands in for a Chromecast: its port for senders, and the apps that it starts."""

import asyncio
from collections.abc import Callable
import json
import ssl
from types import TracebackType
from typing import Any, Final, Self, override

from hub.errors import NotYetError
from hub.waiting import eventually

from . import protobuf
from .connections import Connections
from .receivers import HOST, Received, Receiver

PORT: Final = 8009
# Where senders ask who it is.
INFO_PORT: Final = 8443
INFO: Final = {
    "name": "Window",
    "device_info": {
        "name": "Window",
        "manufacturer": "Google Inc.",
        "model_name": "Chromecast",
        "ssdp_udn": "6a1f2d1c-6d52-4a79-8a4e-1d1a4a6f5a01",
        "capabilities": {"display_supported": True, "multizone_supported": False},
    },
}
MEDIA: Final = "urn:x-cast:com.google.cast.media"
DASHBOARD: Final = "urn:x-cast:com.nabucasa.hast"
_HEARTBEAT: Final = "urn:x-cast:com.google.cast.tp.heartbeat"
_RECEIVER: Final = "urn:x-cast:com.google.cast.receiver"
_APP: Final = "app"

type Content = dict[str, Any]


class CastReceiver(Connections):
    """A Chromecast that records what its apps are told."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        """Use a certificate; senders accept any."""
        super().__init__(HOST, PORT, tls)
        self._info = Receiver(INFO_PORT, lambda _: INFO, tls=tls)
        self.app: str | None = None
        self.told: list[tuple[str, Content]] = []

    @override
    async def __aenter__(self) -> Self:
        """Listen."""
        await self._info.__aenter__()
        return await super().__aenter__()

    @override
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await super().__aexit__(exc_type, exc, traceback)
        await self._info.__aexit__(exc_type, exc, traceback)

    @property
    def asked(self) -> list[Received]:
        """Return who asked who it is."""
        return self._info.received

    async def wait_for(self, wanted: Callable[[str, Content], object]) -> Content:
        """Wait until an app is told something; return the last message of the kind."""

        async def look() -> Content:
            found = [content for space, content in self.told if wanted(space, content)]
            if not found:
                msg = f"The Chromecast was told {self.told}"
                raise NotYetError(msg)
            return found[-1]

        return await eventually(look)

    async def wait_until_idle(self) -> None:
        """Wait until no app runs."""

        async def look() -> None:
            if self.app:
                msg = "The Chromecast still runs an app"
                raise NotYetError(msg)

        await eventually(look)

    @override
    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            length = int.from_bytes(await reader.readexactly(4))
            message = protobuf.decode(await reader.readexactly(length))
            space = protobuf.text(message, 4)
            content = json.loads(protobuf.text(message, 6))
            for answer in self._answers(space, content):
                reply = protobuf.encode(
                    {
                        1: 0,
                        2: protobuf.text(message, 3),
                        3: protobuf.text(message, 2),
                        4: space,
                        5: 0,
                        6: json.dumps(answer),
                    }
                )
                writer.write(len(reply).to_bytes(4) + reply)
                await writer.drain()

    def _answers(self, space: str, content: Content) -> list[Content]:
        kind = content.get("type")
        number = {"requestId": content.get("requestId", 0)}
        if space == _HEARTBEAT and kind == "PING":
            return [{"type": "PONG"}]
        if space == _RECEIVER:
            if kind == "LAUNCH":
                self.app = content["appId"]
            if kind == "STOP":
                self.app = None
            return [{"type": "RECEIVER_STATUS", "status": self._status()} | number]
        if space == MEDIA:
            self.told.append((space, content))
            playing = [
                {
                    "mediaSessionId": 1,
                    "playerState": "PLAYING",
                    "media": content["media"],
                    "supportedMediaCommands": 0,
                }
                for _ in range(kind == "LOAD")
            ]
            return [{"type": "MEDIA_STATUS", "status": playing} | number]
        if space == DASHBOARD:
            self.told.append((space, content))
            own = {key: content.get(key) for key in ("hassUrl", "hassUUID")}
            connected = any(told["type"] == "connect" for _, told in self.told)
            return [{"type": "receiver_status", "connected": connected} | own]
        return []

    def _status(self) -> Content:
        app = {
            "appId": self.app,
            "displayName": "App",
            "sessionId": _APP,
            "transportId": _APP,
            "statusText": "",
            "namespaces": [{"name": MEDIA}, {"name": DASHBOARD}],
        }
        return {
            "applications": [app] if self.app else [],
            "isActiveInput": True,
            "isStandBy": False,
            "volume": {"level": 1.0, "muted": False},
        }
