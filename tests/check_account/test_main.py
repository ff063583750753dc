"""The command, against the sandbox as it is and in all its variants."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
import json
import os
from pathlib import Path
import re
import signal
import sys
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from check_account import __main__ as command, visit
from check_account.answers import Asker
from check_account.facts import FACTS, Needs
from sandbox import DEFAULT_KEY, Fault, Sandbox
from sandbox.settings import RATE_LIMIT

from .conftest import Check, use

ROOT = Path(__file__).parents[2]
SHOP = "2222e1242t3324535"


def text(report: Path) -> str:
    """Return the report, nothing when there is none."""
    return report.read_text(encoding="utf-8") if report.is_file() else ""


def verdicts(report: Path) -> dict[str, str]:
    """Return the verdict on each fact by its key."""
    rows = re.findall(r"^\| (\w+) \|.*\| ([\w ]+) \|$", text(report), re.MULTILINE)
    return {key: verdict for key, verdict in rows if key != "Check"}


def different(report: Path) -> set[str]:
    """Return the facts that differ."""
    return {key for key, verdict in verdicts(report).items() if verdict == "DIFFERENT"}


async def test_all_confirmed(
    check: Check,
    sandbox: Sandbox,
    report: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The sandbox confirms all facts, and the report identifies no account."""
    customer = asyncio.create_task(use(sandbox, credits=1))
    assert await check("--create", "--wait", "credit_reception", "--yes") == 0
    printed, errors = capsys.readouterr()
    count = len(FACTS)
    assert f"All {count} facts are confirmed." in printed
    assert len(re.findall(r" confirmed$", printed, re.MULTILINE)) == count
    assert verdicts(report) == dict.fromkeys((fact.key for fact in FACTS), "confirmed")
    assert errors == ""
    uuid = await customer
    (page,) = sandbox.calls("GET", "/portal-sessions?")
    assert "Authorization" not in page.headers
    account = sandbox.account
    names = [account.company, account.uuid, *(s.name for s in sandbox.shops.values())]
    secrets = [DEFAULT_KEY, sandbox.url, SHOP, uuid, *sandbox.sessions, *names]
    told = text(report) + printed
    for secret in (*secrets, "ada@example.com", "127.0.0.1"):
        assert str(secret) not in told
    assert str(report) in printed


async def test_nothing_is_created(check: Check, sandbox: Sandbox, report: Path) -> None:
    """Without an option nothing is created, and what needs one is not checked."""
    assert await check() == 0
    assert sandbox.calls("POST") == []
    assert sandbox.sessions == {}
    assert verdicts(report) == {
        fact.key: "not checked" if fact.needs else "confirmed" for fact in FACTS
    }
    assert {fact.needs for fact in FACTS} == set(Needs)


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), ("", False), ("n", False)])
async def test_asks_before_creating(
    check: Check,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    *,
    agreed: bool,
) -> None:
    """Sessions are created after a person agreed to their number."""
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert await check("--create") == 0
    posts = sandbox.calls("POST")
    assert bool(posts) is agreed
    if agreed:
        assert f"up to {len(posts)} sessions" in capsys.readouterr().out
        assert {post.path for post in posts} == {
            f"/api/v3/oauth/clients/portal-sessions{path}"
            for path in (
                "",
                "/credit-reception",
                "/redeem-giftcards",
                "/top-up-giftcards",
                "/pay-prepaid",
                "/top-up-prepaid",
                "/vouchers",
            )
        }


async def test_no_one_to_ask(
    check: Check,
    sandbox: Sandbox,
    report: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a terminal, nothing is created, and a missing key is an error."""

    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    assert await check("--create") == 0
    assert sandbox.sessions == {}
    assert verdicts(report)["health_check"] == "confirmed"
    monkeypatch.delenv("PIGGY_API_KEY", raising=False)
    monkeypatch.setattr(sys, "argv", ["check-account"])
    monkeypatch.setattr(command, "getpass", end)
    assert command.main() == 1
    assert "Set PIGGY_API_KEY" in capsys.readouterr().err


def settings(**changes: Any) -> Callable[[Sandbox], None]:
    """Return a change of the sandbox's settings."""

    def change(sandbox: Sandbox) -> None:
        for name, value in changes.items():
            setattr(sandbox.settings, name, value)

    return change


def refused(path: str, code: int = 1003) -> Callable[[Sandbox], None]:
    """Return a change that refuses the first create at a path."""
    return lambda sandbox: sandbox.add_fault(
        Fault("code", method="POST", path=path, code=code)
    )


def without_shops(sandbox: Sandbox) -> None:
    """Remove all shops."""
    sandbox.shops.clear()


def without_account(sandbox: Sandbox) -> None:
    """Leave the account's ids out of the health check."""
    sandbox.account.uuid = sandbox.account.id = None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (settings(omit_events=True), {"events"}),
        (settings(unknown_session_code=1008), {"unknown_session"}),
        (settings(unknown_session_code=60013), set()),
        (settings(wrong_key_code=7002), {"wrong_key"}),
        (settings(wrong_key_code=7011), set()),
        (settings(refuse_framing=True), {"framing"}),
        (settings(headers={}), {"rate_limit"}),
        (settings(headers={"X-RateLimit-Limit": "5000"}), {"rate_limit"}),
        (settings(headers=RATE_LIMIT | {"X-RateLimit-Limit": "lots"}), {"rate_limit"}),
        (settings(created_status=200), set()),
        (settings(created_status=202), {"created_status"}),
        (settings(url_for="http://127.0.0.1:1/{uuid}"), {"framing"}),
        (settings(url_for="https://evil.invalid/{uuid}"), {"url_host", "framing"}),
        (
            settings(url_for="javascript:{uuid}"),
            {"fields", "url_host", "read_back", "events", "contact", "framing"},
        ),
        (refused("/portal-sessions"), {"amounts"}),
        (refused("/credit-reception"), {"amounts"}),
        (refused("/pay-prepaid"), {"amounts"}),
        (refused("/redeem-giftcards"), {"amounts", "types"}),
        (refused("/vouchers", 1102), {"types"}),
        (without_account, {"account"}),
        (without_shops, {"shops"}),
    ],
)
async def test_variant(
    check: Check,
    sandbox: Sandbox,
    report: Path,
    change: Callable[[Sandbox], None],
    found: set[str],
) -> None:
    """Every deviation of an account is found, and nothing else."""
    change(sandbox)
    assert await check("--create", "--yes") == bool(found)
    assert different(report) == found
    assert "evil" not in text(report)


def test_parameters() -> None:
    """All parameters with a default are sent, with real booleans and numbers."""
    expected = {
        "scanner_type": "hand_scanner",
        "camera_service": 3,
        "facing_mode": "environment",
        "primary_identification_method": "identifier",
        "enable_email_identification": False,
        "enable_registration": False,
        "enable_on_screen_keyboard": False,
    }
    assert json.dumps(visit.PARAMETERS) == json.dumps(expected)


@pytest.mark.parametrize("name", visit.PARAMETERS)
async def test_refused_parameter(
    check: Check, report: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A parameter that is refused is caught."""
    monkeypatch.setattr(visit, "PARAMETERS", {**visit.PARAMETERS, name: "odd"})
    assert await check("--create", "--yes") == 1
    assert different(report) == {"parameters"}


async def test_yes_alone_creates(check: Check, sandbox: Sandbox) -> None:
    """Agreeing beforehand is enough to create sessions."""
    assert await check("--yes") == 0
    assert sandbox.sessions


async def test_not_understood(check: Check, sandbox: Sandbox, report: Path) -> None:
    """A transaction in an unknown form is caught."""
    customer = asyncio.create_task(use(sandbox, "giftcard_transaction", amount=5))
    assert await check("--wait", "--yes") == 1
    await customer
    assert different(report) == {"transactions"}
    assert len(sandbox.sessions) == 1


async def test_omitted_events(
    check: Check,
    sandbox: Sandbox,
    report: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Waiting ends after some time, and findings before a failure count."""
    monkeypatch.setattr(command, "PATIENCE", 1.0)
    sandbox.settings.omit_events = True

    async def use_and_fail() -> None:
        await use(sandbox, credits=1)
        read = len(sandbox.calls("GET", "/portal-sessions/"))
        await sandbox.wait_for_calls(read + 2, "GET", "/portal-sessions/")
        sandbox.add_fault(Fault("status", status=503, times=0))

    customer = asyncio.create_task(use_and_fail())
    assert await check("--wait", "--yes") == 1
    await customer
    assert different(report) == {"transactions"}


async def test_ctrl_c(check: Check, sandbox: Sandbox, report: Path) -> None:
    """Ctrl-C ends the waiting, and the table still appears."""

    async def interrupt() -> None:
        await sandbox.wait_for_calls(2, "GET", "/portal-sessions/")
        os.kill(os.getpid(), signal.SIGINT)

    person = asyncio.create_task(interrupt())
    async with asyncio.timeout(20):
        assert await check("--wait", "--yes") == 1
    await person
    assert different(report) == {"identified", "transactions"}


async def test_interruptions(check: Check, sandbox: Sandbox, report: Path) -> None:
    """An answer that fails while a session is watched is passed over."""
    customer = asyncio.create_task(use(sandbox, credits=1))
    sandbox.add_fault(
        Fault("status", method="GET", path="/portal-sessions/", status=503, times=1),
        Fault("reset_before", method="GET", path="/portal-sessions/", times=2),
    )
    await check("--wait", "--yes")
    await customer
    assert different(report) == {"unknown_session"}


async def test_refused_watch(check: Check, sandbox: Sandbox, report: Path) -> None:
    """A session that cannot be created is not waited for."""
    sandbox.add_fault(Fault("code", method="POST", code=55018))
    assert await check("--wait", "--yes") == 1
    assert different(report) == {"identified", "transactions"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (None, "HTTP 401"),
        (Fault("code", code=7011), "error 7011"),
        (Fault("code", code=7002), "error 7002"),
        (Fault("status", status=429), "HTTP 429 without data"),
        (Fault("html", status=403), "HTTP 403 without data"),
        (Fault("reset_before"), "no answer"),
    ],
)
async def test_failed_health_check(
    check: Check,
    sandbox: Sandbox,
    report: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Fault | None,
    said: str,
) -> None:
    """Without an account there is nothing to check."""
    if fault:
        sandbox.add_fault(replace(fault, times=0))
    assert await check("--create", "--yes", key="wrong" if not fault else "x") == 1
    assert capsys.readouterr().err == f"The health check failed: {said}.\n"
    assert text(report) == ""
    assert sandbox.calls("POST") == []


@pytest.mark.usefixtures("socket_enabled")
async def test_redirects() -> None:
    """A redirect of the page is followed, as in a frame; one of the API is not."""

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPFound("/end")

    async def end(request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        return web.Response(headers={"X-Frame-Options": "DENY"})

    app = web.Application()
    app.router.add_get("/end", end)
    app.router.add_get("/{path:.*}", redirect)
    async with TestServer(app) as server, ClientSession() as session:
        asker = Asker(session, str(server.make_url("")).rstrip("/"), DEFAULT_KEY)
        page = await asker.get_page(f"{asker.url}/page")
        assert page.headers
        assert page.headers["X-Frame-Options"] == "DENY"
        assert (await asker.get("")).status == 302


@pytest.mark.parametrize(
    "arguments",
    [["--url", "http://example.com"], ["--url", "x"], ["--wait", "party"], ["--what"]],
)
def test_wrong_arguments(arguments: list[str]) -> None:
    """Invalid arguments are refused."""
    with pytest.raises(SystemExit) as caught:
        command.parse(arguments)
    assert caught.value.code == 2


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("given", ["", DEFAULT_KEY])
def test_key(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """The key is taken from the environment, or asked for without echo."""
    asked: list[str] = []

    async def run(options: object, key: str) -> int:
        assert key == DEFAULT_KEY
        return 7

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return f"{DEFAULT_KEY}\n"

    monkeypatch.setenv("PIGGY_API_KEY", given)
    monkeypatch.setattr(sys, "argv", ["check-account"])
    monkeypatch.setattr(command, "getpass", ask)
    monkeypatch.setattr(command, "run", run)
    assert command.main() == 7
    assert len(asked) == (not given)


async def test_command(sandbox: Sandbox, report: Path) -> None:
    """The module runs as a command of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "check_account",
        *("--url", sandbox.url, "--report", str(report)),
        cwd=ROOT,
        env={**os.environ, "PIGGY_API_KEY": DEFAULT_KEY},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        printed, _ = await process.communicate()
    assert process.returncode == 0
    assert "0 different" in printed.decode()
    assert "confirmed" in text(report)
