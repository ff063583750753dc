"""A Python module's mutants are tested in forks of one pytest."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from types import FunctionType
from typing import Final, cast

import pytest

from mutation.modules import CHECKOUT
from mutation.mutants import Mutant
from mutation.server import is_killed, replace, replacements

TILL: Final = '''"""A till."""

LIMIT = 2
UNUSED = 5


def total(prices):
    def sum_up(start):
        return start + sum(prices)

    return sum_up(1)


def is_full(prices):
    return len(prices) >= LIMIT


def unused():
    return 1
'''
TESTS: Final = '''"""Tests of a till."""

from custom_components.piggy.till import LIMIT, is_full, total


def test_total():
    assert total([2, 3]) == 6


def test_is_full():
    assert is_full([1, 2, 3])
    assert not is_full([])
    assert LIMIT == 2


def test_flaky():
    assert total([2, 3]) == 7
'''
# Run in a process of its own: pytest's has threads.
PROGRAM: Final = """
import json
from pathlib import Path
from mutation import modules

modules.CHECKOUT = Path.cwd()
modules.CACHE = modules.CHECKOUT / "cache"
modules.PYTHON = {"till.py": ("tests/test_till.py",)}

from mutation.python import run

results = run("till.py", None, 2, fresh=False)
print(json.dumps([(mutant.after, killed) for mutant, killed in results]))
"""
LIMITS: Final = """
import os
from pathlib import Path
import sys
import threading
from mutation.child import fork

def loop():
    while True:
        pass

def wait():
    threading.Event().wait()

for go, patience in ((loop, 60), (wait, 1)):
    log = Path(sys.argv[1], go.__name__)
    pid = fork(log, 1, patience)
    if not pid:
        print("in the child", flush=True)
        go()
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def python(folder: Path, program: str, *arguments: str) -> str:
    """Run a program in a folder and return what it prints."""
    done = subprocess.run(  # noqa: S603 -- nothing of it comes from outside
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(CHECKOUT),
        },
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout


def test_run(tmp_path: Path) -> None:
    """Values that an import reads change as well as functions; results are kept."""
    package = tmp_path / "custom_components" / "piggy"
    tests = tmp_path / "tests"
    for folder in (package, tests):
        folder.mkdir(parents=True)
    for path in (package.parent, package, tests):
        (path / "__init__.py").touch()
    (tests / "conftest.py").touch()
    (package / "till.py").write_text(TILL)
    (tests / "test_till.py").write_text(TESTS)
    results = json.loads(python(tmp_path, PROGRAM))
    assert sorted(after for after, killed in results if not killed) == [
        "UNUSED = 6",
        "UNUSED = None",
        "return 2",
        "return len(prices) > LIMIT",
    ]
    assert sorted(after for after, killed in results if killed) == [
        "LIMIT = 3",
        "LIMIT = None",
        "return start + sum(None)",
        "return start - sum(prices)",
        "return sum_up(2)",
        "return sum_up(None)",
    ]
    # They do not run again.
    (tmp_path / "cache" / "server.log").unlink()
    assert json.loads(python(tmp_path, PROGRAM)) == results
    assert not (tmp_path / "cache" / "server.log").exists()
    # One that survived does, once its tests changed.
    (tests / "test_till.py").write_text(TESTS.replace("[1, 2, 3]", "[1, 2]"))
    left = [
        after for after, killed in json.loads(python(tmp_path, PROGRAM)) if not killed
    ]
    assert sorted(left) == ["UNUSED = 6", "UNUSED = None", "return 2"]


def test_limits(tmp_path: Path) -> None:
    """A fork writes to its log, and is ended when it loops or waits without end."""
    looped, waited = map(int, python(tmp_path, LIMITS, str(tmp_path)).split())
    assert looped < 0
    assert waited == 1
    for name in ("loop", "wait"):
        assert (tmp_path / name).read_text() == "in the child\n"


@pytest.mark.parametrize(
    ("status", "killed"),
    [
        (0, False),
        (pytest.ExitCode.TESTS_FAILED << 8, True),
        (pytest.ExitCode.INTERRUPTED << 8, True),  # the tests could not be collected
        (pytest.ExitCode.NO_TESTS_COLLECTED << 8, False),
        (signal.SIGXCPU, True),
        (pytest.ExitCode.INTERNAL_ERROR << 8, None),
        (signal.SIGKILL, None),
    ],
)
def test_is_killed(status: int, *, killed: bool | None) -> None:
    """A failed test or a time limit kills a mutant; a process that breaks does not."""
    mutant = Mutant("till.py", "go", range(1), "a", "b", "b")
    if killed is None:
        with pytest.raises(RuntimeError, match="ended with"):
            is_killed(status, mutant)
    else:
        assert is_killed(status, mutant) is killed


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("def go(): return 1", "def go(): return 2", ["go"]),
        (
            "class A:\n  def go(self): return lambda: 1",
            "class A:\n  def go(self): return lambda: 2",
            ["A.go", "A.go.<locals>.<lambda>"],
        ),
        ("def go(): return 1", "def go(): return 1", []),
        ("X = 1", "X = 2", None),
        ("class A: x = 1", "class A: x = 2", None),
        ("def go(x=1): return x", "def go(x=2): return x", None),
        ("def go(): return 1", "async def go(): return 1", ["go"]),
        ("def go(): return 1\nX = 1", "def go(): return 1\nX = 2", None),
    ],
)
def test_replacements(old: str, new: str, names: list[str] | None) -> None:
    """A function can change in place, but nothing that an import runs."""
    found = replacements(*(compile(text, "till.py", "exec") for text in (old, new)))
    assert (found and [code.co_qualname for code in found]) == (names or found)
    assert (found is None) == (names is None)


def test_replace() -> None:
    """A function gets its new code; one that is missing is an error."""

    def go() -> int:
        return 1

    def other() -> int:
        return 2

    function = cast("FunctionType", go)
    codes = {function.__code__: cast("FunctionType", other).__code__}
    replace([function], codes)
    assert go() == 2
    with pytest.raises(LookupError):
        replace([function], codes)
