"""A sandbox that confirms every fact, and the command."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from check_account import __main__ as command, visit
from sandbox import DEFAULT_KEY, Sandbox
from sandbox.settings import RATE_LIMIT

type Check = Callable[..., Awaitable[int]]


@pytest.fixture
async def sandbox(socket_enabled: None) -> AsyncIterator[Sandbox]:
    """Run a sandbox that sends its rate limit."""
    async with Sandbox(json_only=True) as running:
        running.settings.headers = RATE_LIMIT
        yield running


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return where the report is written."""
    return tmp_path / "report.md"


@pytest.fixture
def check(sandbox: Sandbox, report: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return a function that runs the command with options and short timeouts."""
    monkeypatch.setattr(visit, "POLL", 0.01)
    monkeypatch.setattr(command, "PATIENCE", 20.0)

    async def run(*arguments: str, key: str = DEFAULT_KEY) -> int:
        options: argparse.Namespace = command.parse(
            ["--url", sandbox.url, "--report", str(report), *arguments]
        )
        return await command.run(options, key)

    return run


async def use(sandbox: Sandbox, event: str = "credit_reception", **data: Any) -> str:
    """Use the session that is watched, as a customer does; return its uuid."""
    async with asyncio.timeout(20):
        reads = await sandbox.wait_for_calls(2, "GET", "/portal-sessions/")
        # Only the session that is watched is read twice in a row.
        while reads[-1].path != reads[-2].path:
            reads = await sandbox.wait_for_calls(
                len(reads) + 1, "GET", "/portal-sessions/"
            )
    uuid = reads[-1].path.rpartition("/")[2]
    sandbox.identify(uuid, "123")
    sandbox.add_event(uuid, event, data)
    return uuid
