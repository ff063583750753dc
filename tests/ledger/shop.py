"""Runs a simulated day: eight screens of one account, on frozen time."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
import heapq
from itertools import count
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.api.session_types import SESSION_TYPES
from custom_components.piggy.store import SessionStore, store_key
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
from homeassistant.util.file import WriteError
from sandbox import Sandbox
from tests.conftest import account, act, device_id, entity_id, screen, set_up

from .books import Booked, Books, Reported
from .customers import Customers, Lives
from .plan import FAULTS, SCREENS, Customer, Disturbance

STEP = 30  # seconds without anything due
FIRST_MINUTES = 120  # seconds
JUMP = 3600  # seconds
RECOVERY = 100  # seconds after a disturbance without a measurement of latencies

type Act = Callable[[], Awaitable[None]]


class Shop:
    """The account, its screens, and the clock of the day."""

    def __init__(
        self,
        hass: HomeAssistant,
        sandbox: Sandbox,
        freezer: FrozenDateTimeFactory,
        storage: dict[str, Any],
        patch: pytest.MonkeyPatch,
    ) -> None:
        """Prepare a day; `open` sets the screens up."""
        self.books = Books()
        self._hass = hass
        self._sandbox = sandbox
        self._freezer = freezer
        self._storage = storage
        self._patch = patch
        self._heap: list[tuple[float, int, Act]] = []
        self._order = count()
        self._offset = timedelta()
        self._disk_is_full = self._is_unwritten = False
        self._faults = 0
        self._calm_since = time.monotonic() - RECOVERY
        self._lives = Lives()
        self._customers = Customers(sandbox)
        self._created: dict[str, float] = {}  # session_id → when

    async def open(self) -> None:
        """Set up the account with its screens, and listen to their events."""
        shop_uuid = next(iter(self._sandbox.shops))
        names = [f"Till {number}" for number in range(SCREENS)]
        self._entry = entry = account(
            self._sandbox, *(screen(shop_uuid, name) for name in names)
        )
        utcnow = dt_util.utcnow
        self._patch.setattr(dt_util, "utcnow", lambda: utcnow() + self._offset)

        async def write(store: Store[Any], data: dict[str, Any]) -> None:
            await self._write(store, data)

        self._patch.setattr(Store, "_async_write_data", write)
        await set_up(self._hass, entry)
        self._devices = [device_id(self._hass, entry, name) for name in names]
        self._urls = [self._entity(entry, "sensor", "session_url", n) for n in names]
        self._amounts = [
            self._entity(entry, "number", "purchase_amount", n) for n in names
        ]
        self._names = names
        self._screens = {
            self._entity(entry, "event", "session", name): number
            for number, name in enumerate(names)
        }
        self._hass.bus.async_listen(EVENT_STATE_CHANGED, self._hear)

    async def run(
        self, customers: list[Customer], disturbances: list[Disturbance]
    ) -> None:
        """Run the day to the end of the last session's follow-up."""
        self.books.customers = len(customers)
        begin = time.monotonic()
        for customer in customers:
            self._at(begin + customer.arrives, self._arrive, customer)
        for disturbance in disturbances:
            self._at(begin + disturbance.at, self._disturb, disturbance)
        while self._heap or self._tracked():
            due = [timer.when() for timer in self._timers()]
            after = min([*due, time.monotonic() + STEP, *self._next_act()])
            seconds = max(0.001, after - time.monotonic())
            self.books.tracked_seconds += seconds * self._tracked()
            self._freezer.tick(seconds)
            while self._heap and self._heap[0][0] <= time.monotonic():
                await heapq.heappop(self._heap)[2]()
            await self._hass.async_block_till_done(wait_background_tasks=True)
            self.books.requests += len(self._sandbox.requests)
            self._sandbox.requests.clear()

    def totals(self) -> Counter[str]:
        """Return what the stored totals of all screens add up to."""
        totals: Counter[str] = Counter()
        for stored in self._storage[f"piggy.{self._entry.entry_id}"]["data"].values():
            totals.update(stored["totals"])
        return totals

    def _entity(
        self, entry: MockConfigEntry, platform: str, key: str, name: str
    ) -> str:
        return entity_id(self._hass, entry, platform, key, name)

    def _timers(self) -> list[Any]:
        handles = get_scheduled_timer_handles(self._hass.loop)
        return [handle for handle in handles if not handle.cancelled()]

    def _next_act(self) -> list[float]:
        return [self._heap[0][0]] if self._heap else []

    def _tracked(self) -> int:
        screens = self._entry.runtime_data.screens.values()
        return sum(len(screen.data.tracked) for screen in screens)

    def _at(self, when: float, act: Callable[..., Awaitable[None]], *args: Any) -> None:
        heapq.heappush(self._heap, (when, next(self._order), lambda: act(*args)))

    async def _write(self, store: Store[Any], data: dict[str, Any]) -> None:
        """Keep what a store writes, unless the disk is full."""
        if isinstance(store, SessionStore):
            self._is_unwritten = self._disk_is_full
        if self._disk_is_full:
            raise WriteError
        if isinstance(store, SessionStore):
            if "data_func" in data:
                data["data"] = data.pop("data_func")()
            self._storage[store.key] = json.loads(json.dumps(data))

    @callback
    def _hear(self, event: Event[EventStateChangedData]) -> None:
        """Note an event of a screen."""
        state = event.data["new_state"]
        number = self._screens.get(event.data["entity_id"])
        if number is None or state is None or "event_id" not in state.attributes:
            if number is not None and state:
                self._lives.note(state.attributes, time.monotonic())
            return
        found = state.attributes
        kind = found["event_type"]
        value = found.get("amount_in_cents", found.get("credits"))
        self.books.reported.append(
            Reported(
                time.monotonic(),
                number,
                found["session_id"],
                kind,
                value,
                found["event_id"],
            )
        )

    async def _arrive(self, customer: Customer) -> None:
        """Start a customer's session, and plan what the customer does in it."""
        try:
            uuid, session_id = await self._create(customer)
        except HomeAssistantError:
            return
        now = time.monotonic()
        self.books.ids[session_id] = uuid
        self.books.screens[uuid] = customer.screen
        self._created[session_id] = now
        if customer.identifies is not None:
            self._at(now + customer.identifies, self._identify, uuid, session_id)
        for when, share in customer.payments:
            self._at(now + when, self._pay, uuid, session_id, share)
        if customer.presses_again is not None:
            self._at(now + customer.presses_again, self._press_again, customer)
        if customer.is_cancelled is not None:
            self._at(now + customer.is_cancelled, self._cancel, customer)

    async def _create(self, customer: Customer) -> tuple[str, str]:
        """Create a session by button or action; return its uuid and id."""
        wanted = SESSION_TYPES[customer.type].purchase_amount
        if not customer.by_button or wanted != "none":
            amount = {"amount_in_cents": customer.amount} if customer.amount else {}
            answer = await act(
                self._hass,
                f"create_{customer.type}_session",
                self._devices[customer.screen],
                **amount,
            )
            return answer["uuid"], answer["session_id"]
        await self._press(customer)
        status = self._hass.states.get(
            self._urls[customer.screen].replace("_url", "_status")
        )
        url = self._hass.states.get(self._urls[customer.screen])
        assert status is not None
        assert url is not None
        uuid = parse_qs(urlsplit(url.state).query)["uuid"][0]
        return uuid, status.attributes["session_id"]

    async def _press(self, customer: Customer) -> None:
        button = self._entity(
            self._entry, "button", customer.type, self._names[customer.screen]
        )
        await self._hass.services.async_call(
            "button", "press", {"entity_id": button}, blocking=True
        )

    async def _press_again(self, customer: Customer) -> None:
        """Press the screen's button once more, as impatient people do."""
        if SESSION_TYPES[customer.type].purchase_amount == "required":
            return
        try:
            await self._press(customer)
        except HomeAssistantError:
            return

    async def _cancel(self, customer: Customer) -> None:
        await self._hass.services.async_call(
            "piggy",
            "clear_session",
            {"device_id": self._devices[customer.screen]},
            blocking=True,
        )

    def _is_open(self, uuid: str, session_id: str) -> bool:
        session_type = self._sandbox.sessions[uuid].type.name
        return self._lives.is_open(session_id, session_type, time.monotonic())

    async def _identify(self, uuid: str, session_id: str) -> None:
        if self._is_open(uuid, session_id):
            self._customers.identify(uuid)

    async def _pay(self, uuid: str, session_id: str, share: float) -> None:
        if not self._is_open(uuid, session_id):
            return
        group = "others"
        if self._lives.is_identified(session_id):
            group = "identified"
        elif time.monotonic() > self._created[session_id] + FIRST_MINUTES:
            group = ""
        is_calm = not self._faults and time.monotonic() > self._calm_since + RECOVERY
        if self._lives.has_left(session_id) or not is_calm:
            group = ""
        for event in self._customers.pay(uuid, share):
            data = event["data"]
            self.books.booked.append(
                Booked(
                    time.monotonic(),
                    uuid,
                    event["type"],
                    data.get("amount_in_cents", data.get("credits")),
                    group,
                )
            )

    async def _disturb(self, disturbance: Disturbance) -> None:
        """Begin a disturbance, and plan its end."""
        kind = disturbance.kind
        if kind == "kill" and (self._disk_is_full or self._is_unwritten):
            # Changes that were not written are lost when killed.
            self._at(time.monotonic() + 1, self._disturb, disturbance)
            return
        self.books.disturbed.append(time.monotonic())
        if kind in FAULTS:
            self._sandbox.add_fault(FAULTS[kind])
        elif kind.startswith("clock"):
            direction = 1 if kind == "clock_ahead" else -1
            self._offset = timedelta(seconds=direction * JUMP)
        elif kind == "full_disk":
            self._disk_is_full = True
        else:
            await self._restart(is_killed=kind == "kill")
            return
        self._faults += 1
        self._at(time.monotonic() + disturbance.seconds, self._calm, kind)

    async def _calm(self, kind: str) -> None:
        """End a disturbance, and with it any that began since."""
        self._faults -= 1
        self._calm_since = time.monotonic()
        if kind in FAULTS:
            self._sandbox.clear_faults()
        elif kind.startswith("clock"):
            self._offset = timedelta()
        else:
            self._disk_is_full = False

    async def _restart(self, *, is_killed: bool) -> None:
        """Unload and load the account; killed, nothing more is written before."""
        with pytest.MonkeyPatch.context() as patch:
            if is_killed:

                async def write_nothing(_: SessionStore) -> None:
                    """Discard what is written, as after a kill."""

                patch.setattr(SessionStore, "async_write", write_nothing)
            await self._hass.config_entries.async_unload(self._entry.entry_id)
            if is_killed:
                del self._hass.data[store_key(self._entry.entry_id)]
        await self._hass.config_entries.async_setup(self._entry.entry_id)
        await self._hass.async_block_till_done(wait_background_tasks=True)
