"""What thousands of sessions leave behind in a card's browser."""

from .samples import Samples
from .wall import run_in_browser

SESSIONS = 2000
QUICK = 10


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family."""
    sessions = SESSIONS // (QUICK if quick else 1)
    found = await run_in_browser("tests.card.wear", str(sessions))
    first, last = found["first"], found["last"]
    nodes = [part["nodes"] + part["listeners"] for part in (last, first)]
    heaps = [part["heap"] / 2**20 for part in (last, first)]
    return {
        "wall-nodes": Samples(nodes[:1], nodes[1:]),
        "wall-heap": Samples(heaps[:1], heaps[1:]),
    }
