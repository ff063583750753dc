"""Storage of data that survives a restart; private, as it holds session URLs."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
import time
from typing import Any, Final, Self, override
from uuid import uuid4

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .api.models import PortalSession
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

    def to_text(self, monotonic: float | None) -> str | None:
        """Return a monotonic time in ISO 8601."""
        wall = self.to_wall(monotonic)
        return wall.isoformat() if wall else None

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
    session = tracked.session
    return {
        "uuid": session.uuid,
        "url": session.url,
        "contact_uuid": session.contact_uuid,
        "created_at": session.created_at and session.created_at.isoformat(),
        "type": tracked.type.value,
        "session_id": tracked.session_id,
        "status": tracked.status.value,
        "expires_at": clock.to_text(tracked.expires),
        "follow_until": clock.to_text(tracked.follow_until),
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
    created_at = stored["created_at"]
    status = SessionStatus(stored["status"])
    given = settings.session
    if status is SessionStatus.COMPLETED:
        given = settings.completed
    elif given is not None and status is SessionStatus.IDENTIFIED:
        given = max(given, IDENTIFIED_AT_LEAST)
    follow_until = clock.to_monotonic(stored["follow_until"], FOLLOW_USED)
    if follow_until == clock.monotonic:  # it is over, or the wall clock was changed
        follow_until += FOLLOW_USED
    return TrackedSession(
        session=PortalSession(
            uuid=str(stored["uuid"]),
            url=str(stored["url"]),
            contact_uuid=stored["contact_uuid"],
            created_at=created_at and datetime.fromisoformat(created_at),
        ),
        type=SessionType(stored["type"]),
        session_id=str(stored["session_id"]),
        since=clock.monotonic,
        polled=-inf,
        status=status,
        expires=clock.to_monotonic(stored["expires_at"], given),
        follow_until=follow_until,
        reference=stored["reference"],
        purchase_amount_in_cents=stored["purchase_amount_in_cents"],
        allow_multiple_giftcards=bool(stored["allow_multiple_giftcards"]),
        outcome=tuple(map(Transaction.from_dict, stored["outcome"])),
        seen=frozenset(map(str, stored["seen"])),
    )


class _Store(Store[dict[str, Any]]):
    """A store that knows whether its last write failed; the core only logs that."""

    failed = False

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        self.failed = True
        await super()._async_write_data(data)
        self.failed = False

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: Any
    ) -> dict[str, Any]:
        """Migrate the sessions of 0.1.0 that had no transaction yet."""
        added: dict[str, Any] = {
            "follow_until": None,
            "reference": None,
            "purchase_amount_in_cents": None,
            "allow_multiple_giftcards": True,
            "outcome": [],
        }
        return {
            screen: {"sessions": [{**session, **added, "session_id": uuid4().hex}]}
            for screen, session in old_data.items()
            if not session["seen"]
        }


class SessionStore:
    """The stored data of an account's screens, by subentry id.

    Every change is written at once, so that a kill of Home Assistant loses nothing.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare the account's file."""
        self._hass = hass
        self._store = _Store(
            hass,
            STORAGE_VERSION,
            f"{DOMAIN}.{entry_id}",
            private=True,
            atomic_writes=True,
            minor_version=STORAGE_MINOR_VERSION,
        )
        self._screens: dict[str, Any] = {}
        self.is_changed = False
        self._lock = asyncio.Lock()
        self.cancel_retry: CALLBACK_TYPE = lambda: None

    async def async_load(self, screens: Iterable[str]) -> None:
        """Load the stored data of an account's screens, unless it is already loaded.

        A file that cannot be read, or that a newer release wrote, is kept as a backup.
        """
        try:
            stored = self._screens or await self._store.async_load() or {}
            self._screens = {key: stored[key] for key in screens if key in stored}
            self.is_changed = self._screens != stored
        except HomeAssistantError, KeyError, TypeError, ValueError, AttributeError:
            backup = await self._hass.async_add_executor_job(self._back_up)
            LOGGER.warning(
                "The stored sessions of this account could not be read. The file was"
                " kept as %s, and the account starts without them",
                backup,
            )

    def get(self, screen: str) -> Mapping[str, Any]:
        """Return the stored data of a screen, by its subentry id."""
        stored = self._screens.get(screen)
        return stored if isinstance(stored, dict) else {}

    @property
    def has_sessions(self) -> bool:
        """Return whether any screen shows or follows a session."""
        return any(self.get(screen).get("sessions") for screen in self._screens)

    @property
    def has_failed(self) -> bool:
        """Return whether the last write failed."""
        return self._store.failed

    @callback
    def set(self, screen: str, stored: Mapping[str, Any]) -> None:
        """Replace a screen's stored data; `async_save` writes it."""
        if stored != self._screens.get(screen):
            self._screens[screen] = stored
            self.is_changed = True

    async def async_save(self) -> None:
        """Write the pending changes; return once they are on disk.

        Concurrent calls share a write, and cancelling a caller does not cancel it.
        A write that failed is repeated after a while, and with the next change.
        """
        write = self._hass.async_create_task(self._async_write(), f"{DOMAIN} save")
        await asyncio.shield(write)

    async def _async_write(self, *_: Any) -> None:
        async with self._lock:  # a caller also waits for a write that is under way
            self.cancel_retry()
            if self.is_changed or self._store.failed:
                self.is_changed = False
                await self._store.async_save(dict(self._screens))
            if self._store.failed:
                retry = HassJob(self._async_write, cancel_on_shutdown=True)
                self.cancel_retry = async_call_later(self._hass, RETRY_WRITE, retry)

    async def async_remove(self) -> None:
        """Remove the account's file."""
        await self._store.async_remove()

    def _back_up(self) -> Path:
        """Move the file aside; blocks."""
        path = Path(self._store.path)
        return path.rename(f"{path}.{dt_util.utcnow():%Y%m%dT%H%M%S}.backup")
