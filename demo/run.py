"""The two ways to run a demo: until it is stopped, and once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .check import check_log, check_stage
from .errors import HubError
from .folder import claim
from .hub import RESTART
from .ports import LOOPBACK, next_free_port
from .progress import Progress
from .stage import Stage, running_stage

HUB_PORT = 8123
SANDBOX_PORT = 8585


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose."""

    folder: Path
    port: int = HUB_PORT
    sandbox_port: int = SANDBOX_PORT


async def run_until_stopped(
    options: Options, progress: Progress, on_up: Callable[[], None]
) -> None:
    """Run a demo until this task is cancelled; calls `on_up` when all is there.

    Raises DemoError when it does not come up, or when Home Assistant ends by itself.
    """
    with claim(options.folder, progress) as claimed:
        sandbox_port = _port("The sandbox", options.sandbox_port, progress)
        port = _port("Home Assistant", options.port, progress)
        claimed.announce(f"http://{LOOPBACK}:{port}")
        async with running_stage(
            claimed.hub_folder, port=port, sandbox_port=sandbox_port, progress=progress
        ) as stage:
            await check_stage(stage)
            claimed.picture.write_bytes(stage.picture)
            for line in describe(stage, claimed.picture):
                progress.say(line)
            on_up()
            while await stage.hub.wait_until_ended() == RESTART:
                with progress.step("Restarting Home Assistant"):
                    await stage.hub.start()
                progress.say("Home Assistant is back. Stop with Ctrl-C.")
            msg = f"Home Assistant ended by itself:\n{stage.hub.log_tail()}"
            raise HubError(msg)


async def run_once(progress: Progress) -> None:
    """Run a demo in a folder of its own, check what it shows, and end it.

    Raises DemoError when something is not as it should be.
    """
    with TemporaryDirectory(prefix="demo-") as folder:
        async with running_stage(Path(folder), progress=progress) as stage:
            with progress.step("Comparing code, sensor and action"):
                await check_stage(stage)
        with progress.step("Reading Home Assistant's log"):
            check_log(stage.hub)


def describe(stage: Stage, picture: Path) -> list[str]:
    """Return what a person needs to look at a demo."""
    card = next(
        card.value
        for card in stage.sandbox.identifiers.values()
        if card.active and card.contact
    )
    return [
        "",
        f"  Dashboard  {stage.kiosk_url}",
        f"  Login      {stage.login.username} / {stage.login.password}",
        f"  Session    {stage.session['url']}",
        f"  Card       {card} (a customer's: type it on the session's page)",
        f"  QR code    {stage.picture_url}",
        f"             {picture}",
        f"  Sandbox    {stage.sandbox.url}",
        "",
        "The QR code's address is good for some minutes. Stop with Ctrl-C.",
    ]


def _port(who: str, wanted: int, progress: Progress) -> int:
    port = next_free_port(wanted)
    if wanted not in (0, port):
        progress.say(f"Port {wanted} is taken: {who} takes {port}")
    return port
