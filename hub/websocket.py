"""Calls Home Assistant's websocket API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import itertools
from typing import Any, Self

import aiohttp

from .errors import CommandError, HubUnreachableError

_TIMEOUT = 30.0


class HubSocket:
    """One authenticated connection; commands may run concurrently."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        """Take over a connection that has been authenticated."""
        self._connection = connection
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._events: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, session: aiohttp.ClientSession, url: str, token: str) -> Self:
        """Connect and authenticate with an access token."""
        try:
            connection = await session.ws_connect(
                f"{url}/api/websocket", max_msg_size=0
            )
            await connection.receive_json(timeout=_TIMEOUT)
            await connection.send_json({"type": "auth", "access_token": token})
            greeting = await connection.receive_json(timeout=_TIMEOUT)
        except (aiohttp.ClientError, TimeoutError, TypeError) as err:
            raise HubUnreachableError(f"No websocket at {url}: {err}") from err
        if greeting["type"] != "auth_ok":
            await connection.close()
            raise CommandError("auth", greeting["type"], greeting.get("message", ""))
        return cls(connection)

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._reader.done()

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()
        await self._reader

    async def command(self, command: str, **data: Any) -> Any:
        """Run a command and return its result; raises CommandError."""
        return await self._run(next(self._ids), command, data)

    @asynccontextmanager
    async def subscribe(
        self, command: str, **data: Any
    ) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """Run a command that sends events, and put these into a queue."""
        number = next(self._ids)
        queue = self._events[number] = asyncio.Queue()
        try:
            await self._run(number, command, data)
            yield queue
        finally:
            del self._events[number]
            if not self.closed:
                await self.command("unsubscribe_events", subscription=number)

    async def _run(self, number: int, command: str, data: dict[str, Any]) -> Any:
        if self.closed:
            raise HubUnreachableError("The websocket is closed")
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._connection.send_json({"id": number, "type": command, **data})
            message = await asyncio.wait_for(answer, _TIMEOUT)
        except (aiohttp.ClientError, TimeoutError) as err:
            raise HubUnreachableError(f"No answer to {command}") from err
        finally:
            del self._answers[number]
        if message["success"]:
            return message["result"]
        error = message["error"]
        raise CommandError(command, error["code"], error["message"])

    async def _read(self) -> None:
        try:
            async for message in self._connection:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._dispatch(message.json())
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(
                        HubUnreachableError("Home Assistant closed the websocket")
                    )

    def _dispatch(self, message: dict[str, Any]) -> None:
        if message["type"] == "event":
            if queue := self._events.get(message["id"]):
                queue.put_nowait(message["event"])
        elif (answer := self._answers.get(message["id"])) and not answer.done():
            answer.set_result(message)
