"""Runs Home Assistant as a process."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
import os
from pathlib import Path
import subprocess
from types import TracebackType
from typing import Any, Self

import aiohttp
import psutil

from .configuration import CHECKOUT, write_folder
from .errors import HubError, NotYetError
from .log import complaints
from .ports import LOOPBACK, free_port, is_free
from .waiting import eventually

EXECUTABLE = CHECKOUT / ".venv-hass" / "bin" / "hass"
START_TIMEOUT = 120.0
# Home Assistant allows its own shutdown stages more; nothing here needs it.
STOP_TIMEOUT = 30.0
# The exit status by which Home Assistant asks to be started again.
RESTART = 100

_CHILD = Path(__file__).with_name("child.py")
_LOG = "home-assistant.log"
_OUTPUT = "output.log"
_ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=5)
_TAIL_LINES = 30
# .venv-hass has everything that is needed: a download would hide that it does not.
_NO_DOWNLOADS = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}


class Hub:
    """A Home Assistant with its own folder and port; can be started repeatedly."""

    def __init__(  # noqa: PLR0913 -- each has a default
        self,
        folder: Path,
        port: int = 0,
        *,
        host: str = LOOPBACK,
        env: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        executable: Path = EXECUTABLE,
        arguments: Sequence[str] = (),
    ) -> None:
        """Describe the hub; port 0 is any free one, `extra` more configuration."""
        self.folder = folder.resolve()
        self.host = host
        self.port = port or free_port(host)
        self.url = f"http://{host}:{self.port}"
        self._env = dict(env or {})
        self._extra = dict(extra or {})
        self._executable = executable
        self._arguments = arguments
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
        """The process's number, while it runs."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    async def start(self, timeout: float = START_TIMEOUT) -> None:  # noqa: ASYNC109
        """Start the process and wait until it answers; timeout in seconds.

        Raises HubError, and ends the process, when it does not come up.
        """
        if self.running:
            return
        await asyncio.to_thread(end_leftovers, self.folder)
        if not is_free(self.port, self.host):
            raise HubError(f"Port {self.port} is taken, Home Assistant cannot listen")
        self._spawn()
        try:
            await self.wait_until_ready(timeout)
        except BaseException:
            await self.kill()
            raise

    async def wait_until_ready(self, timeout: float = START_TIMEOUT) -> None:  # noqa: ASYNC109
        """Wait until Home Assistant serves its frontend; timeout in seconds.

        Other integrations may still be starting, see HubClient.wait_until_running.
        """
        async with aiohttp.ClientSession(timeout=_ANSWER_TIMEOUT) as session:

            async def look() -> None:
                if not self.running:
                    status = self._process.returncode if self._process else "nothing"
                    raise HubError(
                        f"Home Assistant ended with status {status}:\n{self.log_tail()}"
                    )
                if not await _answers(session, f"{self.url}/manifest.json"):
                    raise NotYetError(
                        f"Home Assistant does not answer:\n{self.log_tail()}"
                    )

            await eventually(look, timeout)

    async def stop(self, timeout: float = STOP_TIMEOUT) -> int | None:  # noqa: ASYNC109
        """Stop Home Assistant gracefully; return the exit status.

        Kill it after the timeout in seconds.
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
        """Wait until the process ends; return its exit status."""
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
        """Return the last lines of the log, or of the process's output."""
        text = self.log_text() or _read(self.folder / _OUTPUT)
        return "\n".join(text.splitlines()[-_TAIL_LINES:]) or "(its log is empty)"

    def complaints(self, about: str = "") -> list[str]:
        """Return the log's warnings and errors that contain a word, or all of them."""
        # The checkout's own path may contain the word.
        return complaints(self.log_text().replace(str(CHECKOUT), ""), about)

    def _spawn(self) -> None:
        if not self._executable.exists():
            raise HubError(
                f"{self._executable} is missing; run scripts/setup hass first"
            )
        write_folder(self.folder, self.port, self._extra, host=self.host)
        (self.folder / _LOG).unlink(missing_ok=True)
        python = self._executable.with_name("python")
        command = [
            *(str(python), str(_CHILD), str(os.getpid())),
            *(str(python), str(self._executable), *self._arguments),
            *("--config", str(self.folder)),
        ]
        environment = os.environ | _NO_DOWNLOADS | self._env
        with (self.folder / _OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal reaches only the parent, which then stops this.
                start_new_session=True,
            )

    def _reap(self) -> int | None:
        """End the process if it is running, and drop the reference to it."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.kill()
        status = self._process.wait()
        self._process = None
        return status


def running_on(folder: Path) -> list[psutil.Process]:
    """Return the processes that were started with `--config` and this folder."""
    configured = ["--config", str(folder.resolve())]
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        # None for a process that this user may not read.
        if (process.info["cmdline"] or [])[-2:] == configured
    ]


def end_leftovers(folder: Path) -> list[int]:
    """End any Home Assistant that a killed parent left running; return the pids."""
    found = running_on(folder)
    for signal in (psutil.Process.terminate, psutil.Process.kill):
        for process in found:
            with suppress(psutil.NoSuchProcess):
                signal(process)
        if not psutil.wait_procs(found, STOP_TIMEOUT)[1]:
            break
    return [process.pid for process in found]


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
