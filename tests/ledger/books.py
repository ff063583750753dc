"""Both sides of the books, and what the comparison of a day says."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field, replace
from math import inf
from statistics import median, quantiles
from typing import Any, Final

FIXED_INTERVAL: Final = 5  # seconds


@dataclass
class Reported:
    """A transaction that Home Assistant reported; `run` is its process."""

    at: float
    screen: int
    session_id: str
    kind: str
    value: Any
    event_id: str
    run: int = 0


@dataclass
class Booked:
    """A transaction that a customer made at Piggy."""

    at: float
    uuid: str
    kind: str
    value: Any
    # "identified" or "others" where its latency counts, else empty.
    group: str


@dataclass
class Books:
    """What was booked and what was reported, by the session's uuid and id."""

    booked: list[Booked] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)  # session_id → uuid
    screens: dict[str, int] = field(default_factory=dict)  # uuid → screen
    disturbed: list[float] = field(default_factory=list)  # when each began
    tracked_seconds: float = 0
    requests: int = 0
    customers: int = 0

    def totals(self) -> Counter[str]:
        """Return what the totals of all screens must add up to."""
        totals: Counter[str] = Counter()
        for row in self.booked:
            if row.kind == "credit_reception":
                totals["credits_given"] += row.value or 0
            elif row.kind == "voucher_redeemed":
                totals["vouchers_redeemed"] += 1
            elif row.kind.endswith("_transaction") and row.value < 0:
                name = row.kind.removesuffix("_transaction").replace("card", "cards")
                totals[f"paid_with_{name}"] -= row.value
        return totals


@dataclass
class Result:
    """The result of a day; latencies in seconds, infinite when none was measured.

    A transaction that one run reported twice is `doubled`, one that a later run
    reported again is `repeated`.
    """

    customers: int
    transactions: int
    missed: int
    doubled: int
    repeated: int
    cents_off: int
    misplaced: int
    invented: int
    requests: int
    requests_share: float
    identified_median_s: float
    identified_p95_s: float
    others_median_s: float
    others_p95_s: float

    def as_dict(self) -> dict[str, Any]:
        """Return the result for a file; JSON has no infinity."""
        rows = asdict(self).items()
        return {name: None if value == inf else value for name, value in rows}

    def table(self) -> str:
        """Return the result as lines to read."""
        rows = [
            (name.replace("_", " "), f"{value:g}")
            for name, value in asdict(self).items()
        ]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:{width}}  {value}" for name, value in rows)


def compare(books: Books) -> Result:
    """Compare both sides of the books."""
    seen: dict[str, Reported] = {}
    runs: set[tuple[str, int]] = set()
    doubled = repeated = misplaced = invented = 0
    for report in books.reported:
        first = seen.setdefault(report.event_id, report)
        if first is not report:
            is_same_run = (report.event_id, report.run) in runs
            doubled, repeated = doubled + is_same_run, repeated + (not is_same_run)
            # The same transaction, told differently, is another one.
            invented += replace(report, at=first.at, run=first.run) != first
        runs.add((report.event_id, report.run))
        uuid = books.ids.get(report.session_id, "")
        misplaced += books.screens.get(uuid) != report.screen
    reports: dict[tuple[str, str], list[Reported]] = defaultdict(list)
    for report in seen.values():
        reports[books.ids.get(report.session_id, ""), report.kind].append(report)
    bookings: dict[tuple[str, str], list[Booked]] = defaultdict(list)
    for row in books.booked:
        bookings[row.uuid, row.kind].append(row)
    missed = cents_off = 0
    latencies: dict[str, list[float]] = {"identified": [], "others": []}
    for key in bookings.keys() | reports.keys():
        booked, found = bookings[key], reports[key]
        left = Counter(row.value for row in booked)
        left.subtract(Counter(row.value for row in found))
        missed += sum(count for count in left.values() if count > 0)
        invented -= sum(count for count in left.values() if count < 0)
        if key[1].endswith("_transaction"):
            difference = sum(value * count for value, count in left.items())
            cents_off += abs(difference)
        for row, report in zip(booked, found, strict=False):
            if row.group and not any(
                row.at <= at <= report.at for at in books.disturbed
            ):
                latencies[row.group].append(report.at - row.at)
    return Result(
        customers=books.customers,
        transactions=len(books.booked),
        missed=missed,
        doubled=doubled,
        repeated=repeated,
        cents_off=cents_off,
        misplaced=misplaced,
        invented=invented,
        requests=books.requests,
        requests_share=books.requests * FIXED_INTERVAL / (books.tracked_seconds or inf),
        identified_median_s=median(latencies["identified"] or [inf]),
        identified_p95_s=_p95(latencies["identified"]),
        others_median_s=median(latencies["others"] or [inf]),
        others_p95_s=_p95(latencies["others"]),
    )


def _p95(latencies: list[float]) -> float:
    """Return the 95th percentile, never more than the longest of a few."""
    return quantiles(latencies or [inf], n=20, method="inclusive")[-1]
