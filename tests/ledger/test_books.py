"""The comparison of a day's books finds what is wrong."""

from dataclasses import replace
import json
from math import inf

import pytest

from .__main__ import parse
from .books import Booked, Books, Reported, compare

PAID = Booked(1, "uuid", "giftcard_transaction", -500, "")
TOLD = Reported(2, 3, "id", "giftcard_transaction", -500, "event")
TWICE = {"doubled": 1, "repeated": 1}
COUNTS = ("missed", "doubled", "repeated", "cents_off", "misplaced", "invented")


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ([TOLD], {}),
        ([], {"missed": 1, "cents_off": 500}),
        ([TOLD, replace(TOLD, at=3)], {"doubled": 1}),
        ([TOLD, replace(TOLD, run=1)], {"repeated": 1}),
        ([TOLD, replace(TOLD, run=1), replace(TOLD, at=3, run=1)], TWICE),
        ([TOLD, replace(TOLD, run=1, value=-5)], {"repeated": 1, "invented": 1}),
        ([replace(TOLD, value=-501)], {"missed": 1, "invented": 1, "cents_off": 1}),
        ([replace(TOLD, screen=4)], {"misplaced": 1}),
        ([TOLD, replace(TOLD, event_id="2")], {"invented": 1, "cents_off": 500}),
        (
            [replace(TOLD, session_id="other")],
            {"missed": 1, "invented": 1, "cents_off": 1000, "misplaced": 1},
        ),
    ],
)
def test_compare(reported: list[Reported], expected: dict[str, int]) -> None:
    """Each fault is counted under its name, and nothing else is."""
    books = Books([PAID], reported, {"id": "uuid"}, {"uuid": 3}, tracked_seconds=1)
    result = compare(books)
    assert {name: getattr(result, name) for name in COUNTS} == dict.fromkeys(
        COUNTS, 0
    ) | expected


def test_latencies() -> None:
    """Only latencies that no disturbance prolonged count, each in its group."""
    booked = [replace(PAID, at=at, group="others") for at in (0, 10, 20)]
    told = [replace(TOLD, at=at, event_id=f"{at}") for at in (1, 13, 90)]
    ids, screens = {"id": "uuid"}, {"uuid": 3}
    books = Books(booked, told, ids, screens, disturbed=[21], tracked_seconds=1)
    result = compare(books)
    assert result.others_median_s == 2
    assert result.others_p95_s == pytest.approx(2.9)
    assert (result.identified_median_s, result.identified_p95_s) == (inf, inf)
    written = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert written["identified_median_s"] is None
    assert written["others_median_s"] == 2


def test_arguments() -> None:
    """A day has at least one customer."""
    arguments = parse(["--customers", "300", "--seed", "7"])
    assert (arguments.customers, arguments.seed, arguments.json) == (300, 7, None)
    assert parse([]).customers == 10_000
    for count in ("0", "-5", "many"):
        with pytest.raises(SystemExit):
            parse(["--customers", count])
