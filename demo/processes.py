"""Processes that were started here, found again by more than their number."""

import json
import os
from pathlib import Path
import signal
import subprocess
import time
from typing import Any

# Home Assistant allows its own shutdown stages more, but a demo has nothing that
# needs it.
STOP_TIMEOUT = 30.0

_POLL = 0.05
# proc(5): /proc/PID/stat after the command's closing parenthesis.
_STATE, _STARTED = 0, 19


def remember(pid_file: Path, pid: int) -> None:
    """Write down which process this is.

    A pid may belong to another process later; pid and moment of start do not.
    """
    identity = {"pid": pid, "started": _started(pid)}
    pid_file.write_text(json.dumps(identity), encoding="utf-8")


def find(pid_file: Path, argument: str) -> int | None:
    """Return the pid that was written down, if it still is that very process.

    It must have been started with the argument given (such as its own folder).
    """
    identity = read_json(pid_file)
    if not isinstance(identity, dict):
        return None
    pid, started = identity.get("pid"), identity.get("started")
    if not isinstance(pid, int) or started is None or _started(pid) != started:
        return None
    return pid if argument in _command(pid) else None


def end(pid: int, timeout: float = STOP_TIMEOUT) -> None:
    """End a process, by force after the timeout in seconds."""
    started = _started(pid)
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if _started(pid) != started:
                return
            time.sleep(_POLL)


def read_json(path: Path) -> Any:
    """Return what a file holds, or None when it is missing or broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError, ValueError:
        return None


def _started(pid: int) -> str | None:
    """Return when a process started, in its system's own terms; None once it ended."""
    if not Path("/proc/self/stat").exists():
        return _ps(pid, "lstart") or None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE] in "ZX" else fields[_STARTED]


def _command(pid: int) -> list[str]:
    """Return a process's arguments."""
    if not Path("/proc/self/cmdline").exists():
        return _ps(pid, "command").split(" ")
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return os.fsdecode(arguments).split("\0")


def _ps(pid: int, column: str) -> str:
    """Ask ps, on systems without /proc."""
    command = ["ps", "-o", f"{column}=", "-p", str(pid)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return result.stdout.strip()
