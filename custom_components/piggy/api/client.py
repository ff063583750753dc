"""One method per call of Piggy's API."""

from collections.abc import Mapping
from typing import Any, Final

from .errors import ErrorCode, PiggyApiError, PiggyResponseError
from .http import PiggyHttp
from .models import PortalSession, Shop, json_object, read_account, required_text, text
from .session_types import SESSION_TYPES, SessionType

SESSIONS: Final = "/portal-sessions"


class PiggyClient(PiggyHttp):
    """Piggy's API for one key.

    Every method raises PiggyError and nothing else. A create is never repeated, because
    Piggy may have handled one that failed.
    """

    async def get_account(self) -> tuple[str | None, str | None]:
        """Return the name and the uuid of the account (Piggy API, health check)."""
        return read_account(await self._get(""))

    async def get_shops(self) -> list[Shop]:
        """Return every shop that the key has access to (Piggy API, shops)."""
        shops = await self._get("/shops")
        if not isinstance(shops, list):
            raise PiggyResponseError("shops that are not a list")
        return [Shop.from_api(shop) for shop in shops]

    async def get_brand_kit(self) -> tuple[str | None, str | None]:
        """Return the account's color and its logo's URL (Piggy API, brand kit)."""
        kit = json_object(await self._get("/brand-kit"))
        logos = (text(kit.get(f"{size}_logo_url"), None) for size in ("large", "small"))
        return text(kit.get("primary_color")), next(filter(None, logos), None)

    async def create_portal_session(
        self, session_type: SessionType, shop_uuid: str, parameters: Mapping[str, Any]
    ) -> PortalSession:
        """Create a session (Piggy API, portal sessions)."""
        path = f"{SESSIONS}{SESSION_TYPES[session_type].path}"
        body = {"shop_uuid": shop_uuid, **parameters}
        return PortalSession.from_api(await self._post(path, body))

    async def get_portal_session(self, uuid: str) -> PortalSession:
        """Return a session's current state (Piggy API, portal sessions)."""
        session = PortalSession.from_api(await self._get(SESSIONS, uuid))
        if session.uuid != uuid:
            raise PiggyResponseError("another session than the one asked for")
        return session

    async def find_contact_by_email(self, email: str) -> str:
        """Return the uuid of an email address's contact (Piggy API, contacts)."""
        contact = await self._get("/contacts/find-one-by", email=email)
        return required_text(contact, "uuid", "contact")

    async def find_contact_by_identifier(self, value: str) -> str:
        """Return the uuid of a card's contact (Piggy API, contact identifiers)."""
        found = await self._get(
            "/contact-identifiers/find", contact_identifier_value=value
        )
        if not isinstance(found, dict):
            raise PiggyResponseError("identifier that is not an object")
        if found.get("active") is False:
            raise PiggyApiError(ErrorCode.IDENTIFIER_INACTIVE)
        if not (contact := found.get("contact")):
            raise PiggyApiError(ErrorCode.IDENTIFIER_NOT_LINKED)
        return required_text(contact, "uuid", "contact")
