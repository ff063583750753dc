"""The parts of the demo that need no Home Assistant."""

from pathlib import Path
import subprocess
import sys

import pytest

from demo.__main__ import parse
from demo.errors import AlreadyRunningError, DemoError
from demo.folder import claim
from demo.progress import SILENT, Progress


def test_a_leftover_is_ended(tmp_path: Path) -> None:
    """The Home Assistant of a killed demo is ended before its folder is removed."""
    (tmp_path / "hub").mkdir()
    (tmp_path / "demo.lock").touch()
    code = "import time; print(flush=True); time.sleep(60)"
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, "--config", str((tmp_path / "hub").resolve())],
        stdout=subprocess.PIPE,
    ) as leftover:
        assert leftover.stdout is not None
        leftover.stdout.readline()
        try:
            with claim(tmp_path, Progress(said.append)) as claimed:
                assert leftover.poll() is not None
                assert not claimed.hub_folder.exists()
        finally:
            leftover.kill()
    assert said == [f"Ended Home Assistant {leftover.pid} of an earlier demo\n"]


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    """Starting a second demo fails with the address of the first one."""
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
    """Everything that an earlier demo left is removed."""
    _claim(tmp_path / "demo")
    (tmp_path / "demo" / "hub").write_text("not a folder", encoding="utf-8")
    (tmp_path / "demo" / "qr.png").touch()
    (tmp_path / "demo" / "demo.lock").write_text("{broken", encoding="utf-8")
    with claim(tmp_path / "demo", SILENT) as claimed:
        assert not claimed.hub_folder.exists()
        assert not claimed.picture.exists()


def test_a_folder_of_somebody_else_is_not_emptied(tmp_path: Path) -> None:
    """A folder that the demo did not create, or a file, is refused."""
    (tmp_path / "hub").mkdir()
    with pytest.raises(DemoError, match="not a demo's folder"):
        _claim(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DemoError, match="is a file"):
        _claim(tmp_path / "file")
    assert (tmp_path / "hub").exists()


def test_progress_tells_seconds_and_failures() -> None:
    """A step that fails says so on its line."""
    said: list[str] = []
    progress = Progress(said.append)
    with progress.step("One"):
        assert said == ["One … "]
    with pytest.raises(ValueError, match="two"), progress.step("Two"):
        raise ValueError("two")
    assert "".join(said) == "One … 0.0 s\nTwo … stopped\n"


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::1", "tablet", "192.168.1"],  # noqa: S104 -- refused
)
def test_other_devices_need_a_real_address(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The QR code contains the address, so that it has to be one of this machine."""
    assert parse(["--host", "192.168.1.20"]).host == "192.168.1.20"
    with pytest.raises(SystemExit):
        parse(["--host", address])
    assert f"{address} is not an address of this machine" in capsys.readouterr().err


def _claim(folder: Path) -> None:
    with claim(folder, SILENT):
        pass
