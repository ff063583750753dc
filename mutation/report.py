"""The results as a table, as JSON, and as a list of what survived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .equivalents import Equivalent
from .modules import CARD
from .mutants import Mutant

BOUNDS: Final = {"Python": 0.92, "card": 0.85}
HEADINGS: Final = ("module", "mutants", "killed", "survived", "equivalent", "rate")

type Result = tuple[Mutant, bool]


@dataclass(slots=True)
class Count:
    """The counts of mutants by result, for one or more modules."""

    killed: int = 0
    survived: int = 0
    equivalent: int = 0

    @property
    def mutants(self) -> int:
        """Return the total number of mutants."""
        return self.killed + self.survived + self.equivalent

    @property
    def rate(self) -> float:
        """Return the fraction of killed mutants among those that can be killed."""
        tested = self.killed + self.survived
        return self.killed / tested if tested else 1

    def __add__(self, other: Count) -> Count:
        """Return the sum of two counts."""
        return Count(
            self.killed + other.killed,
            self.survived + other.survived,
            self.equivalent + other.equivalent,
        )


def survivors(
    results: Iterable[Result], equivalents: Sequence[Equivalent]
) -> list[Mutant]:
    """Return the mutants that no test noticed and no row explains."""
    return [
        mutant
        for mutant, killed in results
        if not killed and not any(row.is_about(mutant) for row in equivalents)
    ]


def count(
    results: Iterable[Result], equivalents: Sequence[Equivalent]
) -> dict[str, Count]:
    """Count the results by module. A killed mutant is not equivalent."""
    counts: dict[str, Count] = {}
    for mutant, killed in results:
        row = counts.setdefault(mutant.module, Count())
        if killed:
            row.killed += 1
        elif any(equivalent.is_about(mutant) for equivalent in equivalents):
            row.equivalent += 1
        else:
            row.survived += 1
    return counts


def totals(counts: dict[str, Count]) -> dict[str, Count]:
    """Return the sums of Python's modules and of the card's."""
    sums = {}
    for name in BOUNDS:
        rows = [row for key, row in counts.items() if (key in CARD) == (name == "card")]
        if rows:
            sums[name] = sum(rows, Count())
    return sums


def missed(counts: dict[str, Count]) -> list[str]:
    """Return the sums whose rate is below its bound."""
    return [name for name, row in totals(counts).items() if row.rate < BOUNDS[name]]


def table(counts: dict[str, Count]) -> str:
    """Return the counts as an aligned Markdown table."""
    rows = [
        *counts.items(),
        *((f"**{key}**", row) for key, row in totals(counts).items()),
    ]
    cells = [HEADINGS, *(_cells(*row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        )
        + " |"
        for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def as_json(counts: dict[str, Count]) -> dict[str, dict[str, int]]:
    """Return the counts by module."""
    return {
        module: {
            "killed": row.killed,
            "survived": row.survived,
            "equivalent": row.equivalent,
        }
        for module, row in counts.items()
    }


def _cells(name: str, row: Count) -> tuple[str, ...]:
    numbers = (row.mutants, row.killed, row.survived, row.equivalent)
    return (name, *map(str, numbers), f"{row.rate:.1%}")
