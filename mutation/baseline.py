"""What the tests of an unchanged module do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Baseline:
    """Test durations, covered lines and imports of an unchanged module."""

    durations: Mapping[str, float]
    lines: Mapping[int, frozenset[str]]
    modules: Sequence[str]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what a recorder wrote."""
        lines = {int(line): frozenset(ids) for line, ids in data["lines"].items()}
        return cls(data["durations"], lines, data["modules"])

    def is_imported(self, lines: Iterable[int]) -> bool:
        """Return whether importing the module runs any of these lines."""
        return any("" in self.lines.get(line, ()) for line in lines)

    def tests(self, lines: Iterable[int]) -> frozenset[str]:
        """Return the tests that run any of these lines; all, if importing runs one."""
        lines = tuple(lines)
        if self.is_imported(lines):
            return frozenset(self.durations)
        return frozenset[str]().union(*(self.lines.get(line, ()) for line in lines))
