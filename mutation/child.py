"""What a forked process needs to test a module that was changed in memory."""

from collections.abc import Iterator, Mapping, Set as AbstractSet
import gc
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
import json
import os
from pathlib import Path
import resource
import signal
import sys
from time import process_time
from types import CodeType, FunctionType
from typing import Final

import pytest

from .modules import CHECKOUT, source_of

TOOL: Final = 4  # sys.monitoring's tools 0 to 3 have a purpose of their own
IDLE: Final = 0.05  # seconds of the processor's time
LINE: Final = sys.monitoring.events.LINE


class Loader(SourceFileLoader):
    """Loads a module from a text instead of its file."""

    def __init__(self, name: str, path: str, source: str) -> None:
        """Take the text."""
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Compile the text; there is no bytecode of it."""
        return compile(self._source, self.path, "exec", dont_inherit=True)


class Finder(MetaPathFinder):
    """Finds the changed module before the one in the file."""

    def __init__(self, module: str, source: str) -> None:
        """Take the changed text of a module."""
        path = source_of(module)
        self._name = ".".join(path.with_suffix("").parts)
        self._loader = Loader(self._name, str(CHECKOUT / path), source)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Find this module, and leave the others to the next finder."""
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._loader.path, loader=self._loader)


def functions_of(path: str) -> list[FunctionType]:
    """Return the functions of a file that were imported."""
    return [
        found
        for found in gc.get_objects()
        if type(found) is FunctionType and found.__code__.co_filename == path
    ]


class Selection:
    """Runs the chosen tests, those that fail most often and the fastest first.

    New tests run before them.
    """

    def __init__(
        self,
        chosen: AbstractSet[str],
        durations: Mapping[str, float],
        failures: Mapping[str, int],
        failed: Path,
    ) -> None:
        """Take the chosen tests, what is known of all, and a file for a failure."""
        self._chosen = chosen
        self._durations = durations
        self._failures = failures
        self._failed = failed

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Select and sort."""
        items[:] = sorted(
            (
                item
                for item in items
                if item.nodeid in self._chosen or item.nodeid not in self._durations
            ),
            key=lambda item: (
                item.nodeid in self._durations,
                -self._failures.get(item.nodeid, 0),
                self._durations.get(item.nodeid, 0),
            ),
        )

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write which test fails."""
        if report.failed:
            self._failed.write_text(report.nodeid, encoding="utf-8")


class Recorder:
    """Records how long each test takes, and which lines of a module it runs."""

    def __init__(self, module: str, output: Path) -> None:
        """Record the lines of this module, and write them to a file at the end."""
        self.durations: dict[str, float] = {}
        self.lines: dict[int, set[str]] = {}
        self.failed: set[str] = set()
        self._path = str(CHECKOUT / source_of(module))
        self._output = output
        self._test = ""  # until the first test runs: lines that an import runs
        sys.monitoring.use_tool_id(TOOL, "mutation")
        sys.monitoring.register_callback(TOOL, LINE, self._line)
        sys.monitoring.set_events(TOOL, LINE)

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename == self._path:
            self.lines.setdefault(line, set()).add(self._test)
        return None if self._test else sys.monitoring.DISABLE

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Run all tests, also after one that fails."""
        session.config.option.maxfail = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Record which tests fail."""
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_collection_finish(self) -> None:
        """Watch nothing but the module's functions from now on."""
        sys.monitoring.set_events(TOOL, 0)
        sys.monitoring.restart_events()
        waiting = [function.__code__ for function in functions_of(self._path)]
        while waiting:
            code = waiting.pop()
            sys.monitoring.set_local_events(TOOL, code, LINE)
            waiting += [const for const in code.co_consts if type(const) is CodeType]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Measure the processor's time."""
        self._test = item.nodeid
        start = process_time()
        result = yield
        self.durations[item.nodeid] = process_time() - start
        return result

    def pytest_sessionfinish(self) -> None:
        """Write what was recorded, with the modules to import before a fork."""
        recorded = {
            "durations": self.durations,
            "failed": sorted(self.failed),
            "lines": {line: sorted(tests) for line, tests in self.lines.items()},
            "modules": [
                name
                for name, module in sys.modules.items()
                if (getattr(module, "__file__", None) or "").startswith(sys.prefix)
                and getattr(module.__spec__, "name", None) == name
            ],
        }
        self._output.write_text(json.dumps(recorded), encoding="utf-8")


def fork(output: Path, seconds: float, patience: float = 30) -> int:
    """Fork; the child writes to a file, and is ended when it loops or waits.

    It may use so many seconds of the processor's time, and may wait for so many of the
    clock's. On a busy machine, a test that waits for its turn still makes progress.
    """
    pid = os.fork()
    if not pid:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
        used = process_time()

        def end_if_idle(*_: object) -> None:
            nonlocal used
            before, used = used, process_time()
            if used - before < IDLE:
                os._exit(1)

        signal.signal(signal.SIGALRM, end_if_idle)
        signal.setitimer(signal.ITIMER_REAL, patience, patience)
        log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
    return pid
