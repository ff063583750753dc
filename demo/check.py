"""Checks that a demo shows what it should."""

from typing import Any

from hub.barcode import read_codes
from hub.flow import DOMAIN
from hub.process import Hub

from .errors import CheckError
from .stage import Stage

# The keys of the response of an action that creates a session.
SESSION_KEYS = frozenset(
    {"uuid", "url", "type", "shop", "contact_uuid", "created_at", "events"}
)


async def check_stage(stage: Stage) -> None:
    """Compare the QR code and the sensor with the action's response.

    Raises CheckError for the first difference.
    """
    check_session(stage.session, "voucher")
    url = stage.session["url"]
    shown = (await stage.client.state(stage.screen.session_url))["state"]
    if shown != url:
        raise CheckError(
            f"{stage.screen.session_url} has another URL than the action's response"
        )
    codes = read_codes(stage.picture)
    if len(codes) != 1:
        raise CheckError(f"The image has {len(codes)} codes, not one")
    if codes != [url]:
        raise CheckError("The QR code has another URL than the action's response")


def check_session(session: dict[str, Any], session_type: str) -> None:
    """Check an action's response; raises CheckError."""
    if missing := SESSION_KEYS - session.keys():
        raise CheckError(f"The action's response lacks {', '.join(sorted(missing))}")
    if session["type"] != session_type:
        raise CheckError(f"The session is a {session['type']}, not a {session_type}")


def check_log(hub: Hub) -> None:
    """Search the log for the integration's warnings and errors; raises CheckError."""
    if found := hub.complaints(DOMAIN):
        lines = "\n".join(found)
        raise CheckError(
            f"Home Assistant's log has warnings or errors about {DOMAIN}:\n{lines}"
        )
