"""Stands in for a display with ESPHome: the device's side of its native API."""

import asyncio
from typing import Final, override

from . import protobuf
from .connections import Connections
from .receivers import HOST

NAME: Final = "window"
# The numbers of the messages in ESPHome's `api.proto`.
_ANSWERS: Final[dict[int, list[tuple[int, protobuf.Message]]]] = {
    # Hello, authentication, disconnect, ping.
    1: [(2, {1: 1, 2: 10, 3: NAME, 4: NAME})],
    3: [(4, {})],
    5: [(6, {})],
    7: [(8, {})],
    # What it is, and that it has no entities.
    9: [
        (10, {2: NAME, 3: "AC:BC:32:89:0E:A9", 4: "2026.10.0", 6: "ESP32", 13: NAME}),
    ],
    11: [(19, {})],
}
_SUBSCRIBE_STATES: Final = 38
_SUBSCRIBE_STATE: Final = 39
_STATE: Final = 40


class EsphomeDevice(Connections):
    """A device with text sensors that follow entities of Home Assistant."""

    def __init__(self, *entities: str) -> None:
        """Follow the entities."""
        super().__init__(HOST)
        self._entities = entities
        self.states: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    @override
    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            kind, message = await _read(reader)
            answers = list(_ANSWERS.get(kind, []))
            if kind == _SUBSCRIBE_STATES:
                answers += [(_SUBSCRIBE_STATE, {1: name}) for name in self._entities]
            if kind == _STATE:
                entity, state = (protobuf.text(message, key) for key in (1, 2))
                self.states.put_nowait((entity, state))
            for number, answer in answers:
                content = protobuf.encode(answer)
                head = protobuf.varint(len(content)) + protobuf.varint(number)
                writer.write(b"\0" + head + content)
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> tuple[int, protobuf.Message]:
    assert await reader.readexactly(1) == b"\0", "the connection is not in plain text"
    length = await _read_varint(reader)
    kind = await _read_varint(reader)
    return kind, protobuf.decode(await reader.readexactly(length))


async def _read_varint(reader: asyncio.StreamReader) -> int:
    content = b""
    while not content or content[-1] >= 0x80:
        content += await reader.readexactly(1)
    return protobuf.read_varint(content, 0)[0]
