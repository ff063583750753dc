"""The sandbox runs as a process of its own."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
import signal
import sys

from aiohttp import ClientSession
import pytest

from sandbox import Sandbox, __main__
from sandbox.api import PREFIX

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[Process]:
    """Run the sandbox; it is ended if the test did not do so."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *arguments,
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_run(number: signal.Signals) -> None:
    """The process prints its address and data, serves, and ends on a signal."""
    async with _process("--port", "0", "--key", "one", "--key", "two") as process:
        assert process.stdout is not None
        first = (await process.stdout.readline()).decode()
        assert first.startswith("Sandbox: http://127.0.0.1:")
        url = first.removeprefix("Sandbox: ").strip()
        headers = {"Authorization": "Bearer two"}
        async with (
            ClientSession(headers=headers) as client,
            client.get(f"{url}{PREFIX}/shops") as response,
        ):
            assert response.status == 200
            process.send_signal(number)
            out, err = await process.communicate()
        assert process.returncode == 0
        assert err == b""
    lines = out.decode().splitlines()
    assert lines[:2] == ["API key: one", "API key: two"]
    assert "Shop: Amsterdam Pop-up Store (physical), uuid 123123" in lines
    assert "Contact: ada@example.com, uuid 123" in lines
    assert "Card: 1000001, ada@example.com" in lines
    assert "Card: 1000003, cleo@example.com, inactive" in lines
    assert "Card: 1000004, no contact" in lines
    assert "Giftcard: GIFT50, 50.00" in lines
    assert "Giftcard: GIFTOLD, 25.00, expired" in lines
    assert "Voucher: COFFEE, Free coffee" in lines


async def test_taken_port(sandbox: Sandbox) -> None:
    """A port that is in use is reported in one line."""
    async with _process("--port", str(sandbox.port)) as process:
        out, err = await process.communicate()
    assert process.returncode == 1
    assert out == b""
    expected = f"cannot listen on 127.0.0.1:{sandbox.port}: Address already in use"
    assert err.decode().splitlines() == [f"sandbox: {expected}"]


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("port", ["65536", "-1", "x"])
async def test_no_port(port: str) -> None:
    """An invalid port is reported before anything starts."""
    async with _process(f"--port={port}") as process:
        _, err = await process.communicate()
    assert process.returncode == 2
    assert f"not a port from 0 to 65535: {port}" in err.decode()


def test_vendor_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Piggy's own page has to be built before it can be shown."""
    monkeypatch.setattr(__main__, "VENDOR_PAGE", tmp_path)
    assert __main__.parse(["--vendor-page"]).vendor_page
    monkeypatch.setattr(__main__, "VENDOR_PAGE", tmp_path / "missing")
    assert not __main__.parse([]).vendor_page
    with pytest.raises(SystemExit):
        __main__.parse(["--vendor-page"])
