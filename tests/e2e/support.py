"""Runs the demo as a process, as a user does."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import signal
import subprocess

from hub.configuration import CHECKOUT
from hub.errors import NotYetError
from hub.waiting import eventually

PYTHON = CHECKOUT / ".venv-hass" / "bin" / "python"
SCRIPT = CHECKOUT / "scripts" / "demo"
READY = "Stop with Ctrl-C"
# Seconds; a start takes about ten on an idle machine.
TIMEOUT = 120


class DemoProcess:
    """A running demo."""

    def __init__(self, output: Path, *arguments: str) -> None:
        """Start it; its output is written to a file."""
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
        """What it has printed so far."""
        return self._output.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until it prints a text."""

        async def look() -> None:
            if text not in self.output:
                status = self.process.poll()
                assert status is None, f"ended with {status}:\n{self.output}"
                raise NotYetError(f"did not print {text!r}:\n{self.output}")

        asyncio.run(eventually(look, TIMEOUT))

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(TIMEOUT)


@contextmanager
def running_demo(output: Path, *arguments: str) -> Iterator[DemoProcess]:
    """Start a demo, and end it with the context."""
    demo = DemoProcess(output, *arguments)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)


def run_demo(*arguments: str, script: Path | None = None) -> tuple[int, str]:
    """Run a demo to its end; return its exit status and its output."""
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
