"""One Piggy account: the client, the shops, the store, and what its screens share."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from math import inf
import time
from typing import Any, Final, NamedTuple

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from . import qr
from .address import is_foreign_url
from .api import errors
from .api.client import PiggyClient
from .api.errors import ErrorCode, PiggyApiError, PiggyError
from .api.models import PortalSession, Shop
from .api.session_types import SessionType
from .const import CONF_SHOP, LOGGER
from .errors import translated_error, validation_error
from .issues import async_check_shop
from .options import CONTACT_OPTIONS, request_body
from .session import FOLLOW_USED
from .store import SessionStore, store_key

# No code for "no such session" is documented: these two can mean it [seed] [doc26].
UNKNOWN_SESSION: Final = frozenset({ErrorCode.INVALID_INPUT, ErrorCode.MODEL_NOT_FOUND})
PAUSE: Final = 10  # seconds, after a 429 that names none
MAX_PAUSE: Final = 24 * 60 * 60  # seconds


def client_for(hass: HomeAssistant, data: Mapping[str, Any]) -> PiggyClient:
    """Return a client for the data of an entry."""
    session = async_get_clientsession(hass)
    return PiggyClient(session, data[CONF_API_KEY], data[CONF_URL])


def shops_of(entry: ConfigEntry) -> set[str]:
    """Return the uuids of the shops that an entry's screens use."""
    return {subentry.data[CONF_SHOP] for subentry in entry.subentries.values()}


class Logo(NamedTuple):
    """A logo as PNG, and where it is served: a path that changes with the content."""

    path: str
    png: bytes


class PiggyAccount:
    """The account of a config entry.

    `shops` are those that the key sees, by uuid. `color` and `logo` are the brand.
    `paused_until` is when polls may go on after Piggy limited the rate, in seconds of
    the monotonic clock. `failing` has the subentry ids of the screens whose last polls
    failed. `is_refused` says whether Piggy refused the key last; `async_write_states`
    is called when it changes.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Prepare an account; `async_load` fills it."""
        self.client = client_for(hass, entry.data)
        store = SessionStore(hass, entry.entry_id)
        self.store = hass.data.setdefault(store_key(entry.entry_id), store)
        self.shops: dict[str, Shop] = {}
        self.color: str | None = None
        self.logo: Logo | None = None
        self.paused_until = 0.0
        self.failing: set[str] = set()
        self.is_refused = False
        self.async_write_states: CALLBACK_TYPE = lambda: None
        self._hass = hass
        self._entry = entry
        self._is_unloaded = False
        self._lacks_shops = False
        self._has_warned_of_url = False
        self._has_events = False
        self._identified = inf  # when the first customer was identified

    async def async_load(self) -> None:
        """Read the store and the shops.

        If Piggy cannot be reached, an account with an open session starts without the
        shops, and loads them with the next poll. Raises PiggyError otherwise.
        """
        await self.store.async_load_screens(self._entry.subentries)
        try:
            await self._async_load_shops()
        except PiggyError as err:
            if not (err.is_temporary and self.store.has_sessions):
                raise
            LOGGER.warning("%s: continuing with the stored sessions", err)
            self._lacks_shops = True

    async def async_shutdown(self) -> None:
        """Write the store; keep issues and flows for the account's next load."""
        self._is_unloaded = True
        await self.store.async_write()

    async def async_call[ResultT](self, call: Awaitable[ResultT]) -> ResultT:
        """Make a call, and handle each kind of failure; raises PiggyError."""
        try:
            result = await call
        except errors.PiggyRateLimitError as err:
            pause = PAUSE if err.retry_after is None else err.retry_after
            until = time.monotonic() + min(pause, MAX_PAUSE)
            self.paused_until = max(self.paused_until, until)
            raise
        except errors.PiggyAuthError:
            if not self._is_unloaded:
                self._entry.async_start_reauth(self._hass)
                self.async_set_refused(is_refused=True)
            raise
        self.async_set_refused(is_refused=False)
        return result

    @callback
    def async_set_refused(self, *, is_refused: bool) -> None:
        """Set whether Piggy refuses the key."""
        if self.is_refused != is_refused:
            self.is_refused = is_refused
            self.async_write_states()

    async def async_call_for_user[ResultT](self, call: Awaitable[ResultT]) -> ResultT:
        """Make a call for an action; raises HomeAssistantError."""
        try:
            return await self.async_call(call)
        except PiggyError as err:
            raise translated_error(err) from err

    async def async_poll(self, uuid: str) -> PortalSession | None:
        """Return a session, or None if Piggy does not know it; raises PiggyError."""
        if self._lacks_shops:
            self._lacks_shops = False  # so that only one of several polls loads them
            try:
                await self.async_call(self._async_load_shops())
            except PiggyError:
                self._lacks_shops = True
        try:
            session = await self.async_call(self.client.get_portal_session(uuid))
        except PiggyApiError as err:
            if err.code in UNKNOWN_SESSION:
                return None
            raise
        if session.events is not None:
            self._has_events = True
        elif session.contact_uuid:
            self._identified = min(self._identified, time.monotonic())
        return session

    @property
    def lacks_events(self) -> bool:
        """Return whether Piggy reported no events long after an identification.

        Whether a poll reports events is not documented ([seed], a session).
        """
        return not (
            self._has_events or time.monotonic() < self._identified + FOLLOW_USED
        )

    async def async_create_session(
        self, session_type: SessionType, shop_uuid: str, parameters: Mapping[str, Any]
    ) -> PortalSession:
        """Create a session; raises PiggyError and ServiceValidationError."""
        body = request_body(session_type, parameters)
        by_uuid, by_email, by_card = CONTACT_OPTIONS
        if email := parameters.get(by_email):
            body[by_uuid] = await self.client.find_contact_by_email(email)
        elif card := parameters.get(by_card):
            body[by_uuid] = await self.client.find_contact_by_identifier(card)
        if self._is_unloaded:
            raise validation_error("screen_unloaded")
        try:
            session = await self.client.create_portal_session(
                session_type, shop_uuid, body
            )
        except PiggyApiError as err:
            if err.code == ErrorCode.SHOP_NOT_FOUND:
                self._async_check_shop(shop_uuid, is_known=False)
            raise
        self._async_check_shop(shop_uuid, is_known=True)
        if not qr.fits(session.url, logo=False):
            raise errors.PiggyResponseError("a URL that is too long for a QR code")
        is_foreign = is_foreign_url(session.url, self._entry.data[CONF_URL])
        if is_foreign and not self._has_warned_of_url:
            self._has_warned_of_url = True
            LOGGER.warning(
                "The sessions of %s lead to an address without https, or to a host"
                " that is neither Piggy's nor the configured one. If you did not"
                " expect that, contact Piggy",
                self._entry.title,
            )
        # An answer may lack the contact ([seed], a session).
        return replace(session, contact_uuid=session.contact_uuid or body.get(by_uuid))

    async def _async_load_shops(self) -> None:
        self.shops = {shop.uuid: shop for shop in await self.client.get_shops()}
        for uuid in shops_of(self._entry):
            self._async_check_shop(uuid, is_known=uuid in self.shops)

    @callback
    def _async_check_shop(self, uuid: str, *, is_known: bool) -> None:
        if not self._is_unloaded:
            async_check_shop(self._hass, self._entry, uuid, is_known=is_known)
