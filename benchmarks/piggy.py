"""The sandbox in a separate process, and direct calls to its API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import os
import sys
from typing import Any

import aiohttp

from sandbox import DEFAULT_KEY

API = "/api/v3/oauth/clients"
HEADERS = {"Accept": "application/json", "Authorization": f"Bearer {DEFAULT_KEY}"}
TIMEOUT = 20  # seconds


@dataclass(frozen=True, slots=True)
class Piggy:
    """A running sandbox."""

    url: str
    shop: str

    async def create(self, session: aiohttp.ClientSession) -> dict[str, Any]:
        """Create a session with bare aiohttp."""
        async with session.post(
            f"{self.url}{API}/portal-sessions/vouchers",
            json={"shop_uuid": self.shop},
            headers=HEADERS,
        ) as response:
            return await _data(response)

    async def get(self, session: aiohttp.ClientSession, uuid: str) -> dict[str, Any]:
        """Read a session with bare aiohttp."""
        async with session.get(
            f"{self.url}{API}/portal-sessions/{uuid}", headers=HEADERS
        ) as response:
            return await _data(response)

    async def identify(self, session: aiohttp.ClientSession, uuid: str) -> None:
        """Identify a customer in a session."""
        state = await self.admin(session, "GET", "state")
        contact = state["contacts"][0]["uuid"]
        await self.admin(
            session, "POST", f"sessions/{uuid}/identify", contact_uuid=contact
        )

    async def admin(
        self, session: aiohttp.ClientSession, method: str, path: str, **body: Any
    ) -> Any:
        """Call the sandbox's admin API; raises aiohttp.ClientError when it refuses."""
        async with session.request(
            method, f"{self.url}/sandbox/{path}", json=body or None
        ) as response:
            response.raise_for_status()
            return await response.json() if await response.read() else None


async def _data(response: aiohttp.ClientResponse) -> dict[str, Any]:
    response.raise_for_status()
    data: dict[str, Any] = (await response.json())["data"]
    return data


@asynccontextmanager
async def running_piggy() -> AsyncIterator[Piggy]:
    """Run a sandbox on a free port of the loopback interface."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", "0"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("The sandbox has no output")
        async with asyncio.timeout(TIMEOUT):
            line = (await process.stdout.readline()).decode()
        url = line.removeprefix("Sandbox:").strip()
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{url}{API}/shops", headers=HEADERS) as response,
        ):
            shops = (await response.json())["data"]
        yield Piggy(url, shops[0]["uuid"])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
