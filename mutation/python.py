"""Tests the mutants of a Python module."""

import os
import sys

from .baseline import Baseline
from .modules import CACHE, CHECKOUT, PYTHON, source_of
from .mutants import Mutant, python_mutants
from .report import Result
from .server import serve
from .state import State, digest, test_files


def run(
    module: str, lines: frozenset[int] | None, jobs: int, *, fresh: bool
) -> list[Result]:
    """Test the mutants of a module, or of these lines: return which are killed."""
    path = CHECKOUT / source_of(module)
    mutants = [
        mutant
        for mutant in python_mutants(module, path.read_text(encoding="utf-8"))
        if lines is None or not lines.isdisjoint(mutant.lines)
    ]
    saved = CACHE / f"{module.replace('/', '-')}.json"
    texts = digest([path]), digest(test_files(PYTHON[module]))
    state = State(saved, *texts, fresh=fresh)
    open_ = [mutant for mutant in mutants if mutant.key not in state.killed]
    print(f"mutate: {module}, {len(open_)} of {len(mutants)} mutants", file=sys.stderr)
    if open_:
        _test(module, open_, state, jobs)
        state = State(saved, *texts, fresh=False)
    return [(mutant, state.killed[mutant.key]) for mutant in mutants]


def _test(module: str, mutants: list[Mutant], state: State, jobs: int) -> None:
    """Test mutants in a process of their own; raises RuntimeError if it fails."""
    CACHE.mkdir(parents=True, exist_ok=True)
    log = CACHE / "server.log"
    pid = os.fork()
    if not pid:
        status = 1
        try:
            output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(output, 1)
            os.dup2(output, 2)
            status = serve(module, mutants, state, jobs)
            sys.stdout.flush()
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError(f"the tests of {module} cannot be run; see {log.parent}")
    for test in sorted(Baseline.read(module).failed):
        print(
            f"mutate: left out, as it fails without a mutant: {test}", file=sys.stderr
        )
