"""The queue that fires a screen's events in order."""

import pytest

from custom_components.piggy.events import EventQueue, ScreenEvent, ScreenEventType
from custom_components.piggy.transactions import TransactionKind
from homeassistant.core import Context

FIRST = ScreenEvent(TransactionKind.CREDIT_RECEPTION, {"n": 1})
SECOND = ScreenEvent(TransactionKind.CREDIT_RECEPTION, {"n": 2})
CLEARED = ScreenEvent(ScreenEventType.SESSION_CLEARED, {})


@pytest.fixture
def queue() -> EventQueue:
    """Return a queue that fires its events."""
    queue = EventQueue()
    queue.async_start()
    return queue


def test_holds_events_back_until_it_is_started() -> None:
    """Events wait for the automations."""
    queue, heard = EventQueue(), list[ScreenEvent]()
    queue.async_subscribe(lambda event, _: heard.append(event))
    queue.async_add([FIRST, SECOND], None)
    queue.async_fire()
    assert heard == []
    queue.async_start()
    assert heard == [FIRST, SECOND]


def test_order_when_a_listener_causes_events(queue: EventQueue) -> None:
    """Events that a listener causes come last, for every listener."""
    early, late = list[ScreenEvent](), list[ScreenEvent]()

    def clear(event: ScreenEvent, _: Context | None) -> None:
        early.append(event)
        if event is FIRST:
            queue.async_add([CLEARED], None)
            queue.async_fire()

    queue.async_subscribe(clear)
    queue.async_subscribe(lambda event, _: late.append(event))
    queue.async_add([FIRST, SECOND], None)
    queue.async_fire()
    assert early == late == [FIRST, SECOND, CLEARED]


def test_listener_that_raises(
    queue: EventQueue, caplog: pytest.LogCaptureFixture
) -> None:
    """A listener that raises is logged, and no other one misses an event."""
    heard = list[ScreenEvent]()

    def fail(event: ScreenEvent, _: Context | None) -> None:
        raise RuntimeError

    queue.async_subscribe(fail)
    queue.async_subscribe(lambda event, _: heard.append(event))
    queue.async_add([FIRST, SECOND], None)
    queue.async_fire()
    assert heard == [FIRST, SECOND]
    assert caplog.text.count("An event listener failed on credit_reception") == 2


def test_context_and_unsubscribing(queue: EventQueue) -> None:
    """Each event has the context that it was queued with."""
    heard = list[Context | None]()
    context = Context()
    stop = queue.async_subscribe(lambda _, given: heard.append(given))
    queue.async_add([FIRST], context)
    queue.async_add([SECOND], None)
    queue.async_fire()
    stop()
    queue.async_add([CLEARED], context)
    queue.async_fire()
    assert heard == [context, None]
