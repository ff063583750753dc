"""The examples of `docs/displays.md`, with the core's own integrations.

A stand-in takes the place of each display. What arrives there is read by two readers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
import json
from pathlib import Path
import re
import shutil
import ssl
from typing import Any, Final

import aiohttp
import numpy as np
from PIL import Image
import pytest
import pytest_asyncio
import pytest_socket
import qrcode
from qrcode.constants import ERROR_CORRECT_M
import yaml

from hub.client import HubClient
from hub.configuration import CHECKOUT, CORE
from hub.dashboard import EXAMPLE_DEVICE, save_dashboard
from hub.errors import NotYetError
from hub.flow import (
    DOMAIN,
    NewAccount,
    add_account,
    fill_in,
    screen_answer,
    wait_until_loaded,
)
from hub.onboarding import create_owner
from hub.ports import LOOPBACK, free_port
from hub.process import Hub
from hub.screens import Screen, find_screen
from hub.waiting import eventually
from hub.websocket import HubSocket
from sandbox import DEFAULT_KEY, Sandbox
from tests.documentation import blocks, configuration, uses
from tests.faults.certificates import server_contexts
from tests.own_loop import configure_event_loop, verify_cleanup
from tests.scannability.readers import READERS

from .cast_receiver import DASHBOARD, MEDIA, CastReceiver
from .esphome_device import EsphomeDevice
from .proxy import Network
from .receivers import HOST, Received, Receiver

__all__ = ["configure_event_loop", "verify_cleanup"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
    pytest.mark.asyncio(loop_scope="module"),
]

BLUEPRINTS = CHECKOUT / "blueprints" / "automation" / "piggy"
ESPHOME = CHECKOUT / ".venv-esphome" / "bin" / "esphome"
STAND_INS = Path(__file__).parent / "integrations"
LABEL: Final = 200  # pixels
PANEL: Final = (296, 128)  # pixels
PANEL_DEVICE: Final = "fedcba9876543210fedcba9876543210"
# Unlike a user, an automation can start one session after the other.
START: Final = "start_session"
DATE: Final = "2026-11-01T12:00:00Z"


@dataclass
class Shop:
    """A shop whose displays are elsewhere."""

    hub: Hub
    client: HubClient
    http: aiohttp.ClientSession
    token: str
    account: NewAccount
    entry_id: str
    screen: Screen
    outside: Network
    trust: ssl.SSLContext
    certificate: ssl.SSLContext
    automations: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def integration(self, domain: str, **answers: Any) -> AsyncIterator[str]:
        """Add an integration as a user does; remove it in the end."""
        form = await self.client.start_flow(domain)
        while form["type"] == "form":
            known = {row["name"] for row in form["data_schema"]}
            given = {key: value for key, value in answers.items() if key in known}
            form = await self.client.continue_flow(
                form["flow_id"], fill_in(form, **given)
            )
            assert not form.get("errors"), form
        assert form["type"] == "create_entry", form
        entry_id: str = form["result"]["entry_id"]
        try:
            yield entry_id
        finally:
            await self.client.delete(f"/api/config/config_entries/entry/{entry_id}")

    async def name(self, platform: str, key: str, wanted: str) -> None:
        """Give an entity the ID that it has in the documentation, once it exists."""
        domain = wanted.partition(".")[0]

        async def look() -> str:
            for row in await self.client.entities():
                entity: str = row["entity_id"]
                if (
                    row["platform"] == platform
                    and entity.startswith(f"{domain}.")
                    and key in (row["translation_key"], "")
                ):
                    return entity
            msg = f"{platform} has no {domain} {key}"
            raise NotYetError(msg)

        entity_id = await eventually(look)
        if entity_id != wanted:
            await self.client.command(
                "config/entity_registry/update",
                entity_id=entity_id,
                new_entity_id=wanted,
            )

        async def has_state() -> None:
            if wanted not in {row["entity_id"] for row in await self.client.states()}:
                msg = f"{wanted} has no state"
                raise NotYetError(msg)

        await eventually(has_state)

    async def automate(
        self, alias: str, devices: Mapping[str, str] | None = None, **inputs: Any
    ) -> None:
        """Save an automation of the documentation, with devices that exist."""
        text = json.dumps(uses()[alias])
        for documented, device in (devices or {}).items():
            text = text.replace(documented, device)
        config = json.loads(text.replace(EXAMPLE_DEVICE, self.screen.device_id))
        config["use_blueprint"]["input"] |= inputs
        name = re.sub(r"\W", "_", alias.lower())
        await self.client.post(f"/api/config/automation/config/{name}", config)
        self.automations.append(name)

        async def look() -> None:
            states = {row["entity_id"]: row for row in await self.client.states()}
            if states.get(f"automation.{name}", {}).get("state") != "on":
                msg = f"The automation {alias!r} is not on"
                raise NotYetError(msg)

        await eventually(look)

    async def start(self) -> str:
        """Start a session; return its URL."""
        await self.client.post(f"/api/events/{START}")

        async def look() -> str:
            url: str = (await self.client.state(self.screen.session_url))["state"]
            if not url.startswith("http"):
                msg = "No session is on the screen"
                raise NotYetError(msg)
            return url

        return await eventually(look)

    async def clear(self) -> None:
        """Clear the screen."""
        await self.client.action("piggy.clear_session", device_id=self.screen.device_id)

    @asynccontextmanager
    async def code_size(self, pixels: int) -> AsyncIterator[None]:
        """Give the code the size of a display; in the end, the one it had."""
        await self._set_code_size(pixels)
        yield
        await self._set_code_size(0)

    async def _set_code_size(self, pixels: int) -> None:
        (subentry,) = await self.client.command(
            "config_entries/subentries/list", entry_id=self.entry_id
        )
        form = await self.client.start_subentry_flow(
            self.entry_id, "screen", subentry_id=subentry["subentry_id"]
        )
        answer = screen_answer(form, self.account) | {"code_size": pixels}
        await self.client.continue_subentry_flow(form["flow_id"], answer)
        await wait_until_loaded(self.client, self.entry_id)

    async def finish(self) -> None:
        """Wait until no automation runs."""

        async def look() -> None:
            for name in self.automations:
                state = await self.client.state(f"automation.{name}")
                if state["attributes"]["current"]:
                    raise NotYetError(f"The automation {name} is running")

        await eventually(look)

    async def forget(self) -> None:
        """Remove the automations."""
        while self.automations:
            name = self.automations.pop()
            await self.client.delete(f"/api/config/automation/config/{name}")

    async def fetch(self, url: str, **headers: str) -> bytes:
        """Fetch what is at an address."""
        async with self.http.get(url, headers=headers, ssl=self.trust) as response:
            assert response.ok, await response.text()
            return await response.read()


type Display = Callable[[Shop], Awaitable[None]]
RUNS: Final[dict[tuple[str, ...], Display]] = {}


def example(*aliases: str) -> Callable[[Display], Display]:
    """Register the function that runs examples and checks what arrives."""

    def note(run: Display) -> Display:
        RUNS[aliases] = run
        return run

    return note


def read(content: bytes) -> str | None:
    """Return what both readers read in a picture."""
    with Image.open(BytesIO(content)) as picture:
        pixels = np.asarray(picture.convert("L"))
    (text,) = {reader(pixels) for reader in READERS.values()}
    return text


def is_post(request: Received) -> bool:
    """Return whether something was sent."""
    return request.method == "POST"


@example("Show the code on the TV")
async def _show_the_code_on_the_tv(shop: Shop) -> None:
    async with Receiver(7676) as tv, shop.integration("nfandroidtv", host=HOST):
        await shop.name("nfandroidtv", "notify", "notify.window_tv")
        await shop.automate("Show the code on the TV", again=1)
        url = await shop.start()
        for count in (1, 2):
            message = await tv.wait_for(is_post, count)
            assert read(message.parts["filename2"]) == url
            assert message.parts["duration"] == b"10"
            assert message.parts["position"] == b"4"
        await shop.clear()
        await asyncio.sleep(0.5)
        sent = len(tv.of(is_post))
        await asyncio.sleep(1.5)
        assert len(tv.of(is_post)) == sent


@example("Show the code on the e-paper panel")
async def _show_the_code_on_the_e_paper_panel(shop: Shop) -> None:
    async with (
        Receiver(7081) as panel,
        shop.code_size(min(PANEL)),
        shop.integration("opendisplay") as entry_id,
    ):
        (device,) = [
            row
            for row in await shop.client.devices()
            if entry_id in row["config_entries"]
        ]
        await shop.automate(
            "Show the code on the e-paper panel",
            {PANEL_DEVICE: device["id"]},
            wait=0,
        )
        url = await shop.start()
        await panel.wait_for(is_post)
        await shop.clear()
        await panel.wait_for(is_post, 2)
        await shop.finish()  # it still talks to the panel
    for request, text in zip(panel.of(is_post), (url, None), strict=True):
        # As the panel stores it: one bit a pixel.
        with Image.frombytes("1", PANEL, request.body) as picture:
            assert read(in_one_bit(picture)) == text


@example("Show the code on the shelf label")
async def _show_the_code_on_the_shelf_label(shop: Shop) -> None:
    async with Receiver(7080) as access_point, shop.code_size(LABEL):
        await shop.automate("Show the code on the shelf label", wait=0)
        url = await shop.start()
        code = (await access_point.wait_for(is_post)).parts
        await shop.clear()
        blank = (await access_point.wait_for(is_post, 2)).parts
    for parts, text in ((code, url), (blank, None)):
        assert parts["dither"] == b"0"
        with Image.open(BytesIO(parts["image"])) as picture:
            assert picture.size == (LABEL, LABEL)
            assert read(in_one_bit(picture)) == text


def in_one_bit(picture: Image.Image) -> bytes:
    """Return a picture as a panel has it, which knows black and white only."""
    content = BytesIO()
    gray = picture.convert("L")
    gray.point(lambda level: 255 * (level > 127)).save(content, "PNG")
    return content.getvalue()


@example("Wake the tablet")
async def _wake_the_tablet(shop: Shop) -> None:
    info = {
        "deviceID": "tablet",
        "deviceName": "Counter tablet",
        "deviceManufacturer": "Any",
        "deviceModel": "Any",
        "appVersionName": "1.59",
        "ip4": HOST,
        "Mac": "AA:BB:CC:DD:EE:FF",
        "screenOn": False,
        "isInScreensaver": True,
        "maintenanceMode": False,
        "kioskLocked": True,
    }
    settings = {"motionDetection": False, "mqttEnabled": False}

    def answer(request: Received) -> Any:
        known = {"deviceInfo": info, "listSettings": settings}
        return known.get(request.query["cmd"], {"status": "OK", "statustext": "Done"})

    async with (
        Receiver(2323, answer) as tablet,
        shop.integration("fully_kiosk", host=HOST, password="secret"),
    ):
        await shop.name("fully_kiosk", "screen_on", "switch.counter_tablet_screen")
        await shop.name(
            "fully_kiosk", "screensaver", "switch.counter_tablet_screensaver"
        )
        await shop.automate("Wake the tablet")
        await shop.start()
        for command in ("screenOn", "stopScreensaver"):
            await tablet.wait_for(partial(_is_command, command))


def _is_command(command: str, request: Received) -> bool:
    """Return whether a request to Fully Kiosk Browser is this command."""
    return request.query["cmd"] == command


@example("Wake the iPad")
async def _wake_the_ipad(shop: Shop) -> None:
    answers = {
        "/api/v1/status": {
            "status": {
                "batteryLevel": 100,
                "batteryState": "charging",
                "model": "iPad",
                "osVersion": "26.1",
                "appName": "Kiosker",
                "appVersion": "26.1",
                "lastInteraction": DATE,
                "lastMotion": DATE,
                "date": DATE,
                "deviceId": "0A1B2C3D",
                "ambientLight": 1.0,
            }
        },
        "/api/v1/screensaver/state": {
            "screensaver": {"visible": True, "disabled": False}
        },
        "/api/v1/blackout/state": {"blackout": None},
    }

    def answer(request: Received) -> Any:
        return answers.get(request.path, {"error": False, "reason": None})

    async with (
        Receiver(8081, answer) as ipad,
        shop.integration("kiosker", host=HOST, api_token="secret"),
    ):
        await shop.name(
            "kiosker", "blackout_clear", "button.counter_ipad_clear_blackout"
        )
        await shop.name(
            "kiosker",
            "screensaver_interact",
            "button.counter_ipad_interact_with_screensaver",
        )
        await shop.automate("Wake the iPad")
        await shop.start()
        await ipad.wait_for(lambda got: got.path == "/api/v1/screensaver/interact")
        blackout = await ipad.wait_for(lambda got: got.path == "/api/v1/blackout")
        assert json.loads(blackout.body) == {"visible": False}


@example("Wake the WallPanel")
async def _wake_the_wallpanel(shop: Shop) -> None:
    async with Receiver(2971) as tablet:
        await shop.automate("Wake the WallPanel")
        await shop.start()
        command = await tablet.wait_for(is_post)
        assert command.path == "/api/command"
        told = json.loads(command.body)
        assert told["wake"] is True
        assert 295 <= told["wakeTime"] <= 300


@example("Cast the code", "Cast the dashboard")
async def _cast(shop: Shop) -> None:
    async with (
        CastReceiver(shop.certificate) as window,
        shop.integration("cast", known_hosts=[HOST]),
    ):
        await shop.name("cast", "", "media_player.window")
        await _cast_the_code(shop, window)
        await _cast_the_dashboard(shop, window)


async def _cast_the_code(shop: Shop, window: CastReceiver) -> None:
    await shop.automate("Cast the code")
    url = await shop.start()
    told = await window.wait_for(
        lambda space, content: space == MEDIA and content["type"] == "LOAD"
    )
    media = told["media"]
    assert media["contentType"] == "image/png"
    # As the receiver fetches it: without a login, and any time later.
    assert "token=" not in media["contentId"]
    assert read(await shop.fetch(media["contentId"])) == url
    await shop.clear()
    await window.wait_until_idle()
    assert read(await shop.fetch(media["contentId"])) is None
    await shop.forget()


async def _cast_the_dashboard(shop: Shop, window: CastReceiver) -> None:
    (card,) = [
        block for block in blocks() if block.get("entity") == shop.screen.qr_code
    ]
    view = {"path": "till", "type": "panel", "cards": [card]}
    await save_dashboard(shop.client, "till-1", {"title": "Till 1", "views": [view]})
    await shop.automate("Cast the dashboard")
    url = await shop.start()
    told = await window.wait_for(
        lambda space, content: (
            space == DASHBOARD and content["type"] == "show_lovelace_view"
        )
    )
    assert (told["urlPath"], told["viewPath"]) == ("till-1", "till")
    login = await window.wait_for(lambda _, content: content["type"] == "connect")
    assert login.pop("hassUrl") == _by_name(shop.outside.url)
    assert await _as_the_dashboard(shop, login, told) == url
    await shop.clear()
    await window.wait_until_idle()


async def _as_the_dashboard(
    shop: Shop, login: dict[str, Any], told: dict[str, Any]
) -> str | None:
    """Return what the app on the Chromecast shows, loaded as it does."""
    data = {"grant_type": "refresh_token", "refresh_token": login["refreshToken"]}
    async with shop.http.post(
        f"{shop.outside.url}/auth/token", data=data, ssl=shop.trust
    ) as response:
        token = (await response.json())["access_token"]
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=shop.trust)
    ) as http:
        socket = await HubSocket.open(http, shop.outside.url, token)
        config = await socket.command("lovelace/config", url_path=told["urlPath"])
        (view,) = [row for row in config["views"] if row["path"] == told["viewPath"]]
        (card,) = view["cards"]
        states = {row["entity_id"]: row for row in await socket.command("get_states")}
        await socket.close()
    picture = states[card["entity"]]["attributes"]["entity_picture"]
    return read(await shop.fetch(shop.outside.url + picture))


@example("Send the code to the staff")
async def _send_the_code_to_the_staff(shop: Shop) -> None:
    phone = {
        "device_id": "staff",
        "app_id": "io.homeassistant.companion.android",
        "app_name": "Home Assistant",
        "app_version": "2026.11.0",
        "device_name": "Staff",
        "manufacturer": "Any",
        "model": "Any",
        "os_name": "Android",
        "os_version": "16",
        "supports_encryption": False,
        "app_data": {"push_websocket_channel": True},
    }
    registered = await shop.client.post("/api/mobile_app/registrations", phone)
    socket = await HubSocket.open(shop.http, shop.hub.url, shop.token)
    async with socket.subscribe(
        "mobile_app/push_notification_channel", webhook_id=registered["webhook_id"]
    ) as told:
        await shop.automate("Send the code to the staff")
        url = await shop.start()
        message = await asyncio.wait_for(told.get(), 20)
        address = shop.hub.url + message["data"]["image"]
        content = await shop.fetch(address, Authorization=f"Bearer {shop.token}")
        assert read(content) == url
        await shop.clear()
        message = await asyncio.wait_for(told.get(), 20)
        assert message["message"] == "clear_notification"
        assert message["data"]["tag"] == "till-1"
    await socket.close()


@example("Send the code with ntfy")
async def _send_the_code_with_ntfy(shop: Shop) -> None:
    kinds = ("messages", "emails", "calls", "reservations", "attachment_total_size")
    stats = {f"{kind}{end}": 0 for kind in kinds for end in ("", "_remaining")}
    sent = {"id": "1", "time": 1, "event": "message", "topic": "till-1"}
    answers = {
        "/v1/account": {"username": "*", "role": "anonymous", "stats": stats},
        "/v1/version": {"version": "2.17.0", "commit": "0", "date": DATE},
    }

    def answer(request: Received) -> Any:
        return answers.get(request.path, sent)

    async with (
        Receiver(0, answer) as server,
        shop.integration(
            "ntfy", url=f"http://{HOST}:{server.port}", verify_ssl=False
        ) as entry_id,
    ):
        form = await shop.client.start_subentry_flow(entry_id, "topic")
        for data in ({"next_step_id": "add_topic"}, {"topic": "till-1", "filter": {}}):
            form = await shop.client.continue_subentry_flow(form["flow_id"], data)
        assert form["type"] == "create_entry", form
        await shop.name("ntfy", "publish", "notify.till_staff")
        await shop.automate("Send the code with ntfy")
        url = await shop.start()
        message = await server.wait_for(lambda got: got.method == "PUT")
        assert message.path == "/till-1"
        assert read(message.body) == url
        await shop.clear()
        gone = await server.wait_for(lambda got: got.method == "DELETE")
        assert gone.path == "/till-1/till-1"


async def test_esphome_receives_the_url(shop: Shop) -> None:
    """The device gets the session's URL, draws it, and is blank without one."""
    (sensor,) = configuration("display")["text_sensor"]
    async with (
        EsphomeDevice(sensor["entity_id"]) as device,
        shop.integration("esphome", host=HOST, port=device.port),
    ):

        async def next_state() -> str:
            entity, state = await asyncio.wait_for(device.states.get(), 20)
            assert entity == sensor["entity_id"]
            return state

        assert await next_state() == "unknown"
        url = await shop.start()
        state = await next_state()
        assert state == url
        assert read(_drawn(state, 320, 240)) == url
        await shop.clear()
        assert await next_state() == "unknown"


async def test_esphome_accepts_the_display(tmp_path: Path) -> None:
    """The documented part completes the configuration of a device."""
    if not ESPHOME.exists():
        pytest.fail(f"{ESPHOME} is missing: run scripts/setup esphome")
    device = {
        "esphome": {"name": "window"},
        "esp32": {"board": "esp32s3box", "framework": {"type": "esp-idf"}},
        "psram": {"mode": "octal", "speed": "80MHz"},
        "spi": {"clk_pin": 7, "mosi_pin": 6},
        "wifi": {"ssid": "shop", "password": "password"},
        "api": {},
    }
    path = tmp_path / "window.yaml"
    path.write_text(yaml.safe_dump(device | configuration("display")))
    checked = await asyncio.create_subprocess_exec(
        *(ESPHOME, "config", path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(checked.communicate(), 120)
    assert checked.returncode == 0, output.decode()


def _drawn(url: str, width: int, height: int) -> bytes:
    """Draw a code as the documented lambda does: in the center, in whole pixels."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(url)
    code.make()
    matrix = np.array(code.get_matrix())
    scale = min(width, height) // (len(matrix) + 8)
    dark = np.kron(matrix, np.ones((scale, scale), bool))
    pixels = np.full((height, width), 255, np.uint8)
    top, left = (height - len(dark)) // 2, (width - len(dark)) // 2
    pixels[top : top + len(dark), left : left + len(dark)][dark] = 0
    content = BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


async def test_media_source(shop: Shop) -> None:
    """As media, the image is a stream: it changes with the code."""
    url = await shop.start()
    media = await shop.client.command(
        "media_source/resolve_media",
        media_content_id=f"media-source://image/{shop.screen.qr_code}",
    )
    assert media["mime_type"] == "image/png"
    async with shop.http.get(f"{shop.hub.url}{media['url']}") as response:
        stream = aiohttp.MultipartReader.from_response(response)

        async def read_next() -> str | None:
            part = await asyncio.wait_for(stream.next(), 20)
            assert isinstance(part, aiohttp.BodyPartReader)
            return read(bytes(await part.read()))

        assert await read_next() == url
        await shop.clear()
        # Each frame is sent more than once.
        while (text := await read_next()) is not None:
            assert text == url


async def test_every_example_is_run() -> None:
    """Every automation that uses the blueprint is run, here or elsewhere."""
    run = {alias for aliases in RUNS for alias in aliases}
    assert run | {"Wake TouchKio"} == uses().keys()


@pytest.mark.parametrize("run", RUNS.values(), ids=[keys[0] for keys in RUNS])
async def test_display(shop: Shop, run: Display) -> None:
    """What arrives at a display is the code, and it is gone when the session is."""
    await run(shop)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    tmp_path_factory: pytest.TempPathFactory, real_hass: Path
) -> AsyncIterator[Shop]:
    """Run a hub with the stand-ins for integrations that are not part of the core."""
    pytest_socket.enable_socket()
    folder = tmp_path_factory.mktemp("displays")
    config = folder / "hub"
    shutil.copytree(BLUEPRINTS, config / "blueprints" / "automation" / "piggy")
    for stand_in in STAND_INS.iterdir():
        shutil.copytree(stand_in, config / "custom_components" / stand_in.name)
    storage = config / ".storage"
    storage.mkdir()
    # Announcements stay on this machine.
    network = {"data": {"configured_adapters": ["lo"]}, "key": "core.network"}
    (storage / "core.network").write_text(
        json.dumps(network | {"version": 1, "minor_version": 1})
    )
    authority, contexts = server_contexts(folder)
    trust = ssl.create_default_context(cadata=authority)
    port = free_port()
    async with (
        Sandbox() as sandbox,
        Network(port, contexts["good"]) as outside,
        aiohttp.ClientSession() as http,
    ):
        hub = Hub(
            config,
            port,
            extra=_configuration(port, outside),
            executable=real_hass,
            # Integrations bring others along, which nothing here uses.
            arguments=["--skip-pip"],
        )
        async with hub:
            login = await create_owner(hub.url)
            async with HubClient(hub.url, login.token) as client:
                await client.wait_until_running()
                account = NewAccount(DEFAULT_KEY, sandbox.url)
                entry_id = await add_account(client, account)
                screen = await find_screen(client, entry_id, account.screen)
                yield Shop(
                    hub,
                    client,
                    http,
                    login.token,
                    account,
                    entry_id,
                    screen,
                    outside,
                    trust,
                    contexts["self-signed"],
                )
        # The integrations complain when a stand-in goes.
        assert hub.complaints(DOMAIN) == []
        assert hub.complaints("components.automation") == []


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _ready(shop: Shop) -> AsyncIterator[None]:
    """Start and end each test with an idle screen and without automations."""
    pytest_socket.enable_socket()
    await shop.clear()
    yield
    await shop.clear()
    await shop.forget()


def _configuration(port: int, outside: Network) -> dict[str, Any]:
    """Return the configuration, with the stand-in's address in place of a tablet's."""
    tablet = json.dumps(configuration("rest_command"))
    assert "192.168.1.50" in tablet
    changed: dict[str, Any] = json.loads(tablet.replace("192.168.1.50", HOST))
    addresses = {
        "internal_url": f"http://{LOOPBACK}:{port}",
        # Google Cast takes no address of numbers.
        "external_url": _by_name(outside.url),
    }
    label = {"host": f"{HOST}:7080", "mac": "0000021A2B3C4D5E"}
    start = {
        "alias": "Start",
        "triggers": [{"trigger": "event", "event_type": START}],
        "actions": [
            {
                "action": "piggy.create_voucher_session",
                "data": {"device_id": "{{ device_id('image.till_1_qr_code') }}"},
            }
        ],
    }
    return changed | {
        "automation till": [start],
        "homeassistant": CORE | addresses,
        "mobile_app": None,
        "opendisplay": {
            "url": f"http://{HOST}:7081",
            "width": PANEL[0],
            "height": PANEL[1],
        },
        "open_epaper_link": label | {"width": LABEL, "height": LABEL},
    }


def _by_name(url: str) -> str:
    """Return an address with this machine's name."""
    return url.replace(LOOPBACK, "localhost")
