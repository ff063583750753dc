"""The demo as a process of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import time

from demo.configuration import CHECKOUT

PYTHON = CHECKOUT / ".venv-hass" / "bin" / "python"
SCRIPT = CHECKOUT / "scripts" / "demo"
READY = "Stop with Ctrl-C"
# Seconds; a start takes about ten on an idle machine.
TIMEOUT = 120

_POLL = 0.05


class DemoProcess:
    """A demo that was started as a user starts it."""

    def __init__(self, output: Path, *arguments: str) -> None:
        """Start it; its output goes to a file."""
        self._output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(  # noqa: S603
                [str(PYTHON), "-m", "demo", *arguments],
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self._output.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until it says something."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.output:
            status = self.process.poll()
            assert status is None, f"ended with {status}:\n{self.output}"
            assert time.monotonic() < deadline, f"never said {text!r}:\n{self.output}"
            time.sleep(_POLL)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(TIMEOUT)


@contextmanager
def running_demo(output: Path, *arguments: str) -> Iterator[DemoProcess]:
    """Start a demo, and leave nothing of it behind."""
    demo = DemoProcess(output, *arguments)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)


def run_demo(*arguments: str, script: Path | None = None) -> tuple[int, str]:
    """Run a demo to its end; return its exit status and what it said."""
    command = [str(script)] if script else [str(PYTHON), "-m", "demo"]
    result = subprocess.run(  # noqa: S603
        [*command, *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def processes_naming(folder: Path) -> list[int]:
    """Return the processes that have a folder among their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in arguments:
            found.append(int(entry.name))
    return found
