"""The card on a wall, in Chromium: from a press to the code, and while it is idle."""

import asyncio
import json
from typing import Any

from hub.configuration import CHECKOUT

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
    process = await asyncio.create_subprocess_exec(
        *(str(CHECKOUT / ".venv" / "bin" / "python"), "-m", module, *arguments),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if process.returncode:
        raise RuntimeError(errors.decode(errors="replace"))
    return json.loads(output.splitlines()[-1])
