"""Whether the recorder keeps the URLs of sessions, and what the owner reads of it."""

import json
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import RecorderInstanceContextManager
import yaml

from custom_components.piggy.const import DOMAIN
from custom_components.piggy.issues import EVENTS, URLS_RECORDED
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import slugify
from sandbox import Sandbox

from .conftest import ROOT, account, entity_id, screen, set_up
from .documentation import page
from .test_system_health import health

__all__ = ["health"]

LANGUAGES = {
    path.stem: path
    for path in (ROOT / "custom_components/piggy/translations").glob("*.json")
}
URLS = ["sensor.kassa_1_url_van_de_sessie", "sensor.kassa_2_url_van_de_sessie"]


@pytest.fixture
def mock_recorder_before_hass(
    async_test_recorder: RecorderInstanceContextManager,
) -> None:
    """Prepare the recorder before Home Assistant starts."""


@pytest.fixture
def recorder_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the recorder's settings."""
    config: dict[str, Any] = getattr(request, "param", {})
    return config


@pytest.fixture
async def dutch(
    hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str
) -> MockConfigEntry:
    """Return an account on a Dutch Home Assistant."""
    hass.config.language = "nl"
    made = account(sandbox, screen(shop_uuid, "Kassa 2"), screen(shop_uuid, "Kassa 1"))
    await set_up(hass, made)
    return made


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the issue, if it is open."""
    return ir.async_get(hass).async_get_issue(DOMAIN, URLS_RECORDED)


async def test_issue(
    recorder_mock: Recorder, hass: HomeAssistant, dutch: MockConfigEntry, health: Any
) -> None:
    """The issue names the entities as they are here, and has the YAML to paste."""
    raised = issue(hass)
    assert raised
    assert not raised.is_fixable
    assert raised.translation_placeholders
    assert raised.translation_placeholders["entities"] == (f"`{URLS[0]}`, `{URLS[1]}`")
    assert yaml.safe_load(raised.translation_placeholders["yaml"]) == {
        "recorder": {
            "exclude": {
                "entities": URLS,
                "event_types": ["call_service", "tag_scanned"],
            }
        }
    }
    assert (await health())["info"]["recorded_urls"] == ", ".join(URLS)


async def test_ignored_stays_ignored(
    recorder_mock: Recorder, hass: HomeAssistant, dutch: MockConfigEntry
) -> None:
    """An issue that was ignored stays so over a reload, and goes with the account."""
    ir.async_ignore_issue(hass, DOMAIN, URLS_RECORDED, ignore=True)
    await hass.config_entries.async_reload(dutch.entry_id)
    await hass.async_block_till_done()
    ignored = issue(hass)
    assert ignored
    assert ignored.active
    assert ignored.dismissed_version
    await hass.config_entries.async_remove(dutch.entry_id)
    assert issue(hass) is None


async def test_disabled(
    recorder_mock: Recorder, hass: HomeAssistant, dutch: MockConfigEntry
) -> None:
    """A sensor that is disabled has no state to keep."""
    registry = er.async_get(hass)
    for name in ("Kassa 1", "Kassa 2"):
        registry.async_update_entity(
            entity_id(hass, dutch, "sensor", "session_url", name),
            disabled_by=er.RegistryEntryDisabler.USER,
        )
    await hass.config_entries.async_reload(dutch.entry_id)
    await hass.async_block_till_done()
    assert issue(hass) is None


@pytest.mark.parametrize(
    "recorder_config", [{"exclude": {"entities": URLS}}], indirect=True
)
async def test_excluded(
    recorder_mock: Recorder, hass: HomeAssistant, dutch: MockConfigEntry, health: Any
) -> None:
    """Nothing is said once the recorder leaves the sensors out."""
    assert issue(hass) is None
    assert "recorded_urls" not in (await health())["info"]


async def test_without_the_recorder(
    hass: HomeAssistant, dutch: MockConfigEntry
) -> None:
    """Nothing is said, or loaded, without the recorder."""
    assert issue(hass) is None
    found = er.async_get(hass).async_get(URLS[0])
    assert found
    assert found.hidden_by is er.RegistryEntryHider.INTEGRATION
    assert found.disabled_by is None


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_recipe(language: str) -> None:
    """The recipe in the documentation excludes the sensor in every language."""
    (recipe,) = (
        yaml.safe_load(text)["recorder"]["exclude"]
        for text in page("docs/privacy.md").fenced("yaml")
        if text.startswith("recorder:")
    )
    texts = json.loads(LANGUAGES[language].read_text("utf-8"))
    name = texts["entity"]["sensor"]["session_url"]["name"]
    assert f"sensor.*_{slugify(name)}" in recipe["entity_globs"]
    assert len(recipe["entity_globs"]) == len(LANGUAGES)
    assert set(EVENTS) <= set(recipe["event_types"])
