"""One pytest that imports everything once, and forks for each mutant."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
import gc
from importlib import import_module
from inspect import CO_OPTIMIZED
import os
from signal import SIGKILL
import sys
from types import CodeType, FunctionType
from typing import Final

import pytest

from .baseline import Baseline
from .child import Finder, Recorder, Selection, fork, functions_of
from .modules import CACHE, CHECKOUT, PYTHON, source_of
from .mutants import Mutant
from .state import State

BASELINE_LIMIT: Final = 600  # seconds for all tests of a module
# Seconds for the tests of a mutant, beside what they take without it.
IMPORT_LIMIT: Final = 15
LEAST_LIMIT: Final = 5
OPTIONS: Final = (
    "--quiet",
    "--exitfirst",
    "--tb=line",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
)
# Neither is about a mutant: pytest or its plugins fail, and memory runs out.
BROKEN: Final = (pytest.ExitCode.INTERNAL_ERROR, -SIGKILL)
UNNOTICED: Final = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def serve(module: str, mutants: Sequence[Mutant], state: State, jobs: int) -> int:
    """Test the mutants of a module, and store the results; return the exit status.

    It returns in every fork, too: the caller ends the process.
    """
    sys.path.insert(0, str(CHECKOUT))
    # With it, hypothesis always draws the same examples, and has no deadline for one.
    os.environ["CI"] = "true"
    server = Server(module, mutants, state, jobs)
    return pytest.main([*OPTIONS, *PYTHON[module]], plugins=[server])


class Server:
    """Tests the mutants of a module, each in a fork of this process.

    A mutant of a function's body is tested after all tests were collected. What is used
    while a module is imported changes before that.
    """

    def __init__(
        self, module: str, mutants: Sequence[Mutant], state: State, jobs: int
    ) -> None:
        """Take the mutants of a module."""
        path = CHECKOUT / source_of(module)
        self._module = module
        self._path = str(path)
        self._code = self._compile(path.read_text(encoding="utf-8"))
        self._mutants = mutants
        self._state = state
        self._jobs = jobs
        self._failures = Counter[str]()
        self._waiting: list[Mutant] | None = None  # until the tests are collected

    def _compile(self, source: str) -> CodeType:
        return compile(source, self._path, "exec", dont_inherit=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> None:
        """Run the tests without a mutant, then test those that need a new import."""
        recorded = Baseline.path(self._module)
        pid = fork(recorded.with_suffix(".log"), BASELINE_LIMIT)
        plugins = early_config.pluginmanager
        if not pid:
            plugins.register(Recorder(self._module, recorded))
            return
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) not in (
            pytest.ExitCode.OK,
            pytest.ExitCode.TESTS_FAILED,
        ):
            raise RuntimeError("the tests cannot be run")
        known = Baseline.read(self._module)
        # A fork has them already, and does not collect them as garbage.
        for name in known.modules:
            import_module(name)
        gc.freeze()
        self._known = known
        later = [mutant for mutant in self._mutants if self._is_body(mutant)]
        first = [mutant for mutant in self._mutants if mutant not in later]
        if found := self._fork(first, IMPORT_LIMIT):
            mutant, selection = found
            sys.meta_path.insert(0, Finder(self._module, mutant.source))
            plugins.register(selection)
        else:
            self._waiting = later

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(
        self, session: pytest.Session
    ) -> Generator[None, object, object]:
        """Test the other mutants."""
        if self._waiting is not None and not session.testsfailed:
            functions = functions_of(self._path)
            gc.freeze()
            if forked := self._fork(self._waiting, LEAST_LIMIT):
                mutant, selection = forked
                replace(functions, self._replacements(mutant) or {})
                session.config.pluginmanager.register(selection)
                selection.pytest_collection_modifyitems(session.items)
            else:
                session.items.clear()
        return (yield)

    def _is_body(self, mutant: Mutant) -> bool:
        """Return whether only functions change that no import calls."""
        imported = self._known.is_imported(mutant.lines)
        return not imported and self._replacements(mutant) is not None

    def _replacements(self, mutant: Mutant) -> Mapping[CodeType, CodeType] | None:
        return replacements(self._code, self._compile(mutant.source))

    def _fork(
        self, mutants: Sequence[Mutant], limit: float
    ) -> tuple[Mutant, Selection] | None:
        """Test mutants; return None, and in a fork what to test."""
        durations, failures = self._known.durations, self._failures
        waiting, free = list(reversed(mutants)), list(range(self._jobs))
        running: dict[int, tuple[Mutant, int]] = {}
        while waiting or running:
            while waiting and free:
                mutant = waiting.pop()
                chosen = self._known.tests(mutant.lines)
                if not chosen:
                    self._state.add(mutant.key, killed=False)
                    continue
                seconds = limit + 3 * sum(durations[test] for test in chosen)
                job = free.pop()
                pid = fork(CACHE / f"job-{job}.log", seconds)
                if not pid:
                    failed = CACHE / f"job-{job}.failed"
                    return mutant, Selection(chosen, durations, failures, failed)
                running[pid] = mutant, job
            if running:
                pid, status = os.wait()
                mutant, job = running.pop(pid)
                self._state.add(mutant.key, killed=is_killed(status, mutant))
                failed = CACHE / f"job-{job}.failed"
                if failed.exists():
                    failures[failed.read_text(encoding="utf-8")] += 1
                    failed.unlink()
                free.append(job)
        return None


def is_killed(status: int, mutant: Mutant) -> bool:
    """Return whether a test noticed a mutant, or its time limit ended the process.

    A mutant with which no test can be collected is noticed, too. Raises RuntimeError if
    the process failed for a reason of its own.
    """
    code = os.waitstatus_to_exitcode(status)
    if code in BROKEN:
        raise RuntimeError(f"ended with {code}: {mutant.diff}")
    return code not in UNNOTICED


def replacements(old: CodeType, new: CodeType) -> dict[CodeType, CodeType] | None:
    """Return the functions that differ; None if something else does."""
    if old == new:
        return {}
    is_function = bool(old.co_flags & CO_OPTIMIZED)
    same: Callable[[CodeType], object] = _names if is_function else _without_functions
    if same(old) != same(new):
        return None
    found = {old: new} if is_function else {}
    for inner in zip(_functions(old), _functions(new), strict=False):
        within = replacements(*inner)
        if within is None and not is_function:
            return None
        found |= within or {}
    return found


def _names(code: CodeType) -> object:
    """Return what a function's new code must have in common with the old."""
    return code.co_name, code.co_freevars


def _without_functions(code: CodeType) -> object:
    constants = [
        const.co_name if isinstance(const, CodeType) else repr(const)
        for const in code.co_consts
    ]
    return code.co_code, code.co_names, constants


def _functions(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def replace(
    functions: Sequence[FunctionType], codes: Mapping[CodeType, CodeType]
) -> None:
    """Give functions their new code; raises LookupError if there is none of them."""
    found = [function for function in functions if function.__code__ in codes]
    if not found:
        raise LookupError
    for function in found:
        function.__code__ = codes[function.__code__]
