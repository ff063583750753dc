"""One coordinator for each screen: it creates, polls and times its sessions."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
import time
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .account import PiggyAccount
from .api.errors import PiggyError
from .api.models import PortalSession, Shop
from .api.session_types import SessionType
from .const import CONF_DEFAULTS, CONF_SHOP, DOMAIN, LOGGER
from .errors import error_translation, validation_error
from .events import EventQueue, ScreenEventType
from .options import known_defaults
from .screen import Change, ScreenData
from .session import EARLY, TrackedSession
from .settings import ScreenSettings
from .staff_pin import StaffPin
from .store import Clock
from .totals import add_up

BRAKE: Final = 2  # seconds between two sessions that people start
MIN_DELAY: Final = 0.1  # seconds
STRETCH: Final = 4  # times as long between polls while few requests remain

type PiggyConfigEntry = ConfigEntry[PiggyRuntime]


@dataclass(frozen=True, slots=True)
class PiggyRuntime:
    """A loaded account and its screens, by subentry id."""

    account: PiggyAccount
    screens: Mapping[str, ScreenCoordinator]


class ScreenCoordinator(DataUpdateCoordinator[ScreenData]):
    """The sessions of one screen."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PiggyConfigEntry,
        account: PiggyAccount,
        subentry: ConfigSubentry,
    ) -> None:
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} {entry.title}",  # the screens of an account log as one
            always_update=False,
        )
        self.account = account
        self.subentry = subentry
        self.staff_pin = StaffPin(hass, entry, subentry)
        self.settings = ScreenSettings.from_data(subentry.data)
        self.shop_uuid: str = subentry.data[CONF_SHOP]
        self._defaults = known_defaults(subentry.data.get(CONF_DEFAULTS, {}))
        self._creates: dict[Any, asyncio.Task[TrackedSession | HomeAssistantError]] = {}
        self._last_create = -inf
        self._ticket = self._shown_ticket = 0
        self._error: PiggyError | None = None
        self.events = EventQueue(hass, f"{DOMAIN}_{subentry.subentry_id}")
        self._cancel_expiry: CALLBACK_TYPE = lambda: None
        clock, stored = Clock.now(), account.store.get(subentry.subentry_id)
        self.data = ScreenData(clock.wall)
        self._set(ScreenData.restore(stored, self.settings, clock))

    @property
    def shop(self) -> Shop:
        """Return the screen's shop; its name is missing until it is known."""
        return self.account.shops.get(self.shop_uuid, Shop(self.shop_uuid, None))

    @callback
    def async_start(self) -> None:
        """Start to fire events and to poll."""
        self.events.is_started = True
        self.events.async_fire()
        self._schedule_refresh()

    @override
    async def async_shutdown(self) -> None:
        await super().async_shutdown()
        self._cancel_expiry()

    async def async_create_session(
        self,
        session_type: SessionType,
        parameters: Mapping[str, Any],
        context: Context | None = None,
        *,
        is_person: bool = False,
    ) -> TrackedSession:
        """Create a session, and show it unless a later call is already shown.

        `parameters` take precedence over the screen's defaults. An equal call that is
        under way is shared. A person waits for other creates, and two seconds longer.
        Raises HomeAssistantError; the screen then shows what it showed.
        """
        key, creates = (session_type, *sorted(parameters.items())), self._creates
        if (task := creates.get(key)) is None:
            if is_person and (creates or time.monotonic() - self._last_create < BRAKE):
                raise validation_error("too_soon")
            # A task of the entry's would keep it from unloading.
            task = self.hass.async_create_task(
                self._async_create(session_type, parameters, context),
                f"{self.name} create",
            )
            creates[key] = task
            task.add_done_callback(lambda _: creates.pop(key))
        await asyncio.wait([task])  # goes on without a caller that is canceled
        if isinstance(result := task.result(), HomeAssistantError):
            raise result
        return result

    async def async_get_session(self, uuid: str | None) -> PortalSession:
        """Return a session as Piggy knows it now; raises HomeAssistantError."""
        if uuid is None:
            if self.data.shown is None:
                raise validation_error("no_session")
            uuid = self.data.shown.session.uuid
        call = self.account.client.get_portal_session(uuid)
        session = await self.account.async_call_for_user(call)
        if self.events.is_started:
            self._set(self.data.observe(uuid, session, self.settings, Clock.now()))
            await self.account.store.async_write()
        return session

    async def async_clear_session(self, context: Context | None = None) -> None:
        """Remove the session from the screen, but keep polling it."""
        self._ticket = self._shown_ticket = self._ticket + 1
        self._creates = {}  # those under way are not shown, and not to be shared
        cleared = self.data.leave(ScreenEventType.SESSION_CLEARED, Clock.now())
        self._set(cleared, context)
        await self.account.store.async_write()

    async def async_set_purchase_amount(self, cents: int | None) -> None:
        """Set the amount of the next purchase, or None if it is unknown."""
        self._set((replace(self.data, purchase_amount_in_cents=cents), []))
        await self.account.store.async_write()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Write the states, then fire the events that led to them."""
        super().async_update_listeners()
        self.events.async_fire()

    @override
    async def _async_update_data(self) -> ScreenData:
        """Poll the sessions that are due, or all of them when a user asks for it."""
        now, account = time.monotonic(), self.account
        due = [s for s in self.data.tracked if self._due(s) <= now + EARLY]
        if not due and now >= account.paused_until:
            due = list(self.data.tracked)
        await asyncio.gather(*map(self._async_poll, due))
        self._set((self.data.forget_done(time.monotonic()), []))
        await account.store.async_write()
        # The screens of an account log as one: the first to fail, the last to recover.
        if self._error and any(s.failures for s in self.data.tracked):
            self.last_update_success = not account.failing
            account.failing.add(self.subentry.subentry_id)
            raise UpdateFailed(**error_translation(self._error)) from self._error
        account.failing.discard(self.subentry.subentry_id)
        self.last_update_success |= bool(account.failing)
        return self.data

    async def _async_poll(self, tracked: TrackedSession) -> None:
        uuid = tracked.session.uuid
        try:
            answer: PortalSession | PiggyError | None
            answer = await self.account.async_poll(uuid)
        except PiggyError as err:
            answer = self._error = err
        self._set(self.data.observe(uuid, answer, self.settings, Clock.now()))

    @callback
    @override
    def _schedule_refresh(self) -> None:
        """Schedule the next poll for when the first session is due."""
        due = min(map(self._due, self.data.tracked), default=None)
        is_live = self.hass.is_running and not self._shutdown_requested
        self.update_interval = None
        if due is not None and self.events.is_started and is_live:
            delay = max(due - time.monotonic(), MIN_DELAY)
            self.update_interval = timedelta(seconds=delay)
        super()._schedule_refresh()

    def _due(self, tracked: TrackedSession) -> float:
        stretch = STRETCH if self.account.client.is_near_limit else 1
        return tracked.next_poll(stretch, self.account.paused_until)

    async def _async_create(
        self,
        session_type: SessionType,
        parameters: Mapping[str, Any],
        context: Context | None,
    ) -> TrackedSession | HomeAssistantError:
        self._ticket = ticket = self._ticket + 1
        options = {**self._defaults, **parameters}
        try:
            session = await self.account.async_call_for_user(
                self.account.async_create_session(session_type, self.shop_uuid, options)
            )
        except HomeAssistantError as err:
            return err
        self._last_create = time.monotonic()
        if self._shutdown_requested:
            return validation_error("screen_unloaded")
        clock = Clock.now()
        tracked = TrackedSession.begin(
            session, session_type, options, self.settings, clock.monotonic
        )
        is_latest = ticket > self._shown_ticket
        self._shown_ticket = max(ticket, self._shown_ticket)
        self._set(self.data.add(tracked, clock, is_shown=is_latest), context)
        await self.account.store.async_write()
        return tracked

    @callback
    def _set(self, change: Change, context: Context | None = None) -> None:
        """Apply a change: states, then events, stored data, and timers.

        Events are fired before they are stored as seen, so that a kill loses none.
        Does nothing once the screen is unloaded, which may already be loaded again.
        """
        if self._shutdown_requested:
            return
        before = self.data
        data, events = change
        self.data = replace(data, totals=add_up(data.totals, events))
        self.events.async_add(events, context)
        if self.data == before:
            return
        self.async_update_listeners()
        clock = Clock.now()
        self.account.store.set(self.subentry.subentry_id, self.data.dump(clock))
        self._cancel_expiry()
        if (shown := self.data.shown) and shown.expires is not None:
            expire = HassJob(self._async_expire, cancel_on_shutdown=True)
            delay = shown.expires - clock.monotonic
            self._cancel_expiry = async_call_later(self.hass, delay, expire)
        self._schedule_refresh()

    async def _async_expire(self, _now: datetime) -> None:
        self._set(self.data.leave(ScreenEventType.SESSION_EXPIRED, Clock.now()))
        await self.account.store.async_write()
