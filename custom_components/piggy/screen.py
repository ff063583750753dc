"""The state of a screen, changed by functions without side effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from .api.errors import PiggyError
from .api.models import PortalSession
from .const import LOGGER
from .events import ScreenEvent, ScreenEventType
from .session import MAX_UNKNOWN, TrackedSession
from .settings import ScreenSettings
from .store import Clock, dump_session, load_session

REASON_UNKNOWN = "unknown_to_piggy"

type Change = tuple[ScreenData, list[ScreenEvent]]


@dataclass(frozen=True, slots=True)
class ScreenData:
    """The session that is shown, those that are followed, and what entities need.

    `expires_at` is when the shown session leaves, None for not by itself.
    `image_last_updated` is when the QR code or the placeholder last changed.
    `purchase_amount_in_cents` is that of the next purchase. `totals` count all events.
    """

    image_last_updated: datetime
    shown: TrackedSession | None = None
    followed: tuple[TrackedSession, ...] = ()
    expires_at: datetime | None = None
    purchase_amount_in_cents: int | None = None
    totals: dict[str, float] = field(default_factory=dict)

    @classmethod
    def restore(
        cls, stored: Mapping[str, Any], settings: ScreenSettings, clock: Clock
    ) -> Change:
        """Restore a screen at startup; also return the events of expired sessions."""
        kept = ("purchase_amount_in_cents", "totals")
        data = cls(clock.wall, **{key: stored[key] for key in kept if key in stored})
        events: list[ScreenEvent] = []
        for row in stored.get("sessions", ()):
            try:
                tracked = load_session(row, settings, clock)
            except AttributeError, KeyError, TypeError, ValueError:
                LOGGER.warning("A stored session could not be read and was dropped")
                continue
            if tracked.follow_until is not None:
                data = replace(data, followed=(*data.followed, tracked))
                continue
            data = data.show(tracked, clock)
            if tracked.expires is not None and tracked.expires <= clock.monotonic:
                data, left = data.leave(ScreenEventType.SESSION_EXPIRED, clock)
                events += left
        return data, events

    @property
    def tracked(self) -> tuple[TrackedSession, ...]:
        """Return all sessions, the shown one first."""
        return (self.shown, *self.followed) if self.shown else self.followed

    def find(self, uuid: str) -> TrackedSession | None:
        """Return the session that has a uuid."""
        return next((s for s in self.tracked if s.session.uuid == uuid), None)

    def dump(self, clock: Clock) -> dict[str, Any]:
        """Return the screen's data for storage."""
        return {
            "purchase_amount_in_cents": self.purchase_amount_in_cents,
            "totals": self.totals,
            "sessions": [dump_session(tracked, clock) for tracked in self.tracked],
        }

    def show(self, tracked: TrackedSession | None, clock: Clock) -> Self:
        """Return the screen with another session, or none; the old one is dropped."""
        before, url = self.shown, tracked and tracked.session.url
        since = self.image_last_updated
        if url != (before and before.session.url):
            # Two changes within one tick of the clock are two images all the same.
            since = max(clock.wall, since + timedelta.resolution)
        expires_at = clock.to_wall(tracked.expires if tracked else None)
        return replace(
            self, shown=tracked, expires_at=expires_at, image_last_updated=since
        )

    def add(self, tracked: TrackedSession, clock: Clock, *, is_shown: bool) -> Change:
        """Return the screen with a new session, which may only be followed."""
        if not is_shown:
            left, _ = tracked.leave(ScreenEventType.SESSION_REPLACED, clock.monotonic)
            return replace(self, followed=(*self.followed, left)), []
        data, events = self.leave(ScreenEventType.SESSION_REPLACED, clock)
        created = tracked.event(ScreenEventType.SESSION_CREATED)
        return data.show(tracked, clock), [*events, created]

    def leave(self, reason: ScreenEventType, clock: Clock) -> Change:
        """Return the screen with its session no longer shown, but followed."""
        if self.shown is None:
            return self, []
        tracked, event = self.shown.leave(reason, clock.monotonic)
        data = self.show(None, clock)
        return replace(data, followed=(*self.followed, tracked)), [event]

    def observe(
        self,
        uuid: str,
        answer: PortalSession | PiggyError | None,
        settings: ScreenSettings,
        clock: Clock,
    ) -> Change:
        """Return the screen after an answer about one of its sessions, or a failure.

        None is for a session that Piggy does not know. The third such answer in a row
        ends a session for good.
        """
        if (tracked := self.find(uuid)) is None:
            return self, []
        if isinstance(answer, PiggyError):
            return self._exchange(tracked, tracked.fail(clock.monotonic), clock), []
        if answer:
            after, events = tracked.observe(answer, settings, clock.monotonic)
            return self._exchange(tracked, after, clock), events
        after = replace(
            tracked, unknown=tracked.unknown + 1, polled=clock.monotonic, failures=0
        )
        if after.unknown < MAX_UNKNOWN or tracked is not self.shown:
            return self._exchange(tracked, after, clock), []
        event = after.leave_event(
            ScreenEventType.SESSION_EXPIRED, followed=False, reason=REASON_UNKNOWN
        )
        return self.show(None, clock), [event]

    def forget_done(self, now: float) -> Self:
        """Return the screen without the sessions that need no more polls."""
        followed = tuple(s for s in self.followed if not s.is_done(now))
        return replace(self, followed=followed)

    def _exchange(
        self, before: TrackedSession, after: TrackedSession, clock: Clock
    ) -> Self:
        if before is self.shown:
            return self.show(after, clock)
        followed = (after if s is before else s for s in self.followed)
        return replace(self, followed=tuple(followed))
