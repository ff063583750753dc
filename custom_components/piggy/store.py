"""Storage of data that survives a restart; private, as it holds session URLs."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
import os
import time
from typing import Any, Final, Self, override
from uuid import uuid4

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .api.models import PortalSession, json_object
from .api.session_types import SessionType
from .const import DOMAIN, LOGGER
from .session import FOLLOW_USED, IDENTIFIED_AT_LEAST, SessionStatus, TrackedSession
from .settings import ScreenSettings
from .transactions import Transaction

STORAGE_VERSION: Final = 1
STORAGE_MINOR_VERSION: Final = 2
RETRY_WRITE: Final = 30  # seconds


@dataclass(frozen=True, slots=True)
class Clock:
    """One moment on both clocks: `monotonic` in seconds, `wall` in UTC."""

    monotonic: float
    wall: datetime

    @classmethod
    def now(cls) -> Self:
        """Return the current moment."""
        return cls(time.monotonic(), dt_util.utcnow())

    def to_wall(self, monotonic: float | None) -> datetime | None:
        """Return a monotonic time as wall time, rounded: the clocks drift apart."""
        if monotonic is None:
            return None
        left = timedelta(seconds=monotonic - self.monotonic + 0.5)
        return (self.wall + left).replace(microsecond=0)

    def to_monotonic(self, wall: str | None, at_most: float | None) -> float | None:
        """Convert an ISO 8601 time to monotonic time, neither past nor far ahead.

        `at_most` bounds the seconds, since the wall clock may have been changed. Raises
        ValueError for a text that is not a moment.
        """
        if wall is None:
            return None
        left = (datetime.fromisoformat(wall) - self.wall).total_seconds()
        return self.monotonic + min(max(0.0, left), inf if at_most is None else at_most)


def dump_session(tracked: TrackedSession, clock: Clock) -> dict[str, Any]:
    """Return a session for storage; its only personal data is the contact."""
    session, expires_at = tracked.session, clock.to_wall(tracked.expires)
    follow_until = clock.to_wall(tracked.follow_until)
    return {
        "uuid": session.uuid,
        "url": session.url,
        "contact_uuid": session.contact_uuid,
        "created_at": session.created_at,
        "type": tracked.type.value,
        "session_id": tracked.session_id,
        "status": tracked.status.value,
        "expires_at": expires_at and expires_at.isoformat(),
        "follow_until": follow_until and follow_until.isoformat(),
        "reference": tracked.reference,
        "purchase_amount_in_cents": tracked.purchase_amount_in_cents,
        "allow_multiple_giftcards": tracked.allow_multiple_giftcards,
        "outcome": [transaction.as_dict() for transaction in tracked.outcome],
        "seen": sorted(tracked.seen),
    }


def load_session(
    stored: Mapping[str, Any], settings: ScreenSettings, clock: Clock
) -> TrackedSession:
    """Read a session to poll at once; raises KeyError, TypeError or ValueError."""
    status = SessionStatus(stored["status"])
    given = settings.session
    if status is SessionStatus.COMPLETED:
        given = settings.completed
    elif given is not None and status is SessionStatus.IDENTIFIED:
        given = max(given, IDENTIFIED_AT_LEAST)
    follow_until = clock.to_monotonic(stored.get("follow_until"), FOLLOW_USED)
    if follow_until == clock.monotonic:  # it is over, or the wall clock was changed
        follow_until += FOLLOW_USED
    return TrackedSession(
        session=PortalSession(
            uuid=str(stored["uuid"]),
            url=str(stored["url"]),
            contact_uuid=stored["contact_uuid"],
            created_at=stored["created_at"],
        ),
        type=SessionType(stored["type"]),
        session_id=str(stored["session_id"]),
        since=clock.monotonic,
        polled=-inf,
        status=status,
        expires=clock.to_monotonic(stored["expires_at"], given),
        follow_until=follow_until,
        reference=stored.get("reference"),
        purchase_amount_in_cents=stored.get("purchase_amount_in_cents"),
        allow_multiple_giftcards=stored.get("allow_multiple_giftcards", True),
        outcome=tuple(map(Transaction.from_dict, stored.get("outcome", ()))),
        seen=frozenset(map(str, stored["seen"])),
    )


def store_key(entry_id: str) -> HassKey[SessionStore]:
    """Return where an account's store is kept over reloads: a write may have failed."""
    return HassKey(f"{DOMAIN}_{entry_id}")


class SessionStore(Store[dict[str, Any]]):
    """The stored data of an account's screens, by subentry id.

    Every change is written at once, so that a kill of Home Assistant loses nothing. A
    write that failed is repeated after a while, and with the next change.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        super().__init__(
            hass,
            STORAGE_VERSION,
            f"{DOMAIN}.{entry_id}",
            private=True,
            atomic_writes=True,
            minor_version=STORAGE_MINOR_VERSION,
        )
        self._screens: dict[str, Any] = {}
        self._is_changed = False
        self._write: asyncio.Task[None] | None = None

    async def async_load_screens(self, screens: Iterable[str]) -> None:
        """Load the stored data of an account's screens, unless it is already loaded.

        A file that cannot be read, or that a newer release wrote, is kept as a backup.
        """
        try:
            stored = self._screens or await self.async_load() or {}
            self._screens = {key: stored[key] for key in screens if key in stored}
            self._is_changed = self._screens != stored
        except HomeAssistantError, KeyError, TypeError, ValueError, AttributeError:
            backup = f"{self.path}.{dt_util.utcnow():%Y%m%dT%H%M%S}.backup"
            await self.hass.async_add_executor_job(os.rename, self.path, backup)
            LOGGER.warning(
                "The stored sessions of this account could not be read. The file was"
                " kept as %s, and the account starts without them",
                backup,
            )

    def get(self, screen: str) -> Mapping[str, Any]:
        """Return the stored data of a screen, by its subentry id."""
        return json_object(self._screens.get(screen))

    @property
    def has_sessions(self) -> bool:
        """Return whether any screen shows or follows a session."""
        return any(self.get(screen).get("sessions") for screen in self._screens)

    @callback
    def set(self, screen: str, stored: Mapping[str, Any]) -> None:
        """Replace a screen's stored data; `async_write` writes it."""
        if stored != self._screens.get(screen):
            self._screens[screen] = stored
            self._is_changed = True

    async def async_write(self) -> None:
        """Write the pending changes; return once they are on disk.

        Concurrent calls share a write, and cancelling a caller does not cancel it.
        """
        if self._is_changed:
            self._is_changed = False
            save = self.async_save(self._screens)
            self._write = self.hass.async_create_task(save, f"{DOMAIN} save")
        if self._write:  # which may be under way for another caller
            await asyncio.shield(self._write)

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        try:
            await super()._async_write_data(data)
        except Exception:
            self.async_delay_save(lambda: self._screens, RETRY_WRITE)
            raise

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: Any
    ) -> dict[str, Any]:
        """Migrate the sessions of 0.1.0 that had no transaction yet."""
        return {
            screen: {"sessions": [{**session, "session_id": uuid4().hex}]}
            for screen, session in old_data.items()
            if not session["seen"]
        }
