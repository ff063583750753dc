"""A screen whose shop is missing: what is told of it, and how it is mended."""

import asyncio
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from sandbox import DEFAULT_KEY, Fault, Sandbox
from sandbox.store import Account

from .conftest import account, act, device_id, entity_id, screen, set_up

NEW_KEY = "another-key"
OTHER_SHOP = "123123"


class Repair:
    """A repair as the frontend carries it out."""

    def __init__(self, client: TestClient[Any, Any], issue_id: str) -> None:
        """Keep what is to be repaired."""
        self._client = client
        self._url = "/api/repairs/issues/fix"
        self._issue_id = issue_id

    async def start(self) -> dict[str, Any]:
        """Open the repair."""
        result = await self._post({"handler": DOMAIN, "issue_id": self._issue_id})
        self._url = f"{self._url}/{result['flow_id']}"
        return result

    async def choose(self, step: str) -> dict[str, Any]:
        """Choose from the menu."""
        return await self._post({"next_step_id": step})

    async def send(self, **user_input: Any) -> dict[str, Any]:
        """Send the form."""
        return await self._post(user_input)

    async def refuses(self, **user_input: Any) -> bool:
        """Return whether the form cannot be sent like this."""
        answer = await self._client.post(self._url, json=user_input)
        return answer.status == HTTPStatus.BAD_REQUEST

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self._client.post(self._url, json=body)
        assert answer.status == HTTPStatus.OK
        result: dict[str, Any] = await answer.json()
        return result


@pytest.fixture
async def client(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, socket_enabled: None
) -> TestClient[Any, Any]:
    """Return what the frontend talks to."""
    assert await async_setup_component(hass, "repairs", {})
    return await hass_client()


@pytest.fixture
async def broken(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> MockConfigEntry:
    """Return an account with two screens, of which Till 1 has lost its shop."""
    sandbox.remove_shop(shop_uuid)
    made = account(sandbox, screen(shop_uuid), screen(OTHER_SHOP, "Till 2"))
    await set_up(hass, made)
    assert made.state is ConfigEntryState.LOADED
    return made


def subentry_id(entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the id of a screen."""
    return next(
        subentry.subentry_id
        for subentry in entry.subentries.values()
        if subentry.title == name
    )


def issue_ids(hass: HomeAssistant) -> set[str]:
    """Return the issues that a user sees."""
    return {
        issue.issue_id
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active
    }


def missing(entry: MockConfigEntry, name: str = "Till 1") -> str:
    """Return the id of the issue of a screen whose shop is missing."""
    return f"shop_missing_{subentry_id(entry, name)}"


async def reload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Reload an account."""
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


def shops_of(form: dict[str, Any]) -> set[str]:
    """Return the shops that a form offers."""
    (field,) = form["data_schema"]
    assert field["name"] == "shop"
    return {option["value"] for option in field["selector"]["select"]["options"]}


async def test_every_shop_there_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Nothing is told of an account that is in order."""
    assert issue_ids(hass) == set()


async def test_issue_is_of_the_screen(
    hass: HomeAssistant, broken: MockConfigEntry
) -> None:
    """A missing shop is told of the screen that uses it, and of no other."""
    assert issue_ids(hass) == {missing(broken)}
    issue = ir.async_get(hass).async_get_issue(DOMAIN, missing(broken))
    assert issue is not None
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.translation_key == "shop_missing"
    assert issue.translation_placeholders == {
        "account": "Piggy Sandbox",
        "screen": "Till 1",
    }


async def test_another_shop(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    client: TestClient[Any, Any],
    shop_uuid: str,
) -> None:
    """Another shop mends the screen; its entities and its session stay."""
    device, entity = device_id(hass, entry), entity_id(hass, entry, "image", "qr_code")
    session = await act(hass, "create_portal_session", device)
    sandbox.remove_shop(shop_uuid)
    opened = sandbox.add_shop("Opened today")
    await reload(hass, entry)
    assert issue_ids(hass) == {missing(entry)}

    repair = Repair(client, missing(entry))
    menu = await repair.start()
    assert menu["type"] == FlowResultType.MENU
    assert menu["menu_options"] == ["shop", "remove"]
    assert menu["description_placeholders"]["screen"] == "Till 1"
    form = await repair.choose("shop")
    assert form["step_id"] == "shop"
    assert form["errors"] == {}
    assert shops_of(form) == sandbox.shops.keys()
    done = await repair.send(shop=opened.uuid)
    await hass.async_block_till_done()

    assert done["type"] == FlowResultType.CREATE_ENTRY
    assert issue_ids(hass) == set()
    assert entry.state is ConfigEntryState.LOADED
    assert device_id(hass, entry) == device
    assert entity_id(hass, entry, "image", "qr_code") == entity
    url = hass.states.get(entity_id(hass, entry, "sensor", "session_url"))
    assert url is not None
    assert url.state == session["url"]
    created = await act(hass, "create_portal_session", device)
    assert sandbox.sessions[created["uuid"]].shop is opened


async def test_only_a_shop_on_offer(
    broken: MockConfigEntry, client: TestClient[Any, Any], shop_uuid: str
) -> None:
    """The shop that is missing cannot be chosen again."""
    repair = Repair(client, missing(broken))
    await repair.start()
    await repair.choose("shop")
    assert await repair.refuses(shop=shop_uuid)
    assert broken.subentries[subentry_id(broken)].data["shop"] == shop_uuid


async def test_remove_the_screen(
    hass: HomeAssistant, broken: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    """Removing the screen takes its device, its entities and its issue along."""
    removed, device = subentry_id(broken), device_id(hass, broken)
    repair = Repair(client, missing(broken))
    await repair.start()
    form = await repair.choose("remove")
    assert form["type"] == FlowResultType.FORM
    assert form["description_placeholders"] == {
        "account": "Piggy Sandbox",
        "screen": "Till 1",
    }
    assert removed in broken.subentries

    done = await repair.send()
    await hass.async_block_till_done()

    assert done["type"] == FlowResultType.CREATE_ENTRY
    assert [subentry.title for subentry in broken.subentries.values()] == ["Till 2"]
    assert issue_ids(hass) == set()
    assert dr.async_get(hass).async_get(device) is None
    assert not any(
        entity.unique_id.startswith(removed)
        for entity in er.async_get(hass).entities.values()
    )
    assert broken.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("truncate"), "cannot_connect"),
        (Fault("status", status=401), "invalid_auth"),
        (Fault("status", status=429), "rate_limited"),
        (Fault("status", status=503), "maintenance"),
        (Fault("html"), "unknown"),
        (Fault("raw", body='{"data": []}'), "no_shops"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_api_is_away(
    sandbox: Sandbox,
    broken: MockConfigEntry,
    client: TestClient[Any, Any],
    fault: Fault,
    error: str,
) -> None:
    """The repair says what is the matter, and can be tried again as it stands."""
    repair = Repair(client, missing(broken))
    await repair.start()
    sandbox.add_fault(fault)
    form = await repair.choose("shop")
    assert form["type"] == FlowResultType.FORM
    assert form["errors"] == {"base": error}
    assert form["data_schema"] == []
    form = await repair.send()
    assert form["errors"] == {}
    assert shops_of(form) == sandbox.shops.keys()


async def test_repair_of_an_account_that_is_not_loaded(
    hass: HomeAssistant,
    sandbox: Sandbox,
    broken: MockConfigEntry,
    client: TestClient[Any, Any],
) -> None:
    """A repair gets an account going that waits for its next try."""
    sandbox.add_fault(Fault("status", status=503))
    await reload(hass, broken)
    assert broken.state is ConfigEntryState.SETUP_RETRY
    repair = Repair(client, missing(broken))
    await repair.start()
    await repair.choose("shop")
    await repair.send(shop=OTHER_SHOP)
    await hass.async_block_till_done()
    assert broken in hass.config_entries.async_loaded_entries(DOMAIN)
    assert issue_ids(hass) == set()


@pytest.mark.parametrize("step", ["shop", "remove"])
async def test_screen_removed_meanwhile(
    hass: HomeAssistant,
    broken: MockConfigEntry,
    client: TestClient[Any, Any],
    step: str,
) -> None:
    """A repair of a screen that was removed in another window ends."""
    repair = Repair(client, missing(broken))
    await repair.start()
    hass.config_entries.async_remove_subentry(broken, subentry_id(broken))
    await hass.async_block_till_done()
    assert issue_ids(hass) == set()
    result = await repair.choose(step)
    assert result["type"] == FlowResultType.ABORT
    assert result["reason"] == "screen_removed"


async def test_account_removed_meanwhile(
    hass: HomeAssistant, broken: MockConfigEntry, client: TestClient[Any, Any]
) -> None:
    """A repair of an account that was removed in another window ends."""
    repair = Repair(client, missing(broken))
    await repair.start()
    await hass.config_entries.async_remove(broken.entry_id)
    await hass.async_block_till_done()
    assert issue_ids(hass) == set()
    result = await repair.choose("shop")
    assert result["reason"] == "screen_removed"


async def test_shop_comes_back(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry, shop_uuid: str
) -> None:
    """The issue goes at the next set-up after the shop came back."""
    sandbox.add_shop("Sesame Street", uuid=shop_uuid)
    await reload(hass, broken)
    assert issue_ids(hass) == set()


async def test_found_out_by_a_call(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """A call that Piggy refuses for the shop raises it, one that works ends it."""
    sandbox.remove_shop(shop_uuid)
    with pytest.raises(HomeAssistantError) as refusal:
        await act(hass, "create_portal_session", device_id(hass, entry))
    assert refusal.value.translation_key == "shop_not_found"
    assert issue_ids(hass) == {missing(entry)}

    sandbox.add_shop("Sesame Street", uuid=shop_uuid)
    await act(hass, "create_portal_session", device_id(hass, entry))
    assert issue_ids(hass) == set()


async def test_another_refusal_is_no_missing_shop(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """No other error of Piggy's is taken for a missing shop."""
    sandbox.add_fault(Fault("code", "POST", code=1102))
    with pytest.raises(HomeAssistantError):
        await act(hass, "create_portal_session", device_id(hass, entry))
    assert issue_ids(hass) == set()


async def test_late_refusal(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A refusal that arrives after the screen was unloaded raises nothing."""
    sandbox.add_fault(Fault("code", "POST", code=1008, delay=0.2))
    call = asyncio.create_task(
        act(hass, "create_portal_session", device_id(hass, entry))
    )
    async with asyncio.timeout(5):
        await sandbox.wait_for_calls(1, "POST", "/portal-sessions")
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError) as refusal:
        await call
    assert refusal.value.translation_key == "shop_not_found"
    assert issue_ids(hass) == set()


async def test_screen_removed_while_the_api_is_away(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry
) -> None:
    """The issue goes with its screen, whether Piggy answers or not."""
    sandbox.add_fault(Fault("status", status=503, times=0))
    hass.config_entries.async_remove_subentry(broken, subentry_id(broken))
    await hass.async_block_till_done()
    assert broken.state is ConfigEntryState.SETUP_RETRY
    assert issue_ids(hass) == set()


async def test_account_disabled(hass: HomeAssistant, broken: MockConfigEntry) -> None:
    """A disabled account has no issue; an enabled one has it again."""
    other = account_of(broken, "Other")
    await set_up(hass, other)
    assert issue_ids(hass) == {missing(broken), missing(other, "Other")}
    await hass.config_entries.async_set_disabled_by(
        broken.entry_id, ConfigEntryDisabler.USER
    )
    assert issue_ids(hass) == {missing(other, "Other")}
    await hass.config_entries.async_set_disabled_by(broken.entry_id, None)
    await hass.async_block_till_done()
    assert issue_ids(hass) == {missing(broken), missing(other, "Other")}


def account_of(entry: MockConfigEntry, name: str) -> MockConfigEntry:
    """Return a second account with a screen whose shop is missing."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=name,
        unique_id=name,
        data=dict(entry.data),
        subentries_data=[screen("never-there", name)],
    )


async def test_ignored_stays_ignored(
    hass: HomeAssistant, broken: MockConfigEntry
) -> None:
    """An issue that the user ignored is still ignored after a reload."""
    ir.async_ignore_issue(hass, DOMAIN, missing(broken), ignore=True)
    await reload(hass, broken)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, missing(broken))
    assert issue is not None
    assert issue.active
    assert issue.dismissed_version is not None


async def new_key(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Enter a new key in the re-authentication flow and return how it ended."""
    flow = await entry.start_reauth_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": key}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.ABORT
    return result["reason"]


async def reconfigured(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> str:
    """Enter a new key in the reconfiguration flow and return how it ended."""
    flow = await entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": key, "advanced": {"url": entry.data["url"]}}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.ABORT
    return result["reason"]


async def test_new_key_with_a_shop_known_to_be_missing(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """A shop that is gone does not keep a key of the account out; sessions go on."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.remove_shop(shop_uuid)
    await reload(hass, entry)
    sandbox.add_key(NEW_KEY)
    assert await new_key(hass, entry, NEW_KEY) == "reauth_successful"
    assert entry.data["api_key"] == NEW_KEY
    assert entry.state is ConfigEntryState.LOADED
    assert issue_ids(hass) == {missing(entry)}
    url = hass.states.get(entity_id(hass, entry, "sensor", "session_url"))
    assert url is not None
    assert url.state == session["url"]
    assert await reconfigured(hass, entry, DEFAULT_KEY) == "reconfigure_successful"


async def test_new_key_with_a_shop_that_was_there(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """A key that does not see a shop that was there is the wrong one."""
    sandbox.remove_shop(shop_uuid)
    sandbox.add_key(NEW_KEY)
    assert await new_key(hass, entry, NEW_KEY) == "wrong_account"
    assert await reconfigured(hass, entry, NEW_KEY) == "wrong_account"
    assert entry.data["api_key"] == DEFAULT_KEY


async def test_new_key_of_one_of_two_shops(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry
) -> None:
    """One missing shop excuses no other."""
    sandbox.remove_shop(OTHER_SHOP)
    sandbox.add_key(NEW_KEY)
    assert await new_key(hass, broken, NEW_KEY) == "wrong_account"


@pytest.mark.parametrize("uuid", ["another-account", None])
async def test_new_key_of_another_account(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry, uuid: str | None
) -> None:
    """Only the account itself, known by its uuid, may have lost a shop."""
    other = Account("Another", uuid=uuid)
    other.add_shop("Till 2's", uuid=OTHER_SHOP)
    sandbox.add_key(NEW_KEY, other)
    assert await new_key(hass, broken, NEW_KEY) == "wrong_account"
    assert broken.data["api_key"] == DEFAULT_KEY


async def test_new_key_after_a_restart(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry
) -> None:
    """What was missing is remembered when the key fails at the next start."""
    # So it is read from the disk: known, but not raised again yet.
    issues = ir.async_get(hass).issues
    key = (DOMAIN, missing(broken))
    issues[key] = replace(issues[key], active=False, data=None)
    sandbox.add_key(NEW_KEY)
    sandbox.remove_key(DEFAULT_KEY)
    await reload(hass, broken)
    assert broken.state is ConfigEntryState.SETUP_ERROR
    assert issue_ids(hass) == set()
    assert await new_key(hass, broken, NEW_KEY) == "reauth_successful"


async def test_first_screen_needs_a_shop(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """A new account has no issues: its screens get shops that are there."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": DEFAULT_KEY, "advanced": {"url": sandbox.url}}
    )
    await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"shop": OTHER_SHOP, "defaults": {}}
    )
    await hass.async_block_till_done()
    assert hass.config_entries.async_loaded_entries(DOMAIN)
    assert issue_ids(hass) == set()
