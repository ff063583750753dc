"""The dashboard card: how it reaches the browser, and what it says there."""

from collections.abc import Callable, Iterator
from hashlib import sha256
import json
from pathlib import Path
import re
import sys
from types import ModuleType
from typing import Any, Final

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
import yaml

from custom_components.piggy.api import SessionType
from custom_components.piggy.card import MODULE, STATIC_PATH
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.lifecycle import TOLD, ScreenEventType
from homeassistant.components.onboarding import STORAGE_VERSION
from homeassistant.components.onboarding.const import DOMAIN as ONBOARDING, STEPS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from sandbox import Sandbox

from .conftest import ROOT, account, screen, set_up

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
DASHBOARDS: Final[dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / "docs" / "dashboards").glob("*.yaml")
}
SOURCE: Final = MODULE.read_text(encoding="utf-8")
VERSION: Final = json.loads((PACKAGE / "manifest.json").read_bytes())["version"]
LISTED: Final = f"{STATIC_PATH}?v={VERSION}-"
# A page in the place of the frontend's own: its package is not among the tests'.
INDEX: Final = "{% for url in extra_modules %}{{ url }}\n{% endfor %}"


def table(name: str) -> dict[str, Any]:
    """Return an object literal of the module that is written as strict JSON."""
    found = re.search(
        rf"/\* {name} \*/ (\{{.*\}}) /\* end of {name} \*/", SOURCE, re.DOTALL
    )
    assert found
    parsed: dict[str, Any] = json.loads(found[1])
    return parsed


WORDS: Final = table("words")


@pytest.fixture(autouse=True)
def _frontend_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hass_storage: dict[str, Any]
) -> None:
    """Stand in for the frontend's files, and for a hub that is set up already."""
    (tmp_path / "index.html").write_text(INDEX, encoding="utf-8")
    package = ModuleType("hass_frontend")
    vars(package)["where"] = lambda: tmp_path
    monkeypatch.setitem(sys.modules, "hass_frontend", package)
    hass_storage[ONBOARDING] = {
        "version": STORAGE_VERSION,
        "key": ONBOARDING,
        "data": {"done": list(STEPS)},
    }


@pytest.fixture
async def frontend(hass: HomeAssistant) -> None:
    """Set up the frontend."""
    assert await async_setup_component(hass, "frontend", {})


@pytest.fixture
async def listed(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> Callable[[], Any]:
    """Return what asks the hub's page which of the card's modules it loads."""

    async def ask() -> list[str]:
        client: TestClient[Any, Any] = await hass_client_no_auth()
        page = await client.get("/")
        assert page.status == 200
        return [url for url in (await page.text()).split() if STATIC_PATH in url]

    return ask


async def test_served_as_a_module_for_a_month(
    entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Anyone's browser gets the module, and keeps it."""
    client = await hass_client_no_auth()
    response = await client.get(STATIC_PATH)
    assert response.status == 200
    assert response.content_type == "text/javascript"
    assert response.headers["Cache-Control"] == "public, max-age=2678400"
    assert await response.text() == SOURCE


@pytest.mark.usefixtures("frontend")
async def test_listed_under_version_and_content(
    entry: MockConfigEntry,
    listed: Callable[[], Any],
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The address is another one for another version, and for other content."""
    (url,) = await listed()
    digest = sha256(SOURCE.encode()).hexdigest()
    assert url.startswith(LISTED)
    assert digest.startswith(url.removeprefix(LISTED))
    assert len(url.removeprefix(LISTED)) >= 8
    response = await (await hass_client_no_auth()).get(url)
    assert await response.text() == SOURCE


@pytest.mark.usefixtures("frontend")
async def test_listed_once_until_the_last_account_is_removed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    shop_uuid: str,
    listed: Callable[[], Any],
) -> None:
    """Two accounts have one card; it comes back with the next account."""
    second = MockConfigEntry(**_like(account(sandbox, screen(shop_uuid)), "second"))
    await set_up(hass, second)
    assert len(await listed()) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    assert len(await listed()) == 1
    await hass.config_entries.async_remove(second.entry_id)
    assert await listed() == []
    third = MockConfigEntry(**_like(account(sandbox, screen(shop_uuid)), "third"))
    await hass.config_entries.async_add(third)
    assert len(await listed()) == 1


@pytest.mark.usefixtures("frontend")
async def test_listed_while_an_account_is_not_loaded(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    sandbox: Sandbox,
    listed: Callable[[], Any],
) -> None:
    """A dashboard does not lose its card to an account that is reloading or down."""
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert len(await listed()) == 1


@pytest.mark.usefixtures("frontend")
async def test_other_integrations_change_nothing(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    listed: Callable[[], Any],
) -> None:
    """An open page hears of the card when it goes, and of nothing else."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "frontend/subscribe_extra_js"})
    assert (await client.receive_json())["success"]
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    await hass.config_entries.async_remove(other.entry_id)
    (url,) = await listed()
    await hass.config_entries.async_remove(entry.entry_id)
    assert (await client.receive_json())["event"] == {
        "change_type": "removed",
        "item": {"type": "module", "url": url},
    }


async def test_a_hub_without_a_frontend(
    hass: HomeAssistant, entry: MockConfigEntry, listed: Callable[[], Any]
) -> None:
    """The account works without one; the card is there once the frontend is."""
    assert entry.state is ConfigEntryState.LOADED
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done()
    assert len(await listed()) == 1


def test_speaks_the_integrations_languages() -> None:
    """The card has the languages that the integration has."""
    files = (PACKAGE / "translations").glob("*.json")
    assert set(WORDS) == {path.stem for path in files}


@pytest.mark.parametrize("language", WORDS)
def test_language_is_complete(language: str) -> None:
    """A language says everything, with the same placeholders."""
    english, words = WORDS["en"], WORDS[language]
    assert list(words) == list(english)
    assert all(text.strip() == text != "" for text in words.values())
    assert {key: _placeholders(text) for key, text in words.items()} == {
        key: _placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", WORDS)
def test_types_are_called_what_their_buttons_are_called(language: str) -> None:
    """The card and the entities call a session the same; a portal is simply opened."""
    path = PACKAGE / "translations" / f"{language}.json"
    names = json.loads(path.read_bytes())["entity"]["button"]
    said = {kind: WORDS[language][kind] for kind in SessionType if kind != "portal"}
    assert said == {kind: names[kind]["name"] for kind in said}


def test_every_word_is_said() -> None:
    """The card has no text that it never shows."""
    before, _, rest = SOURCE.partition("/* words */")
    code = before + rest.partition("/* end of words */")[2]
    built = {f"{kind}_text" for kind in ("offline", "unavailable", "missing", "unset")}
    built |= {key for key in WORDS["en"] if re.match("label_|helper_|credits_", key)}
    named = set(re.findall(r"[wW]ords(?:\(\))?\.(\w+)", code))
    named |= set(re.findall(r'"(\w+)"', code))
    assert set(WORDS["en"]) - built - set(SessionType) <= named


def test_knows_every_session_type() -> None:
    """Every type can be a button, with the icon that its entity has."""
    icons = json.loads((PACKAGE / "icons.json").read_bytes())["entity"]["button"]
    types = dict(re.findall(r'^  (\w+): "(mdi:[\w-]+)",$', SOURCE, re.MULTILINE))
    assert types == {kind: icons[kind]["default"] for kind in SessionType}


def test_knows_every_event_that_completes_a_session() -> None:
    """What the integration tells of a session, the card has words for."""
    told = SOURCE.partition("const TOLD = {")[2].partition("};")[0]
    assert set(re.findall(r"^  (\w+):", told, re.MULTILINE)) == set(TOLD)
    not_scanned = SOURCE.partition("const NOT_SCANNED = [")[2].partition("]")[0]
    assert set(re.findall(r'"(\w+)"', not_scanned)) <= set(ScreenEventType)


def test_looks_for_entities_that_exist() -> None:
    """The card finds entities by translation keys that the integration has."""
    entities = json.loads((PACKAGE / "translations" / "en.json").read_bytes())["entity"]
    sought = set(re.findall(r'"(sensor|image|event)\.(\w+)"', SOURCE))
    assert len(sought) >= 6
    assert all(key in entities[domain] for domain, key in sought)


def test_asks_nobody_but_the_hub() -> None:
    """The module loads nothing, from nowhere."""
    assert not re.search(
        r"https?:|\bimport\b\s*[({'\"*]|\bfetch\(|XMLHttp|@import", SOURCE
    )


@pytest.mark.parametrize("name", DASHBOARDS)
async def test_dashboards_show_what_a_screen_has(
    name: str, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A dashboard names no entity that a screen called Till 1 has not."""
    dashboard = DASHBOARDS[name]
    cards = list(_cards(dashboard))
    assert cards
    used = set(re.findall(r"\b[a-z]+\.till_1_\w+", json.dumps(dashboard)))
    assert used <= set(hass.states.async_entity_ids())
    for card in cards:
        if card["type"] == "custom:piggy-screen-card":
            assert set(card.get("session_types", [])) <= set(SessionType)
            assert re.fullmatch(r"[0-9a-f]{32}", card["device_id"])
        else:
            assert not card["type"].startswith("custom:")


def _like(made: MockConfigEntry, unique_id: str) -> dict[str, Any]:
    """Return what makes another account of the same kind."""
    return {
        "domain": made.domain,
        "title": unique_id,
        "unique_id": unique_id,
        "data": dict(made.data),
        "version": made.version,
        "minor_version": made.minor_version,
    }


def _placeholders(text: str) -> set[str]:
    """Return the names that a text leaves open."""
    return set(re.findall(r"\{(\w+)\}", text))


def _cards(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every card of a dashboard."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "cards":
                yield from value
            yield from _cards(value)
    elif isinstance(node, list):
        for value in node:
            yield from _cards(value)
