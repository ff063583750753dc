"""Prints the table of faults when the tests of it have run, on however many cores."""

import pytest

from .table import MOMENTS, ROWS

CELL = "cell of the fault table"


def passed(request: pytest.FixtureRequest, row: str, moment: str) -> None:
    """Note that everything was as the table has it, at the end of a test of a cell."""
    request.node.user_properties.append((CELL, f"{row}|{moment}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
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
    width = max(len(row.name) for row in ROWS)
    for number, moment in enumerate(MOMENTS, 1):
        write(f"{number:2} {moment}")
    write("")
    write(" " * width + "".join(f"{number:3}" for number, _ in enumerate(MOMENTS, 1)))
    for row in ROWS:
        marks = "".join(
            f"{'✓' if f'{row.name}|{moment}' in cells else '✗':>3}"
            for moment in MOMENTS
        )
        write(f"{row.name:{width}}{marks}  {row.error or 'all goes well'}")
    write(f"\n{len(cells)} of {len(ROWS) * len(MOMENTS)} cells passed")
