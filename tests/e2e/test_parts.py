"""What the demo is made of, as far as it needs no Home Assistant."""

from collections.abc import Iterator
import json
from pathlib import Path
import socket
import subprocess
import sys

import pytest

from demo.dashboard import EXAMPLE_DEVICE, KIOSK, load_dashboard
from demo.errors import AlreadyRunningError, CheckError, DemoError, FlowError, HubError
from demo.folder import claim
from demo.hub import Hub, end_leftover
from demo.log import complaints
from demo.ports import LOOPBACK, is_free, next_free_port
from demo.processes import find, remember
from demo.progress import SILENT, Progress
from demo.qr import decode
from demo.setup_flow import PiggyAccount, fill_in, screen_answer

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
    """Run a process that has the folder `hub` among its arguments."""
    code = "import time; print(flush=True); time.sleep(60)"
    hub = str((tmp_path / "hub").resolve())
    (tmp_path / "hub").mkdir()
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
    """A Home Assistant that a killed demo left on the folder does not stay."""
    remember(tmp_path / "hub" / "hub.pid", sleeper.pid)
    said: list[str] = []
    (tmp_path / "demo.lock").touch()
    with claim(tmp_path, Progress(said.append)) as claimed:
        assert sleeper.wait(5) == -15
        assert not claimed.hub_folder.exists()
    assert said == [f"Ended Home Assistant {sleeper.pid} of an earlier demo\n"]


@pytest.mark.parametrize("change", [{"started": "1"}, {"pid": 1}, {"pid": None}])
def test_another_process_with_its_number_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes], change: dict[str, object]
) -> None:
    """A pid alone says nothing: numbers are given out again."""
    pid_file = tmp_path / "hub" / "hub.pid"
    remember(pid_file, sleeper.pid)
    identity = json.loads(pid_file.read_text(encoding="utf-8"))
    pid_file.write_text(json.dumps(identity | change), encoding="utf-8")
    assert end_leftover(tmp_path / "hub") is None
    assert sleeper.poll() is None


def test_a_process_on_another_folder_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    """It must have been started on this very folder."""
    pid_file = tmp_path / "hub.pid"
    remember(pid_file, sleeper.pid)
    assert find(pid_file, str(tmp_path)) is None
    assert find(pid_file, str((tmp_path / "hub").resolve())) == sleeper.pid


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"pid": "many"}'])
def test_a_broken_pid_file_names_nobody(tmp_path: Path, text: str) -> None:
    """A demo that was killed while it wrote must not stop the next one."""
    (tmp_path / "hub.pid").write_text(text, encoding="utf-8")
    assert end_leftover(tmp_path) is None


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    """The second one is told where the first one is."""
    folder = tmp_path / "demo"
    with claim(folder, SILENT) as claimed:
        with pytest.raises(AlreadyRunningError, match="is starting already"):
            _claim(folder)
        claimed.announce("http://127.0.0.1:1")
        with pytest.raises(
            AlreadyRunningError, match=r"already: http://127\.0\.0\.1:1"
        ):
            _claim(folder)
    _claim(folder)


def test_a_stale_folder_is_emptied(tmp_path: Path) -> None:
    """Whatever an earlier demo left there, even nonsense."""
    _claim(tmp_path / "demo")
    (tmp_path / "demo" / "hub").write_text("not a folder", encoding="utf-8")
    (tmp_path / "demo" / "qr.png").touch()
    (tmp_path / "demo" / "demo.lock").write_text("{broken", encoding="utf-8")
    with claim(tmp_path / "demo", SILENT) as claimed:
        assert not claimed.hub_folder.exists()
        assert not claimed.picture.exists()


def test_a_folder_of_somebody_else_is_not_emptied(tmp_path: Path) -> None:
    """The folder may be chosen, and so may be the wrong one."""
    (tmp_path / "hub").mkdir()
    with pytest.raises(DemoError, match="not a demo's folder"):
        _claim(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="in the way"):
        _claim(tmp_path / "file")
    assert (tmp_path / "hub").exists()


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
    """No environment, or no port."""
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
    """Its last words are the error's message."""
    (tmp_path / "python").symlink_to(sys.executable)
    script = tmp_path / "hass"
    script.write_text("raise SystemExit('No such luck')", encoding="utf-8")
    hub = Hub(tmp_path / "hub", executable=script)
    with pytest.raises(HubError, match=r"(?s)status 1.*No such luck"):
        await hub.start(10)
    assert not hub.running


def test_log_records_are_told_apart() -> None:
    """A traceback is its record's; what the loader always says is no complaint."""
    assert len(complaints(LOG)) == 2
    (found,) = complaints(LOG, "piggy")
    assert found.endswith("in state")


def test_pictures_without_a_code_are_refused() -> None:
    """Neither nonsense nor a picture of something else passes for a code."""
    with pytest.raises(CheckError, match="no picture"):
        decode(b"nonsense")
    icon = Path("custom_components/piggy/placeholder.png")
    with pytest.raises(CheckError, match="0 codes"):
        decode(icon.read_bytes())


def test_the_kiosk_dashboard_is_filled_in() -> None:
    """The file's example device is replaced, and the card fills the view."""
    config = load_dashboard(KIOSK, {EXAMPLE_DEVICE: "other"})
    (view,) = config["views"]
    assert view["type"] == "panel"
    (card,) = view["cards"]
    assert card["type"] == "custom:piggy-screen-card"
    assert card["device_id"] == "other"
    with pytest.raises(CheckError, match="has no none"):
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
    account = PiggyAccount("key", "url")
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
        screen_answer(form, PiggyAccount("key", "url", shop="Elm Street"))


def test_progress_tells_seconds_and_failures() -> None:
    """A step that fails says so on its line."""
    said: list[str] = []
    progress = Progress(said.append)
    with progress.step("One"):
        assert said == ["One … "]
    with pytest.raises(ValueError, match="two"), progress.step("Two"):
        raise ValueError("two")
    assert "".join(said) == "One … 0.0 s\nTwo … stopped\n"


def _claim(folder: Path) -> None:
    with claim(folder, SILENT):
        pass
