"""The folder that a demo keeps its state in, and one demo at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import json
import os
from pathlib import Path

from .configuration import CHECKOUT, remove_folder
from .errors import AlreadyRunningError, DemoError
from .hub import end_leftover
from .processes import read_json
from .progress import Progress

FOLDER = CHECKOUT / ".demo"

_LOCK = "demo.lock"
_HUB = "hub"


class Claim:
    """A demo's hold on its folder."""

    def __init__(self, folder: Path, lock: Path) -> None:
        """Take what `claim` has locked."""
        self.folder = folder
        self.hub_folder = folder / _HUB
        self.picture = folder / "qr.png"
        self._lock = lock

    def announce(self, address: str) -> None:
        """Write down where this demo is, for the next one that comes along."""
        self._lock.write_text(
            json.dumps({"pid": os.getpid(), "address": address}), encoding="utf-8"
        )


@contextmanager
def claim(folder: Path, progress: Progress) -> Iterator[Claim]:
    """Hold a folder, empty of what earlier demos left in it.

    Raises AlreadyRunningError while another demo holds it, and DemoError for a folder
    that holds something else.
    """
    if folder.is_file() or folder.is_symlink():
        msg = f"{folder} is in the way of the demo's folder"
        raise DemoError(msg)
    lock = folder / _LOCK
    if folder.exists() and any(folder.iterdir()) and not lock.exists():
        msg = f"{folder} is not a demo's folder; it would be emptied"
        raise DemoError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    # Opened without emptying it: it may say where the running demo is.
    with lock.open("a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(_running(lock)) from None
        held.truncate(0)
        claimed = Claim(folder, lock)
        if pid := end_leftover(claimed.hub_folder):
            progress.say(f"Ended Home Assistant {pid} of an earlier demo")
        remove_folder(claimed.hub_folder)
        claimed.picture.unlink(missing_ok=True)
        yield claimed


def _running(lock: Path) -> str:
    told = read_json(lock)
    if isinstance(told, dict) and "address" in told:
        return f"A demo is running already: {told['address']} (process {told['pid']})"
    return f"A demo is starting already in {lock.parent}"
