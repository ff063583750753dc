"""The results of a simulated day of scripts/shop-day."""

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.configuration import CHECKOUT

from .samples import Samples

CUSTOMERS = 500


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family, always at full length.

    Raises RuntimeError when the books of the day do not balance.
    """
    with TemporaryDirectory(prefix="bench-") as name:
        report = Path(name) / "day.json"
        process = await asyncio.create_subprocess_exec(
            CHECKOUT / "scripts" / "shop-day",
            *("--customers", str(CUSTOMERS), "--json", str(report)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if process.returncode:
            raise RuntimeError(output.decode(errors="replace"))
        found = json.loads(report.read_text(encoding="utf-8"))
    requests, share = found["requests"], found["requests_share"]
    notes = f"95 %: {found['identified_p95_s']:.2f} s; not identified before:"
    notes += f" {found['others_median_s']:.2f} s, 95 %: {found['others_p95_s']:.2f} s"
    return {
        "latency": Samples([found["identified_median_s"]], notes=notes),
        "requests": Samples([requests], [requests / share]),
    }
