"""The time of the first import of an integration, in a new process each."""

from pathlib import Path
import sys

import homeassistant
from hub.configuration import CHECKOUT

from .process import output_of
from .samples import Measure, Samples, in_turn

ROUNDS = 30
QUICK = 6
TIMEOUT = 60  # seconds

# A hub has imported its own parts, and the components that both of them build on, by
# then. What they need beside that counts: a library of ntfy's, one of ours.
PROGRAM = """
import importlib, sys, time
import homeassistant.bootstrap
from homeassistant.components import (
    button, diagnostics, event, frontend, image, notify, number, repairs, sensor,
    system_health, update,
)
start = time.process_time()
for name in sys.argv[1:]:
    importlib.import_module(name)
print((time.process_time() - start) * 1000)
"""


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the row of this family."""
    here = CHECKOUT / "custom_components" / "piggy"
    this = fresh(_modules("custom_components.piggy", here))
    core = Path(homeassistant.__path__[0]) / "components" / "ntfy"
    other = fresh(_modules("homeassistant.components.ntfy", core))
    rounds = ROUNDS // (QUICK if quick else 1)
    return {"import": await in_turn(this, other, rounds, 1)}


def _modules(package: str, folder: Path) -> list[str]:
    """Return the modules of an integration, its package first."""
    names = sorted(path.stem for path in folder.glob("*.py"))
    return [package, *(f"{package}.{name}" for name in names if name != "__init__")]


def fresh(modules: list[str]) -> Measure:
    """Return how to measure the CPU milliseconds that importing modules takes."""

    async def measured() -> float:
        command = (sys.executable, "-c", PROGRAM, *modules)
        output = await output_of("an import", *command, seconds=TIMEOUT)
        return float(output)

    return measured
