"""Run a program of the checkout, and end it with what it started."""

import asyncio
from typing import Final

from hub.configuration import CHECKOUT

STOP_TIMEOUT: Final = 10  # seconds


async def output_of(what: str, *command: str, seconds: float | None = None) -> bytes:
    """Run a command until it ends; return its output.

    Raises RuntimeError with all that it printed when it fails, and TimeoutError when it
    takes longer than `seconds`.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate()
    finally:
        await _end(process)
    if process.returncode:
        said = (output + errors).decode(errors="replace")
        raise RuntimeError(f"{what} could not be measured:\n{said}")
    return output


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process if it is running, so that it can end its own child processes."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
