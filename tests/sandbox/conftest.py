"""A running sandbox, and a client that has its key."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, ClientTimeout
import pytest

from sandbox import DEFAULT_KEY, Sandbox
from sandbox.api import PREFIX

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

type Answer = tuple[int, Any]
type Get = Callable[[str], Awaitable[Answer]]
type Post = Callable[[str, object], Awaitable[Answer]]


@pytest.fixture
async def sandbox(socket_enabled: None) -> AsyncIterator[Sandbox]:
    """Run a sandbox whose clock stands still."""
    async with Sandbox(now=lambda: NOW) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[ClientSession]:
    """Return a client that sends the sandbox's key."""
    headers: Mapping[str, str] = {"Authorization": f"Bearer {DEFAULT_KEY}"}
    async with ClientSession(
        f"{sandbox.url}{PREFIX}/", headers=headers, timeout=ClientTimeout(total=10)
    ) as session:
        yield session


@pytest.fixture
def get(sandbox: Sandbox, client: ClientSession) -> Get:
    """Return a function that gets a path of the API: status and JSON."""

    async def call(path: str) -> Answer:
        async with client.get(f"{sandbox.url}{PREFIX}{path}") as response:
            return response.status, await response.json()

    return call


@pytest.fixture
def post(sandbox: Sandbox, client: ClientSession) -> Post:
    """Return a function that posts JSON to a path of the API: status and JSON."""

    async def call(path: str, body: object) -> Answer:
        url = f"{sandbox.url}{PREFIX}{path}"
        async with client.post(url, json=body) as response:
            return response.status, await response.json()

    return call
