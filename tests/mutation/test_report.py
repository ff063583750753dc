"""What a run reports, what it keeps, and what it leaves out."""

from collections.abc import Callable
import json
from pathlib import Path

import pytest

from mutation import __main__ as command, card, python
from mutation.baseline import Baseline
from mutation.child import Selection
from mutation.equivalents import Equivalent, read, unused
from mutation.modules import CARD, CHECKOUT, PYTHON, source_of
from mutation.mutants import Mutant
from mutation.report import Result, as_json, count, missed, survivors, table
from mutation.state import State

ROW = Equivalent(
    module="session.py", function="go", before="a", after="b", reason="The same."
)


def mutant(after: str, module: str = "session.py") -> Mutant:
    """Return a mutant of a function."""
    return Mutant(module, "go", range(3, 4), "a", after, after)


RESULTS: list[Result] = [
    (mutant("b"), False),
    (mutant("c"), False),
    *((mutant(str(number)), True) for number in range(9)),
    (mutant("b", "model.js"), False),
    *((mutant(str(number), "model.js"), True) for number in range(9)),
]


def test_modules_exist() -> None:
    """The tables name modules and tests that exist."""
    tests = {*CARD.values()}.union(*PYTHON.values())
    sources = {source_of(module).as_posix() for module in (*PYTHON, *CARD)}
    for path in tests | sources:
        assert (CHECKOUT / path).exists(), path


def test_table() -> None:
    """A row for each module, and one for each language."""
    assert table(count(RESULTS, [ROW])) == (
        "| module     | mutants | killed | survived | equivalent | rate  |\n"
        "|------------|---------|--------|----------|------------|-------|\n"
        "| session.py | 11      | 9      | 1        | 1          | 90.0% |\n"
        "| model.js   | 10      | 9      | 1        | 0          | 90.0% |\n"
        "| **Python** | 11      | 9      | 1        | 1          | 90.0% |\n"
        "| **card**   | 10      | 9      | 1        | 0          | 90.0% |"
    )


def test_json() -> None:
    """The counts by module."""
    assert as_json(count(RESULTS, [ROW])) == {
        "session.py": {"killed": 9, "survived": 1, "equivalent": 1},
        "model.js": {"killed": 9, "survived": 1, "equivalent": 0},
    }


def test_bounds() -> None:
    """Python's bound is higher than the card's."""
    assert missed(count(RESULTS, [ROW])) == ["Python"]
    assert missed(count(RESULTS[:1], [ROW])) == []
    assert missed(count(RESULTS[-3:], [])) == []
    assert missed(count(RESULTS[-11:-8], [])) == ["card"]


def test_survivors() -> None:
    """An equivalent mutant is no survivor."""
    assert survivors(RESULTS, [ROW]) == [mutant("c"), mutant("b", "model.js")]


def test_equivalents_have_a_reason(tmp_path: Path) -> None:
    """A row without a reason is refused, and one without a mutant is found."""
    path = tmp_path / "equivalents.toml"
    line = '[[mutant]]\nmodule = "session.py"\nfunction = "go"\n'
    path.write_text(f'{line}before = "a"\nafter = "b"\nreason = "The same."\n')
    assert read(path) == [ROW]
    assert unused([ROW], [mutant("b")]) == []
    assert unused([ROW], [mutant("c")]) == [ROW]
    assert unused([ROW], [mutant("c", "model.js")]) == []
    path.write_text(f'{line}before = "a"\nafter = "b"\nreason = " "\n')
    with pytest.raises(ValueError, match="no reason"):
        read(path)


def test_equivalents_of_this_repository() -> None:
    """The list can be read and is about modules that are mutated."""
    for row in read():
        assert (CHECKOUT / source_of(row.module)).exists()
        assert row.module in {*PYTHON, *CARD}


@pytest.mark.parametrize(
    ("source", "tests", "fresh", "kept"),
    [
        ("s", "t", False, {"1": True, "2": False}),
        ("s", "other", False, {"1": True}),
        ("other", "t", False, {}),
        ("s", "t", True, {}),
    ],
)
def test_resumes(
    tmp_path: Path, source: str, tests: str, kept: dict[str, bool], *, fresh: bool
) -> None:
    """Results are kept while they hold."""
    path = tmp_path / "new" / "session.json"
    state = State(path, "s", "t", fresh=False)
    state.add("1", killed=True)
    state.add("2", killed=False)
    assert State(path, source, tests, fresh=fresh).killed == kept


def test_tests_that_matter() -> None:
    """Only tests that run a changed line run; all, if an import runs it.

    A test that fails in any case is left out.
    """
    data = {
        "durations": {"one": 1, "two": 2, "flaky": 3},
        "failed": ["flaky"],
        "lines": {"3": ["one", "flaky"], "4": ["two"], "1": [""]},
        "modules": [],
    }
    known = Baseline.from_json(json.loads(json.dumps(data)))
    assert known.tests(range(3, 4)) == {"one"}
    assert known.tests(range(3, 5)) == {"one", "two"}
    assert known.tests(range(1, 3)) == {"one", "two"}
    assert known.tests(range(9, 10)) == set()
    assert known.is_imported(range(1, 3))
    assert not known.is_imported(range(3, 5))


def test_order(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """New tests run first, then those that failed before, then the fastest ones."""
    here = request.node
    known = {f"{here.nodeid}{number}": float(number) for number in (2, 4, 1, 3)}
    items: list[pytest.Item] = []
    for nodeid in (*known, "new"):
        item = pytest.Function.from_parent(
            here.parent, name=here.name, callobj=here.obj
        )
        item._nodeid = nodeid  # noqa: SLF001 -- pytest has no other way
        items.append(item)
    chosen = set(known) - {f"{here.nodeid}3"}
    failures = {f"{here.nodeid}4": 1}
    Selection(
        chosen, known, failures, tmp_path / "failed"
    ).pytest_collection_modifyitems(items)
    ids = [item.nodeid.removeprefix(here.nodeid) for item in items]
    assert ids == ["new", "4", "1", "2"]


def test_lines_of_a_diff() -> None:
    """Only new lines count; lines that were only removed have none."""
    diff = "@@ -1,2 +3 @@\n-a\n+b\n@@ -9 +10,2 @@ def go\n@@ -20,2 +21,0 @@\n-c\n"
    assert command.lines_of(diff) == {3, 10, 11}


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, object]]:
    """Return a function that runs the command on results that are made up."""

    def results(module: str, *_: object, fresh: bool) -> list[Result]:
        return [result for result in RESULTS if result[0].module == module]

    monkeypatch.setattr(python, "run", results)
    monkeypatch.setattr(card, "run", results)
    monkeypatch.setattr(command, "read", lambda: [ROW])
    monkeypatch.setattr(command, "changed_since", lambda *_: frozenset({3}))
    written = tmp_path / "counts.json"

    def go(*arguments: str) -> tuple[int, object]:
        status = command.main(command.parse([*arguments, "--json", str(written)]))
        return status, json.loads(written.read_text())

    return go


def test_command(
    run: Callable[..., tuple[int, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The survivors come first, then the table."""
    status, counts = run()
    assert status == 0
    assert counts == as_json(count(RESULTS, [ROW]))
    printed = capsys.readouterr()
    assert printed.out.startswith("session.py:3 go\n- a\n+ c\n\nmodel.js:3 go\n")
    assert table(count(RESULTS, [ROW])) in printed.out
    assert printed.err.splitlines() == [
        "mutate: the rate of Python is below its bound",
        "mutate: more than 3% of the mutants are equivalent",
    ]


def test_check(run: Callable[..., tuple[int, object]]) -> None:
    """A rate below its bound fails the check."""
    assert run("--check")[0] == 1
    assert run("--check", "--module", "session.py", "--changed")[0] == 1
    assert run("--check", "--module", "model.js") == (
        0,
        {"model.js": {"killed": 9, "survived": 1, "equivalent": 0}},
    )
