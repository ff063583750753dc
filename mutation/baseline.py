"""What the tests of an unchanged module do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Self

from .modules import CACHE


@dataclass(frozen=True, slots=True)
class Baseline:
    """Test durations, covered lines and imports of an unchanged module.

    A test that fails without a mutant says nothing about one.
    """

    durations: Mapping[str, float]
    failed: frozenset[str]
    lines: Mapping[int, frozenset[str]]
    modules: Sequence[str]

    @staticmethod
    def path(module: str) -> Path:
        """Return the path of the file that a recorder writes."""
        return CACHE / f"{module.replace('/', '-')}.baseline.json"

    @classmethod
    def read(cls, module: str) -> Self:
        """Read what a recorder wrote about a module."""
        return cls.from_json(json.loads(cls.path(module).read_text(encoding="utf-8")))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what a recorder records."""
        lines = {int(line): frozenset(ids) for line, ids in data["lines"].items()}
        return cls(data["durations"], frozenset(data["failed"]), lines, data["modules"])

    def is_imported(self, lines: Iterable[int]) -> bool:
        """Return whether importing the module runs any of these lines."""
        return any("" in self.lines.get(line, ()) for line in lines)

    def tests(self, lines: Iterable[int]) -> frozenset[str]:
        """Return the tests that run any of these lines; all, if importing runs one."""
        lines = tuple(lines)
        if self.is_imported(lines):
            return frozenset(self.durations) - self.failed
        found = frozenset[str]().union(*(self.lines.get(line, ()) for line in lines))
        return found - self.failed
