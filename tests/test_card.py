"""The dashboard card: how it reaches the browser, and the dashboards that use it."""

from collections.abc import Callable, Iterator
import json
from pathlib import Path
import re
import shutil
import sys
from types import ModuleType
from typing import Any, Final

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import yaml

from custom_components.piggy import card as card_module
from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.card import FOLDER, MODULE
from custom_components.piggy.const import DOMAIN
from homeassistant.components.onboarding import STORAGE_VERSION
from homeassistant.components.onboarding.const import DOMAIN as ONBOARDING, STEPS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .conftest import ROOT

WORDS: Final = {
    path.stem: json.loads(path.read_bytes())
    for path in (FOLDER / "words").glob("*.json")
}
DASHBOARDS: Final[dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in (ROOT / "docs" / "dashboards").glob("*.yaml")
}
# A page in the place of the frontend's own: its package is not among the tests'.
INDEX: Final = "{% for url in extra_modules %}{{ url }}\n{% endfor %}"

type Listed = Callable[[], Any]


@pytest.fixture(autouse=True)
def _frontend_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hass_storage: dict[str, Any]
) -> None:
    """Provide fake frontend files, and a hub that is already set up."""
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
async def listed(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> Listed:
    """Set up the frontend; return a function that lists the card's modules."""
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done()

    async def ask() -> list[str]:
        client: TestClient[Any, Any] = await hass_client_no_auth()
        page = await client.get("/")
        assert page.status == 200
        return [url for url in (await page.text()).split() if MODULE in url]

    return ask


async def test_served_for_a_month(
    entry: MockConfigEntry, listed: Listed, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Browsers get every file of the card without a login, and keep it."""
    (url,) = await listed()
    client = await hass_client_no_auth()
    for path in FOLDER.rglob("*.js*"):
        name = path.relative_to(FOLDER).as_posix()
        response = await client.get(url.replace(MODULE, name))
        assert response.status == 200, name
        script = path.suffix == ".js"
        assert response.content_type == (
            "text/javascript" if script else "application/json"
        )
        assert response.headers["Cache-Control"] == "public, max-age=2678400"
        assert await response.read() == path.read_bytes()
    told = await client.head(url)
    assert told.status == 200
    assert "Date" in told.headers
    assert (await client.get(url.replace(MODULE, "missing.js"))).status == 404


async def test_what_is_loaded_is_small(
    entry: MockConfigEntry, listed: Listed, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """All modules and one language are at most 60 kB for a browser."""
    (url,) = await listed()
    client = await hass_client_no_auth()

    async def size(name: str, accepted: str) -> int:
        asks = {"Accept-Encoding": accepted}
        response = await client.get(url.replace(MODULE, name), headers=asks)
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers.get("Content-Encoding", "identity") == accepted
        return int(response.headers["Content-Length"])

    names = [*(path.name for path in FOLDER.glob("*.js")), "words/de.json"]
    assert 20_000 < sum([await size(name, "gzip") for name in names]) <= 60_000
    content = (FOLDER / MODULE).read_bytes()
    assert await size(MODULE, "identity") == len(content)


@pytest.mark.parametrize("changed", [MODULE, "model.js", "words/nl.json"])
async def test_the_path_changes_with_the_content(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    listed: Listed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
) -> None:
    """Any file that changes gives every file another address."""
    copy = tmp_path / "card"
    shutil.copytree(FOLDER, copy)
    with (copy / changed).open("a", encoding="utf-8") as file:
        file.write("\n")
    monkeypatch.setattr(card_module, "FOLDER", copy)
    await card_module.async_setup_card(hass)
    urls = await listed()
    assert len(urls) == 2
    assert all(
        re.fullmatch(rf"/piggy_static/[0-9a-f]{{16}}/{MODULE}", url) for url in urls
    )


async def test_listed_once(
    hass: HomeAssistant, entry: MockConfigEntry, listed: Listed
) -> None:
    """A dashboard keeps its card while an account is reloaded, down or removed."""
    assert len(await listed()) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    assert len(await listed()) == 1
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert len(await listed()) == 1


async def test_a_hub_without_a_frontend(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The account works without one."""
    assert entry.state is ConfigEntryState.LOADED
    client = await hass_client_no_auth()
    assert (await client.get("/")).status == 404


@pytest.mark.parametrize("language", WORDS)
def test_session_types_have_one_name(language: str) -> None:
    """The card, the sensor and the buttons agree; a button may add who it is for."""
    path = ROOT / "custom_components" / DOMAIN / "translations" / f"{language}.json"
    entities = json.loads(path.read_bytes())["entity"]
    names = entities["sensor"]["session_type"]["state"]
    assert {kind: WORDS[language][kind] for kind in SessionType} == names
    for kind, name in names.items():
        button = entities["button"][kind]["name"]
        assert re.fullmatch(re.escape(name) + r"( \(\w+\))?", button)


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
