"""What is kept of sessions: at once, no more than is needed, and not for ever."""

import asyncio
import json
import logging
from pathlib import Path
import stat
import threading
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.store import SessionStore
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sandbox import Sandbox

from .conftest import (
    Advance,
    account,
    act,
    codes,
    device_id,
    picture,
    screen,
    set_up,
    state_of,
)


@pytest.fixture
def hass_storage() -> None:
    """Let Home Assistant keep its files in the test's folder, instead of in a dict."""


def key(entry: MockConfigEntry) -> str:
    """Return under which name an account's sessions are kept."""
    return f"piggy.{entry.entry_id}"


def stored(hass: HomeAssistant, name: str) -> Path:
    """Return the file of that name."""
    return Path(hass.config.path(".storage", name))


def content(hass: HomeAssistant, name: str) -> Any:
    """Return what a file keeps."""
    return json.loads(stored(hass, name).read_text())["data"]


def keep(hass: HomeAssistant, name: str, data: object) -> None:
    """Write a file as Home Assistant does."""
    path = stored(hass, name)
    path.parent.mkdir(exist_ok=True)
    envelope = {"version": 1, "minor_version": 1, "key": name, "data": data}
    path.write_text(json.dumps(envelope))


def kept(**changes: Any) -> dict[str, Any]:
    """Return a session as it is kept, with some of it changed."""
    return {
        "uuid": "s1",
        "url": "https://example.com/s1",
        "type": "voucher",
        "shop": {"uuid": "2222e1242t3324535", "name": "Sesame Street"},
        "contact_uuid": None,
        "created_at": "2026-11-22T12:00:00+00:00",
        "status": "waiting",
        "expires_at": None,
        "seen": [],
        **changes,
    }


def told(hass: HomeAssistant, entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the url that a screen's sensor tells."""
    return state_of(hass, entry, "sensor", "session_url", name).state


async def test_content(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
) -> None:
    """A session is kept with what it takes to show it again; no customer's doings."""
    (subentry_id,) = entry.subentries
    assert not stored(hass, key(entry)).exists()  # an idle account has nothing to keep
    await advance(0)
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    expires = dt_util.utcnow().timestamp() + 300
    written = json.loads(stored(hass, key(entry)).read_text())
    found = written.pop("data")
    assert written == {"version": 1, "minor_version": 1, "key": key(entry)}
    assert dt_util.parse_datetime(found[subentry_id].pop("expires_at")) == (
        dt_util.utc_from_timestamp(expires)
    )
    expected = kept(
        uuid=session["uuid"], url=session["url"], created_at=session["created_at"]
    )
    del expected["expires_at"]
    assert found == {subentry_id: expected}

    sandbox.identify(session["uuid"], "123")
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Coffee"})
    await advance(6)
    found = content(hass, key(entry))[subentry_id]
    assert (found["status"], found["contact_uuid"]) == ("completed", "123")
    assert len(found["seen"]) == 1
    assert "Coffee" not in str(found)

    await advance(16)
    assert content(hass, key(entry)) == {}


async def test_on_disk_at_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """By the time an action answers, a hub that is killed would know its session."""
    (subentry_id,) = entry.subentries
    device = device_id(hass, entry)
    for _ in range(3):
        session = await act(hass, "create_voucher_session", device)
        assert content(hass, key(entry))[subentry_id]["url"] == session["url"]
    mode = stored(hass, key(entry)).stat().st_mode
    assert stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO) == 0
    await hass.services.async_call(
        "piggy", "clear_session", {"device_id": device}, blocking=True
    )
    assert content(hass, key(entry)) == {}


async def test_one_write_serves_all(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """What is noted while a write is under way is written once, after it."""

    def writes() -> int:
        return sum(
            record.name == "homeassistant.helpers.storage"
            and record.getMessage().startswith("Writing data for piggy.one")
            for record in caplog.records
        )

    caplog.set_level(logging.DEBUG, "homeassistant.helpers.storage")
    store = SessionStore(hass, "one")
    await store.async_load(set())
    await store.async_save()
    assert writes() == 0  # nothing was noted

    store.set("a", {"n": 0})
    saves = [asyncio.create_task(store.async_save())]
    await asyncio.sleep(0)
    for number in range(1, 11):
        store.set("a", {"n": number})
        store.set("b", {"n": -number})
        saves.append(asyncio.create_task(store.async_save()))
    await asyncio.gather(*saves)
    assert writes() == 2
    assert content(hass, "piggy.one") == {"a": {"n": 10}, "b": {"n": -10}}

    await asyncio.gather(*(store.async_save() for _ in range(5)))
    assert writes() == 2
    store.set("b", None)
    store.set("never", None)
    await store.async_save()
    assert writes() == 3
    assert content(hass, "piggy.one") == {"a": {"n": 10}}


async def test_one_who_leaves_stops_no_write(hass: HomeAssistant) -> None:
    """An action that is cancelled while it waits for the disk loses no session."""
    store = SessionStore(hass, "one")
    store.set("a", {"n": 1})
    go_on = threading.Event()
    # More than there are threads: the write has to wait for one.
    busy = [hass.async_add_executor_job(go_on.wait) for _ in range(100)]
    leaving = asyncio.create_task(store.async_save())
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert leaving.cancelled()
    go_on.set()
    await asyncio.gather(*busy)
    await store.async_save()
    assert content(hass, "piggy.one") == {"a": {"n": 1}}


async def test_kept_and_forgotten(hass: HomeAssistant) -> None:
    """Another start reads what was noted, but for the screens that are gone."""
    store = SessionStore(hass, "one")
    await store.async_load({"a", "b"})
    assert store.get("a") is None
    store.set("a", {"n": 1})
    store.set("b", {"n": 2})
    assert store.get("a") == {"n": 1}
    await store.async_save()

    again = SessionStore(hass, "one")
    await again.async_load({"b", "c"})
    assert (again.get("a"), again.get("b"), again.get("c")) == (None, {"n": 2}, None)
    assert content(hass, "piggy.one") == {"b": {"n": 2}}

    await again.async_remove()
    assert not stored(hass, "piggy.one").exists()


async def test_two_screens(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
) -> None:
    """Screens that change at once are both kept, and both are there again."""
    names = ("Till 1", "Till 2")
    entry = account(sandbox, *(screen(shop_uuid, name) for name in names))
    await set_up(hass, entry)
    sessions = await asyncio.gather(
        *(
            act(hass, "create_voucher_session", device_id(hass, entry, name))
            for name in names
        )
    )
    assert {found["url"] for found in content(hass, key(entry)).values()} == {
        session["url"] for session in sessions
    }
    assert await hass.config_entries.async_reload(entry.entry_id)
    for name, session in zip(names, sessions, strict=True):
        assert told(hass, entry, name) == session["url"]
        assert codes(await picture(hass, entry, name)) == [session["url"]]


async def test_gone_by_itself(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str, advance: Advance
) -> None:
    """A session that left between two polls is gone from the disk, too."""
    entry = account(sandbox, screen(shop_uuid, completed_lifetime=3))
    await set_up(hass, entry)
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    sandbox.add_event(session["uuid"], "voucher_redeemed", {"name": "Coffee"})
    await advance(6)
    assert content(hass, key(entry)) != {}
    asked = len(sandbox.requests)
    await advance(4)
    assert len(sandbox.requests) == asked
    assert told(hass, entry) == "unknown"
    assert content(hass, key(entry)) == {}


async def test_removed_screen(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
) -> None:
    """A screen's session goes with the screen, and no other one's does."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    ids = {subentry.title: name for name, subentry in entry.subentries.items()}
    for name in ids:
        await act(hass, "create_voucher_session", device_id(hass, entry, name))
    assert content(hass, key(entry)).keys() == set(ids.values())
    hass.config_entries.async_remove_subentry(entry, ids["Till 1"])
    await hass.async_block_till_done()
    assert content(hass, key(entry)).keys() == {ids["Till 2"]}


async def test_removed_account(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
) -> None:
    """Nothing stays of an account, whether it is loaded or not."""
    await act(hass, "create_voucher_session", device_id(hass, entry))
    assert stored(hass, key(entry)).exists()
    await hass.config_entries.async_unload(entry.entry_id)
    assert stored(hass, key(entry)).exists()
    await hass.config_entries.async_remove(entry.entry_id)
    assert not stored(hass, key(entry)).exists()


async def test_reads_what_it_writes(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
) -> None:
    """The content that the other tests damage is good as it is."""
    entry = account(sandbox, screen(shop_uuid))
    (subentry_id,) = entry.subentries
    keep(hass, key(entry), {subentry_id: kept()})
    await set_up(hass, entry)
    assert told(hass, entry) == "https://example.com/s1"
    assert content(hass, key(entry)) == {subentry_id: kept()}


@pytest.mark.parametrize(
    "session",
    [
        "text",
        5,
        [],
        ["uuid"],
        {},
        {"uuid": "s1"},
        kept(uuid=None),
        kept(url=None),
        kept(url="javascript:alert(1)"),
        kept(type="party"),
        kept(status="gone"),
        kept(status=None),
        kept(expires_at="soon"),
        kept(expires_at="2999-01-01T00:00:00"),
        kept(expires_at=5),
        kept(seen=None),
        kept(seen=5),
        kept(shop={"uuid": []}, seen=None),
    ],
)
async def test_damaged_session(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    session: object,
) -> None:
    """What cannot be read costs that session, and nothing else."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    first, second = entry.subentries
    keep(hass, key(entry), {first: session, second: kept()})
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, entry, "sensor", "session_status").state == "idle"
    assert told(hass, entry, "Till 2") == "https://example.com/s1"
    made = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert told(hass, entry) == made["url"]
    found = content(hass, key(entry))
    assert (found[first]["uuid"], found[second]) == (made["uuid"], kept())


@pytest.mark.parametrize(
    "session", [kept(expires_at="2026-01-01T00:00:00+00:00"), kept(status="gone")]
)
async def test_gone_at_start(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    session: object,
) -> None:
    """What a start takes off the screen is off the disk: it is told once."""
    entry = account(sandbox, screen(shop_uuid))
    (subentry_id,) = entry.subentries
    keep(hass, key(entry), {subentry_id: session})
    await set_up(hass, entry)
    assert state_of(hass, entry, "sensor", "session_status").state == "idle"
    assert content(hass, key(entry)) == {}


@pytest.mark.parametrize("data", [None, [], [1], "text", 5, True, {"gone": kept()}])
async def test_damaged_file(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    data: object,
) -> None:
    """A file of another content is as good as none."""
    entry = account(sandbox, screen(shop_uuid))
    keep(hass, key(entry), data)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, entry, "sensor", "session_status").state == "idle"
    await act(hass, "create_voucher_session", device_id(hass, entry))
    assert content(hass, key(entry)).keys() == set(entry.subentries)


async def test_broken_file(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> None:
    """A file that a crash left unfinished is put aside by Home Assistant."""
    entry = account(sandbox, screen(shop_uuid))
    path = stored(hass, key(entry))
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"version": 1, "data": {"')
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, entry, "sensor", "session_status").state == "idle"
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    (subentry_id,) = entry.subentries
    assert content(hass, key(entry))[subentry_id]["url"] == session["url"]


async def test_seen_of_any_kind(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
) -> None:
    """Marks of events that were damaged do not stop the polls."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    (subentry_id,) = entry.subentries
    assert await hass.config_entries.async_unload(entry.entry_id)
    found = content(hass, key(entry))
    found[subentry_id]["seen"] = [1, ["x"], None]
    keep(hass, key(entry), found)
    await set_up(hass, entry)
    assert told(hass, entry) == session["url"]
    sandbox.add_event(session["uuid"], "voucher_redeemed")
    await advance(6)
    assert state_of(hass, entry, "sensor", "session_status").state == "completed"
