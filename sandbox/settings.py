"""What can be changed while the sandbox runs."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

PORTAL_PATH = "/portal-sessions"

type UrlFor = Callable[[str], str] | str | None


@dataclass
class Settings:
    """Settings of a sandbox.

    base_url is where a browser reaches the portal pages. url_for is a session's url:
    a function of its uuid, a text with {uuid} in it, or None for the portal page.
    """

    base_url: str = ""
    url_for: UrlFor = None
    omit_events: bool = False
    created_status: int = 201

    def portal_url(self, uuid: str) -> str:
        """Return the address of a session's portal page."""
        return f"{self.base_url}{PORTAL_PATH}?uuid={quote(uuid)}"

    def session_url(self, uuid: str) -> str:
        """Return the url that the API gives for a session."""
        if self.url_for is None:
            return self.portal_url(uuid)
        if callable(self.url_for):
            return self.url_for(uuid)
        return self.url_for.replace("{uuid}", uuid)
