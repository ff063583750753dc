"""The demo, on a real Home Assistant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
import signal
import socket
from urllib.parse import urlencode
from urllib.request import urlopen

import psutil
import pytest
import pytest_socket

from demo.check import check_log, check_stage
from demo.stage import LIGHT, running_stage
from hub.barcode import read_codes
from hub.dashboard import URL_PATH
from hub.ports import LOOPBACK, free_port, is_free
from hub.process import running_on

from .support import READY, SCRIPT, DemoProcess, run_demo, running_demo

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]


@pytest.fixture(scope="module")
def demo_beside_others(
    tmp_path_factory: pytest.TempPathFactory, real_hass: Path
) -> Iterator[tuple[DemoProcess, Path, tuple[int, int]]]:
    """Run a demo while other servers use its ports."""
    assert real_hass.exists()
    # Fixtures of a module come before the one that lifts the block on sockets.
    pytest_socket.enable_socket()
    folder = tmp_path_factory.mktemp("beside")
    with (
        socket.create_server((LOOPBACK, 0)) as first,
        socket.create_server((LOOPBACK, 0)) as second,
    ):
        ports = (first.getsockname()[1], second.getsockname()[1])
        with running_demo(
            folder / "output", *_arguments(folder / "demo", ports)
        ) as demo:
            demo.wait_for(READY)
            yield demo, folder / "demo", ports


async def test_shows_the_session_that_the_action_made(tmp_path: Path) -> None:
    """The code, the sensor and the response agree, and the log has no errors."""
    async with running_stage(tmp_path / "hub") as stage:
        await check_stage(stage)
        assert stage.session["shop"]["name"] == "Sesame Street"
        expires = await stage.client.state(
            stage.screen.entities["sensor.session_expires"]
        )
        lifetime = datetime.fromisoformat(expires["state"]) - datetime.now(UTC)
        assert lifetime > timedelta(hours=23)
        assert (await stage.client.state(LIGHT))["state"] == "off"
        blueprints = await stage.client.command("blueprint/list", domain="automation")
        assert len(blueprints) == 5
        config = await stage.client.command("lovelace/config", url_path=URL_PATH)
        assert config["views"][0]["cards"][0]["device_id"] == (stage.screen.device_id)
        assert await stage.client.get("/api/onboarding") == [
            {"step": step, "done": True}
            for step in ("user", "core_config", "analytics", "integration")
        ]
    check_log(stage.hub)
    assert stage.hub.complaints() == []


def test_taken_ports_are_passed_over(
    demo_beside_others: tuple[DemoProcess, Path, tuple[int, int]],
) -> None:
    """The demo prints which free ports it uses instead, and is reachable there."""
    demo, folder, (port, sandbox_port) = demo_beside_others
    assert f"Port {port} is taken: Home Assistant takes " in demo.output
    assert f"Port {sandbox_port} is taken: The sandbox takes " in demo.output
    session = next(line for line in demo.output.splitlines() if "Session" in line)
    assert read_codes((folder / "qr.png").read_bytes()) == [session.split()[1]]


def test_the_customers_side_can_be_played(
    demo_beside_others: tuple[DemoProcess, Path, tuple[int, int]],
) -> None:
    """What the demo prints is all that a person needs to redeem the voucher."""
    demo, _, _ = demo_beside_others
    session, cards = (
        next(line for line in demo.output.splitlines() if line.startswith(f"  {name}"))
        for name in ("Session", "Card")
    )
    for form, answer in (
        ({"action": "identify-card", "card": cards.split()[1]}, "Hello, "),
        ({"action": "redeem-voucher"}, 'data-type="voucher_redeemed"'),
    ):
        content = urlencode(form).encode()
        with urlopen(session.split()[1], content) as page:  # noqa: S310 -- http
            assert answer in page.read().decode()


def test_a_second_demo_names_the_first(
    demo_beside_others: tuple[DemoProcess, Path, tuple[int, int]],
) -> None:
    """A second demo on the same folder exits with the first one's address."""
    demo, folder, _ = demo_beside_others
    address = json.loads((folder / "demo.lock").read_text(encoding="utf-8"))["address"]
    assert address in demo.output
    status, said = run_demo("--folder", str(folder))
    assert status == 1
    assert said.splitlines() == [
        f"demo: A demo is running already: {address} (process {demo.process.pid})"
    ]


def test_once_runs_beside_a_demo(
    demo_beside_others: tuple[DemoProcess, Path, tuple[int, int]],
) -> None:
    """`scripts/demo --once` works as a user calls it."""
    demo, _, _ = demo_beside_others
    status, said = run_demo("--once", script=SCRIPT)
    assert status == 0, said
    assert "Comparing code, sensor and action" in said
    assert demo.process.poll() is None


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    """Ctrl-C works while Home Assistant starts, and when the demo is ready."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    for text, status in (("Creating the owner", 130), (READY, 0)):
        with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
            demo.wait_for(text)
            assert len(running_on(folder / "hub")) == 1
            assert demo.end(signal.SIGINT) == status, demo.output
        assert running_on(folder / "hub") == []
        assert all(is_free(port) for port in ports)


def test_other_devices_can_open_it(tmp_path: Path) -> None:
    """With another address, all that the demo prints is at that address."""
    folder, host = tmp_path / "demo", "127.0.0.2"
    arguments = [*_arguments(folder, (0, 0)), "--host", host]
    with running_demo(tmp_path / "output", *arguments) as demo:
        demo.wait_for(READY)
        assert set(re.findall(r"http://([\d.]+)", demo.output)) == {host}
        (url,) = read_codes((folder / "qr.png").read_bytes())
        assert url.startswith(f"http://{host}:")
        assert demo.end(signal.SIGTERM) == 0
    status, said = run_demo("--folder", str(folder), "--host", "192.0.2.1")
    assert status == 1
    assert "cannot listen on 192.0.2.1" in said


def test_a_killed_demo_is_cleared_away(tmp_path: Path) -> None:
    """The next demo ends what is left of it and takes the same ports."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
        demo.wait_for("Waiting for the rest")
        demo.end(signal.SIGKILL)
    with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
        demo.wait_for(READY)
        assert f"http://{LOOPBACK}:{ports[0]}/" in demo.output
        assert demo.end(signal.SIGTERM) == 0
    assert running_on(folder / "hub") == []


def test_home_assistant_ending_by_itself_ends_the_demo(tmp_path: Path) -> None:
    """When Home Assistant ends, the demo says so and stops the sandbox."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
        demo.wait_for("Creating the owner")
        _hub(folder).kill()
        assert demo.process.wait(60) == 1
        assert "demo: " in demo.output
    assert all(is_free(port) for port in ports)


def test_a_restart_is_no_end(tmp_path: Path) -> None:
    """Home Assistant asks to be started again: on SIGHUP as on the user's request."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
        demo.wait_for(READY)
        before = _hub(folder)
        before.send_signal(signal.SIGHUP)
        demo.wait_for("Restarting Home Assistant … ")
        demo.wait_for("Home Assistant is back")
        assert _hub(folder) != before
        assert demo.end(signal.SIGINT) == 0, demo.output
    assert running_on(folder / "hub") == []
    assert all(is_free(port) for port in ports)


def _hub(folder: Path) -> psutil.Process:
    (process,) = running_on(folder / "hub")
    return process


def _arguments(folder: Path, ports: tuple[int, int]) -> list[str]:
    port, sandbox_port = (str(port) for port in ports)
    return ["--folder", str(folder), "--port", port, "--sandbox-port", sandbox_port]
