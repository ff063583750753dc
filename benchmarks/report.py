"""Format the results as a table and as JSON."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
import os
import platform
from statistics import median
from typing import Any, Final

from .rows import Row
from .samples import Samples

HEADINGS: Final = ("row", "this", "other", "ratio", "noise", "bound", "within?")

type Result = tuple[Row, Samples]


def is_within(row: Row, samples: Samples) -> bool:
    """Return whether a row's results are within all its bounds."""
    ratio = samples.ratio
    return (row.ratio is None or ratio is None or ratio <= row.ratio) and (
        row.most is None or median(samples.this) <= row.most
    )


def table(results: Sequence[Result]) -> str:
    """Return the results as an aligned Markdown table, with a list of notes."""
    cells = [HEADINGS, *(_cells(*result) for result in results)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| "
        + " | ".join(
            (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        )
        + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    notes = [
        f"- {row.key}: {samples.notes}" for row, samples in results if samples.notes
    ]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def machine() -> dict[str, Any]:
    """Return a description of the machine, and of what runs on it."""
    return {
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "home_assistant": version("homeassistant"),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
    }


def as_json(results: Sequence[Result], on: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results and the machine that they are of."""
    return {
        "machine": on,
        "rows": [
            {
                "row": row.key,
                "unit": row.unit,
                "this": median(samples.this),
                "other": median(samples.other) if samples.other else None,
                "ratio": samples.ratio,
                "noise": samples.noise,
                "bound": {"ratio": row.ratio, "this": row.most},
                "within": is_within(row, samples),
                "repeats": len(samples.this),
                "notes": samples.notes,
            }
            for row, samples in results
        ],
    }


def _cells(row: Row, samples: Samples) -> tuple[str, ...]:
    bounds = (
        None if row.ratio is None else f"≤ {row.ratio:g}",
        None if row.most is None else f"≤ {row.most:g} {row.unit}",
    )
    other = f"{row.other}: {_amount(samples.other, row.unit)}" if row.other else ""
    return (
        f"{row.key}: {row.this}",
        _amount(samples.this, row.unit),
        other,
        "" if samples.ratio is None else f"{samples.ratio:.3f}",
        f"± {samples.noise:.1%}",
        ", ".join(filter(None, bounds)),
        "yes" if is_within(row, samples) else "NO",
    )


def _amount(values: Sequence[float], unit: str) -> str:
    return f"{median(values):.3g} {unit}".strip()
