"""The result of each session type for each way to identify, as tables.

Tests on several processes note their cells; pytest's own process prints the tables.
"""

from enum import StrEnum
from typing import Final

import pytest

from sandbox.session_types import SESSION_TYPES

_CELL: Final = "cell of a matrix"


class Way(StrEnum):
    """How the customer identifies."""

    AT_ONCE = "at once"  # the session is created for the contact
    CARD = "by card"
    EMAIL = "by email"
    NONE = "not at all"


class Outcome(StrEnum):
    """How far a customer gets on a session's page."""

    DONE = "done"
    WAITS = "waits"  # the page asks who the customer is, and does nothing before
    UNASKED = "unasked"  # the page never asks


def note(
    request: pytest.FixtureRequest, title: str, name: str, way: Way, outcome: Outcome
) -> None:
    """Note a cell of the table of a title, at the end of its test."""
    cell = (title, name, str(way), str(outcome))
    request.node.user_properties.append((_CELL, cell))


def print_matrices(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that have a cell, with a question mark for a missing one."""
    tables: dict[str, dict[tuple[str, str], str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for label, cell in getattr(report, "user_properties", ()):
                if label == _CELL:
                    title, name, way, outcome = cell
                    tables.setdefault(title, {})[name, way] = outcome
    for title, cells in sorted(tables.items()):
        terminalreporter.section(title)
        width = max(len(row.name) for row in SESSION_TYPES) + 2
        terminalreporter.write_line(" " * width + "".join(f"{w:<12}" for w in Way))
        for row in SESSION_TYPES:
            outcomes = (f"{cells.get((row.name, way), '?'):<12}" for way in Way)
            terminalreporter.write_line(f"{row.name:<{width}}" + "".join(outcomes))
