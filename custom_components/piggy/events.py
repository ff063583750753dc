"""The events of a screen, and the queue that fires them in order."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, Context, callback

from .const import LOGGER
from .transactions import TransactionKind

type EventListener = Callable[[ScreenEvent, Context | None], None]


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
    """Fires events in order, from the moment that `async_start` is called.

    Events that a listener causes come after those that were queued before.
    """

    is_started: bool = False
    _is_firing: bool = False
    _listeners: list[EventListener] = field(default_factory=list)
    _queue: deque[tuple[ScreenEvent, Context | None]] = field(default_factory=deque)

    @callback
    def async_subscribe(self, listener: EventListener) -> CALLBACK_TYPE:
        """Subscribe to events; return a function that unsubscribes."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    @callback
    def async_add(self, events: Iterable[ScreenEvent], context: Context | None) -> None:
        """Queue events with the context of the call that caused them."""
        self._queue.extend((event, context) for event in events)

    @callback
    def async_start(self) -> None:
        """Fire the queued events, and from now on fire events immediately."""
        self.is_started = True
        self.async_fire()

    @callback
    def async_fire(self) -> None:
        """Fire the queued events; log exceptions of listeners and continue."""
        if self._is_firing or not self.is_started:
            return
        self._is_firing = True
        while self._queue:
            event, context = self._queue.popleft()
            for listener in list(self._listeners):
                try:
                    listener(event, context)
                except Exception:  # noqa: BLE001 -- logged, and the rest must run
                    LOGGER.exception("An event listener failed on %s", event.type)
        self._is_firing = False
