"""The table that is measured: rows and their bounds."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what is measured (`this`), what it is compared with, and its bounds.

    `ratio` is the most that this may be of the other, `most` the most that this may be
    in `unit`; None for no such bound.
    """

    key: str
    this: str
    other: str
    unit: str
    ratio: float | None = None
    most: float | None = None


ROWS: Final = (
    Row("action", "Action → response", "bare POST", "ms", 1.4),
    Row("action-50ms", "The same, API with 50 ms delay", "bare POST", "ms", 1.02),
    Row(
        "action-qr",
        "Action → decoded QR through the image proxy",
        "bare POST, segno, GET of its bytes",
        "ms",
        1.1,
    ),
    Row("rendering", "QR rendering", "segno, same code and pixels", "ms", 0.9),
    Row("proxy", "Image proxy GET", "GET of constant bytes", "ms", 1.05),
    Row(
        "stall",
        "Longest stall, 100 creates at once",
        "100 bare POSTs at once",
        "ms",
        most=50,
    ),
    Row("setup", "Set-up of 100 screens", "10 times 10 screens", "s", 1, 1.5),
    Row("import", "First import (CPU)", "ntfy without its library", "ms", 1.5),
    Row("polling", "100 sessions, 20 polls each (CPU)", "bare GETs", "s", 1.5),
    Row("memory", "Memory a screen", "", "KiB", most=64),
    Row(
        "writes",
        "Visible state changes of a session",
        "entities that differ after each step",
        "",
        1,
    ),
    Row("latency", "Done at Piggy → event, when identified", "", "s", most=1),
    Row("requests", "Requests of a day", "polls every 5 s", "", 0.6),
)

# Rows that are measured in one process, by the module that does it.
FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "actions": ("action", "action-50ms", "action-qr", "proxy"),
    "rendering": ("rendering",),
    "stall": ("stall",),
    "setup": ("setup",),
    "imports": ("import",),
    "polling": ("polling",),
    "memory": ("memory",),
    "writes": ("writes",),
    "day": ("latency", "requests"),
}
