"""One coordinator a screen: it owns the screen's session, from created to gone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from . import qr
from .api import (
    PiggyApiError,
    PiggyAuthError,
    PiggyClient,
    PiggyError,
    PiggyRateLimitError,
    PiggyResponseError,
    PortalSession,
    SessionOptions,
    SessionType,
    Shop,
)
from .api.errors import ErrorCode
from .const import (
    ATTR_CONTACT_EMAIL,
    ATTR_CONTACT_IDENTIFIER,
    ATTR_CONTACT_UUID,
    CONF_COMPLETED_LIFETIME,
    CONF_DEFAULTS,
    CONF_SESSION_LIFETIME,
    DEFAULT_COMPLETED_LIFETIME,
    DEFAULT_SESSION_LIFETIME,
    DOMAIN,
    LOGGER,
    POLL_INTERVAL,
    POLL_INTERVAL_MAX,
    RETRY_AFTER_MAX,
)
from .exceptions import invalid, refused, translated
from .issues import async_shop_found, async_shop_missing
from .lifecycle import ScreenEvent, ScreenEventType, ScreenSettings, ShownSession
from .store import SessionStore

type PiggyConfigEntry = ConfigEntry[PiggyRuntimeData]


@dataclass(frozen=True, slots=True)
class PiggyRuntimeData:
    """What a loaded account consists of; `screens` by subentry id."""

    client: PiggyClient
    store: SessionStore
    screens: dict[str, ScreenCoordinator] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScreenData:
    """What a screen shows, and since when."""

    shown: ShownSession | None
    image_last_updated: datetime


class ScreenCoordinator(DataUpdateCoordinator[ScreenData]):
    """The session of one screen."""

    config_entry: PiggyConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PiggyConfigEntry,
        subentry: ConfigSubentry,
        shop: Shop,
    ) -> None:
        """Prepare an idle screen."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} {subentry.title}",
            always_update=False,
        )
        self.subentry = subentry
        self.shop = shop
        self.purchase_amount_in_cents: int | None = None
        self.data = ScreenData(None, dt_util.utcnow())
        self._client = entry.runtime_data.client
        self._store = entry.runtime_data.store
        self._defaults: Mapping[str, Any] = subentry.data.get(CONF_DEFAULTS, {})
        self._settings = _settings(subentry.data)
        self._tickets = count(1)
        self._shown_ticket = 0
        self._event_listeners: list[Callable[[ScreenEvent], None]] = []
        self._pending_events: list[ScreenEvent] = []
        self._started = False
        self._unsub_expiry: CALLBACK_TYPE | None = None

    @callback
    def async_restore(self) -> None:
        """Show again what stood on the screen when Home Assistant stopped."""
        if (kept := self._store.get(self.subentry.subentry_id)) is None:
            return
        try:
            now = dt_util.utcnow()
            shown = ShownSession.from_dict(kept)
            is_over = shown.is_over(now)
        except KeyError, ValueError, TypeError, PiggyError:
            LOGGER.warning("Dropped an unreadable session of %s", self.name)
            self._store.set(self.subentry.subentry_id, None)
            return
        if is_over:
            self._pending_events.append(_gone(shown, ScreenEventType.SESSION_EXPIRED))
            self._async_set(None)
        else:
            self._async_set(shown.resumed(self._settings, now))

    @callback
    def async_start(self) -> None:
        """Tell what happened meanwhile, now that there is an entity to tell it to."""
        self._started = True
        self.async_set_updated_data(self.data)

    @override
    async def async_shutdown(self) -> None:
        """Stop every timer; what was noted is written."""
        await super().async_shutdown()
        self._async_cancel_expiry()
        await self._store.async_save()

    async def async_create_session(
        self, session_type: SessionType, parameters: Mapping[str, Any]
    ) -> PortalSession:
        """Create a session and show it, unless a later call was quicker.

        `parameters` go before the screen's defaults. Raises HomeAssistantError, and
        ServiceValidationError for what the caller can put right; the screen then shows
        what it showed.
        """
        ticket = next(self._tickets)
        options = SessionOptions(
            **{**self._defaults, **await self._async_with_contact(parameters)}
        )
        self._raise_if_unloaded()
        session = await self._async_call(
            self._client.create_portal_session(
                session_type, self.shop.uuid, options, private=_private(parameters)
            )
        )
        if not qr.fits(session.url):
            raise translated(PiggyResponseError("a url too long for a code"))
        self._raise_if_unloaded()
        async_shop_found(self.hass, self.subentry.subentry_id)
        if ticket > self._shown_ticket:
            self._shown_ticket = ticket
            shown = ShownSession.begin(
                session, session_type, self._settings, dt_util.utcnow()
            )
            self._pending_events.append(shown.event(ScreenEventType.SESSION_CREATED))
            self._async_set(shown)
            self.async_set_updated_data(self.data)
            await self._store.async_save()
        return session

    async def async_get_session(self, uuid: str | None) -> PortalSession:
        """Return a session as Piggy knows it now, the screen's own without a uuid.

        Raises HomeAssistantError, and ServiceValidationError when there is none to get.
        """
        shown = self.data.shown
        if uuid is None:
            if shown is None:
                raise invalid("no_session")
            uuid = shown.session.uuid
        session = await self._async_call(self._get_session(uuid))
        if self._async_observe(uuid, session):
            self.async_set_updated_data(self.data)
            await self._store.async_save()
        return session

    async def async_clear_session(self) -> None:
        """Take the session off the screen; it goes on existing at Piggy."""
        self._shown_ticket = next(self._tickets)
        if (shown := self.data.shown) is not None:
            self._async_leave(shown, ScreenEventType.SESSION_CLEARED)
            await self._store.async_save()

    def type_of(self, uuid: str) -> SessionType | None:
        """Return what a session is for; the API does not tell, the screen remembers."""
        shown = self.data.shown
        return shown.type if shown and shown.session.uuid == uuid else None

    @callback
    def async_add_event_listener(
        self, listener: Callable[[ScreenEvent], None]
    ) -> CALLBACK_TYPE:
        """Hear of every event, once, after the states have followed it."""
        self._event_listeners.append(listener)

        def remove() -> None:
            self._event_listeners.remove(listener)

        return remove

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Update the states, then tell what happened."""
        super().async_update_listeners()
        if not self._started:
            return
        events, self._pending_events = self._pending_events, []
        for event in events:
            for listener in self._event_listeners:
                listener(event)

    @override
    async def _async_update_data(self) -> ScreenData:
        """Ask Piggy what became of the session that is shown."""
        if (shown := self.data.shown) is None:
            return self.data
        if shown.is_over(dt_util.utcnow()):
            # The clock was put forward: the timer does not know of it.
            self._async_leave(shown, ScreenEventType.SESSION_EXPIRED)
            self._async_save_soon()
            return self.data
        uuid = shown.session.uuid
        try:
            session = await self._get_session(uuid)
        except PiggyError as err:
            if not self._shows(uuid):
                return self.data
            self.update_interval = self._back_off(err)
            if isinstance(err, PiggyAuthError) and not self._shutdown_requested:
                # ConfigEntryAuthFailed would end the polling, also for a good key.
                self.config_entry.async_start_reauth(self.hass)
            error = translated(err)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=error.translation_key,
                translation_placeholders=error.translation_placeholders,
            ) from err
        if self._async_observe(uuid, session):
            self._async_save_soon()
        return self.data

    async def _get_session(self, uuid: str) -> PortalSession:
        """Ask for a session; no error repeats whose the one on the screen is."""
        shown = self.data.shown
        contact_uuid = shown and shown.session.contact_uuid
        return await self._client.get_portal_session(
            uuid, private=(contact_uuid,) if contact_uuid else ()
        )

    def _back_off(self, error: PiggyError) -> timedelta:
        """Return when to ask again after a failure."""
        if isinstance(error, PiggyRateLimitError) and error.retry_after is not None:
            wanted = timedelta(seconds=error.retry_after)
            return min(max(wanted, POLL_INTERVAL), RETRY_AFTER_MAX)
        return min((self.update_interval or POLL_INTERVAL) * 2, POLL_INTERVAL_MAX)

    def _shows(self, uuid: str) -> bool:
        """Return whether the screen shows a session."""
        return self.data.shown is not None and self.data.shown.session.uuid == uuid

    @callback
    def _async_observe(self, uuid: str, session: PortalSession) -> bool:
        """Take in an answer of the session that is shown; return whether it changed."""
        shown = self.data.shown
        # What is kept belongs to the coordinator of after a reload by then.
        if self._shutdown_requested or shown is None or shown.session.uuid != uuid:
            return False
        self.update_interval = POLL_INTERVAL
        observed, events = shown.observe(session, self._settings, dt_util.utcnow())
        if observed is shown:
            return False
        self._pending_events.extend(events)
        self._async_set(observed)
        return True

    @callback
    def _async_leave(self, shown: ShownSession, event: ScreenEventType) -> None:
        """Take the session off the screen."""
        self._pending_events.append(_gone(shown, event))
        self._async_set(None)
        self.async_set_updated_data(self.data)

    @callback
    def _async_set(self, shown: ShownSession | None) -> None:
        """Make this the screen's session: data, timer, polling and what is kept."""
        before = self.data
        changed = _url(shown) != _url(before.shown)
        # Two changes within one tick of the clock are two pictures all the same.
        since = max(dt_util.utcnow(), before.image_last_updated + timedelta.resolution)
        self.data = ScreenData(shown, since if changed else before.image_last_updated)
        self.update_interval = POLL_INTERVAL if shown else None
        self._store.set(self.subentry.subentry_id, shown.as_dict() if shown else None)
        self._async_cancel_expiry()
        if shown and (
            (left := shown.time_left(self._settings, dt_util.utcnow())) is not None
        ):
            self._unsub_expiry = async_call_later(
                self.hass,
                left,
                HassJob(
                    partial(self._async_expire, shown),
                    f"{self.name} expiry",
                    cancel_on_shutdown=True,
                ),
            )

    @callback
    def _async_expire(self, shown: ShownSession, _now: datetime) -> None:
        """Take the session off the screen because its time is up."""
        self._unsub_expiry = None
        self._async_leave(shown, ScreenEventType.SESSION_EXPIRED)
        self._async_save_soon()

    @callback
    def _async_cancel_expiry(self) -> None:
        """Forget the timer of the session that was shown."""
        if self._unsub_expiry:
            self._unsub_expiry()
            self._unsub_expiry = None

    @callback
    def _async_save_soon(self) -> None:
        """Write what was noted, in a task that an unload waits for."""
        self.config_entry.async_create_task(
            self.hass, self._store.async_save(), f"{self.name} save"
        )

    async def _async_with_contact(
        self, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Replace an email address or a card's number by the contact it stands for."""
        options = dict(parameters)
        email = options.pop(ATTR_CONTACT_EMAIL, None)
        identifier = options.pop(ATTR_CONTACT_IDENTIFIER, None)
        if email is not None:
            contact = await self._async_call(self._client.find_contact_by_email(email))
            options[ATTR_CONTACT_UUID] = contact.uuid
        elif identifier is not None:
            found = await self._async_call(
                self._client.find_contact_identifier(identifier)
            )
            if not found.active:
                raise refused(ErrorCode.IDENTIFIER_INACTIVE)
            if found.contact is None:
                raise refused(ErrorCode.IDENTIFIER_NOT_LINKED)
            options[ATTR_CONTACT_UUID] = found.contact.uuid
        return options

    @callback
    def _raise_if_unloaded(self) -> None:
        """Raise what a caller is told whose screen went while it waited."""
        if self._shutdown_requested:
            raise invalid("screen_unloaded")

    async def _async_call[ResultT](self, call: Awaitable[ResultT]) -> ResultT:
        """Make a call of the user's; its failure reaches the user translated."""
        try:
            answer = await call
        except PiggyError as err:
            if not self._shutdown_requested:
                if isinstance(err, PiggyAuthError):
                    self.config_entry.async_start_reauth(self.hass)
                if _is_shop_not_found(err):
                    async_shop_missing(self.hass, self.config_entry, self.subentry)
            raise translated(err) from err
        if not self.last_update_success:
            self.last_update_success = True
            LOGGER.info("Fetching %s data recovered", self.name)
        return answer


def _settings(data: Mapping[str, Any]) -> ScreenSettings:
    """Return the lifetimes that a screen is set to."""
    minutes = data.get(CONF_SESSION_LIFETIME, DEFAULT_SESSION_LIFETIME)
    return ScreenSettings(
        session=timedelta(minutes=minutes) if minutes else None,
        completed=timedelta(
            seconds=data.get(CONF_COMPLETED_LIFETIME, DEFAULT_COMPLETED_LIFETIME)
        ),
    )


def _private(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return by what a customer was looked up."""
    return tuple(
        parameters[name]
        for name in (ATTR_CONTACT_EMAIL, ATTR_CONTACT_IDENTIFIER)
        if name in parameters
    )


def _gone(shown: ShownSession, event: ScreenEventType) -> ScreenEvent:
    """Return the event of a session that leaves, with how far it came."""
    return shown.event(event, {"status": shown.status.value})


def _is_shop_not_found(error: PiggyError) -> bool:
    """Return whether Piggy does not know the screen's shop."""
    return isinstance(error, PiggyApiError) and error.code == ErrorCode.SHOP_NOT_FOUND


def _url(shown: ShownSession | None) -> str | None:
    """Return what the screen's code leads to."""
    return shown.session.url if shown else None
