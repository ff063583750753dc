"""Prints each step and its duration."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import time


def _print(text: str) -> None:
    print(text, end="", flush=True)


class Progress:
    """Prints the current step for a waiting user."""

    def __init__(self, write: Callable[[str], None] = _print) -> None:
        """Write to the standard output, or with the function given."""
        self._write = write

    def say(self, text: str) -> None:
        """Write a line."""
        self._write(f"{text}\n")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print a step's name when it begins, and its seconds when it ends."""
        self._write(f"{name} … ")
        began = time.monotonic()
        try:
            yield
        except BaseException:
            self._write("stopped\n")
            raise
        self._write(f"{time.monotonic() - began:.1f} s\n")


SILENT = Progress(lambda _: None)
