"""A screen whose shop is missing: its issue, and its repair."""

import asyncio
from http import HTTPStatus
from typing import Any, Self

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
from sandbox import DEFAULT_KEY, Account, Fault, Sandbox

from .conftest import account, act, device_id, entity_id, screen, set_up, state_of

NEW_KEY = "another-key"
OTHER_SHOP = "123123"


class Repair:
    """A repair as the frontend carries it out."""

    def __init__(self, client: TestClient[Any, Any], issue_id: str) -> None:
        """Store the issue to repair."""
        self._client = client
        self._url = "/api/repairs/issues/fix"
        self._issue_id = issue_id

    async def start(self) -> dict[str, Any]:
        """Open the repair."""
        result = await self._post({"handler": DOMAIN, "issue_id": self._issue_id})
        self._url = f"{self._url}/{result['flow_id']}"
        return result

    async def at(self, step: str) -> Self:
        """Open the repair, and one of its steps from the menu."""
        await self.start()
        await self.choose(step)
        return self

    async def choose(self, step: str) -> dict[str, Any]:
        """Select from the menu."""
        return await self._post({"next_step_id": step})

    async def send(self, **user_input: Any) -> dict[str, Any]:
        """Send the form."""
        return await self._post(user_input)

    async def refuses(self, **user_input: Any) -> bool:
        """Return whether the form rejects these answers."""
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
    """Return a client with the frontend's access."""
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
    """An account whose shops all exist has no issue."""
    assert issue_ids(hass) == set()


async def test_issue_is_of_the_screen(
    hass: HomeAssistant, broken: MockConfigEntry
) -> None:
    """Only the screen that uses a missing shop has an issue."""
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
    """Selecting another shop repairs the screen; its entities and its session stay."""
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
    assert state_of(hass, entry, "sensor", "session_url").state == session["url"]
    created = await act(hass, "create_portal_session", device)
    assert sandbox.sessions[created["uuid"]].shop is opened


async def test_same_shop_again(
    hass: HomeAssistant,
    sandbox: Sandbox,
    broken: MockConfigEntry,
    client: TestClient[Any, Any],
    shop_uuid: str,
) -> None:
    """A shop that came back can be selected, and the screen knows its name again."""
    sandbox.add_shop("Sesame Street", uuid=shop_uuid)
    repair = await Repair(client, missing(broken)).at("shop")
    await repair.send(shop=shop_uuid)
    await hass.async_block_till_done()
    assert issue_ids(hass) == set()
    device = dr.async_get(hass).async_get(device_id(hass, broken))
    assert isinstance(device, dr.DeviceEntry)
    assert device.model == "Sesame Street"


async def test_repairing_reloads_once(
    hass: HomeAssistant,
    sandbox: Sandbox,
    broken: MockConfigEntry,
    client: TestClient[Any, Any],
) -> None:
    """Moving or removing a screen sets the account up once."""
    repair = await Repair(client, missing(broken)).at("shop")
    asked = len(sandbox.calls("GET", "/shops"))
    await repair.send(shop=OTHER_SHOP)
    await hass.async_block_till_done()
    assert len(sandbox.calls("GET", "/shops")) == asked + 1


async def test_only_a_shop_on_offer(
    broken: MockConfigEntry, client: TestClient[Any, Any], shop_uuid: str
) -> None:
    """The missing shop cannot be selected again."""
    repair = await Repair(client, missing(broken)).at("shop")
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
    """The repair shows the error, and can be tried again without reopening it."""
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
    """A repair reloads an account that waits for its next try."""
    sandbox.add_fault(Fault("status", status=503))
    await reload(hass, broken)
    assert broken.state is ConfigEntryState.SETUP_RETRY
    repair = await Repair(client, missing(broken)).at("shop")
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
    """A call refused for its shop creates the issue; a successful call removes it."""
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
    sandbox.add_fault(Fault("code", "POST", code=1008, delay=1))
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


REAUTH, RECONFIGURE = (
    MockConfigEntry.start_reauth_flow,
    MockConfigEntry.start_reconfigure_flow,
)


async def new_key(
    hass: HomeAssistant, entry: MockConfigEntry, key: str, start: Any = REAUTH
) -> str:
    """Enter a new key in a flow and return how it ended."""
    flow = await start(entry, hass)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": key}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.ABORT
    return result["reason"]


async def test_new_key_with_a_shop_known_to_be_missing(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, shop_uuid: str
) -> None:
    """A new key is accepted without the missing shop, and sessions continue."""
    session = await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.remove_shop(shop_uuid)
    await reload(hass, entry)
    sandbox.add_key(NEW_KEY)
    assert await new_key(hass, entry, NEW_KEY) == "reauth_successful"
    assert entry.data["api_key"] == NEW_KEY
    assert entry.state is ConfigEntryState.LOADED
    assert issue_ids(hass) == {missing(entry)}
    assert state_of(hass, entry, "sensor", "session_url").state == session["url"]
    reason = await new_key(hass, entry, DEFAULT_KEY, RECONFIGURE)
    assert reason == "reconfigure_successful"


@pytest.mark.parametrize("start", [REAUTH, RECONFIGURE])
async def test_new_key_with_a_shop_that_is_gone(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry, start: Any
) -> None:
    """A key of the account is accepted. The shops that are gone become issues."""
    sandbox.remove_shop(OTHER_SHOP)
    sandbox.add_key(NEW_KEY)
    assert (await new_key(hass, broken, NEW_KEY, start)).endswith("_successful")
    assert broken.data["api_key"] == NEW_KEY
    assert broken.state is ConfigEntryState.LOADED
    assert issue_ids(hass) == {missing(broken), missing(broken, "Till 2")}


@pytest.mark.parametrize(
    ("known", "told"), [(True, False), (False, True), (False, False)]
)
async def test_new_key_of_an_account_without_uuid(
    hass: HomeAssistant,
    sandbox: Sandbox,
    broken: MockConfigEntry,
    *,
    known: bool,
    told: bool,
) -> None:
    """Without two UUIDs to compare, the key must see every shop, missing or not."""
    if not told:
        sandbox.account.uuid = sandbox.account.id = None
    if not known:
        hass.config_entries.async_update_entry(broken, unique_id=None)
        await hass.async_block_till_done()
    sandbox.add_key(NEW_KEY)
    assert await new_key(hass, broken, NEW_KEY) == "wrong_account"
    assert broken.data["api_key"] == DEFAULT_KEY


@pytest.mark.parametrize("uuid", ["another-account", None])
async def test_new_key_of_another_account(
    hass: HomeAssistant, sandbox: Sandbox, broken: MockConfigEntry, uuid: str | None
) -> None:
    """A new key is refused if its account has another uuid, or none."""
    other = Account("Another", uuid=uuid)
    other.add_shop("Till 2's", uuid=OTHER_SHOP)
    sandbox.add_key(NEW_KEY, other)
    assert await new_key(hass, broken, NEW_KEY) == "wrong_account"
    assert broken.data["api_key"] == DEFAULT_KEY


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
