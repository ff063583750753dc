"""Storage of mutation results between runs."""

from collections.abc import Iterable
from hashlib import sha256
import json
from pathlib import Path

from .modules import CHECKOUT


class State:
    """The stored results of a module's mutants, so that a run can be resumed.

    What was killed stays killed while the module is the same. What survived is tested
    again after a change of its tests.
    """

    def __init__(self, path: Path, source: str, tests: str, *, fresh: bool) -> None:
        """Read the stored results that apply to the current file contents."""
        self._path = path
        self._texts = {"source": source, "tests": tests}
        self.killed: dict[str, bool] = {}
        if path.exists() and not fresh:
            data = json.loads(path.read_text(encoding="utf-8"))
            same_tests = data["tests"] == tests
            if data["source"] == source:
                self.killed = {
                    key: killed
                    for key, killed in data["killed"].items()
                    if killed or same_tests
                }

    def add(self, key: str, *, killed: bool) -> None:
        """Write a result at once."""
        self.killed[key] = killed
        content = json.dumps({**self._texts, "killed": self.killed})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(content, encoding="utf-8")
        temporary.replace(self._path)


def test_files(paths: Iterable[str]) -> list[Path]:
    """Return the files that these tests are in, and those that they share."""
    found = {CHECKOUT / "tests/conftest.py"}
    for path in paths:
        whole = CHECKOUT / path
        found |= {whole} if whole.is_file() else set(whole.rglob("*.py"))
    return sorted(found)


def digest(files: Iterable[Path]) -> str:
    """Return a digest of the files' contents."""
    return sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
