"""A shop on a real hub with a fast clock: customers, disturbances and kills.

Times of a plan are in seconds of the hub's clock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
import json
from operator import itemgetter
import time
from typing import Any

from custom_components.piggy.api.session_types import SESSION_TYPES
from hub.client import HubClient
from hub.errors import HubError, NotYetError
from hub.flow import DOMAIN, NewAccount, add_account, screen_answer
from hub.process import Hub
from hub.screens import find_screen
from hub.waiting import eventually
from sandbox import DEFAULT_KEY, Sandbox
from tests.ledger.books import Booked, Books, Reported
from tests.ledger.customers import Customers, Lives
from tests.ledger.plan import FAULTS, SCREENS, Customer, Disturbance

from .furnish import until_stored
from .till import Till

FACTOR = 20
RETRY = 0.25  # real seconds
QUIET = 10  # real seconds that a kill waits for a report
RECORD = "record.jsonl"
NAMES = [f"Till {number}" for number in range(1, SCREENS + 1)]
# Home Assistant writes these some seconds after they have changed.
STORED = {
    "auth": "long_lived_access_token",
    "core.config_entries": NAMES[-1],
    "core.device_registry": NAMES[-1],
    "core.entity_registry": f"event.till_{SCREENS}_session",
}

type Act = Callable[[], Awaitable[None]]


@dataclass
class Shop:
    """A hub with an account, and what is known of the account's sessions."""

    hub: Hub
    sandbox: Sandbox
    client: HubClient
    entry_id: str
    tills: list[Till]
    books: Books = field(default_factory=Books)
    lives: Lives = field(default_factory=Lives)
    _tasks: asyncio.TaskGroup = field(init=False)
    _read: int = 0

    def __post_init__(self) -> None:
        """Prepare the customers and the screens."""
        self.customers = Customers(self.sandbox)
        self.screens = {
            till.entity("event.session"): number
            for number, till in enumerate(self.tills)
        }

    async def run(
        self,
        customers: list[Customer],
        disturbances: list[Disturbance],
        kills: list[float],
    ) -> None:
        """Run the day; nothing new happens while the hub starts."""
        acts: list[tuple[float, Act]] = [
            *((row.arrives, partial(self._arrive, row)) for row in customers),
            *((row.at, partial(self._disturb, row)) for row in disturbances),
            *((at, self._kill) for at in kills[::2]),
            *((at, self._kill_at_a_report) for at in kills[1::2]),
        ]
        now = 0.0
        async with asyncio.TaskGroup() as self._tasks:
            for at, act in sorted(acts, key=itemgetter(0)):
                await asyncio.sleep((at - now) / FACTOR)
                now = at
                await act()
        await eventually(self._look_for_sessions, 300)
        self._check_log()
        self._read_record()
        self.books.customers = len(customers)
        self.books.requests = len(self.sandbox.requests)
        for row in self.sandbox.ledger:
            has_value = row.kind.endswith("_transaction") or "credit" in row.kind
            value = row.amount if has_value else None
            self.books.booked.append(Booked(0, row.session_uuid, row.kind, value, ""))

    async def _kill_at_a_report(self) -> None:
        """Kill the hub after its next report, which it may not have stored yet."""
        self._read_record()
        before, deadline = len(self.books.reported), time.monotonic() + QUIET
        while len(self.books.reported) == before and time.monotonic() < deadline:
            await asyncio.sleep(0.001)
            self._read_record()
        await self._kill()

    async def _kill(self) -> None:
        """Kill the hub and start it again."""
        await self.hub.kill()
        self._check_log()
        await self.hub.start()
        await self.client.wait_until_running()

    def _check_log(self) -> None:
        """Check that the log has no traceback of the integration."""
        complaints = self.hub.complaints(DOMAIN)
        assert [text for text in complaints if "Traceback" in text] == []

    async def _disturb(self, disturbance: Disturbance) -> None:
        self.sandbox.add_fault(FAULTS[disturbance.kind])
        self._later(disturbance.seconds, self._calm)

    async def _calm(self) -> None:
        """End a disturbance; others that began meanwhile end with it."""
        self.sandbox.clear_faults()

    async def _arrive(self, customer: Customer) -> None:
        self._tasks.create_task(self._visit(customer))

    async def _visit(self, customer: Customer) -> None:
        """Start a session, and plan what the customer does in it."""
        uuid, session_id = await self._create(customer)
        if customer.identifies is not None:
            self._later(customer.identifies, self._identify, uuid, session_id)
        for when, share in customer.payments:
            self._later(when, self._pay, uuid, session_id, share)
        if customer.presses_again is not None:
            self._later(customer.presses_again, self._press_again, customer)
        if customer.is_cancelled is not None:
            self._later(customer.is_cancelled, self._cancel, customer)

    async def _create(self, customer: Customer) -> tuple[str, str]:
        """Create a session, retrying until it works; return its uuid and id."""
        while True:
            began = time.time()
            try:
                answer = await self._ask(customer)
            except HubError:
                await asyncio.sleep(RETRY)
                continue
            if (session_id := answer["session_id"]) is not None:
                break
        uuid: str = answer["uuid"]
        self.books.ids[session_id] = uuid
        self.books.screens[uuid] = customer.screen
        if not answer["shown"]:
            self.lives.note_not_shown(session_id, began * FACTOR)
        return uuid, session_id

    async def _ask(self, customer: Customer) -> dict[str, Any]:
        """Create a session by button or action; return what is known of it."""
        till = self.tills[customer.screen]
        wanted = SESSION_TYPES[customer.type].purchase_amount
        if customer.by_button and wanted == "none":
            await till.press(customer.type)
            action = "piggy.get_portal_session"
            return await self.client.action_response(action, device_id=till.device_id)
        amount = {"amount_in_cents": customer.amount} if customer.amount else {}
        return await self.client.action_response(
            f"piggy.create_{customer.type}_session", device_id=till.device_id, **amount
        )

    async def _press_again(self, customer: Customer) -> None:
        """Press the screen's button once more, as impatient people do."""
        if SESSION_TYPES[customer.type].purchase_amount != "required":
            await self.tills[customer.screen].press(customer.type)

    async def _cancel(self, customer: Customer) -> None:
        await self.tills[customer.screen].clear()

    async def _identify(self, uuid: str, session_id: str) -> None:
        if self._is_open(uuid, session_id):
            self.customers.identify(uuid)

    async def _pay(self, uuid: str, session_id: str, share: float) -> None:
        if self._is_open(uuid, session_id):
            self.customers.pay(uuid, share)

    def _is_open(self, uuid: str, session_id: str) -> bool:
        self._read_record()
        session_type = self.sandbox.sessions[uuid].type.name
        return self.lives.is_open(session_id, session_type, time.time() * FACTOR)

    def _later(
        self, seconds: float, act: Callable[..., Awaitable[None]], *args: Any
    ) -> None:
        """Schedule an action; an error from the hub is ignored."""

        async def do() -> None:
            await asyncio.sleep(seconds / FACTOR)
            with suppress(HubError):
                await act(*args)

        self._tasks.create_task(do())

    def _read_record(self) -> None:
        """Read what was reported since the last call."""
        with (self.hub.folder / RECORD).open("rb") as file:
            file.seek(self._read)
            content = file.read()
        content = content[: content.rfind(b"\n") + 1]
        self._read += len(content)
        for row in map(json.loads, content.splitlines()):
            found, screen = row["attributes"], self.screens.get(row["entity_id"])
            if screen is None or "event_id" not in found:
                self.lives.note(found, row["at"] * FACTOR)
                continue
            self.books.reported.append(
                Reported(
                    row["at"],
                    screen,
                    found["session_id"],
                    found["event_type"],
                    found.get("amount_in_cents", found.get("credits")),
                    found["event_id"],
                    row["run"],
                )
            )

    async def _look_for_sessions(self) -> None:
        """Raise NotYetError while a session is shown or followed."""
        path = self.hub.folder / ".storage" / f"{DOMAIN}.{self.entry_id}"
        stored = json.loads(path.read_text(encoding="utf-8"))["data"]
        if left := sum(len(screen["sessions"]) for screen in stored.values()):
            raise NotYetError(f"{left} sessions are shown or followed")


async def open_shop(hub: Hub, sandbox: Sandbox, client: HubClient) -> Shop:
    """Add the account with all its screens; all of it is stored at the end."""
    await client.wait_until_running()
    account = NewAccount(DEFAULT_KEY, sandbox.url, screen=NAMES[0])
    entry_id = await add_account(client, account)
    for name in NAMES[1:]:
        form = await client.start_subentry_flow(entry_id, "screen")
        answer = screen_answer(form, account) | {"name": name}
        await client.continue_subentry_flow(form["flow_id"], answer)
    tills = [Till(client, await find_screen(client, entry_id, name)) for name in NAMES]
    await until_stored(hub, STORED)
    return Shop(hub, sandbox, client, entry_id, tills)
