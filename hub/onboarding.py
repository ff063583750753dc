"""Creates the owner of a new hub.

The configuration folder completes the other steps of the onboarding.
"""

from dataclasses import dataclass
from typing import Any

import aiohttp

from .client import HubClient
from .errors import HubRefusedError, HubUnreachableError

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_TOKEN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Login:
    """A user's name and password, and a token for a program."""

    username: str
    password: str
    token: str


async def create_owner(
    url: str,
    *,
    name: str = "Demo",
    username: str = "demo",
    password: str = "demo",  # noqa: S107 -- the demo prints it
) -> Login:
    """Create the owner of a new hub; the token remains valid after restarts."""
    client_id = f"{url}/"
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        user = await _post(
            session,
            f"{url}/api/onboarding/users",
            json={
                "client_id": client_id,
                "name": name,
                "username": username,
                "password": password,
                "language": "en",
            },
        )
        token = await _exchange(session, url, user["auth_code"])
    async with HubClient(url, token) as client:
        token = await client.command(
            "auth/long_lived_access_token", client_name="hub", lifespan=_TOKEN_DAYS
        )
    return Login(username, password, token)


async def log_in(url: str, username: str, password: str) -> str:
    """Log in as a user and return an access token, which lasts half an hour."""
    client_id = f"{url}/"
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        flow = await _post(
            session,
            f"{url}/auth/login_flow",
            json={
                "client_id": client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": client_id,
            },
        )
        result = await _post(
            session,
            f"{url}/auth/login_flow/{flow['flow_id']}",
            json={"client_id": client_id, "username": username, "password": password},
        )
        return await _exchange(session, url, result["result"])


async def _exchange(session: aiohttp.ClientSession, url: str, code: str) -> str:
    """Exchange an authorization code for an access token."""
    data = {
        "client_id": f"{url}/",
        "grant_type": "authorization_code",
        "code": code,
    }
    tokens = await _post(session, f"{url}/auth/token", data=data)
    return tokens["access_token"]


async def _post(
    session: aiohttp.ClientSession,
    url: str,
    *,
    json: dict[str, Any] | None = None,
    data: dict[str, str] | None = None,
) -> dict[str, str]:
    try:
        async with session.post(url, json=json, data=data) as response:
            if not response.ok:
                text = await response.text()
                raise HubRefusedError(f"POST {url}", response.status, text)
            answer: dict[str, str] = await response.json()
    except (aiohttp.ClientError, TimeoutError) as err:
        raise HubUnreachableError(f"No answer to POST {url}: {err!r}") from err
    return answer
