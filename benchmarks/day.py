"""The results of a simulated day of scripts/shop-day."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.configuration import CHECKOUT

from .process import output_of
from .samples import Samples

CUSTOMERS = 500


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family, always at full length.

    Raises RuntimeError when the books of the day do not balance.
    """
    with TemporaryDirectory(prefix="bench-") as name:
        report = Path(name) / "day.json"
        await output_of(
            "the day",
            str(CHECKOUT / "scripts" / "shop-day"),
            *("--customers", str(CUSTOMERS), "--json", str(report)),
        )
        found = json.loads(report.read_text(encoding="utf-8"))
    requests, share = found["requests"], found["requests_share"]
    notes = f"95 %: {found['identified_p95_s']:.2f} s; not identified before:"
    notes += f" {found['others_median_s']:.2f} s, 95 %: {found['others_p95_s']:.2f} s"
    return {
        "latency": Samples([found["identified_median_s"]], notes=notes),
        "requests": Samples([requests], [requests / share]),
    }
