"""The card on a wall, in Chromium: from a press to the code, and while it is idle."""

import json
from typing import Any

from hub.configuration import CHECKOUT

from .process import output_of
from .samples import Samples


async def measure(*, quick: bool) -> dict[str, Samples]:
    """Measure the rows of this family."""
    found = await run_in_browser("tests.e2e.press", *(["--quick"] if quick else []))
    return {
        "wall-press": Samples(found["this"], found["other"]),
        "wall-loaded": Samples([found["bytes"] / 1000]),
        "wall-idle": Samples([found["idle"]]),
    }


async def run_in_browser(module: str, *arguments: str) -> Any:
    """Run a module where Playwright is, and return what it prints as JSON.

    Raises RuntimeError when it fails.
    """
    python = CHECKOUT / ".venv" / "bin" / "python"
    output = await output_of(module, str(python), "-m", module, *arguments)
    return json.loads(output.splitlines()[-1])
