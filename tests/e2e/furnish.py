"""Sets up a hub that can be killed: what it stores is complete."""

from hub.client import HubClient
from hub.errors import NotYetError
from hub.flow import NewAccount, add_account
from hub.onboarding import create_owner
from hub.process import Hub
from hub.screens import Screen, find_screen
from hub.waiting import eventually
from sandbox import DEFAULT_KEY, Sandbox

PASSWORD = "correct horse"
# Home Assistant writes these up to ten seconds after they have changed.
STORED = {
    "auth": "long_lived_access_token",
    "core.config_entries": '"screen"',
    "core.device_registry": '"piggy"',
    "core.entity_registry": "_session_url",
}


async def furnish(hub: Hub, sandbox: Sandbox) -> tuple[str, Screen]:
    """Create the owner and the account; return a token and the screen.

    Everything is stored by then: a power cut does not undo it.
    """
    login = await create_owner(hub.url)
    account = NewAccount(DEFAULT_KEY, sandbox.url)
    async with HubClient(hub.url, login.token) as client:
        await client.wait_until_running()
        entry_id = await add_account(client, account)
        screen = await find_screen(client, entry_id, account.screen)
    await until_stored(hub, STORED)
    return login.token, screen


async def add_user(owner: HubClient, username: str, group: str) -> str:
    """Add a user who can log in from the local network only."""
    made = await owner.command(
        "config/auth/create", name=username, group_ids=[group], local_only=True
    )
    user_id: str = made["user"]["id"]
    await owner.command(
        "config/auth_provider/homeassistant/create",
        user_id=user_id,
        username=username,
        password=PASSWORD,
    )
    return user_id


async def until_stored(hub: Hub, texts: dict[str, str]) -> None:
    """Wait until Home Assistant's files in `.storage` contain the texts."""
    storage = hub.folder / ".storage"

    async def look() -> None:
        for name, text in texts.items():
            path = storage / name
            if not path.exists() or text not in path.read_text(encoding="utf-8"):
                raise NotYetError(f"{name} does not contain {text} yet")

    await eventually(look, 60)
