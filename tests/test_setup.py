"""How scripts/setup finds Python on a machine without one."""

import os
from pathlib import Path
import re
import shutil
import subprocess

import pytest

from .conftest import ROOT

UNPACKED = Path(".cache/python/usr/bin/python3.14")
TAKEN = "Python: .cache/python"


def executable(path: Path, *lines: str) -> None:
    """Write a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")), encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a checkout on a machine where neither uv nor apt has a Python."""
    for name in ("scripts/setup", "requirements"):
        source, copy = ROOT / name, tmp_path / "checkout" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, copy)
    pinned = (ROOT / "requirements/uv.txt").read_text(encoding="utf-8")
    version = re.findall(r"^uv==([\d.]+)", pinned, re.MULTILINE)[0]
    tools = tmp_path / "bin"
    executable(tools / "uv", f'[ "$1" = --version ] && echo "uv {version}"')
    executable(tools / "apt-get", "exit 0")
    return tmp_path / "checkout"


def set_up(checkout: Path) -> str:
    """Run scripts/setup, which always fails here; return its output."""
    path = f"{checkout.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(  # noqa: S603
        [checkout / "scripts/setup", "dev"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    return result.stderr


def test_an_unpacked_python_is_taken(checkout: Path) -> None:
    """A Python that was unpacked before is used again."""
    executable(checkout / UNPACKED, "exit 0")
    assert TAKEN in set_up(checkout)


def test_an_unpacked_python_that_does_not_run_is_not_taken(checkout: Path) -> None:
    """A Python that does not run is unpacked again."""
    executable(checkout / UNPACKED, "exit 1")
    said = set_up(checkout)
    assert TAKEN not in said
    assert "no Python 3.14 was found" in said
