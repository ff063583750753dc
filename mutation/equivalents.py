"""The mutants that do not change what the code does, listed with the reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
import tomllib
from typing import Final

from .mutants import Mutant

FILE: Final = Path(__file__).parent / "equivalents.toml"
MOST: Final = 0.03  # of all mutants


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """A change of a function that has no effect, and the reason."""

    module: str
    before: str
    after: str
    reason: str
    function: str = ""

    def is_about(self, mutant: Mutant) -> bool:
        """Return whether a mutant is this change."""
        return (self.module, self.function, self.before, self.after) == (
            mutant.module,
            mutant.function,
            mutant.before,
            mutant.after,
        )


def read(path: Path = FILE) -> list[Equivalent]:
    """Read the list; raises ValueError if a reason is missing."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    equivalents = [Equivalent(**row) for row in rows]
    for row in equivalents:
        if not row.reason.strip():
            raise ValueError(
                f"{path.name}: an equivalent of {row.module} has no reason"
            )
    return equivalents


def unused(rows: Iterable[Equivalent], mutants: Sequence[Mutant]) -> list[Equivalent]:
    """Return the rows for the modules of these mutants that match no mutant."""
    modules = {mutant.module for mutant in mutants}
    return [
        row
        for row in rows
        if row.module in modules and not any(map(row.is_about, mutants))
    ]
