"""Whether a demo shows what it should."""

from typing import Any

from .configuration import CHECKOUT
from .errors import CheckError
from .hub import Hub
from .log import complaints
from .qr import decode
from .setup_flow import DOMAIN
from .stage import Stage

# The answer of an action that creates a session.
SESSION_KEYS = frozenset(
    {"uuid", "url", "type", "shop", "contact_uuid", "created_at", "events"}
)


async def check_stage(stage: Stage) -> None:
    """Compare the code on the screen, the sensor and the action's answer.

    Raises CheckError for the first thing that is not right.
    """
    check_session(stage.session, "voucher")
    url = stage.session["url"]
    shown = (await stage.client.state(stage.screen.session_url))["state"]
    if shown != url:
        msg = f"{stage.screen.session_url} has another url than the action"
        raise CheckError(msg)
    if decode(stage.picture) != url:
        msg = "The QR code reads as another url than the action's"
        raise CheckError(msg)


def check_session(session: dict[str, Any], session_type: str) -> None:
    """Check an action's answer; raises CheckError."""
    if missing := SESSION_KEYS - session.keys():
        msg = f"The action's answer lacks {', '.join(sorted(missing))}"
        raise CheckError(msg)
    if session["type"] != session_type:
        msg = f"The session is a {session['type']}, not a {session_type}"
        raise CheckError(msg)


def check_log(hub: Hub) -> None:
    """Look for warnings and errors of the integration; raises CheckError with them."""
    # The checkout's own name may have "piggy" in it.
    log = hub.log_text().replace(str(CHECKOUT), "")
    if found := complaints(log, DOMAIN):
        told = "\n".join(found)
        msg = f"Home Assistant's log speaks of {DOMAIN}:\n{told}"
        raise CheckError(msg)
