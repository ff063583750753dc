"""What can be changed while the sandbox runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .errors import INVALID_INPUT

PORTAL_PATH = "/portal-sessions"
LOGO_PATH = "/brand/logo.png"
# Where scripts/portal-page puts the vendor's page.
VENDOR_PAGE = Path(__file__).parents[1] / ".cache/portal-page"
# The headers that the vendor's SDK has seen.
RATE_LIMIT = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999"}

type UrlFor = Callable[[str], str] | str | None


@dataclass
class Settings:
    """Settings of a sandbox.

    base_url              where a browser reaches the portal pages
    url_for               a session's url: a function of its uuid, a text with {uuid} in
                          it, or None for the portal page
    omit_events           GET of a session leaves out its events
    created_status        the status of a create
    json_only             creates are refused as form and multipart
    unknown_session_code  the code for a session that does not exist
    wrong_key_code        the code, with status 400, for a wrong key; None answers 401
    headers               sent with every answer of the API, as RATE_LIMIT
    logo                  the file at LOGO_PATH
    refuse_framing        the portal page forbids other pages to embed it
    vendor_page           the folder of the vendor's built page, shown instead of the
                          plain one
    """

    base_url: str = ""
    url_for: UrlFor = None
    omit_events: bool = False
    created_status: int = 201
    json_only: bool = False
    unknown_session_code: int = INVALID_INPUT
    wrong_key_code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    logo: bytes = b""
    refuse_framing: bool = False
    vendor_page: Path | None = None

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
