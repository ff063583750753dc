"""Tests the mutants of a Python module."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
import gc
from importlib import import_module
import json
import os
import sys
from typing import Any, Final, Self

from .child import Selection, fork, record, run_tests
from .modules import CACHE, CHECKOUT, PYTHON, source_of
from .mutants import Mutant, python_mutants
from .report import Result
from .state import State, digest, test_files

BASELINE_LIMIT: Final = 600  # seconds for all tests of a module
LEAST_LIMIT: Final = 20  # seconds for a mutant's tests


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

    def tests(self, lines: Iterable[int]) -> frozenset[str]:
        """Return the tests that run any of these lines; all, if importing runs one."""
        found = frozenset[str]().union(*(self.lines.get(line, ()) for line in lines))
        return frozenset(self.durations) if "" in found else found


def baseline(module: str, source: str) -> Baseline:
    """Run all tests of a module; raises RuntimeError unless they pass."""
    recorded = CACHE / f"{module.replace('/', '-')}.baseline.json"
    log = recorded.with_suffix(".log")
    recorded.parent.mkdir(parents=True, exist_ok=True)
    child = partial(record, module, source, PYTHON[module], recorded)
    _, status = os.waitpid(fork(child, log, BASELINE_LIMIT), 0)
    if status:
        raise RuntimeError(
            f"the tests of {module} fail without a mutant:\n{log.read_text()}"
        )
    return Baseline.from_json(json.loads(recorded.read_text(encoding="utf-8")))


def survived(
    mutants: Sequence[Mutant], known: Baseline, jobs: int
) -> Iterator[tuple[Mutant, bool]]:
    """Test the mutants in parallel processes; return whether each survived."""
    # A forked process has them already, and does not collect them as garbage.
    for name in known.modules:
        import_module(name)
    gc.freeze()
    waiting, running = list(reversed(mutants)), dict[int, Mutant]()
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            chosen = known.tests(mutant.lines)
            if not chosen:
                yield mutant, True
                continue
            seconds = 3 * sum(known.durations[test] for test in chosen)
            child = partial(
                run_tests,
                mutant.module,
                mutant.source,
                PYTHON[mutant.module],
                Selection(chosen, known.durations),
            )
            log = CACHE / f"job-{len(running)}.log"
            running[fork(child, log, LEAST_LIMIT + seconds)] = mutant
        if running:
            pid, status = os.wait()
            yield running.pop(pid), status == 0


def run(
    module: str, lines: frozenset[int] | None, jobs: int, *, fresh: bool
) -> list[Result]:
    """Test the mutants of a module, or of these lines: return which are killed."""
    path = CHECKOUT / source_of(module)
    source = path.read_text(encoding="utf-8")
    tests = digest(test_files(PYTHON[module]))
    saved = CACHE / f"{module.replace('/', '-')}.json"
    state = State(saved, digest([path]), tests, fresh=fresh)
    mutants = [
        mutant
        for mutant in python_mutants(module, source)
        if lines is None or not lines.isdisjoint(mutant.lines)
    ]
    open_ = [mutant for mutant in mutants if mutant.key not in state.killed]
    print(f"mutate: {module}, {len(open_)} of {len(mutants)} mutants", file=sys.stderr)
    if open_:
        for mutant, alive in survived(open_, baseline(module, source), jobs):
            state.add(mutant.key, killed=not alive)
    return [(mutant, state.killed[mutant.key]) for mutant in mutants]
