"""The queue that fires a screen's events in order."""

import pytest

from custom_components.piggy.events import EventQueue, ScreenEvent, ScreenEventType
from custom_components.piggy.transactions import TransactionKind
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

SIGNAL = "piggy_test"
FIRST = ScreenEvent(TransactionKind.CREDIT_RECEPTION, {"n": 1})
SECOND = ScreenEvent(TransactionKind.CREDIT_RECEPTION, {"n": 2})
CLEARED = ScreenEvent(ScreenEventType.SESSION_CLEARED, {})


class Listener:
    """Hears the events of a queue."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen."""
        self.heard: list[tuple[ScreenEvent, Context | None]] = []
        self.stop = async_dispatcher_connect(hass, SIGNAL, self.hear)

    @callback
    def hear(self, event: ScreenEvent, context: Context | None) -> None:
        """Hear an event."""
        self.heard.append((event, context))

    @property
    def events(self) -> list[ScreenEvent]:
        """Return the events without their contexts."""
        return [event for event, _ in self.heard]


@pytest.fixture
def queue(hass: HomeAssistant) -> EventQueue:
    """Return a queue that fires its events."""
    return EventQueue(hass, SIGNAL, is_started=True)


async def test_holds_events_back_until_it_is_started(hass: HomeAssistant) -> None:
    """Events wait for the automations."""
    queue, listener = EventQueue(hass, SIGNAL), Listener(hass)
    queue.async_add([FIRST, SECOND], None)
    queue.async_fire()
    assert listener.events == []
    queue.is_started = True
    queue.async_fire()
    assert listener.events == [FIRST, SECOND]


async def test_order_when_a_listener_causes_events(
    hass: HomeAssistant, queue: EventQueue
) -> None:
    """Events that a listener causes come last, for every listener."""

    @callback
    def clear(event: ScreenEvent, _: Context | None) -> None:
        if event is FIRST:
            queue.async_add([CLEARED], None)
            queue.async_fire()

    early = Listener(hass)
    async_dispatcher_connect(hass, SIGNAL, clear)
    late = Listener(hass)
    queue.async_add([FIRST, SECOND], None)
    queue.async_fire()
    assert early.events == late.events == [FIRST, SECOND, CLEARED]


async def test_listener_that_raises(
    hass: HomeAssistant, queue: EventQueue, caplog: pytest.LogCaptureFixture
) -> None:
    """A listener that raises is logged, and no other one misses an event."""

    @callback
    def fail(event: ScreenEvent, _: Context | None) -> None:
        raise RuntimeError

    async_dispatcher_connect(hass, SIGNAL, fail)
    listener = Listener(hass)
    queue.async_add([FIRST, SECOND], None)
    queue.async_fire()
    assert listener.events == [FIRST, SECOND]
    assert caplog.text.count(f"Exception in fail when dispatching '{SIGNAL}'") == 2


async def test_context_and_unsubscribing(
    hass: HomeAssistant, queue: EventQueue
) -> None:
    """Each event has the context that it was queued with."""
    listener, context = Listener(hass), Context()
    queue.async_add([FIRST], context)
    queue.async_add([SECOND], None)
    queue.async_fire()
    listener.stop()
    queue.async_add([CLEARED], context)
    queue.async_fire()
    assert listener.heard == [(FIRST, context), (SECOND, None)]
