"""The table, the bounds, and what is written into the documentation."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import docs
from benchmarks.__main__ import parse
from benchmarks.docs import BEGIN, END, QUOTES, between_markers, conditions, quotes
from benchmarks.report import as_json, is_within, machine, table
from benchmarks.rows import ROWS, Row, families
from benchmarks.samples import Samples

ROW = Row("family", "key", "This", "the other", "ms", ratio=1.5, most=10)
WITHIN = Samples([9.0], [6.0])


@pytest.mark.parametrize(
    ("row", "samples", "within"),
    [
        (ROW, WITHIN, True),
        (ROW, Samples([9.0], [5.9]), False),
        (ROW, Samples([10.1], [20.0]), False),
        (replace(ROW, ratio=None), Samples([9.0], [1.0]), True),
        (replace(ROW, most=None), Samples([99.0], [98.0]), True),
        (replace(ROW, other=""), Samples([9.0]), True),
        (replace(ROW, other=""), Samples([11.0]), False),
    ],
)
def test_bounds(row: Row, samples: Samples, *, within: bool) -> None:
    """A row is within its bounds if it is within both of them."""
    assert is_within(row, samples) == within
    line = table([(row, samples)]).splitlines()[2]
    assert line.endswith("| yes     |" if within else "| NO      |")
    (written,) = as_json([(row, samples)], {})["rows"]
    assert written["within"] == within


def test_table() -> None:
    """Each row says what was measured, beside what, and with which bounds."""
    noted = replace(WITHIN, notes="more")
    heading, _, line, _, note = table([(ROW, noted)]).splitlines()
    assert [cell.strip() for cell in heading.split("|")[1:-1]] == [
        *("row", "this", "other", "ratio", "noise", "bound", "within?")
    ]
    assert [cell.strip() for cell in line.split("|")[1:-1]] == [
        "key: This",
        "9 ms",
        "the other: 6 ms",
        "1.500",
        "± 0.0%",
        "≤ 1.5, ≤ 10 ms",
        "yes",
    ]
    assert note == "- key: more"


def test_every_family_has_its_module() -> None:
    """Each row has a key of its own, and a module that measures it."""
    assert len({row.key for row in ROWS}) == len(ROWS)
    for family in families([row.key for row in ROWS]):
        assert find_spec(f"benchmarks.{family}")
    assert families(["requests", "action", "latency"]) == ["day", "actions"]
    assert families([]) == []


def test_pages() -> None:
    """The pages have markers, and no row that is no longer measured."""
    page = docs.PERFORMANCE.read_text(encoding="utf-8")
    written = page.partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(":")[0] for line in written.splitlines() if ": " in line]
    known = {f"| {row.key}" for row in ROWS}
    assert {row for row in rows if row.startswith("|")} <= known
    assert END in docs.README.read_text(encoding="utf-8").partition(BEGIN)[2]


def test_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is between the markers changes."""
    pages = [tmp_path / "performance.md", tmp_path / "readme.md"]
    for page in pages:
        page.write_text(f"Before\n{BEGIN}\nold\n{END}\nAfter\n", encoding="utf-8")
    monkeypatch.setattr(docs, "PERFORMANCE", pages[0])
    monkeypatch.setattr(docs, "README", pages[1])
    here = machine()
    docs.write([(ROW, WITHIN)], here)
    for page, content in zip(
        pages,
        (f"{conditions(here)}\n\n{table([(ROW, WITHIN)])}", quotes([])),
        strict=True,
    ):
        assert page.read_text(encoding="utf-8") == (
            f"Before\n{BEGIN}\n{content}\n{END}\nAfter\n"
        )


@pytest.mark.parametrize("text", ["", BEGIN, f"{END} {BEGIN}"])
def test_page_without_markers(text: str) -> None:
    """A page whose markers were lost is left alone."""
    with pytest.raises(ValueError, match="a page without"):
        between_markers(text, "new")


def test_quotes() -> None:
    """A shop's owner reads the medians in plain words."""
    requests = Row("day", "requests", "Requests", "a poll every 5 s", "")
    latency = Row("day", "latency", "Done to event", "", "s")
    lines = quotes(
        [(requests, Samples([12_345.0], [24_690.0])), (latency, Samples([0.44]))]
    ).splitlines()
    assert lines == [
        f"- {QUOTES['latency'].words}: 0.4 s",
        f"- {QUOTES['requests'].words}: 12,345, 50% of what asking every 5 s takes",
    ]


@pytest.mark.parametrize("other", [["--quick"], ["--rows", "action"]])
def test_docs_need_a_full_run(other: list[str]) -> None:
    """A run that measures less cannot be written into the documentation."""
    assert parse(["--docs", "--check"]).docs
    with pytest.raises(SystemExit):
        parse(["--docs", *other])
