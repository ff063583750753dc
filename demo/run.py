"""Runs a demo until it is stopped, or runs it once as a check."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.errors import HubError
from hub.ports import LOOPBACK, next_free_port
from hub.process import RESTART
from sandbox import DEFAULT_KEY
from sandbox.settings import VENDOR_PAGE

from .check import check_log, check_stage
from .errors import DemoError
from .folder import claim
from .progress import Progress
from .stage import LIGHT, Stage, running_stage

HUB_PORT = 8123
SANDBOX_PORT = 8585
# The sandbox accepts no key but its own.
REFUSED_KEY = "expired-key"


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can set."""

    folder: Path
    host: str = LOOPBACK
    port: int = HUB_PORT
    sandbox_port: int = SANDBOX_PORT
    vendor_page: bool = False


async def run_until_stopped(
    options: Options, progress: Progress, on_up: Callable[[], None]
) -> None:
    """Run a demo until this task is cancelled; call `on_up` once it is ready.

    Raises DemoError or HubError when it does not come up, or when Home Assistant ends.
    """
    with claim(options.folder, progress) as claimed:
        host = options.host
        sandbox_port = _port("The sandbox", host, options.sandbox_port, progress)
        port = _port("Home Assistant", host, options.port, progress)
        claimed.announce(f"http://{host}:{port}")
        async with running_stage(
            claimed.hub_folder,
            host=host,
            port=port,
            sandbox_port=sandbox_port,
            progress=progress,
        ) as stage:
            await check_stage(stage)
            claimed.picture.write_bytes(stage.picture)
            for line in describe(stage, claimed.picture):
                progress.say(line)
            if options.vendor_page:
                stage.sandbox.settings.vendor_page = VENDOR_PAGE
            on_up()
            while await stage.hub.wait_until_ended() == RESTART:
                with progress.step("Restarting Home Assistant"):
                    await stage.hub.start()
                progress.say("Home Assistant is back. Stop with Ctrl-C.")
            raise HubError(f"Home Assistant ended by itself:\n{stage.hub.log_tail()}")


async def run_once(progress: Progress) -> None:
    """Run a demo in a temporary folder, check what it shows, and end it.

    Raises DemoError or HubError when something is not as it should be.
    """
    with TemporaryDirectory(prefix="demo-") as folder:
        async with running_stage(Path(folder), progress=progress) as stage:
            with progress.step("Comparing code, sensor and action"):
                await check_stage(stage)
        with progress.step("Reading Home Assistant's log"):
            check_log(stage.hub)


def describe(stage: Stage, picture: Path) -> list[str]:
    """Return what a user needs to try a demo."""
    card = next(
        card.value
        for card in stage.sandbox.identifiers.values()
        if card.active and card.contact
    )
    voucher, giftcard = (
        next(iter(rows)) for rows in (stage.sandbox.vouchers, stage.sandbox.giftcards)
    )
    return [
        "",
        f"  Dashboard  {stage.kiosk_url}",
        f"  Login      {stage.login.username} / {stage.login.password}",
        f"  Session    {stage.session['url']}",
        f"  Card       {card} (a customer's: enter it on the session's page)",
        f"  Codes      {voucher} is a voucher, {giftcard} a giftcard",
        f"  QR code    {stage.picture_url}",
        f"             {picture}",
        f"  Stand-in   {stage.sandbox.url} (open it for more codes; also the API URL)",
        f"  API key    {DEFAULT_KEY} is accepted, {REFUSED_KEY} is not",
        f"  Light      {LIGHT} (for the blueprints, which are there to try)",
        "",
        "The QR code's address is valid for some minutes. Stop with Ctrl-C.",
    ]


def _port(name: str, host: str, wanted: int, progress: Progress) -> int:
    try:
        port = next_free_port(wanted, host)
    except OSError as err:
        raise DemoError(f"{name} cannot listen on {host}: {err.strerror}") from err
    if wanted not in (0, port):
        progress.say(f"Port {wanted} is taken: {name} takes {port}")
    return port
