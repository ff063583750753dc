"""Prints the table of faults when the tests of it have run, on however many cores."""

import pytest

from .table import CLEAR, MOMENTS, REAUTH, RELOAD, ROWS, STOP, UNLOAD, WRONG_TYPES

# These handle an answer like the first set-up or the flow, or not at all.
ALIKE = {CLEAR, REAUTH, RELOAD, STOP, UNLOAD}
TABLE = {row.name: (row.error or "all goes well", MOMENTS) for row in ROWS} | {
    WRONG_TYPES: (
        "invalid_response",
        tuple(moment for moment in MOMENTS if moment not in ALIKE),
    )
}
CELL = "cell of the fault table"


def passed(request: pytest.FixtureRequest, row: str, moment: str) -> None:
    """Record that a cell of the table has passed, at the end of its test."""
    request.node.user_properties.append((CELL, f"{row}|{moment}"))


def print_table(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which cells have passed, if any was tested."""
    cells = {
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == CELL
    }
    if not cells:
        return
    write = terminalreporter.write_line
    terminalreporter.section("faults")
    width = max(map(len, TABLE))
    for number, moment in enumerate(MOMENTS, 1):
        write(f"{number:2} {moment}")
    write("")
    write(" " * width + "".join(f"{number:3}" for number, _ in enumerate(MOMENTS, 1)))
    for row, (outcome, moments) in TABLE.items():
        marks = "".join(
            f"{_mark(f'{row}|{moment}' in cells) if moment in moments else '':>3}"
            for moment in MOMENTS
        )
        write(f"{row:{width}}{marks}  {outcome}")
    total = sum(len(moments) for _, moments in TABLE.values())
    write(f"\n{len(cells)} of {total} cells passed")


def _mark(good: bool) -> str:  # noqa: FBT001
    """Return how a cell is shown."""
    return "✓" if good else "✗"
