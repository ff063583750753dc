"""A real Home Assistant process."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
import os
from pathlib import Path
import subprocess
import time
from types import TracebackType
from typing import Any, Self

import aiohttp

from . import processes
from .configuration import CHECKOUT, write_folder
from .errors import HubError
from .ports import LOOPBACK, free_port, is_free

EXECUTABLE = CHECKOUT / ".venv-hass" / "bin" / "hass"
START_TIMEOUT = 120.0
# The exit status by which Home Assistant asks to be started again.
RESTART = 100

_LOG = "home-assistant.log"
_OUTPUT = "output.log"
_PID_FILE = "hub.pid"
_POLL = 0.05
_TAIL_LINES = 30
# Everything the demo needs is in .venv-hass; a download would be a fault, not a help.
_NO_DOWNLOADS = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}


class Hub:
    """One Home Assistant on its own folder and port; can be started again and again."""

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        *,
        env: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        executable: Path = EXECUTABLE,
    ) -> None:
        """Describe the hub; port 0 is any free one, `extra` more configuration."""
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._env = dict(env or {})
        self._extra = dict(extra or {})
        self._executable = executable
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    async def start(self, timeout: float = START_TIMEOUT) -> None:  # noqa: ASYNC109
        """Start the process and wait until it answers; timeout in seconds.

        Raises HubError, after ending the process, when it does not come up.
        """
        if self.running:
            return
        await asyncio.to_thread(end_leftover, self.folder)
        if not is_free(self.port):
            msg = f"Port {self.port} is taken, Home Assistant cannot listen"
            raise HubError(msg)
        self._spawn()
        try:
            await self.wait_until_ready(timeout)
        except BaseException:
            await self.kill()
            raise

    async def wait_until_ready(self, timeout: float = START_TIMEOUT) -> None:  # noqa: ASYNC109
        """Wait until Home Assistant serves its frontend; timeout in seconds.

        What follows the frontend may still be starting, see
        HubClient.wait_until_running.
        """
        deadline = time.monotonic() + timeout
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=5)
        ) as session:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    status = self._process.returncode if self._process else "nothing"
                    msg = (
                        f"Home Assistant ended with status {status}:\n{self.log_tail()}"
                    )
                    raise HubError(msg)
                if await _answers(session, f"{self.url}/manifest.json"):
                    return
                await asyncio.sleep(_POLL)
        msg = (
            f"Home Assistant did not answer within {timeout:.0f} s:\n{self.log_tail()}"
        )
        raise HubError(msg)

    async def stop(self, timeout: float = processes.STOP_TIMEOUT) -> int | None:  # noqa: ASYNC109
        """Stop in good order; return the exit status.

        By force after the timeout in seconds.
        """
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.terminate()
        try:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, timeout)
        finally:
            status = self._reap()
        return status

    async def wait_until_ended(self) -> int | None:
        """Wait until the process ends by itself, or is ended; return its status."""
        if self._process is None:
            return None
        return await asyncio.to_thread(self._process.wait)

    async def kill(self) -> None:
        """End at once, as a power cut would (SIGKILL)."""
        self._reap()

    def log_text(self) -> str:
        """Return Home Assistant's log since its last start."""
        return _read(self.folder / _LOG)

    def log_tail(self) -> str:
        """Return the last lines of the log, or of what the process printed instead."""
        text = self.log_text() or _read(self.folder / _OUTPUT)
        return "\n".join(text.splitlines()[-_TAIL_LINES:]) or "(its log is empty)"

    def _spawn(self) -> None:
        if not self._executable.exists():
            msg = f"{self._executable} is missing; run scripts/setup hass first"
            raise HubError(msg)
        write_folder(self.folder, self.port, self._extra)
        (self.folder / _LOG).unlink(missing_ok=True)
        python = self._executable.with_name("python")
        command = [
            *(str(python), "-m", "demo.child", str(os.getpid())),
            *(str(python), str(self._executable), "--config", str(self.folder)),
        ]
        environment = os.environ | _NO_DOWNLOADS | {"PYTHONPATH": str(CHECKOUT)}
        with (self.folder / _OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env=environment | self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal goes to the demo alone, which then stops this.
                start_new_session=True,
            )
        processes.remember(self.folder / _PID_FILE, self._process.pid)

    def _reap(self) -> int | None:
        """End what may still run and forget it."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.kill()
        status = self._process.wait()
        self._process = None
        (self.folder / _PID_FILE).unlink(missing_ok=True)
        return status


def end_leftover(folder: Path) -> int | None:
    """End the Home Assistant that a killed demo left on a folder; return its pid."""
    folder = folder.resolve()
    pid = processes.find(folder / _PID_FILE, str(folder))
    if pid is not None:
        processes.end(pid)
    return pid


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == HTTPStatus.OK
    except aiohttp.ClientError, TimeoutError:
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
