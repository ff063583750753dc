"""An account is added, gets a new key, or another address."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.const import DOMAIN
from custom_components.piggy.options import OPTIONS
from custom_components.piggy.settings import NUMBER_DEFAULTS, NUMBER_SETTINGS
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from sandbox import DEFAULT_KEY, Account, Fault, Sandbox

from .conftest import account, act, case, device_id, set_up, state_of, values_of
from .flows import FAULTS, Flow, befalling, browser

__all__ = ["browser"]

type Browser = TestClient[Any, Any]

SHOP = "2222e1242t3324535"
OTHER_SHOP = "123123"
NEW_KEY = "another-key"

DEFAULTS: dict[str, Any] = {
    option.name: values_of(option)[-1] for option in OPTIONS if option.is_default
}


def filled(sandbox: Sandbox, **changed: Any) -> dict[str, Any]:
    """Return the answers to the first form for the sandbox."""
    return {"api_key": DEFAULT_KEY, "advanced": {"url": sandbox.url}} | changed


def add_another_account(sandbox: Sandbox, uuid: str | None = "another") -> None:
    """Give the new key to another account."""
    other = Account("Another", uuid=uuid, id=None)
    other.add_shop("Corner", uuid="corner")
    sandbox.add_key(NEW_KEY, other)


async def made(hass: HomeAssistant) -> ConfigEntry[Any]:
    """Return the only account, after it was set up."""
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    return entry


async def test_account(hass: HomeAssistant, browser: Browser, sandbox: Sandbox) -> None:
    """A key and a screen make an account."""
    flow = await Flow(browser).start()
    assert flow.result["step_id"] == "user"
    assert [row["name"] for row in flow.result["data_schema"]] == [
        "api_key",
        "advanced",
    ]
    assert flow.field("api_key")["required"] is True
    assert flow.field("api_key")["selector"]["text"]["type"] == "password"
    assert flow.field("advanced")["expanded"] is False
    assert flow.field("advanced", "url")["default"] == "https://api.piggy.eu"
    assert flow.field("advanced", "url")["selector"]["text"]["type"] == "url"
    assert flow.suggested() == {"advanced": {}}

    await flow.send(api_key=f" {DEFAULT_KEY}\n", advanced={"url": f"{sandbox.url}/"})
    assert flow.result["step_id"] == "screen"

    await flow.send(
        shop=OTHER_SHOP,
        name=" Till 1 ",
        **dict.fromkeys(NUMBER_DEFAULTS, 10),
        defaults=DEFAULTS,
    )
    assert flow.result["type"] == "create_entry"
    entry = await made(hass)
    assert entry.title == "Piggy Sandbox"
    assert entry.unique_id == "piggy-sandbox"
    assert entry.data == {"api_key": DEFAULT_KEY, "url": sandbox.url}
    assert entry.options == {}
    (subentry,) = entry.subentries.values()
    assert (subentry.subentry_type, subentry.title) == ("screen", "Till 1")
    assert subentry.unique_id is None
    assert subentry.data == {
        "shop": OTHER_SHOP,
        **dict.fromkeys(NUMBER_DEFAULTS, 10),
        "defaults": DEFAULTS,
    }
    numbers = [
        *(subentry.data[key] for key in NUMBER_DEFAULTS),
        subentry.data["defaults"]["camera_service"],
    ]
    assert {type(number) for number in numbers} == {int}


async def test_screen_form(browser: Browser, sandbox: Sandbox) -> None:
    """The first screen's form offers the shops, and sets nothing by itself."""
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    assert [row["name"] for row in flow.result["data_schema"]] == [
        "shop",
        "name",
        *map(str, NUMBER_SETTINGS),
        "logo",
        "staff_pin",
        "defaults",
    ]
    assert flow.field("logo")["selector"]["media"] == {
        "accept": ["image/*"],
        "multiple": False,
        "image_upload": True,
    }
    shop = flow.field("shop")
    assert shop["required"] is True
    assert "default" not in shop
    assert shop["selector"]["select"]["mode"] == "dropdown"
    assert shop["selector"]["select"]["options"] == [
        {"value": SHOP, "label": "Sesame Street"},
        {"value": OTHER_SHOP, "label": "Amsterdam Pop-up Store"},
        {"value": "7b1f6a52-0c1e-4a0e-9a53-1d1c6f0e8a11", "label": "Web shop"},
    ]
    assert flow.field("name")["optional"] is True
    assert flow.field("defaults")["expanded"] is False
    fields = flow.field("defaults")["schema"]
    assert {row["name"] for row in fields} == DEFAULTS.keys()
    assert all(row["optional"] and "default" not in row for row in fields)
    options = {
        name: flow.field("defaults", name)["selector"]["select"]["options"]
        for name in ("scanner_type", "facing_mode", "primary_identification_method")
    }
    assert options == {
        "scanner_type": ["camera", "hand_scanner"],
        "facing_mode": ["user", "environment"],
        "primary_identification_method": ["email", "identifier"],
    }
    camera = flow.field("defaults", "camera_service")["selector"]["number"]
    assert (camera["min"], camera["max"], camera["step"]) == (1, 3, 1)
    for name in DEFAULTS:
        if name.startswith("enable_"):
            assert "boolean" in flow.field("defaults", name)["selector"]
    assert flow.suggested() == {"defaults": {}}


async def test_least(hass: HomeAssistant, browser: Browser, sandbox: Sandbox) -> None:
    """Sections can be left out, and so can a name, and a choice of one."""
    for shop in list(sandbox.shops):
        if shop != OTHER_SHOP:
            sandbox.remove_shop(shop)
    sandbox.account.company = sandbox.account.uuid = sandbox.account.id = None
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    assert flow.field("shop")["default"] == OTHER_SHOP
    await flow.send()
    entry = await made(hass)
    assert (entry.title, entry.unique_id) == ("Piggy", None)
    (subentry,) = entry.subentries.values()
    assert subentry.title == "Amsterdam Pop-up Store"
    assert subentry.data == {
        "shop": OTHER_SHOP,
        **NUMBER_DEFAULTS,
        "defaults": {},
    }
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    await act(hass, "create_portal_session", device.id)
    assert sandbox.requests[-1].json == {"shop_uuid": OTHER_SHOP}


@pytest.mark.parametrize("name", ["", "  ", "\n"])
async def test_blank_name(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, name: str
) -> None:
    """A blank name is the shop's, and a shop without one is called by its uuid."""
    nameless = sandbox.add_shop("", uuid="nameless")
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    await flow.send(shop=nameless.uuid, name=name)
    (subentry,) = (await made(hass)).subentries.values()
    assert subentry.title == "nameless"


async def test_default_address(hass: HomeAssistant) -> None:
    """Piggy's own address is used if the section is left out."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    schema = flow["data_schema"]
    assert schema is not None
    assert schema({"api_key": "k"}) == {"api_key": "k"}
    # A default of the section itself would hide this one from the frontend.
    assert schema({"api_key": "k", "advanced": {}}) == {
        "api_key": "k",
        "advanced": {"url": "https://api.piggy.eu"},
    }


async def test_namesakes(browser: Browser, sandbox: Sandbox) -> None:
    """Shops with the same name get distinct labels, and one without a name its uuid."""
    sandbox.shops.clear()
    for name, uuid, reference in (
        ("A", "1", "north"),
        ("A", "2", None),
        ("B", "3", "east"),
        ("", "4", None),
        ("", "5", "south"),
    ):
        sandbox.add_shop(name, uuid=uuid, reference=reference)
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    options = flow.field("shop")["selector"]["select"]["options"]
    assert [option["label"] for option in options] == [
        "A (north)",
        "A (2)",
        "B",
        "4",
        "5",
    ]


IMPOSSIBLE: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"shop"}),
    ({"shop": "unknown"}, {"shop"}),
    ({"shop": SHOP, "name": 7}, {"name"}),
    ({"shop": SHOP, "session_lifetime": -1}, {"session_lifetime"}),
    ({"shop": SHOP, "session_lifetime": 0.5}, {"session_lifetime"}),
    ({"shop": SHOP, "session_lifetime": "nan"}, {"session_lifetime"}),
    ({"shop": SHOP, "session_lifetime": 10081}, {"session_lifetime"}),
    ({"shop": SHOP, "completed_lifetime": 3601}, {"completed_lifetime"}),
    ({"shop": SHOP, "completed_lifetime": 1.5}, {"completed_lifetime"}),
    ({"shop": SHOP, "defaults": {"camera_service": 0}}, {"base"}),
    ({"shop": SHOP, "defaults": {"camera_service": 4}}, {"base"}),
    ({"shop": SHOP, "defaults": {"camera_service": 2.5}}, {"base"}),
    ({"shop": SHOP, "defaults": {"scanner_type": "nose"}}, {"base"}),
    ({"shop": SHOP, "defaults": {"amount_in_cents": 1}}, {"base"}),
    ({"shop": SHOP, "other": 1}, {"base"}),
]


async def test_impossible_screen(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """Invalid settings of a screen are refused, and the form can be submitted again."""
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    for given, fields in IMPOSSIBLE:
        with case(given):
            assert (await flow.refused(**given)).keys() == fields
    await flow.send(shop=SHOP, session_lifetime=0, completed_lifetime=0)
    (subentry,) = (await made(hass)).subentries.values()
    assert subentry.data["session_lifetime"] == 0
    assert subentry.data["completed_lifetime"] == 0


async def test_error(hass: HomeAssistant, browser: Browser, sandbox: Sandbox) -> None:
    """After any error the form keeps what was filled in, and can be sent again."""
    flow = await Flow(browser).start()
    for error, fault in FAULTS:
        with case(error, fault), befalling(sandbox, fault):
            await flow.send(**filled(sandbox))
            assert (flow.result["step_id"], flow.error) == ("user", error)
            assert flow.suggested() == filled(sandbox)
    await flow.send(**filled(sandbox))
    await flow.send(shop=SHOP)
    assert (await made(hass)).data == {"api_key": DEFAULT_KEY, "url": sandbox.url}


async def test_no_server(browser: Browser, sandbox: Sandbox) -> None:
    """An address without a server can be corrected."""
    async with Sandbox() as gone:
        pass
    flow = await (await Flow(browser).start()).send(**filled(gone))
    assert flow.error == "cannot_connect"
    await flow.send(**filled(sandbox))
    assert flow.result["step_id"] == "screen"


async def test_wrong_key(browser: Browser, sandbox: Sandbox) -> None:
    """A key that is unknown to Piggy, or is not a valid header, can be corrected."""
    flow = await Flow(browser).start()
    for key in ("", " ", "wrong", "ключ", "a\nb"):
        with case(key):
            await flow.send(**filled(sandbox, api_key=key))
            assert flow.error == "invalid_auth"
    await flow.send(**filled(sandbox))
    assert flow.result["step_id"] == "screen"


def _is_advanced_open(flow: Flow) -> bool:
    """Return whether the section with the address is open."""
    (section,) = (
        field for field in flow.result["data_schema"] if field["name"] == "advanced"
    )
    expanded: bool = section["expanded"]
    return expanded


@pytest.mark.parametrize(
    "url",
    ["", "api.piggy.eu", "http://api.piggy.eu", "https://", "https://a:b@c", "ftp://a"],
)
async def test_invalid_url(browser: Browser, sandbox: Sandbox, url: str) -> None:
    """An invalid address is refused before the key is sent to it."""
    flow = await Flow(browser).start()
    assert not _is_advanced_open(flow)
    await flow.send(**filled(sandbox, advanced={"url": url}))
    assert flow.error == "invalid_url"
    assert _is_advanced_open(flow)
    assert sandbox.requests == []
    await flow.send(**filled(sandbox))
    assert flow.result["step_id"] == "screen"


async def test_health_check_is_optional(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """The shops are what counts: an account without a health check has no name."""
    for _, fault in FAULTS:
        with case(fault):
            with befalling(sandbox, Fault("delay", path="/shops"), fault):
                flow = await (await Flow(browser).start()).send(**filled(sandbox))
            await flow.send(shop=SHOP)
            entry = await made(hass)
            assert (entry.title, entry.unique_id) == ("Piggy", None)
            await hass.config_entries.async_remove(entry.entry_id)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("known", [True, False])
async def test_same_account(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    *,
    told: bool,
    known: bool,
) -> None:
    """An account can be added only once: its uuid or its shops identify it."""
    if not known:
        hass.config_entries.async_update_entry(entry, unique_id=None)
    if not told:
        sandbox.account.uuid = sandbox.account.id = None
    sandbox.add_key(NEW_KEY)
    for key in (DEFAULT_KEY, NEW_KEY):
        flow = await (await Flow(browser).start()).send(**filled(sandbox, api_key=key))
        assert (flow.result["type"], flow.error) == ("abort", "already_configured")


@pytest.mark.parametrize(
    ("told", "key"), [(True, DEFAULT_KEY), (True, NEW_KEY), (False, DEFAULT_KEY)]
)
async def test_same_account_without_screens(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, *, told: bool, key: str
) -> None:
    """An account whose screens were all removed is known by its uuid or its key."""
    if not told:
        sandbox.account.uuid = sandbox.account.id = None
    sandbox.add_key(NEW_KEY)
    await set_up(hass, account(sandbox))
    flow = await (await Flow(browser).start()).send(**filled(sandbox, api_key=key))
    assert flow.error == "already_configured"


async def test_another_account(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """A second account is added beside the first."""
    add_another_account(sandbox)
    flow = await (await Flow(browser).start()).send(**filled(sandbox, api_key=NEW_KEY))
    await flow.send()
    await hass.async_block_till_done()
    first, second = hass.config_entries.async_entries(DOMAIN)
    assert (first.unique_id, second.unique_id) == ("piggy-sandbox", "another")
    assert first.state is second.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("told", [True, False])
async def test_forgotten_flow(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox, *, told: bool
) -> None:
    """A flow that was left open elsewhere blocks no other flow, and adds nothing."""
    if not told:
        sandbox.account.uuid = sandbox.account.id = None
    forgotten = await (await Flow(browser).start()).send(**filled(sandbox))
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    assert flow.result["step_id"] == "screen"
    await flow.send(shop=SHOP)
    await made(hass)
    if told:
        assert hass.config_entries.flow.async_progress() == []
    else:
        await forgotten.send(shop=OTHER_SHOP)
        assert forgotten.error == "already_configured"
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


# --- A new key, another address ---------------------------------------------------


async def reauth(hass: HomeAssistant, browser: Browser, entry: MockConfigEntry) -> Flow:
    """Return the form that asks for a new key."""
    started = await entry.start_reauth_flow(hass)
    flow = await Flow(browser).resume(started["flow_id"])
    assert flow.result["step_id"] == "reauth_confirm"
    assert [row["name"] for row in flow.result["data_schema"]] == ["api_key"]
    assert flow.field("api_key")["selector"]["text"]["type"] == "password"
    assert flow.suggested() == {}
    return flow


async def reconfigure(
    hass: HomeAssistant, browser: Browser, entry: MockConfigEntry
) -> Flow:
    """Return the form that changes an account."""
    started = await entry.start_reconfigure_flow(hass)
    flow = await Flow(browser).resume(started["flow_id"])
    assert flow.result["step_id"] == "reconfigure"
    assert flow.field("api_key")["optional"] is True
    assert flow.field("api_key")["selector"]["text"]["type"] == "password"
    assert flow.suggested() == {"advanced": {"url": entry.data["url"]}}
    return flow


async def test_key_expires(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
) -> None:
    """A key that has expired is asked for anew; screens and sessions stay."""
    session = await act(hass, "create_voucher_session", device_id(hass, entry))
    kept = {
        "subentries": dict(entry.subentries),
        "device": device_id(hass, entry),
        "entities": list(er.async_get(hass).entities),
    }
    sandbox.remove_key(DEFAULT_KEY)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (progress,) = hass.config_entries.flow.async_progress()
    flow = await Flow(browser).resume(progress["flow_id"])
    assert flow.result["step_id"] == "reauth_confirm"
    assert flow.result["description_placeholders"]["name"] == "Piggy Sandbox"

    await flow.send(api_key=DEFAULT_KEY)
    assert flow.error == "invalid_auth"
    sandbox.add_key(NEW_KEY)
    await flow.send(api_key=f" {NEW_KEY} ")
    assert flow.error == "reauth_successful"
    await hass.async_block_till_done()
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)
    assert entry.data == {"api_key": NEW_KEY, "url": sandbox.url}
    assert kept == {
        "subentries": dict(entry.subentries),
        "device": device_id(hass, entry),
        "entities": list(er.async_get(hass).entities),
    }
    assert state_of(hass, entry, "sensor", "session_url").state == session["url"]


@pytest.mark.parametrize("form", [reauth, reconfigure])
async def test_new_key_error(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    form: Any,
) -> None:
    """After any error the old key stays, and the form can be sent again."""
    flow = await form(hass, browser, entry)
    sandbox.add_key(NEW_KEY)
    for error, fault in FAULTS:
        with case(error, fault):
            with befalling(sandbox, fault):
                await flow.send(api_key=NEW_KEY)
            assert (flow.result["type"], flow.error) == ("form", error)
            assert entry.data["api_key"] == DEFAULT_KEY
    await flow.send(api_key=NEW_KEY)
    assert flow.error == f"{form.__name__}_successful"
    await hass.async_block_till_done()
    assert entry.data == {"api_key": NEW_KEY, "url": sandbox.url}
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("form", [reauth, reconfigure])
@pytest.mark.parametrize("told", [True, False])
async def test_wrong_account(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    form: Any,
    *,
    told: bool,
) -> None:
    """A key of another account changes nothing."""
    add_another_account(sandbox, uuid="another" if told else None)
    flow = await form(hass, browser, entry)
    await flow.send(api_key=NEW_KEY)
    assert (flow.result["type"], flow.error) == ("abort", "wrong_account")
    assert entry.data["api_key"] == DEFAULT_KEY
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("form", [reauth, reconfigure])
async def test_new_key_reloads_once(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    form: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A new key sets the account up once, and the same key does not."""
    sandbox.add_key(NEW_KEY)
    for key, asked in ((NEW_KEY, 2), (NEW_KEY, 1)):
        flow = await form(hass, browser, entry)
        before = len(sandbox.calls("GET", "/shops"))
        await flow.send(api_key=key)
        assert flow.error == f"{form.__name__}_successful"
        await hass.async_block_till_done()
        assert len(sandbox.calls("GET", "/shops")) == before + asked
    assert entry.state is ConfigEntryState.LOADED
    assert "update listener" not in caplog.text


@pytest.mark.parametrize("form", [reauth, reconfigure])
async def test_another_uuid_with_the_shops(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    form: Any,
) -> None:
    """A key that sees every shop of the screens is accepted under another UUID."""
    sandbox.account.uuid = "renumbered"
    sandbox.add_key(NEW_KEY)
    flow = await (await form(hass, browser, entry)).send(api_key=NEW_KEY)
    assert flow.error == f"{form.__name__}_successful"
    await hass.async_block_till_done()
    assert entry.data["api_key"] == NEW_KEY


async def test_wrong_account_without_screens(
    hass: HomeAssistant, browser: Browser, sandbox: Sandbox
) -> None:
    """An account without screens does not take another account's key either."""
    entry = account(sandbox)
    await set_up(hass, entry)
    add_another_account(sandbox)
    flow = await (await reauth(hass, browser, entry)).send(api_key=NEW_KEY)
    assert flow.error == "wrong_account"
    assert entry.data["api_key"] == DEFAULT_KEY


@pytest.mark.parametrize("given", [{}, {"api_key": ""}])
async def test_another_address(
    hass: HomeAssistant,
    browser: Browser,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    given: dict[str, str],
) -> None:
    """The address can change while the key stays."""
    async with Sandbox() as moved:
        flow = await reconfigure(hass, browser, entry)
        await flow.send(advanced={"url": "nowhere"}, **given)
        assert flow.error == "invalid_url"
        assert flow.suggested()["advanced"] == {"url": "nowhere"}
        await flow.send(advanced={"url": f"{moved.url}/"}, **given)
        assert flow.error == "reconfigure_successful"
        await hass.async_block_till_done()
        assert entry.data == {"api_key": DEFAULT_KEY, "url": moved.url}
        assert entry.state is ConfigEntryState.LOADED
        await act(hass, "create_portal_session", device_id(hass, entry))
        assert len(moved.calls("POST")) == 1
    assert sandbox.calls("POST") == []


async def test_secrets_stay_out_of_the_log(
    browser: Browser, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Malformed answers are logged without the key."""
    caplog.set_level("DEBUG", "custom_components.piggy")
    sandbox.add_fault(
        Fault("code", code=1000, message=f"No, {DEFAULT_KEY}."),
        Fault("delay", path="/shops"),
        Fault("code", code=1000, message=f"No, {DEFAULT_KEY}."),
    )
    flow = await (await Flow(browser).start()).send(**filled(sandbox))
    assert flow.error == "unknown"
    await flow.send(**filled(sandbox))
    assert flow.result["step_id"] == "screen"
    texts = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.piggy")
    ]
    assert texts == [
        "Piggy's answer could not be used: error 1000: No, ….",
        "Piggy's health check failed: error 1000: No, ….",
    ]


async def test_reconfigure_without_the_section(
    hass: HomeAssistant, entry: MockConfigEntry, sandbox: Sandbox
) -> None:
    """A caller that leaves out the section keeps the account's address."""
    flow = await entry.start_reconfigure_flow(hass)
    done = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": DEFAULT_KEY}
    )
    assert done["reason"] == "reconfigure_successful"
    assert entry.data["url"] == sandbox.url
    await hass.async_block_till_done()
