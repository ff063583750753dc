"""Checks for every test of a fault."""

from collections.abc import Iterator
import logging

import pytest

UNEXPECTED = ("Unexpected", "Traceback", "never retrieved", "was never awaited")


class _Kept(logging.Handler):
    """Keeps what is logged at warning and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_traceback() -> Iterator[None]:
    """Fail the test of a fault when any logger writes a traceback."""
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    yield
    logging.getLogger().removeHandler(kept)
    assert not [
        record.getMessage()
        for record in kept.records
        if record.exc_info or any(word in record.getMessage() for word in UNEXPECTED)
    ]
