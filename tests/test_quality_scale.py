"""Home Assistant's integration quality scale: every rule has its evidence."""

import json
import re
import tomllib
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.piggy import coordinator, entity
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.coordinator import PiggyRuntime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)
from sandbox import Fault, Sandbox

from .conftest import ROOT, Advance, act, device_id

PACKAGE: Final = ROOT / "custom_components" / DOMAIN

# https://developers.home-assistant.io/docs/core/integration-quality-scale/checklist
TIERS: Final[dict[str, tuple[str, ...]]] = {
    "bronze": (
        "action-setup",
        "appropriate-polling",
        "brands",
        "common-modules",
        "config-flow",
        "config-flow-test-coverage",
        "dependency-transparency",
        "docs-actions",
        "docs-conditions",
        "docs-high-level-description",
        "docs-installation-instructions",
        "docs-removal-instructions",
        "docs-triggers",
        "entity-event-setup",
        "entity-unique-id",
        "has-entity-name",
        "runtime-data",
        "test-before-configure",
        "test-before-setup",
        "unique-config-entry",
    ),
    "silver": (
        "action-exceptions",
        "config-entry-unloading",
        "docs-configuration-parameters",
        "docs-installation-parameters",
        "entity-unavailable",
        "integration-owner",
        "log-when-unavailable",
        "parallel-updates",
        "reauthentication-flow",
        "test-coverage",
    ),
    "gold": (
        "devices",
        "diagnostics",
        "discovery",
        "discovery-update-info",
        "docs-data-update",
        "docs-examples",
        "docs-known-limitations",
        "docs-supported-devices",
        "docs-supported-functions",
        "docs-troubleshooting",
        "docs-use-cases",
        "dynamic-devices",
        "entity-category",
        "entity-device-class",
        "entity-disabled-by-default",
        "entity-translations",
        "exception-translations",
        "icon-translations",
        "reconfiguration-flow",
        "repair-issues",
        "stale-devices",
    ),
    "platinum": ("async-dependency", "inject-websession", "strict-typing"),
}
RULES: Final = [rule for rules in TIERS.values() for rule in rules]

# The heading under which the documentation has what a rule asks for.
HEADINGS: Final = {
    "docs-actions": "action",
    "docs-conditions": "condition",
    "docs-triggers": "trigger",
    "docs-configuration-parameters": "setting|configur",
    "docs-data-update": "updat",
    "docs-examples": "example|one call",
    "docs-high-level-description": "piggy",
    "docs-installation-instructions": "install",
    "docs-installation-parameters": "set up|setup|setting|configur",
    "docs-known-limitations": "limit",
    "docs-removal-instructions": "remov",
    "docs-supported-functions": "entities|function",
    "docs-troubleshooting": "trouble",
    "docs-use-cases": "use case|use it for",
}
BRAND: Final = {
    f"{kind}{size}.png"
    for kind in ("icon", "logo", "dark_icon", "dark_logo")
    for size in ("", "@2x")
}


# The test that fails when a rule is broken, where it is not one of this module.
TESTS: Final = {
    "action-exceptions": "test_services.py::test_failed_create",
    "action-setup": "test_init.py::test_actions_without_an_account",
    "config-entry-unloading": "test_init.py::test_unload",
    "config-flow": "test_languages.py::test_fields",
    "devices": "test_entity.py::test_device",
    "diagnostics": "test_diagnostics.py::test_account",
    "entity-category": "test_entity.py::test_entities",
    "entity-device-class": "test_entity.py::test_entities",
    "entity-disabled-by-default": "test_entity.py::test_entities",
    "entity-event-setup": "test_event.py::test_reload_repeats_nothing",
    "entity-translations": "test_languages.py::test_icons",
    "entity-unavailable": "test_sensor.py::test_unavailable_while_polls_fail",
    "entity-unique-id": "test_entity.py::test_screens_are_devices",
    "exception-translations": "test_languages.py::test_exceptions",
    "has-entity-name": "test_entity.py::test_device",
    "icon-translations": "test_options.py::test_every_action_is_described",
    "parallel-updates": "test_entity.py::test_parallel_updates",
    "reauthentication-flow": "test_config_flow.py::test_key_expires",
    "reconfiguration-flow": "test_config_flow.py::test_another_address",
    "repair-issues": "test_repairs.py::test_another_shop",
    "test-before-configure": "test_config_flow.py::test_wrong_key",
    "test-before-setup": "test_init.py::test_not_ready",
    "unique-config-entry": "test_config_flow.py::test_same_account",
}
# The rules whose tests are in this module.
HERE: Final = {
    "appropriate-polling",
    "async-dependency",
    "brands",
    "common-modules",
    "config-flow-test-coverage",
    "dependency-transparency",
    "inject-websession",
    "integration-owner",
    "log-when-unavailable",
    "runtime-data",
    "strict-typing",
    "test-coverage",
}


def read(name: str) -> Any:
    """Return one of the integration's JSON or YAML files."""
    content = (PACKAGE / name).read_text("utf-8")
    return json.loads(content) if name.endswith(".json") else yaml.safe_load(content)


def scale() -> dict[str, dict[str, str]]:
    """Return the rules with their status, and a comment where there is one."""
    return {
        rule: {"status": value} if isinstance(value, str) else value
        for rule, value in read("quality_scale.yaml")["rules"].items()
    }


def test_rules() -> None:
    """The file has every rule once, in the order of the tiers, done or exempt."""
    assert len(RULES) == len(set(RULES)) == 54
    assert list(scale()) == RULES
    for rule, value in scale().items():
        assert value["status"] in {"done", "exempt"}, rule
        assert value["status"] != "exempt" or len(value["comment"]) > 20, rule
        assert value.keys() <= {"status", "comment"}, rule
    assert read("manifest.json")["quality_scale"] == "platinum"


def test_evidence() -> None:
    """Every rule that is done has a test or a heading, and the test exists."""
    done = {rule for rule, value in scale().items() if value["status"] == "done"}
    assert done == TESTS.keys() | HEADINGS.keys() | HERE
    for rule, test in TESTS.items():
        path, _, name = test.partition("::")
        text = (ROOT / "tests" / path).read_text("utf-8")
        assert f"def {name}(" in text, rule


@pytest.mark.parametrize("rule", HEADINGS)
def test_documentation(rule: str) -> None:
    """Every page that a rule about documentation names has a section for it."""
    pages = re.findall(r"[\w./-]+\.md", scale()[rule]["comment"])
    assert pages
    for page in pages:
        text = (ROOT / page).read_text("utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert re.search(HEADINGS[rule], "\n".join(headings), re.IGNORECASE), page


def test_brands() -> None:
    """All images of the brand are there."""
    assert {path.name for path in (PACKAGE / "brand").glob("*.png")} >= BRAND


def test_manifest() -> None:
    """Requirements are pinned, and the integration has a code owner."""
    manifest = read("manifest.json")
    assert manifest["config_flow"] is True
    for requirement in manifest["requirements"]:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", requirement)
    assert manifest["codeowners"]
    assert all(owner.startswith("@") for owner in manifest["codeowners"])


def test_coverage_and_types() -> None:
    """Every line and branch must be covered, and mypy is strict without exceptions."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert tool["coverage"]["run"]["branch"] is True
    assert tool["coverage"]["report"]["fail_under"] == 100
    assert tool["mypy"]["strict"] is True
    assert (PACKAGE / "py.typed").is_file()
    for path in PACKAGE.rglob("*.py"):
        assert not re.search(r"pragma|type: ignore", path.read_text("utf-8")), path.name


def test_common_modules() -> None:
    """Coordinator and base entity are in the modules that Home Assistant expects."""
    assert issubclass(coordinator.ScreenCoordinator, DataUpdateCoordinator)
    assert issubclass(entity.PiggyEntity, CoordinatorEntity)


def test_session_is_home_assistants() -> None:
    """The client waits asynchronously, with the session of Home Assistant."""
    texts = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    assert any("async_get_clientsession(hass)" in text for text in texts)
    assert not any("ClientSession()" in text for text in texts)


def test_runtime_data(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The runtime data is stored in the entry, and not in `hass.data`."""
    assert isinstance(entry.runtime_data, PiggyRuntime)
    assert entry.runtime_data.screens.keys() == entry.subentries.keys()
    assert DOMAIN not in hass.data


async def test_idle_screens_are_not_polled(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry, advance: Advance
) -> None:
    """Nothing is requested while nothing is shown or followed."""
    before = len(sandbox.requests)
    for _ in range(10):
        await advance(3600)
    assert len(sandbox.requests) == before


async def test_failure_is_logged_once(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    advance: Advance,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has one line when polls begin to fail, and one when they recover."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.add_fault(Fault("status", "GET", status=503, times=3))
    for _ in range(4):
        await advance(60)
    messages = [
        record.getMessage()
        for record in caplog.records
        if record.name == "custom_components.piggy"
        and record.levelname in {"INFO", "WARNING", "ERROR"}
    ]
    assert len(messages) == 2
    assert "Error fetching" in messages[0]
    assert "recovered" in messages[1]
