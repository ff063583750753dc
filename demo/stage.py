"""A demo in full: sandbox, Home Assistant, account, screen, dashboard, session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import DEFAULT_KEY, Sandbox

from .client import HubClient
from .dashboard import put_up_kiosk
from .errors import DemoError
from .hub import EXECUTABLE, Hub
from .onboarding import Login, create_owner
from .progress import SILENT, Progress
from .screens import (
    Screen,
    create_voucher_session,
    find_screen,
    picture_path,
    wait_for_url,
)
from .setup_flow import PiggyAccount, set_up_piggy


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything of a demo that runs."""

    hub: Hub
    sandbox: Sandbox
    client: HubClient
    login: Login
    entry_id: str
    screen: Screen
    kiosk_url: str
    # What piggy.create_voucher_session answered.
    session: dict[str, Any]
    picture_url: str
    picture: bytes


@asynccontextmanager
async def running_sandbox(port: int = 0) -> AsyncIterator[Sandbox]:
    """Run a sandbox on a port; raises DemoError when it is taken."""
    sandbox = Sandbox(port=port)
    try:
        await sandbox.start()
    except OSError as err:
        msg = f"The sandbox cannot listen on port {port}: {err}"
        raise DemoError(msg) from err
    try:
        yield sandbox
    finally:
        await sandbox.stop()


@asynccontextmanager
async def running_hub(
    folder: Path,
    port: int = 0,
    *,
    progress: Progress = SILENT,
    executable: Path = EXECUTABLE,
) -> AsyncIterator[Hub]:
    """Run Home Assistant and stop it in good order."""
    hub = Hub(folder, port, executable=executable)
    with progress.step("Starting Home Assistant"):
        await hub.start()
    try:
        yield hub
    finally:
        with progress.step("Stopping Home Assistant"):
            await hub.stop()


@asynccontextmanager
async def running_stage(
    folder: Path,
    *,
    port: int = 0,
    sandbox_port: int = 0,
    progress: Progress = SILENT,
    executable: Path = EXECUTABLE,
) -> AsyncIterator[Stage]:
    """Bring up a demo in an empty folder; it ends with the context, whatever happens.

    Raises DemoError, with a message for a person, when it does not come up.
    """
    async with (
        running_sandbox(sandbox_port) as sandbox,
        running_hub(folder, port, progress=progress, executable=executable) as hub,
    ):
        with progress.step("Creating the owner"):
            login = await create_owner(hub.url)
        async with HubClient(hub.url, login.token) as client:
            yield await _furnish(hub, sandbox, client, login, progress)


async def _furnish(
    hub: Hub, sandbox: Sandbox, client: HubClient, login: Login, progress: Progress
) -> Stage:
    account = PiggyAccount(DEFAULT_KEY, sandbox.url)
    with progress.step("Waiting for the rest of Home Assistant"):
        await client.wait_until_running()
    with progress.step("Going through Piggy's config flow"):
        entry_id = await set_up_piggy(client, account)
        screen = await find_screen(client, entry_id, account.screen)
    with progress.step("Putting up the kiosk dashboard"):
        kiosk = await put_up_kiosk(client, screen)
    with progress.step("Starting a voucher session"):
        session = await create_voucher_session(client, screen)
        await wait_for_url(client, screen, session["url"])
    with progress.step("Fetching its QR code"):
        path = await picture_path(client, screen)
        picture = await client.fetch(path)
    return Stage(
        hub,
        sandbox,
        client,
        login,
        entry_id,
        screen,
        kiosk_url=hub.url + kiosk,
        session=session,
        picture_url=hub.url + path,
        picture=picture,
    )
