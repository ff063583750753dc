"""The mutants of a module."""

from mutation.card import read
from mutation.mutants import changed_lines, python_mutants

SOURCE = '''"""Docstring."""
LIMIT: int | None = 3


class Till:
    @property
    def is_open(self) -> bool:
        """Docstring."""
        if self.ready:
            _LOGGER.debug("open")
            self.ring("bell", times=2)
        return self.count < LIMIT
'''


def changes() -> set[tuple[str, str, str]]:
    """Return the function, the old, and the new text of every mutant."""
    mutants = python_mutants("till.py", SOURCE)
    return {(mutant.function, mutant.before, mutant.after) for mutant in mutants}


def test_mutants() -> None:
    """Values, conditions, arguments, and calls are changed, also in a property."""
    assert changes() == {
        ("", "LIMIT: int | None = 3", "LIMIT: int | None = 4"),
        ("", "LIMIT: int | None = 3", "LIMIT: int | None = None"),
        ("Till.is_open", "if self.ready:", "if not (self.ready):"),
        *(
            ("Till.is_open", 'self.ring("bell", times=2)', after)
            for after in (
                "pass",
                'self.ring("XXbellXX", times=2)',
                'self.ring("bell", times=3)',
                'self.ring("bell", times=None)',
                'self.ring("bell", )',
                "self.ring(None, times=2)",
            )
        ),
        (
            "Till.is_open",
            "return self.count < LIMIT",
            "return self.count <= LIMIT",
        ),
    }


def test_mutant_has_a_place() -> None:
    """A mutant knows the lines of its statement, and shows its change."""
    (mutant,) = (
        mutant for mutant in python_mutants("till.py", SOURCE) if "<=" in mutant.after
    )
    assert list(mutant.lines) == [12]
    assert mutant.source.splitlines()[11].strip() == mutant.after
    assert mutant.diff == (
        "till.py:12 Till.is_open\n"
        "- return self.count < LIMIT\n"
        "+ return self.count <= LIMIT"
    )


def test_equal_changes_have_different_keys() -> None:
    """A change of a line that is twice in a function has two keys."""
    line = "    send(1)\n"
    mutants = python_mutants("till.py", f"def go():\n{line}{line}")
    assert len({mutant.source for mutant in mutants}) == len(mutants) == 6
    assert len({mutant.key for mutant in mutants}) == 6


def test_changed_lines() -> None:
    """A change may span lines, add some, or remove some."""
    old = "a\n  b\n  c\nd\n"
    assert changed_lines(old, "a\n  x\n  y\nd\n") == (range(2, 4), "b\nc", "x\ny")
    assert changed_lines(old, "a\nd\n") == (range(2, 4), "b\nc", "")
    assert changed_lines(old, "a\n  b\n  c\n  e\nd\n") == (range(4, 5), "", "e")


def test_report_of_stryker() -> None:
    """What timed out is killed, and what was ignored is no mutant."""
    source = "const a = 1;\nconst b =\n  a < 2;\n"

    def row(replacement: str, status: str) -> dict[str, object]:
        start, end = {"line": 3, "column": 3}, {"line": 3, "column": 8}
        location = {"start": start, "end": end}
        return {"location": location, "replacement": replacement, "status": status}

    rows = [
        row("a <= 2", "Survived"),
        row("true", "Killed"),
        row("false", "Timeout"),
        row("0", "Ignored"),
    ]
    path = "custom_components/piggy/frontend/format.js"
    report = {"files": {path: {"source": source, "mutants": rows}}}
    results = read("format.js", report)
    assert [(mutant.after, killed) for mutant, killed in results] == [
        ("a <= 2;", False),
        ("true;", True),
        ("false;", True),
    ]
    assert results[0][0].before == "a < 2;"
    assert list(results[0][0].lines) == [3]
