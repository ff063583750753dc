"""The parts of the package `hub` that need no Home Assistant."""

from collections.abc import Iterator
from pathlib import Path
import socket
import subprocess
import sys

import pytest

from hub.barcode import read_codes
from hub.dashboard import EXAMPLE_DEVICE, KIOSK, load_dashboard
from hub.errors import FlowError, HubError, NotYetError
from hub.flow import NewAccount, fill_in, screen_answer
from hub.log import complaints
from hub.ports import LOOPBACK, is_free, next_free_port
from hub.process import Hub, end_leftovers, running_on
from hub.waiting import eventually

LOG = """\
2026-11-20 12:00:00.000+00:00 WARNING (SyncWorker_0) [homeassistant.loader] We found a \
custom integration piggy which has not been tested by Home Assistant. This
2026-11-20 12:00:01.000+00:00 ERROR (MainThread) [homeassistant] Error doing job
Traceback (most recent call last):
  File "/config/custom_components/piggy/sensor.py", line 1, in state
2026-11-20 12:00:02.000+00:00 INFO (MainThread) [custom_components.piggy] All is well
2026-11-20 12:00:03.000+00:00 WARNING (MainThread) [homeassistant.sun] Dark
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process with the arguments that a Home Assistant on `hub` has."""
    code = "import time; print(flush=True); time.sleep(60)"
    hub = str((tmp_path / "hub").resolve())
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, "--config", hub], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    # A process has no arguments yet in the moment in which it begins.
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_a_leftover_is_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    """A Home Assistant that a killed parent left on the folder is ended."""
    assert [process.pid for process in running_on(tmp_path / "hub")] == [sleeper.pid]
    assert end_leftovers(tmp_path / "hub") == [sleeper.pid]
    assert running_on(tmp_path / "hub") == []
    assert sleeper.poll() is not None


@pytest.mark.parametrize("folder", ["", "hub2", "hub/other"])
def test_a_process_on_another_folder_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes], folder: str
) -> None:
    """Only a process on this folder is ended."""
    assert end_leftovers(tmp_path / folder) == []
    assert sleeper.poll() is None


async def test_waiting_ends_with_the_result_or_the_last_reason() -> None:
    """A result ends it at once; without one, the last reason is raised."""
    asked = 0

    async def look() -> int:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise NotYetError(f"asked {asked} times")
        return asked

    assert await eventually(look) == 3
    asked = -1000
    with pytest.raises(NotYetError, match="asked -99"):
        await eventually(look, 0.1)


def test_ports(socket_enabled: None) -> None:
    """A taken port is seen, and the next one offered."""
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert next_free_port(port) > port
    assert next_free_port(port) == port
    assert next_free_port(0) != 0


async def test_a_hub_says_what_keeps_it_from_starting(
    tmp_path: Path,
    socket_enabled: None,
) -> None:
    """A missing environment and a taken port are reported."""
    missing = tmp_path / "hass"
    with pytest.raises(HubError, match="run scripts/setup hass"):
        await Hub(tmp_path / "hub", executable=missing).start()
    with socket.create_server((LOOPBACK, 0)) as server:
        hub = Hub(tmp_path / "hub", server.getsockname()[1], executable=missing)
        with pytest.raises(HubError, match="is taken"):
            await hub.start()
    assert not hub.running
    assert hub.pid is None


async def test_a_hub_that_ends_at_once_shows_what_it_said(
    tmp_path: Path,
    socket_enabled: None,
) -> None:
    """The last lines of the output are in the error."""
    (tmp_path / "python").symlink_to(sys.executable)
    script = tmp_path / "hass"
    script.write_text("raise SystemExit('No such luck')", encoding="utf-8")
    hub = Hub(tmp_path / "hub", executable=script)
    with pytest.raises(HubError, match=r"(?s)status 1.*No such luck"):
        await hub.start(10)
    assert not hub.running


def test_log_records_are_told_apart() -> None:
    """A traceback counts with its record, and the loader's usual warning is ignored."""
    assert len(complaints(LOG)) == 2
    (found,) = complaints(LOG, "piggy")
    assert found.endswith("in state")


def test_the_kiosk_dashboard_is_filled_in() -> None:
    """The file's example device is replaced, and the card fills the view."""
    config = load_dashboard(KIOSK, {EXAMPLE_DEVICE: "other"})
    (view,) = config["views"]
    assert view["type"] == "panel"
    (card,) = view["cards"]
    assert card["type"] == "custom:piggy-screen-card"
    assert card["device_id"] == "other"
    with pytest.raises(ValueError, match="has no none"):
        load_dashboard(KIOSK, {"none": "other"})


def test_forms_are_answered_as_the_frontend_does() -> None:
    """Defaults are sent along, sections are nested, unknown answers are refused."""
    form = {
        "data_schema": [
            {
                "name": "shop",
                "selector": {
                    "select": {"options": [{"value": "1", "label": "Sesame Street"}]}
                },
            },
            {"name": "name"},
            {"name": "minutes", "default": 5},
            {"name": "more", "type": "expandable", "schema": [{"name": "x"}]},
        ]
    }
    account = NewAccount("key", "url")
    assert screen_answer(form, account) == {
        "shop": "1",
        "name": "Till 1",
        "minutes": 5,
        "more": {},
    }
    assert fill_in(form, more={"x": 1})["more"] == {"x": 1}
    with pytest.raises(FlowError, match="no field y"):
        fill_in(form, more={"y": 1})
    with pytest.raises(FlowError, match="but Sesame Street"):
        screen_answer(form, NewAccount("key", "url", shop="Elm Street"))


def test_images_without_a_code_are_told_apart() -> None:
    """An image of something else has no code; other content is refused."""
    image = Path("custom_components/piggy/placeholder.png")
    assert read_codes(image.read_bytes()) == []
    with pytest.raises(OSError, match="cannot identify"):
        read_codes(b"nonsense")
