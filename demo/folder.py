"""Reserves the folder with the demo's state for one demo at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import json
import os
from pathlib import Path

from hub.configuration import CHECKOUT, remove_folder
from hub.process import end_leftovers

from .errors import AlreadyRunningError, DemoError
from .progress import Progress

FOLDER = CHECKOUT / ".demo"

_LOCK = "demo.lock"
_HUB = "hub"


class Claim:
    """The folder while a demo has reserved it."""

    def __init__(self, folder: Path, lock: Path) -> None:
        """Describe the folder that `claim` has locked."""
        self.folder = folder
        self.hub_folder = folder / _HUB
        self.picture = folder / "qr.png"
        self._lock = lock

    def announce(self, address: str) -> None:
        """Write the demo's address to the lock file, for a second demo to show."""
        self._lock.write_text(
            json.dumps({"pid": os.getpid(), "address": address}), encoding="utf-8"
        )


@contextmanager
def claim(folder: Path, progress: Progress) -> Iterator[Claim]:
    """Reserve a folder, and remove what earlier demos left in it.

    Raises AlreadyRunningError while another demo uses it, and DemoError for a folder
    that contains something else.
    """
    if folder.is_file() or folder.is_symlink():
        raise DemoError(f"{folder} is a file; select a folder")
    lock = folder / _LOCK
    if folder.exists() and any(folder.iterdir()) and not lock.exists():
        raise DemoError(
            f"{folder} is not a demo's folder; select another, as it would be emptied"
        )
    folder.mkdir(parents=True, exist_ok=True)
    # Opened without emptying it: it may contain the running demo's address.
    with lock.open("a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(_running(lock)) from None
        held.truncate(0)
        claimed = Claim(folder, lock)
        for pid in end_leftovers(claimed.hub_folder):
            progress.say(f"Ended Home Assistant {pid} of an earlier demo")
        remove_folder(claimed.hub_folder)
        claimed.picture.unlink(missing_ok=True)
        yield claimed


def _running(lock: Path) -> str:
    try:
        demo = json.loads(lock.read_text(encoding="utf-8"))
        return f"A demo is running already: {demo['address']} (process {demo['pid']})"
    except ValueError:  # it has not written its address yet
        return f"A demo is starting already in {lock.parent}"
