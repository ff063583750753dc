"""Calls Home Assistant's API as its frontend does."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp

from .errors import HubError, HubRefusedError, HubUnreachableError, NotYetError
from .waiting import eventually
from .websocket import HubSocket

_FLOWS = "/api/config/config_entries"
_TIMEOUT = aiohttp.ClientTimeout(total=60)


class HubClient:
    """A user's access to one hub, with a token."""

    def __init__(self, url: str, token: str) -> None:
        """Describe the access; it opens as an async context manager."""
        self.url = url
        self._token = token
        self._session: aiohttp.ClientSession | None = None
        self._socket: HubSocket | None = None
        self._connecting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open; nothing is sent yet."""
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        if self._socket:
            await self._socket.close()
        if self._session:
            await self._session.close()

    async def get(self, path: str) -> Any:
        """Return the JSON at a path."""
        return await self._request("GET", path)

    async def post(self, path: str, data: Any = None) -> Any:
        """Send JSON to a path and return the JSON of the answer."""
        return await self._request("POST", path, data or {})

    async def delete(self, path: str) -> Any:
        """Delete what is at a path."""
        return await self._request("DELETE", path)

    async def fetch(self, path: str) -> bytes:
        """Return what is at a path, without the user's token."""
        try:
            async with self._open_session.get(f"{self.url}{path}") as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as err:
            raise HubUnreachableError(
                f"No answer to GET {path.partition('?')[0]}: {err!r}"
            ) from err
        if not response.ok:
            raise HubRefusedError("GET", response.status, response.reason or "")
        return body

    async def states(self) -> list[dict[str, Any]]:
        """Return all states."""
        states: list[dict[str, Any]] = await self.get("/api/states")
        return states

    async def state(self, entity_id: str) -> dict[str, Any]:
        """Return the state of an entity; raises HubRefusedError when it has none."""
        state: dict[str, Any] = await self.get(f"/api/states/{entity_id}")
        return state

    async def action(self, action: str, **data: Any) -> dict[str, Any]:
        """Run an action that has no response, such as `light.turn_on`."""
        result: dict[str, Any] = await self._action(action, data, respond=False)
        return result

    async def action_response(self, action: str, **data: Any) -> dict[str, Any]:
        """Run an action and return its response; raises CommandError when it fails."""
        result = await self._action(action, data, respond=True)
        response: dict[str, Any] = result["response"]
        return response

    async def start_flow(self, handler: str, **data: Any) -> dict[str, Any]:
        """Start a config flow; with `entry_id`, to reconfigure that entry."""
        return await self._flow("/flow", {"handler": handler, **data})

    async def continue_flow(self, flow_id: str, data: Any) -> dict[str, Any]:
        """Submit a form of a config flow."""
        return await self._flow(f"/flow/{flow_id}", data)

    async def start_subentry_flow(
        self, entry_id: str, subentry_type: str, **data: Any
    ) -> dict[str, Any]:
        """Start a subentry flow; with `subentry_id`, to reconfigure that subentry."""
        handler = [entry_id, subentry_type]
        return await self._flow("/subentries/flow", {"handler": handler, **data})

    async def continue_subentry_flow(self, flow_id: str, data: Any) -> dict[str, Any]:
        """Submit a form of a subentry flow."""
        return await self._flow(f"/subentries/flow/{flow_id}", data)

    async def config_entries(self, domain: str) -> list[dict[str, Any]]:
        """Return the config entries of an integration."""
        entries: list[dict[str, Any]] = await self.get(
            f"{_FLOWS}/entry?domain={domain}"
        )
        return entries

    async def devices(self) -> list[dict[str, Any]]:
        """Return the device registry."""
        devices: list[dict[str, Any]] = await self.command(
            "config/device_registry/list"
        )
        return devices

    async def entities(self) -> list[dict[str, Any]]:
        """Return the entity registry."""
        entities: list[dict[str, Any]] = await self.command(
            "config/entity_registry/list"
        )
        return entities

    async def command(self, command: str, **data: Any) -> Any:
        """Run a websocket command; raises CommandError when it is refused."""
        return await (await self._connected()).command(command, **data)

    @asynccontextmanager
    async def subscribe_events(
        self, event_type: str
    ) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """Subscribe to the events of a type; they are put into the queue."""
        socket = await self._connected()
        async with socket.subscribe("subscribe_events", event_type=event_type) as queue:
            yield queue

    async def wait_until_running(self, timeout: float = 60) -> None:  # noqa: ASYNC109
        """Wait until everything has started; timeout in seconds."""

        async def look() -> dict[str, Any]:
            config: dict[str, Any] = await self.get("/api/config")
            if config["state"] != "RUNNING":
                raise NotYetError(
                    f"Home Assistant has not started yet: it is {config['state']}"
                )
            return config

        config = await eventually(look, timeout)
        if config["recovery_mode"]:
            raise HubError("Home Assistant is in recovery mode; see its log")

    @property
    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("The client is not open")
        return self._session

    async def _connected(self) -> HubSocket:
        async with self._connecting:
            if self._socket is None or self._socket.closed:
                self._socket = await HubSocket.open(
                    self._open_session, self.url, self._token
                )
            return self._socket

    async def _action(
        self, action: str, data: Mapping[str, Any], *, respond: bool
    ) -> Any:
        domain, service = action.split(".")
        return await self.command(
            "call_service",
            domain=domain,
            service=service,
            service_data=dict(data),
            return_response=respond,
        )

    async def _flow(self, path: str, data: Any) -> dict[str, Any]:
        result: dict[str, Any] = await self.post(_FLOWS + path, data)
        return result

    async def _request(self, method: str, path: str, data: Any = None) -> Any:
        request = f"{method} {path}"
        try:
            async with self._open_session.request(
                method,
                f"{self.url}{path}",
                json=data,
                headers={"Authorization": f"Bearer {self._token}"},
            ) as response:
                if not response.ok:
                    text = await response.text()
                    raise HubRefusedError(request, response.status, text)
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as err:
            raise HubUnreachableError(f"No answer to {request}: {err!r}") from err
