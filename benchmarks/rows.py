"""The table that is measured: rows and their bounds."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what is measured (`this`), what it is compared with, and its bounds.

    `family` is the module that measures the row, in one process with the family's other
    rows. `ratio` is the most that this may be of the other, `most` the most that this
    may be in `unit`; None for no such bound.
    """

    family: str
    key: str
    this: str
    other: str
    unit: str
    ratio: float | None = None
    most: float | None = None


ROWS: Final = (
    Row("day", "latency", "Done at Piggy to event, median of a day", "", "s", most=1),
    Row("day", "requests", "Requests of a day", "a poll every 5 s", "", 0.6),
    Row(
        "actions",
        "action-50ms",
        "Action to response, stored, when the API takes 50 ms",
        "a bare POST, and a write of the same bytes",
        "ms",
        1.02,
    ),
    Row(
        "actions",
        "action",
        "The same, when the API answers at once",
        "the same",
        "ms",
        1.6,
    ),
    Row(
        "rendering",
        "rendering",
        "Rendering a QR code",
        "segno, with the same code and pixels",
        "ms",
        0.9,
    ),
    Row(
        "actions",
        "proxy",
        "A request to the image proxy",
        "an entity with constant bytes",
        "ms",
        1.05,
    ),
    Row(
        "stall",
        "stall",
        "The longest stall while 100 sessions are started at once",
        "100 bare POSTs at once",
        "ms",
        most=50,
    ),
    Row(
        "start",
        "start",
        "What 1,000 screens add to Home Assistant's start",
        "ten times what 100 screens add",
        "s",
        1,
        10,
    ),
    Row(
        "polling",
        "polling",
        "CPU time of polling 1,000 open sessions once",
        "bare GETs",
        "s",
        1.5,
    ),
    Row(
        "memory",
        "memory",
        "Memory of a screen with a session",
        "as many `template` entities",
        "KiB",
        1.2,
    ),
    Row(
        "imports",
        "import",
        "CPU time of the first import",
        "`ntfy` of Home Assistant",
        "ms",
        1,
    ),
    Row(
        "wall",
        "wall-press",
        "Press on the card to its painted code, when the API takes 50 ms",
        "a `picture-entity` with a script",
        "ms",
        1,
        110,
    ),
    Row("wall", "wall-loaded", "JavaScript and words that load", "", "kB", most=60),
    Row("wall", "wall-idle", "CPU of an idle kiosk", "", "% of a core", most=1),
    Row(
        "wear",
        "wall-nodes",
        "Nodes and listeners after 2,000 sessions",
        "after 100",
        "",
        1,
    ),
    Row(
        "wear",
        "wall-heap",
        "The card's JavaScript heap after 2,000 sessions",
        "after 100",
        "MiB",
        1.05,
    ),
)


def families(keys: Container[str]) -> list[str]:
    """Return the families that measure the rows, each one once."""
    return list(dict.fromkeys(row.family for row in ROWS if row.key in keys))
