"""The events of a screen, and the queue that fires them in order."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .transactions import TransactionKind


class ScreenEventType(StrEnum):
    """What happens to the session on a screen, besides transactions."""

    SESSION_CREATED = "session_created"
    CONTACT_IDENTIFIED = "contact_identified"
    SESSION_ENDED = "session_ended"
    SESSION_EXPIRED = "session_expired"
    SESSION_REPLACED = "session_replaced"
    SESSION_CLEARED = "session_cleared"


type EventType = ScreenEventType | TransactionKind

EVENT_TYPES: Final[tuple[EventType, ...]] = (*ScreenEventType, *TransactionKind)


@dataclass(frozen=True, slots=True)
class ScreenEvent:
    """An event of a screen, safe for automations and the recorder."""

    type: EventType
    attributes: Mapping[str, Any]


@dataclass
class EventQueue:
    """Sends events to `signal` in order, once `is_started` is set.

    Events that a listener causes come after those that were queued before.
    """

    hass: HomeAssistant
    signal: str
    is_started: bool = False
    _is_firing: bool = False
    _queue: deque[tuple[ScreenEvent, Context | None]] = field(default_factory=deque)

    @callback
    def async_add(self, events: Iterable[ScreenEvent], context: Context | None) -> None:
        """Queue events with the context of the call that caused them."""
        self._queue.extend((event, context) for event in events)

    @callback
    def async_fire(self) -> None:
        """Fire the queued events. Home Assistant logs exceptions of listeners."""
        if self._is_firing or not self.is_started:
            return
        self._is_firing = True
        while self._queue:
            async_dispatcher_send(self.hass, self.signal, *self._queue.popleft())
        self._is_firing = False
