"""The life of a session on a screen, from created to gone: pure transitions.

Piggy tells neither a status nor an expiry (Piggy API, a session): both are read off
what an answer holds and off the screen's own settings.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Self

import orjson

from .api import PortalSession, SessionEvent, SessionType


class SessionStatus(StrEnum):
    """How far the session on a screen is."""

    IDLE = "idle"
    WAITING = "waiting"
    IDENTIFIED = "identified"
    COMPLETED = "completed"


class ScreenEventType(StrEnum):
    """What can happen on a screen."""

    SESSION_CREATED = "session_created"
    CONTACT_IDENTIFIED = "contact_identified"
    CREDIT_RECEPTION = "credit_reception"
    GIFTCARD_TRANSACTION = "giftcard_transaction"
    VOUCHER_REDEEMED = "voucher_redeemed"
    REWARD_RECEPTION = "reward_reception"
    PREPAID_TRANSACTION = "prepaid_transaction"
    OTHER = "other"
    SESSION_EXPIRED = "session_expired"
    SESSION_CLEARED = "session_cleared"


# Piggy's events that complete a session, each with what of its data may be told on:
# attribute -> (name in the data, types). Nothing here points to a person.
TOLD: Final[Mapping[str, Mapping[str, tuple[str, type | tuple[type, ...]]]]] = {
    ScreenEventType.CREDIT_RECEPTION: {"credits": ("credits", (int, float))},
    ScreenEventType.GIFTCARD_TRANSACTION: {"amount_in_cents": ("amount_in_cents", int)},
    ScreenEventType.VOUCHER_REDEEMED: {"voucher_name": ("name", str)},
    ScreenEventType.REWARD_RECEPTION: {},
    ScreenEventType.PREPAID_TRANSACTION: {"amount_in_cents": ("amount_in_cents", int)},
}


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """How long a session stays on a screen; a `session` of None is until cleared."""

    session: timedelta | None
    completed: timedelta


@dataclass(frozen=True, slots=True)
class ScreenEvent:
    """Something that happened on a screen, fit for automations and the recorder."""

    type: ScreenEventType
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownSession:
    """The session that stands on a screen.

    `expires_at` is when it leaves, None for not by itself; `seen` are the digests of
    the API's events that were noticed already.
    """

    session: PortalSession
    type: SessionType
    status: SessionStatus
    expires_at: datetime | None
    seen: tuple[str, ...] = ()

    @classmethod
    def begin(
        cls,
        session: PortalSession,
        session_type: SessionType,
        settings: ScreenSettings,
        now: datetime,
    ) -> Self:
        """Return a session that has just been created."""
        return cls(
            session=session,
            type=session_type,
            status=(
                SessionStatus.IDENTIFIED
                if session.contact_uuid
                else SessionStatus.WAITING
            ),
            expires_at=now + settings.session if settings.session else None,
        )

    def observe(
        self, polled: PortalSession, settings: ScreenSettings, now: datetime
    ) -> tuple[ShownSession, list[ScreenEvent]]:
        """Return the session after an answer, and what is new in that answer.

        An answer may leave out contact and events (Piggy API, a session): what was
        known stays known. What the customer scanned stays: the url is never exchanged.
        """
        known = self.session
        contact_uuid = polled.contact_uuid or known.contact_uuid
        new, seen = self._unseen(polled.events or ())
        events = [self.event(*_told(event)) for event in new]
        status, expires_at = self.status, self.expires_at
        if contact_uuid != known.contact_uuid:
            events.insert(0, self.event(ScreenEventType.CONTACT_IDENTIFIED))
            if status is SessionStatus.WAITING:
                status = SessionStatus.IDENTIFIED
        if any(event.type in TOLD for event in new):
            status, expires_at = SessionStatus.COMPLETED, now + settings.completed
        if not events and (polled.events is None or polled.events == known.events):
            return self, events
        return (
            replace(
                self,
                session=replace(
                    known,
                    contact_uuid=contact_uuid,
                    events=known.events if polled.events is None else polled.events,
                ),
                status=status,
                expires_at=expires_at,
                seen=seen,
            ),
            events,
        )

    def time_left(self, settings: ScreenSettings, now: datetime) -> timedelta | None:
        """Return how long the session stays, never longer than the screen gives one.

        A clock that was put back while nobody counted would leave it for longer.
        """
        if self.expires_at is None:
            return None
        given = (
            settings.completed
            if self.status is SessionStatus.COMPLETED
            else settings.session
        )
        left = max(timedelta(), self.expires_at - now)
        return left if given is None else min(left, given)

    def resumed(self, settings: ScreenSettings, now: datetime) -> Self:
        """Return the session as it goes on after a restart or a change of settings."""
        left = self.time_left(settings, now)
        return self if left is None else replace(self, expires_at=now + left)

    def event(
        self, event_type: ScreenEventType, attributes: Mapping[str, Any] | None = None
    ) -> ScreenEvent:
        """Return an event of this session."""
        return ScreenEvent(
            event_type, {"session_type": self.type.value, **(attributes or {})}
        )

    def is_over(self, now: datetime) -> bool:
        """Return whether the session's time is up."""
        return self.expires_at is not None and now >= self.expires_at

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept across a restart: no event, nothing of a customer's."""
        session = self.session
        return {
            "uuid": session.uuid,
            "url": session.url,
            "type": self.type.value,
            "shop": (
                {"uuid": session.shop.uuid, "name": session.shop.name}
                if session.shop
                else None
            ),
            "contact_uuid": session.contact_uuid,
            "created_at": session.created_at and session.created_at.isoformat(),
            "status": self.status.value,
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "seen": list(self.seen),
        }

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `as_dict` kept."""
        expires_at = kept["expires_at"]
        return cls(
            session=PortalSession.from_api(
                {**kept, "contact": {"uuid": kept["contact_uuid"]}}
            ),
            type=SessionType(kept["type"]),
            status=SessionStatus(kept["status"]),
            expires_at=expires_at and datetime.fromisoformat(expires_at),
            seen=tuple(map(str, kept["seen"])),
        )

    def _unseen(
        self, events: tuple[SessionEvent, ...]
    ) -> tuple[list[SessionEvent], tuple[str, ...]]:
        """Return the events not noticed before, and all that are noticed by now.

        Events have no id: the same content twice is two events, an answer that leaves
        some out takes nothing back.
        """
        left, new = Counter(self.seen), []
        seen = list(self.seen)
        for event in events:
            digest = _digest(event)
            if left[digest]:
                left[digest] -= 1
            else:
                new.append(event)
                seen.append(digest)
        return new, tuple(seen)


def _digest(event: SessionEvent) -> str:
    """Return what makes an event this one."""
    since = event.created_at and event.created_at.isoformat()
    content = orjson.dumps((event.type, event.data, since), option=orjson.OPT_SORT_KEYS)
    return sha256(content).hexdigest()[:16]


def _told(event: SessionEvent) -> tuple[ScreenEventType, dict[str, Any]]:
    """Return what may be told of one of Piggy's events."""
    if (told := TOLD.get(event.type)) is None:
        return ScreenEventType.OTHER, {}
    return ScreenEventType(event.type), {
        attribute: value
        for attribute, (name, types) in told.items()
        if isinstance(value := event.data.get(name), types)
        and not isinstance(value, bool)
    }
