"""Starts everything that a demo shows: sandbox, Home Assistant, screen, session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import Any

from hub.client import HubClient
from hub.configuration import CHECKOUT
from hub.dashboard import save_kiosk
from hub.flow import NewAccount, add_account
from hub.onboarding import Login, create_owner
from hub.ports import LOOPBACK
from hub.process import Hub
from hub.screens import (
    Screen,
    create_voucher_session,
    find_screen,
    picture_path,
    wait_for_url,
)
from sandbox import DEFAULT_KEY, Sandbox

from .errors import DemoError
from .progress import SILENT, Progress

LIGHT = "light.till_1_light"

_BLUEPRINTS = Path("blueprints/automation/piggy")
_LOGO = Path("custom_components/piggy/brand/logo.png")
_LIFETIME = 24 * 60  # minutes; a reader is not to find an expired session
# A light to thank the customer with.
_LIGHT = {
    "name": "Till 1 light",
    "state": "{{ is_state('input_boolean.till_1_light', 'on') }}",
    **{
        action: {
            "action": f"input_boolean.{action}",
            "target": {"entity_id": "input_boolean.till_1_light"},
        }
        for action in ("turn_on", "turn_off")
    },
}
_CONFIGURATION = {
    "input_boolean": {"till_1_light": {"name": "Till 1 light switch"}},
    "template": [{"light": [_LIGHT]}],
}


@dataclass(frozen=True, slots=True)
class Stage:
    """The running parts of a demo, and what its screen shows."""

    hub: Hub
    sandbox: Sandbox
    client: HubClient
    login: Login
    entry_id: str
    screen: Screen
    kiosk_url: str
    # The response of piggy.create_voucher_session.
    session: dict[str, Any]
    picture_url: str
    picture: bytes


@asynccontextmanager
async def running_stage(
    folder: Path,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    sandbox_port: int = 0,
    progress: Progress = SILENT,
) -> AsyncIterator[Stage]:
    """Start a demo in an empty folder; stop it with the context.

    Raises DemoError or HubError, with a message for a user, when it does not come up.
    """
    shutil.copytree(CHECKOUT / _BLUEPRINTS, folder / _BLUEPRINTS)
    hub = Hub(folder, port, host=host, extra=_CONFIGURATION)
    async with (
        _running_sandbox(host, sandbox_port) as sandbox,
        _running_hub(hub, progress) as hub,
    ):
        with progress.step("Creating the owner"):
            login = await create_owner(hub.url)
        async with HubClient(hub.url, login.token) as client:
            yield await _furnish(hub, sandbox, client, login, progress)


@asynccontextmanager
async def _running_sandbox(host: str, port: int) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(host=host, port=port)
    sandbox.set_logo((CHECKOUT / _LOGO).read_bytes())
    try:
        await sandbox.start()
    except OSError as err:
        raise DemoError(
            f"The sandbox cannot listen on {host}, port {port}: {err}"
        ) from err
    try:
        yield sandbox
    finally:
        await sandbox.stop()


@asynccontextmanager
async def _running_hub(hub: Hub, progress: Progress) -> AsyncIterator[Hub]:
    with progress.step("Starting Home Assistant"):
        await hub.start()
    try:
        yield hub
    finally:
        with progress.step("Stopping Home Assistant"):
            await hub.stop()


async def _furnish(
    hub: Hub, sandbox: Sandbox, client: HubClient, login: Login, progress: Progress
) -> Stage:
    account = NewAccount(DEFAULT_KEY, sandbox.url, session_lifetime=_LIFETIME)
    with progress.step("Waiting for the rest of Home Assistant"):
        await client.wait_until_running()
    with progress.step("Going through Piggy's config flow"):
        entry_id = await add_account(client, account)
        screen = await find_screen(client, entry_id, account.screen)
    with progress.step("Adding the kiosk dashboard"):
        kiosk = await save_kiosk(client, screen)
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
