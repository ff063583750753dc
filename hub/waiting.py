"""Wait until a condition is met."""

import asyncio
from collections.abc import Awaitable, Callable
import time

from .errors import NotYetError

TIMEOUT = 20.0  # seconds

_POLL = 0.05  # seconds


async def eventually[ResultT](
    look: Callable[[], Awaitable[ResultT]], seconds: float = TIMEOUT
) -> ResultT:
    """Call `look` until it stops raising NotYetError; return its result.

    Raises the last NotYetError once the seconds are over.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await look()
        except NotYetError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(_POLL)
