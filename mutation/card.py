"""Tests the mutants of a module of the card with Stryker."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import subprocess
import sys
from typing import Any, Final

from .modules import CACHE, CARD, CHECKOUT, PACKAGE, source_of
from .mutants import Mutant, changed_lines, numbered
from .report import Result
from .state import digest

KILLED: Final = {"Killed", "Timeout", "RuntimeError", "CompileError"}
SURVIVED: Final = {"Survived", "NoCoverage"}
# Of the processor's time, so that no mutant is killed because the machine is busy.
SECONDS: Final = 30
PATIENCE_MS: Final = 600_000  # for tests that wait without end


def run(
    module: str, lines: frozenset[int] | None, jobs: int, *, fresh: bool
) -> list[Result]:
    """Test the mutants of a module, or of these lines: return which are killed."""
    path = CHECKOUT / source_of(module)
    report = _report_path(path, CHECKOUT / CARD[module])
    if fresh or not report.exists():
        _stryker(module, report, jobs)
    results = read(module, json.loads(report.read_text(encoding="utf-8")))
    return [
        (mutant, killed)
        for mutant, killed in results
        if lines is None or not lines.isdisjoint(mutant.lines)
    ]


def read(module: str, report: Mapping[str, Any]) -> list[Result]:
    """Read Stryker's report."""
    file = report["files"][source_of(module).as_posix()]
    found = dict(_results(module, file))
    return [
        (mutant, found[mutant.source]) for mutant in numbered(_mutants(module, file))
    ]


def _results(module: str, file: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for row in file["mutants"]:
        if row["status"] in KILLED | SURVIVED:
            yield replaced(file["source"], row), row["status"] in KILLED


def _mutants(module: str, file: Mapping[str, Any]) -> Iterator[Mutant]:
    source = file["source"]
    for row in file["mutants"]:
        if row["status"] in KILLED | SURVIVED:
            mutated = replaced(source, row)
            lines, before, after = changed_lines(source, mutated)
            yield Mutant(module, "", lines, before, after, mutated)


def replaced(source: str, row: Mapping[str, Any]) -> str:
    """Return the source with the replacement of one of Stryker's mutants."""
    lines = source.splitlines(keepends=True)

    def offset(place: Mapping[str, int]) -> int:
        before = sum(len(line) for line in lines[: place["line"] - 1])
        return before + place["column"] - 1

    start, end = (offset(row["location"][key]) for key in ("start", "end"))
    return f"{source[:start]}{row['replacement']}{source[end:]}"


def _report_path(*texts: Path) -> Path:
    """Return the path of the report for these file contents."""
    return CACHE / f"{texts[0].name}-{digest(texts)[:16]}.json"


def _stryker(module: str, report: Path, jobs: int) -> None:
    print(f"mutate: {module}, by Stryker", file=sys.stderr)
    CACHE.mkdir(parents=True, exist_ok=True)
    partial = report.with_suffix(".new")
    config = {
        "testRunner": "command",
        "commandRunner": {
            "command": f"ulimit -t {SECONDS}; {sys.prefix}/bin/node {CARD[module]}"
        },
        "timeoutMS": PATIENCE_MS,
        "coverageAnalysis": "off",
        "plugins": [],
        "mutate": [source_of(module).as_posix()],
        "concurrency": jobs,
        "reporters": ["json"],
        "jsonReporter": {"fileName": str(partial)},
        "tempDirName": str(CACHE / "stryker"),
        "cleanTempDir": "always",
        "allowConsoleColors": False,
        "logLevel": "warn",
        "allowEmpty": True,
        # What a copy of the checkout needs for these tests.
        "ignorePatterns": [
            "**",
            f"!{PACKAGE.as_posix()}/**",
            "!strings/**",
            "!tests/card/**",
            "!package.json",
        ],
    }
    written = CACHE / "stryker.conf.json"
    written.write_text(json.dumps(config), encoding="utf-8")
    subprocess.run(  # noqa: S603 -- nothing of it comes from outside
        [
            f"{sys.prefix}/bin/node",
            CHECKOUT / "node_modules/@stryker-mutator/core/bin/stryker.js",
            "run",
            written,
        ],
        cwd=CHECKOUT,
        check=True,
        stdout=sys.stderr,
    )
    partial.replace(report)
