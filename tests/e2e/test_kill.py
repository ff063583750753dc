"""A Home Assistant that is killed, again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
from random import Random
import secrets
import time

import pytest

from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.coordinator import BRAKE
from hub.client import HubClient
from hub.errors import HubUnreachableError, NotYetError
from hub.flow import DOMAIN
from hub.process import Hub
from hub.waiting import eventually
from sandbox import Fault, Sandbox

from .furnish import furnish
from .till import IDLE, UNSET, Shown, Till

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.usefixtures("real_hass", "socket_enabled"),
]

KILLS = 20
# Set it to what a failed run printed to see the same operations again.
SEED = "PIGGY_KILL_SEED"
# Seconds: while an operation runs, and up to well after it.
LATEST_KILL = (0.04, 0.3)
CONTACT = "123"
# A session with less than this left is let go before anything is done with it.
MARGIN = timedelta(seconds=5)
# None of these needs an amount.
TYPES = [kind for kind in SessionType if kind is not SessionType.REDEEM_GIFTCARD]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a screen should show after the start; None is not known exactly."""

    url: str
    status: str | None = None
    expires: str | None = None
    may_be_gone: bool = False

    @classmethod
    def of(cls, shown: Shown) -> Expected:
        """Return the expectation that exactly this state is shown again."""
        return cls(shown.url, shown.status, shown.expires)

    def fits(self, shown: Shown, since: datetime, until: datetime) -> bool:
        """Return whether the state was shown at some time between two moments."""
        gone = self.may_be_gone or self.url == UNSET
        if self.expires not in (None, UNSET):
            expires = datetime.fromisoformat(self.expires)
            # A state leaves out the fraction of a second.
            if expires + timedelta(seconds=1) <= since:
                return shown.idle
            gone = gone or expires <= until
        return (gone and shown.idle) or (
            self.url == shown.url
            and self.status in (None, shown.status)
            and self.expires in (None, shown.expires)
        )


GONE = Expected.of(IDLE)


@dataclass
class Scene:
    """A running hub, what is done with it, and what it should know afterwards."""

    sandbox: Sandbox
    till: Till
    random: Random
    before: Shown = IDLE
    # While nothing has answered, any of these; afterwards, the only one.
    expected: tuple[Expected, ...] = ()
    # When a session may be started again.
    free_at: float = 0

    async def answered(self, url: str, status: str) -> None:
        """Record the state expected after an answer, then the state that is shown."""
        self.expected = (Expected(url, status),)
        shown = await self.till.shown()
        assert (shown.url, shown.status) == (url, status)
        self.expected = (Expected.of(shown),)

    async def noticed(self, status: str) -> None:
        """Have the hub notice what a customer did, and record the state.

        Before Home Assistant has started, it returns sessions without observing them.
        """
        await self.till.client.wait_until_running()
        await observe(self)
        shown = await self.till.shown()
        assert (shown.url, shown.status) == (self.before.url, status)
        self.expected = (Expected.of(shown),)


async def create(scene: Scene) -> None:
    """Start a session; Piggy's answer may be delayed."""
    kind = scene.random.choice(TYPES)
    delay = scene.random.choice((0, 0, 0.05, 0.15))
    scene.sandbox.add_fault(Fault("delay", "POST", delay=delay))
    answer = await scene.till.client.action_response(
        f"piggy.create_{kind}_session", device_id=scene.till.device_id
    )
    scene.free_at = time.monotonic() + BRAKE
    await scene.answered(answer["url"], "waiting")


async def clear(scene: Scene) -> None:
    """Clear the session."""
    scene.expected = (Expected.of(scene.before), GONE)
    await scene.till.clear()
    await scene.answered(UNSET, "idle")


async def identify(scene: Scene) -> None:
    """Let a customer identify, and the hub notice it."""
    before = scene.before
    status = "completed" if before.status == "completed" else "identified"
    scene.expected = (Expected(before.url, expires=before.expires),)
    scene.sandbox.identify(await observe(scene), CONTACT)
    await scene.noticed(status)


async def complete(scene: Scene) -> None:
    """Let a customer redeem something, and the hub notice it."""
    scene.expected = (Expected(scene.before.url, may_be_gone=True),)
    event = {"name": "Free coffee"}
    scene.sandbox.add_event(await observe(scene), "voucher_redeemed", event)
    await scene.noticed("completed")


async def rest(scene: Scene) -> None:
    """Do nothing."""
    scene.expected = (Expected.of(scene.before),)


type Operation = Callable[[Scene], Awaitable[None]]

WITH_A_SESSION: tuple[Operation, ...] = (
    create,
    create,
    clear,
    identify,
    complete,
    rest,
)
WITHOUT_ONE: tuple[Operation, ...] = (create, create, create, clear, rest)


async def test_killed_at_random_moments(tmp_path: Path) -> None:
    """After a restart, an open session is shown again, and an ended one is not."""
    seed = int(os.environ.get(SEED) or secrets.randbits(32))
    print(f"{SEED}={seed}")  # noqa: T201 -- shown when the test fails
    random = Random(seed)  # noqa: S311 -- it has to be repeatable
    # The recorder checks a database that was not closed, which takes time.
    hub = Hub(tmp_path / "hub", extra={"recorder": {"db_url": "sqlite://"}})
    async with Sandbox() as sandbox, hub:
        token, screen = await furnish(hub, sandbox)
        for _ in range(KILLS):
            async with HubClient(hub.url, token) as client:
                scene = Scene(sandbox, Till(client, screen), random)
                await _operate_and_kill(scene, hub)
            await hub.start()
            async with HubClient(hub.url, token) as client:
                await _check(Till(client, screen), scene.expected)
            assert hub.complaints(DOMAIN) == []


async def _operate_and_kill(scene: Scene, hub: Hub) -> None:
    """Do some things, and kill the hub during the last one."""
    for _ in range(scene.random.randint(0, 2)):
        await (await _next(scene))(scene)
    operation = await _next(scene)
    known = set(scene.sandbox.sessions)
    moment = scene.random.uniform(0, scene.random.choice(LATEST_KILL))
    under_fire = asyncio.ensure_future(operation(scene))
    await asyncio.sleep(moment)
    await hub.kill()
    answered = True
    try:
        await under_fire
    except HubUnreachableError:
        answered = False
    scene.sandbox.clear_faults()
    print(  # noqa: T201
        operation.__name__, f"{moment:.3f} s", "answered" if answered else "cut off"
    )
    if operation is create and not scene.expected:
        scene.expected = (
            Expected.of(scene.before),
            *(
                Expected(scene.sandbox.portal_url(uuid), "waiting")
                for uuid in scene.sandbox.sessions.keys() - known
            ),
        )


async def _next(scene: Scene) -> Operation:
    """Return what to do next, once all that has happened is on the screen."""
    await asyncio.sleep(max(0, scene.free_at - time.monotonic()))
    shown = await scene.till.shown()
    if not shown.idle:
        left = datetime.fromisoformat(shown.expires) - datetime.now(UTC)
        if left < MARGIN:
            await scene.till.wait_for("idle")
        else:
            await observe(scene)
    scene.before = await scene.till.shown()
    scene.expected = ()
    return scene.random.choice(WITHOUT_ONE if scene.before.idle else WITH_A_SESSION)


async def observe(scene: Scene) -> str:
    """Let the hub look at its session now; return the session's uuid."""
    answer = await scene.till.client.action_response(
        "piggy.get_portal_session", device_id=scene.till.device_id
    )
    uuid: str = answer["uuid"]
    return uuid


async def _check(till: Till, expected: tuple[Expected, ...]) -> None:
    """Compare what the hub shows with what it should, and its entities together."""
    since = datetime.now(UTC)

    async def settled() -> tuple[Shown, str | None]:
        """Return the sensors' states and the code, read without a change in between."""
        if not await till.ready():
            raise NotYetError("The screen is not available")
        shown = await till.shown()
        code = await till.code()
        if await till.shown() != shown:
            raise NotYetError("The screen has changed meanwhile")
        return shown, code

    shown, code = await eventually(settled, 60)
    told = f"{shown}, but expected {expected}"
    assert any(one.fits(shown, since, datetime.now(UTC)) for one in expected), told
    if shown.idle:
        assert code is None
    else:
        assert code == shown.url
        assert shown.status in ("waiting", "identified", "completed")
        assert shown.type in TYPES
        assert datetime.fromisoformat(shown.expires) > since
