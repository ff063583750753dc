"""A new hub's first user.

The rest of the onboarding is done by the configuration folder.
"""

from dataclasses import dataclass

import aiohttp

from .client import HubClient
from .errors import HubRefusedError, HubUnreachableError

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_TOKEN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Login:
    """How a person and a program get into a hub."""

    username: str
    password: str
    token: str


async def create_owner(
    url: str,
    *,
    name: str = "Demo",
    username: str = "demo",
    password: str = "demo",  # noqa: S107 -- it is printed for everyone to use
) -> Login:
    """Create the owner of a new hub; the token stays good over restarts."""
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
        tokens = await _post(
            session,
            f"{url}/auth/token",
            data={
                "client_id": client_id,
                "grant_type": "authorization_code",
                "code": user["auth_code"],
            },
        )
    async with HubClient(url, tokens["access_token"]) as client:
        token = await client.command(
            "auth/long_lived_access_token", client_name="demo", lifespan=_TOKEN_DAYS
        )
    return Login(username, password, token)


async def _post(
    session: aiohttp.ClientSession,
    url: str,
    *,
    json: dict[str, str] | None = None,
    data: dict[str, str] | None = None,
) -> dict[str, str]:
    try:
        async with session.post(url, json=json, data=data) as response:
            if not response.ok:
                text = await response.text()
                msg = f"POST {url}"
                raise HubRefusedError(msg, response.status, text)
            answer: dict[str, str] = await response.json()
    except (aiohttp.ClientError, TimeoutError) as err:
        msg = f"No answer to POST {url}: {err!r}"
        raise HubUnreachableError(msg) from err
    return answer
