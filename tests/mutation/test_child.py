"""The forked process in which a mutant is tested."""

from pathlib import Path
import subprocess
import sys
from typing import Final

from mutation.modules import CHECKOUT

# Run in a process of its own: pytest's has threads.
PROGRAM: Final = """
from importlib import import_module
import os
from pathlib import Path
import sys
from mutation.child import Finder, fork

LOG = Path(sys.argv[1])

def use():
    sys.meta_path.insert(0, Finder("qr/code.py", "X = 5"))
    print("in the child")
    return import_module("custom_components.piggy.qr.code").X

def loop():
    while True:
        pass

for child in (use, loop):
    _, status = os.waitpid(fork(child, LOG / child.__name__, 1), 0)
    print(os.waitstatus_to_exitcode(status))
"""


def test_child(tmp_path: Path) -> None:
    """It uses the changed module and writes to its log; one that loops is killed."""
    # Without its parent package, which imports Home Assistant.
    program = "import sys, types\n"
    program += (
        "for name in ('custom_components.piggy', 'custom_components.piggy.qr'):\n"
    )
    program += "    sys.modules[name] = types.ModuleType(name)\n"
    program += "    sys.modules[name].__path__ = []\n"
    done = subprocess.run(  # noqa: S603 -- nothing of it comes from outside
        [sys.executable, "-c", program + PROGRAM, str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
        text=True,
    )
    used, looped = map(int, done.stdout.splitlines())
    assert used == 5
    assert looped < 0
    assert (tmp_path / "use").read_text() == "in the child\n"
