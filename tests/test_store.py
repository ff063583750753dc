"""The store: written at once, with only the data that is needed."""

import asyncio
from datetime import datetime, timedelta
import errno
import json
import logging
from pathlib import Path
import stat
import threading
from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.store import SessionStore, store_key
from custom_components.piggy.totals import TOTALS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util.file import write_utf8_file_atomic
from sandbox import Fault, Sandbox

from .conftest import (
    Advance,
    account,
    act,
    clear,
    codes,
    device_id,
    listen,
    picture,
    screen,
    set_amount,
    set_up,
    state_of,
    types,
)

VOUCHER = "create_voucher_session"
RETRY = 30.5  # seconds; a write that failed is repeated after 30


@pytest.fixture
def hass_storage() -> None:
    """Let Home Assistant write files to the test's folder, instead of to a dict."""


def key(entry: MockConfigEntry) -> str:
    """Return the name of an account's file."""
    return f"piggy.{entry.entry_id}"


def stored(hass: HomeAssistant, name: str) -> Path:
    """Return the file of that name."""
    return Path(hass.config.path(".storage", name))


def content(hass: HomeAssistant, name: str) -> Any:
    """Return what is stored in a file."""
    return json.loads(stored(hass, name).read_text())["data"]


def uuids(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, list[str]]:
    """Return the sessions that are stored, by screen."""
    return {
        screen: [session["uuid"] for session in data["sessions"]]
        for screen, data in content(hass, key(entry)).items()
    }


def write(hass: HomeAssistant, name: str, data: object, **envelope: Any) -> Path:
    """Write a file as Home Assistant does."""
    path = stored(hass, name)
    path.parent.mkdir(exist_ok=True)
    envelope = {"version": 1, "minor_version": 2, "key": name, **envelope}
    path.write_text(json.dumps({**envelope, "data": data}))
    return path


def row(**changes: Any) -> dict[str, Any]:
    """Return a session as it is stored, with some of it changed."""
    return {
        "uuid": "s1",
        "url": "https://example.com/s1",
        "contact_uuid": None,
        "created_at": "2026-11-22T12:00:00+00:00",
        "type": "voucher",
        "session_id": "i1",
        "status": "waiting",
        "expires_at": None,
        "follow_until": None,
        "reference": None,
        "purchase_amount_in_cents": None,
        "allow_multiple_giftcards": True,
        "outcome": [],
        "seen": [],
        **changes,
    }


def of_screen(*sessions: object, **totals: float) -> dict[str, Any]:
    """Return a screen as it is stored."""
    return {
        "purchase_amount_in_cents": None,
        "totals": totals,
        "sessions": list(sessions),
    }


def url(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the state of a screen's URL sensor."""
    return state_of(hass, entry, "sensor", "session_url", name).state


@pytest.fixture
def writes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Collect the writes of the integration's files."""
    found: list[str] = []

    class _Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage().startswith("Writing data for piggy"):
                found.append(record.getMessage())

    caplog.set_level(logging.DEBUG, "homeassistant.helpers.storage")
    logging.getLogger("homeassistant.helpers.storage").addHandler(_Handler())
    return found


async def test_content(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
) -> None:
    """A session is stored with what it takes to show it again, and nothing personal."""
    (screen_id,) = entry.subentries
    assert not stored(hass, key(entry)).exists()  # an idle account has nothing to store
    await advance(0)
    session = await act(
        hass,
        "create_redeem_giftcard_session",
        device_id(hass, entry),
        amount_in_cents=5000,
        reference="order 7",
    )
    written = json.loads(stored(hass, key(entry)).read_text())
    found = written.pop("data")[screen_id]["sessions"]
    assert written == {"version": 1, "minor_version": 2, "key": key(entry)}
    expires_at = found[0]["expires_at"]
    shown = datetime.fromisoformat(
        state_of(hass, entry, "sensor", "session_expires").state
    )
    # The clock ticks between the two, and each is rounded.
    difference = datetime.fromisoformat(expires_at) - shown
    assert abs(difference) <= timedelta(seconds=1)
    assert found == [
        row(
            uuid=session["uuid"],
            url=session["url"],
            type="redeem_giftcard",
            created_at=session["created_at"],
            session_id=session["session_id"],
            expires_at=expires_at,
            reference="order 7",
            purchase_amount_in_cents=5000,
        )
    ]
    sandbox.identify(session["uuid"], "123")
    secret = {"amount_in_cents": -1000, "giftcard": {"uuid": "secret"}}
    sandbox.add_event(session["uuid"], "giftcard_transaction", secret)
    await advance(6)
    (found,) = content(hass, key(entry))[screen_id]["sessions"]
    assert (found["status"], found["contact_uuid"]) == ("identified", "123")
    (event_id,) = found["seen"]
    assert found["outcome"] == [
        {
            "kind": "giftcard_transaction",
            "amount_in_cents": -1000,
            "event_id": event_id,
        }
    ]
    assert "secret" not in str(found)
    # It is followed for ten minutes, and then forgotten.
    await clear(hass, device_id(hass, entry))
    (found,) = content(hass, key(entry))[screen_id]["sessions"]
    assert found["expires_at"] is None
    assert found["follow_until"] is not None
    await advance(1)  # the look right after it left
    await advance(600)
    totals = dict.fromkeys((total.key for total in TOTALS), 0)
    totals |= {"sessions_started": 1, "paid_with_giftcards": 1000}
    assert content(hass, key(entry)) == {screen_id: of_screen(**totals)}


async def test_on_disk_at_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """When an action responds, its session is on the disk."""
    (screen_id,) = entry.subentries
    device = device_id(hass, entry)
    sessions: list[str] = []
    for _ in range(3):
        session = await act(hass, VOUCHER, device)
        sessions.append(session["uuid"])
        assert uuids(hass, entry)[screen_id][0] == session["uuid"]
    mode = stored(hass, key(entry)).stat().st_mode
    assert stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO) == 0
    await clear(hass, device)
    assert sorted(uuids(hass, entry)[screen_id]) == sorted(sessions)
    rows = content(hass, key(entry))[screen_id]["sessions"]
    assert all(row["follow_until"] for row in rows)


async def test_written_when_something_changed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    advance: Advance,
    writes: list[str],
) -> None:
    """Polls without changes write neither files nor states."""
    session = await act(hass, VOUCHER, device_id(hass, entry))
    assert len(writes) == 1
    state = state_of(hass, entry, "sensor", "session_status")
    for _ in range(20):
        await advance(5)
    again = state_of(hass, entry, "sensor", "session_status")
    assert again.last_reported == state.last_reported
    await sandbox.stop()
    for _ in range(5):
        await advance(20)
    await sandbox.start()
    await advance(61)
    assert len(writes) == 1
    sandbox.identify(session["uuid"], "123")
    await advance(11)
    assert len(writes) == 2
    await set_amount(hass, entry, 10)
    assert len(writes) == 3
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await advance(1)
    assert len(writes) == 3


async def test_one_write_serves_all(hass: HomeAssistant, writes: list[str]) -> None:
    """Changes during a write are written together, after it."""
    store = SessionStore(hass, "one")
    await store.async_load_screens(set())
    await store.async_write()
    assert len(writes) == 0  # nothing was set

    store.set("a", {"n": 0})
    saves = [asyncio.create_task(store.async_write())]
    await asyncio.sleep(0)
    for number in range(1, 11):
        store.set("a", {"n": number})
        store.set("b", {"n": -number})
        saves.append(asyncio.create_task(store.async_write()))
    await asyncio.gather(*saves)
    assert len(writes) == 2
    assert content(hass, "piggy.one") == {"a": {"n": 10}, "b": {"n": -10}}

    store.set("b", {"n": -10})
    await asyncio.gather(*(store.async_write() for _ in range(5)))
    assert len(writes) == 2


async def test_caller_who_leaves_stops_no_write(hass: HomeAssistant) -> None:
    """An action that is cancelled while it waits for the disk loses no session."""
    store = SessionStore(hass, "one")
    go_on = threading.Event()

    def write_later(*args: Any, **options: Any) -> None:
        go_on.wait()
        write_utf8_file_atomic(*args, **options)

    with patch("homeassistant.helpers.storage.write_utf8_file_atomic", write_later):
        store.set("a", {"n": 1})
        first = asyncio.create_task(store.async_write())
        await asyncio.sleep(0)
        store.set("a", {"n": 2})
        leaving = asyncio.create_task(store.async_write())
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.wait([leaving])
        assert leaving.cancelled()
        go_on.set()
        await first
        await store.async_write()
    assert content(hass, "piggy.one") == {"a": {"n": 2}}


async def test_full_disk(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A failed write is repeated by itself, and with the next change."""
    (screen_id,) = entry.subentries
    device = device_id(hass, entry)
    await advance(0)
    full = patch(
        "homeassistant.util.file.AtomicWriter",
        side_effect=OSError(errno.ENOSPC, "No space left on device"),
    )
    for repeated in ("by itself", "with the next change"):
        with full:
            session = await act(hass, VOUCHER, device)
            await advance(RETRY)
            assert url(hass, entry) == session["url"]
        if stored(hass, key(entry)).exists():
            assert session["uuid"] not in uuids(hass, entry)[screen_id]
        if repeated == "by itself":
            await advance(RETRY)
        else:
            await set_amount(hass, entry, 10)
        assert session["uuid"] in uuids(hass, entry)[screen_id], repeated
    assert "No space left" in caplog.text


async def test_unload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Unloading an account writes what was not written yet."""
    (screen_id,) = entry.subentries
    entry.runtime_data.account.store.set(screen_id, of_screen(row()))
    await hass.config_entries.async_unload(entry.entry_id)
    assert content(hass, key(entry)) == {screen_id: of_screen(row())}


async def test_reload_with_a_full_disk(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox, advance: Advance
) -> None:
    """Changes that could not be written survive a reload, and are written later."""
    told = listen(hass, entry)
    (screen_id,) = entry.subentries
    with patch(
        "homeassistant.util.file.AtomicWriter",
        side_effect=OSError(errno.ENOSPC, "No space left on device"),
    ):
        session = await act(hass, VOUCHER, device_id(hass, entry))
        sandbox.add_event(session["uuid"], "dance", {})
        await advance(6)
        for fault in (None, Fault("status", status=401)):
            if fault:  # a load that fails forgets nothing
                sandbox.add_fault(fault)
            await hass.config_entries.async_reload(entry.entry_id)
            await hass.async_block_till_done()
        await hass.config_entries.async_reload(entry.entry_id)
        await advance(6)
    assert url(hass, entry) == session["url"]
    assert types(told) == ["session_created", "other"]
    await advance(RETRY)
    assert session["uuid"] in uuids(hass, entry)[screen_id]


async def test_kept_and_forgotten(hass: HomeAssistant) -> None:
    """The next start reads what was stored, except for removed screens."""
    store = SessionStore(hass, "one")
    await store.async_load_screens({"a", "b"})
    assert store.get("a") == {}
    for name in ("a", "b"):
        store.set(name, of_screen(row()))
    await store.async_write()

    again = SessionStore(hass, "one")
    await again.async_load_screens({"b", "c"})
    assert (again.get("a"), again.get("b"), again.get("c")) == (
        {},
        of_screen(row()),
        {},
    )
    assert again.has_sessions
    await again.async_write()
    assert content(hass, "piggy.one") == {"b": of_screen(row())}

    await again.async_remove()
    assert not stored(hass, "piggy.one").exists()


async def test_two_screens(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Two screens that change at the same time are both stored and restored."""
    names = ("Till 1", "Till 2")
    entry = account(sandbox, *(screen(shop_uuid, name) for name in names))
    await set_up(hass, entry)
    sessions = await asyncio.gather(
        *(act(hass, VOUCHER, device_id(hass, entry, name)) for name in names)
    )
    assert sorted(uuids(hass, entry).values()) == sorted(
        [session["uuid"]] for session in sessions
    )
    assert await hass.config_entries.async_reload(entry.entry_id)
    for name, session in zip(names, sessions, strict=True):
        assert url(hass, entry, name) == session["url"]
        assert codes(await picture(hass, entry, name)) == [session["url"]]


async def test_two_accounts(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Each account has its own file."""
    entries = [account(sandbox, screen(shop_uuid, name)) for name in ("One", "Two")]
    for number, entry in enumerate(entries):
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(entry, unique_id=f"account {number}")
    await set_up(hass, entries[0])
    for name, entry in zip(("One", "Two"), entries, strict=True):
        await act(hass, VOUCHER, device_id(hass, entry, name))
    for entry in entries:
        assert uuids(hass, entry).keys() == set(entry.subentries)


async def test_removed_screen(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Removing a screen removes its sessions, and no others."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    ids = {subentry.title: name for name, subentry in entry.subentries.items()}
    for name in ids:
        await act(hass, VOUCHER, device_id(hass, entry, name))
    assert content(hass, key(entry)).keys() == set(ids.values())
    hass.config_entries.async_remove_subentry(entry, ids["Till 1"])
    await hass.async_block_till_done()
    assert content(hass, key(entry)).keys() == {ids["Till 2"]}


async def test_removed_account(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Removing an account removes its file, whether it is loaded or not."""
    await act(hass, VOUCHER, device_id(hass, entry))
    await hass.config_entries.async_unload(entry.entry_id)
    assert stored(hass, key(entry)).exists()
    await hass.config_entries.async_remove(entry.entry_id)
    assert not stored(hass, key(entry)).exists()


async def test_reads_what_it_writes(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """The stored content that other tests damage is valid before that."""
    entry = account(sandbox, screen(shop_uuid))
    (screen_id,) = entry.subentries
    write(hass, key(entry), {screen_id: of_screen(row())})
    await set_up(hass, entry)
    assert url(hass, entry) == "https://example.com/s1"
    assert content(hass, key(entry)) == {screen_id: of_screen(row())}


@pytest.mark.parametrize(
    "session",
    [
        "text",
        5,
        [],
        {},
        {"uuid": "s1"},
        row(type="party"),
        row(status="gone"),
        row(status=None),
        row(expires_at="soon"),
        row(expires_at="2999-01-01T00:00:00"),
        row(expires_at=5),
        row(outcome=[{"kind": "dance", "event_id": "1"}]),
        row(outcome=5),
        row(seen=5),
    ],
)
async def test_damaged_session(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    session: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A damaged session is dropped, and nothing else."""
    entry = account(sandbox, screen(shop_uuid))
    (screen_id,) = entry.subentries
    write(hass, key(entry), {screen_id: of_screen(session, row(uuid="s2"))})
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert url(hass, entry) == "https://example.com/s1"
    assert uuids(hass, entry) == {screen_id: ["s2"]}
    assert "A stored session could not be read and was dropped" in caplog.text


@pytest.mark.parametrize(
    "data", [None, [], [1], "text", 5, True, {"gone": of_screen(row())}]
)
async def test_damaged_file(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, data: object
) -> None:
    """A file with other content is ignored."""
    entry = account(sandbox, screen(shop_uuid))
    write(hass, key(entry), data)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    session = await act(hass, VOUCHER, device_id(hass, entry))
    assert uuids(hass, entry) == {
        screen: [session["uuid"]] for screen in entry.subentries
    }


@pytest.mark.parametrize("of_screen", [None, 5, [], "text"])
async def test_damaged_screen(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, of_screen: object
) -> None:
    """A screen that cannot be read starts idle."""
    entry = account(sandbox, screen(shop_uuid))
    write(hass, key(entry), dict.fromkeys(entry.subentries, of_screen))
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert url(hass, entry) == "unknown"


@pytest.mark.parametrize("is_readable", [True, False])
async def test_file_of_a_newer_release(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    caplog: pytest.LogCaptureFixture,
    *,
    is_readable: bool,
) -> None:
    """A file of a newer release is kept as a backup, once, and the account works."""
    entry = account(sandbox, screen(shop_uuid))
    path = write(hass, key(entry), {} if is_readable else 5)
    if is_readable:
        path = write(hass, key(entry), {}, version=2)
    before = path.read_bytes()
    await set_up(hass, entry)
    (backup,) = path.parent.glob(f"{path.name}.*.backup")
    assert backup.read_bytes() == before
    assert caplog.text.count("The file was kept as") == 1
    session = await act(hass, VOUCHER, device_id(hass, entry))
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert url(hass, entry) == session["url"]
    assert caplog.text.count("The file was kept as") == 1


async def test_file_that_a_crash_left_unfinished(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """Home Assistant puts it aside, and the account works."""
    entry = account(sandbox, screen(shop_uuid))
    path = write(hass, key(entry), {})
    path.write_text('{"version": 1, "data": {"')
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    session = await act(hass, VOUCHER, device_id(hass, entry))
    assert [session["uuid"]] in uuids(hass, entry).values()


async def test_file_of_the_first_release(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """A session of 0.1.0 is taken over, unless its transactions would be doubled."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    session = await act(hass, VOUCHER, device_id(hass, entry))
    await hass.config_entries.async_unload(entry.entry_id)
    del hass.data[store_key(entry.entry_id)]  # as after a restart
    old = {
        "uuid": session["uuid"],
        "url": session["url"],
        "type": "voucher",
        "shop": {"uuid": shop_uuid, "name": "Sesame Street"},
        "contact_uuid": None,
        "created_at": session["created_at"],
        "status": "waiting",
        "expires_at": None,
        "seen": [],
    }
    first, second = entry.subentries
    used = {**old, "status": "completed", "seen": ["0123"]}
    write(hass, key(entry), {first: old, second: used}, minor_version=1)
    await set_up(hass, entry)
    assert (url(hass, entry), url(hass, entry, "Till 2")) == (session["url"], "unknown")
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Coffee"})
    await advance(6)
    found = state_of(hass, entry, "event", "session")
    assert found.attributes["voucher_name"] == "Coffee"
    assert found.attributes["session_id"]
