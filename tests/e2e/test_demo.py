"""The demo, on a real Home Assistant."""

from collections.abc import Iterator
import json
import os
from pathlib import Path
import signal
import socket
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import pytest_socket

from demo.check import check_log, check_stage
from demo.dashboard import URL_PATH
from demo.log import complaints
from demo.ports import LOOPBACK, free_port, is_free
from demo.qr import decode
from demo.stage import running_stage

from .support import (
    READY,
    SCRIPT,
    DemoProcess,
    processes_naming,
    run_demo,
    running_demo,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]


@pytest.fixture(scope="module")
def demo_beside_others(
    tmp_path_factory: pytest.TempPathFactory, real_hass: Path
) -> Iterator[tuple[DemoProcess, Path, tuple[int, int]]]:
    """Run a demo while others hold the ports it asks for."""
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
    """Code, sensor and answer agree, and neither log nor folder has complaints."""
    async with running_stage(tmp_path / "hub") as stage:
        await check_stage(stage)
        assert stage.session["shop"]["name"] == "Sesame Street"
        config = await stage.client.command("lovelace/config", url_path=URL_PATH)
        assert config["views"][0]["cards"][0]["device_id"] == (stage.screen.device_id)
        assert await stage.client.get("/api/onboarding") == [
            {"step": step, "done": True}
            for step in ("user", "core_config", "analytics", "integration")
        ]
    check_log(stage.hub)
    assert complaints(stage.hub.log_text()) == []


def test_taken_ports_are_passed_over(
    demo_beside_others: tuple[DemoProcess, Path, tuple[int, int]],
) -> None:
    """The demo says which ports it takes instead, and is where it says."""
    demo, folder, (port, sandbox_port) = demo_beside_others
    assert f"Port {port} is taken: Home Assistant takes " in demo.output
    assert f"Port {sandbox_port} is taken: The sandbox takes " in demo.output
    session = next(line for line in demo.output.splitlines() if "Session" in line)
    assert decode((folder / "qr.png").read_bytes()) == session.split()[1]


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
    """Two demos would write into the same folder."""
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
    """The one call, as a user makes it."""
    demo, _, _ = demo_beside_others
    status, said = run_demo("--once", script=SCRIPT)
    assert status == 0, said
    assert "Comparing code, sensor and action" in said
    assert demo.process.poll() is None


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    """Whether it comes while Home Assistant starts or when all is there."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    for text, status in (("Creating the owner", 130), (READY, 0)):
        with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
            demo.wait_for(text)
            assert len(processes_naming(folder)) == 2
            assert demo.end(signal.SIGINT) == status, demo.output
        assert processes_naming(folder) == []
        assert all(is_free(port) for port in ports)


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
    assert processes_naming(folder) == []


def test_home_assistant_ending_by_itself_ends_the_demo(tmp_path: Path) -> None:
    """A demo without a hub is none; it says so and stops the sandbox."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
        demo.wait_for("Creating the owner")
        os.kill(_hub_pid(folder), signal.SIGKILL)
        assert demo.process.wait(60) == 1
        assert "demo: " in demo.output
    assert all(is_free(port) for port in ports)


def test_a_restart_is_no_end(tmp_path: Path) -> None:
    """Home Assistant asks to be started again: on SIGHUP as on the user's request."""
    folder, ports = tmp_path / "demo", (free_port(), free_port())
    with running_demo(tmp_path / "output", *_arguments(folder, ports)) as demo:
        demo.wait_for(READY)
        before = _hub_pid(folder)
        os.kill(before, signal.SIGHUP)
        demo.wait_for("Restarting Home Assistant … ")
        demo.wait_for("Home Assistant is back")
        assert _hub_pid(folder) != before
        assert demo.end(signal.SIGINT) == 0, demo.output
    assert processes_naming(folder) == []
    assert all(is_free(port) for port in ports)


def _hub_pid(folder: Path) -> int:
    text = (folder / "hub" / "hub.pid").read_text(encoding="utf-8")
    pid: int = json.loads(text)["pid"]
    return pid


def _arguments(folder: Path, ports: tuple[int, int]) -> list[str]:
    port, sandbox_port = (str(port) for port in ports)
    return ["--folder", str(folder), "--port", port, "--sandbox-port", sandbox_port]
