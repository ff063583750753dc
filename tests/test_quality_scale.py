"""Home Assistant's integration quality scale, held against the code."""

import ast
from collections.abc import Callable, Iterator
import json
from pathlib import Path
import re
import tomllib
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
import yaml

from custom_components.piggy import PLATFORMS
from custom_components.piggy.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER, ConfigEntryState
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from sandbox import DEFAULT_KEY, Fault, Sandbox

from .conftest import ROOT, account, act, device_id, screen, set_up

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

# What only a reader can judge.
JUDGED: Final = {"entity-device-class"}

# The heading under which the documentation has what a rule asks for.
HEADINGS: Final = {
    "docs-actions": "action",
    "docs-configuration-parameters": "setting|configur",
    "docs-data-update": "updat",
    "docs-examples": "example",
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

CHECKED: set[str] = {"brands", *HEADINGS}


def checks[TestT: Callable[..., Any]](*rules: str) -> Callable[[TestT], TestT]:
    """Note which rules a test checks."""

    def note(test: TestT) -> TestT:
        CHECKED.update(rules)
        return test

    return note


def read(name: str) -> Any:
    """Return one of the integration's JSON or YAML files."""
    content = (PACKAGE / name).read_text()
    return json.loads(content) if name.endswith(".json") else yaml.safe_load(content)


def scale() -> dict[str, dict[str, str]]:
    """Return the rules with their status, and a comment where there is one."""
    return {
        rule: {"status": value} if isinstance(value, str) else value
        for rule, value in read("quality_scale.yaml")["rules"].items()
    }


def rules_that_are(status: str) -> set[str]:
    """Return the rules of a status."""
    return {rule for rule, value in scale().items() if value["status"] == status}


def modules() -> dict[str, ast.Module]:
    """Return the integration's code by the module's path."""
    return {
        str(path.relative_to(PACKAGE)): ast.parse(path.read_text())
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def library() -> set[str]:
    """Return the modules that know nothing of Home Assistant."""
    return {
        name
        for name, tree in modules().items()
        if not any(
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("homeassistant")
            for node in ast.walk(tree)
        )
    }


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the last part of the name that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, node
            elif isinstance(node.func, ast.Name):
                yield node.func.id, node


def functions(tree: ast.AST) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods of a module by name."""
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def names_called(tree: ast.AST) -> set[str]:
    """Return the names that are called."""
    return {name for name, _ in calls(tree)}


def test_every_rule_is_named() -> None:
    """The file names each of the rules once, in the order of the tiers."""
    assert len(RULES) == len(set(RULES)) == 54
    assert list(scale()) == RULES


def test_every_status_is_one() -> None:
    """A rule is done or exempt for a reason, or the integration is on no tier yet."""
    for rule, value in scale().items():
        assert value["status"] in {"done", "exempt", "todo"}, rule
        assert value["status"] != "exempt" or len(value["comment"]) > 20, rule
        assert value.keys() <= {"status", "comment"}, rule


def test_tier_is_that_of_the_rules() -> None:
    """The manifest claims platinum when nothing is left to do, and no sooner."""
    claimed = read("manifest.json").get("quality_scale")
    assert claimed == (None if rules_that_are("todo") else "platinum")


def test_every_done_rule_is_looked_at() -> None:
    """What is done is checked here, or is for a reader to judge."""
    assert rules_that_are("done") | rules_that_are("todo") == CHECKED | JUDGED
    assert not CHECKED & JUDGED


@pytest.mark.parametrize("rule", HEADINGS)
def test_documentation(rule: str) -> None:
    """A docs rule is done when the documentation has its section."""
    pages = [path for path in [ROOT / "README.md"] if path.exists()]
    pages += sorted((ROOT / "docs").rglob("*.md"))
    found = any(
        re.search(HEADINGS[rule], heading, re.IGNORECASE)
        for page in pages
        for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    )
    assert scale()[rule]["status"] == ("done" if found else "todo")


def test_brands() -> None:
    """The brand's images are done when all of them are there."""
    found = {path.name for path in (PACKAGE / "brand").glob("*.png")}
    assert scale()["brands"]["status"] == ("done" if found >= BRAND else "todo")


@checks("action-setup")
async def test_actions_without_an_account(hass: HomeAssistant) -> None:
    """The actions are there while no account is."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = hass.services.async_services_for_domain(DOMAIN)
    assert actions.keys() == read("services.yaml").keys()
    assert "async_register" not in names_called(
        functions(modules()["__init__.py"])["async_setup_entry"]
    )


@checks("appropriate-polling")
async def test_idle_screens_do_not_poll(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing is asked while nothing is shown."""
    before = len(sandbox.requests)
    for _ in range(10):
        freezer.tick(3600)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert len(sandbox.requests) == before


@checks("common-modules")
def test_common_modules() -> None:
    """Coordinator and base entity are where Home Assistant looks for them."""
    found = modules()
    for name, base in (
        ("coordinator.py", "DataUpdateCoordinator"),
        ("entity.py", "CoordinatorEntity"),
    ):
        bases = {
            node.value.id
            for cls in ast.walk(found[name])
            if isinstance(cls, ast.ClassDef)
            for node in cls.bases
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
        }
        assert base in bases


def forms(strings: Any) -> Iterator[dict[str, Any]]:
    """Yield every step and section of a flow's translations."""
    for step in strings["step"].values():
        yield step
        yield from step.get("sections", {}).values()


@checks("config-flow")
def test_fields_are_explained() -> None:
    """The integration is set up in the user interface, and every field is explained."""
    assert read("manifest.json")["config_flow"] is True
    english = read("translations/en.json")
    for strings in (english["config"], *english["config_subentries"].values()):
        for form in forms(strings):
            assert (
                form.get("data", {}).keys() == form.get("data_description", {}).keys()
            )


@checks("config-flow-test-coverage", "test-coverage")
def test_coverage() -> None:
    """The flow has its tests, and all code is to be covered, branches too."""
    assert list((ROOT / "tests").rglob("test_config_flow*.py"))
    coverage = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]
    assert coverage["run"]["branch"] is True
    assert coverage["report"]["fail_under"] == 100
    assert not any("pragma" in path.read_text() for path in PACKAGE.rglob("*.py"))


@checks("dependency-transparency")
def test_requirements_are_pinned() -> None:
    """A dependency is a release on the public registry."""
    for requirement in read("manifest.json")["requirements"]:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", requirement)


@checks("entity-event-setup")
@pytest.mark.parametrize("platform", PLATFORMS)
def test_entities_subscribe_when_added(platform: Platform) -> None:
    """An entity subscribes in async_added_to_hass, and in no other place."""
    tree = modules()[f"{platform}.py"]
    subscriptions = {"async_add_event_listener", "async_add_listener", "async_listen"}
    used = [name for name, _ in calls(tree) if name in subscriptions]
    added = functions(tree).get("async_added_to_hass")
    proper = (
        [name for name, _ in calls(added) if name in subscriptions] if added else []
    )
    assert used == proper


@checks("entity-event-setup")
def test_constructors_write_no_state() -> None:
    """A constructor neither writes states nor reads a coordinator's data."""
    for name, tree in modules().items():
        for cls in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            for init in cls.body:
                if isinstance(init, ast.FunctionDef) and init.name == "__init__":
                    written = {
                        called
                        for called in names_called(init)
                        if "write_ha_state" in called or "set_updated_data" in called
                    }
                    assert not written, f"{name}: {cls.name}"


@checks(
    "devices",
    "entity-category",
    "entity-disabled-by-default",
    "entity-translations",
    "entity-unique-id",
    "has-entity-name",
    "icon-translations",
)
async def test_entities(hass: HomeAssistant, sandbox: Sandbox, shop_uuid: str) -> None:
    """Every entity has an id, a name and an icon of its own, and a device."""
    entry = account(sandbox, screen(shop_uuid), screen(shop_uuid, "Till 2"))
    await set_up(hass, entry)
    names, icons = read("translations/en.json")["entity"], read("icons.json")["entity"]
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert {entity.domain for entity in found} == set(PLATFORMS)
    assert len({(entity.domain, entity.unique_id) for entity in found}) == len(found)
    told = {(entity.domain, entity.translation_key) for entity in found}
    for entity in found:
        assert entity.config_subentry_id in entry.subentries
        assert entity.unique_id.startswith(f"{entity.config_subentry_id}_")
        assert entity.has_entity_name
        assert entity.device_id is not None
        assert entity.disabled_by is None
        assert entity.entity_category in {None, *EntityCategory}
        assert names[entity.domain][entity.translation_key]["name"]
        assert icons[entity.domain][entity.translation_key]["default"]
    for table in (names, icons):
        assert told == {(domain, key) for domain, keys in table.items() for key in keys}


@checks("icon-translations")
def test_actions_have_icons() -> None:
    """Every action, and every section of its form, has an icon."""
    icons = read("icons.json")["services"]
    for action, description in read("services.yaml").items():
        sections = {
            name for name, field in description["fields"].items() if "fields" in field
        }
        assert icons[action]["service"].startswith("mdi:")
        assert icons[action].get("sections", {}).keys() == sections
    assert icons.keys() == read("services.yaml").keys()


@checks("runtime-data")
def test_runtime_data() -> None:
    """What a loaded entry needs is kept with the entry, nothing in hass.data."""
    setup = functions(modules()["__init__.py"])["async_setup_entry"]
    assert any(
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Attribute)
        and node.targets[0].attr == "runtime_data"
        for node in ast.walk(setup)
    )
    for name, tree in modules().items():
        assert not any(
            isinstance(node, ast.Attribute)
            and node.attr == "data"
            and isinstance(node.value, ast.Name | ast.Attribute)
            and ast.unparse(node.value).split(".")[-1] == "hass"
            for node in ast.walk(tree)
        ), name


@checks("test-before-configure")
async def test_flow_tries_the_key(hass: HomeAssistant, sandbox: Sandbox) -> None:
    """A key that does not work makes no entry."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": "wrong", "advanced": {"url": sandbox.url}}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "invalid_auth"}


@checks("test-before-setup")
@pytest.mark.parametrize(
    ("status", "state", "reauth"),
    [
        (401, ConfigEntryState.SETUP_ERROR, 1),
        (503, ConfigEntryState.SETUP_RETRY, 0),
    ],
)
async def test_setup_tries_the_api(
    hass: HomeAssistant,
    sandbox: Sandbox,
    shop_uuid: str,
    status: int,
    state: ConfigEntryState,
    reauth: int,
) -> None:
    """Set-up fails, and is tried again or asks for a new key."""
    sandbox.add_fault(Fault("status", status=status))
    entry = account(sandbox, screen(shop_uuid))
    await set_up(hass, entry)
    assert entry.state is state
    assert len(list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))) == reauth


@checks("unique-config-entry")
async def test_account_is_set_up_once(
    hass: HomeAssistant, sandbox: Sandbox, entry: MockConfigEntry
) -> None:
    """The same account is not set up twice, by another key neither."""
    sandbox.add_key("second-key")
    for key in (DEFAULT_KEY, "second-key"):
        flow = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_USER}
        )
        result = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"api_key": key, "advanced": {"url": sandbox.url}}
        )
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"


# What makes a translated error, or is none that a user reads as it stands.
RAISED: Final = {
    "AbortFlow",
    "Invalid",
    "LogoError",  # forms have a text for each of its keys
    "invalid",
    "refused",
    "translated",
}
TRANSLATED: Final = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
    "UpdateFailed",
    "kind",
}


@checks("action-exceptions", "exception-translations")
@pytest.mark.parametrize("module", sorted(modules().keys() - library()))
def test_errors_are_translated(module: str) -> None:
    """Every error that reaches a user has a translation key, which exists."""
    messages = read("translations/en.json")["exceptions"]
    tree = modules()[module]
    for name, call in calls(tree):
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        if name in TRANSLATED:
            assert not call.args, f"{module}:{call.lineno}"
            assert {"translation_domain", "translation_key"} <= keywords.keys()
        if name == "invalid":
            (key,) = call.args
            assert isinstance(key, ast.Constant)
            assert key.value in messages
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            assert isinstance(node.exc, ast.Call), f"{module}:{node.lineno}"
            (raised, _), *_ = calls(node.exc)
            assert raised in RAISED | TRANSLATED, f"{module}:{node.lineno}"


@checks("action-exceptions")
def test_libraries_raise_their_own_errors() -> None:
    """What knows nothing of Home Assistant raises errors that it defines."""
    assert {"api/client.py", "api/models.py"} <= library()
    trees = {name: tree for name, tree in modules().items() if name in library()}
    defined = {
        node.name
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                (raised, _), *_ = calls(node.exc)
                assert raised in defined, f"{name}:{node.lineno}"


@checks("config-entry-unloading")
async def test_unloads(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """An account can be unloaded and loaded again."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry not in hass.config_entries.async_loaded_entries(DOMAIN)
    await set_up(hass, entry)
    assert entry in hass.config_entries.async_loaded_entries(DOMAIN)


@checks("integration-owner")
def test_owner() -> None:
    """Somebody answers for the integration."""
    owners = read("manifest.json")["codeowners"]
    assert owners
    assert all(owner.startswith("@") for owner in owners)


@checks("log-when-unavailable")
async def test_failure_is_logged_once(
    hass: HomeAssistant,
    sandbox: Sandbox,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log tells when Piggy went away and when it came back, once each."""
    await act(hass, "create_portal_session", device_id(hass, entry))
    sandbox.add_fault(Fault("status", "GET", status=503, times=3))
    for _ in range(6):
        freezer.tick(60)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        if not sandbox.faults:
            break
    told = [
        record.getMessage()
        for record in caplog.records
        if record.name == "custom_components.piggy"
        and record.levelname in {"INFO", "WARNING", "ERROR"}
    ]
    assert len([message for message in told if "Error fetching" in message]) == 1
    freezer.tick(60)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "recovered" in caplog.text


@checks("parallel-updates")
@pytest.mark.parametrize("platform", PLATFORMS)
def test_parallel_updates(platform: Platform) -> None:
    """Every platform says how many updates may run at once."""
    assigned = {
        target.id
        for node in modules()[f"{platform}.py"].body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "PARALLEL_UPDATES" in assigned


@checks("reauthentication-flow", "reconfiguration-flow")
def test_flows_that_mend() -> None:
    """A key can be renewed, an account and a screen changed."""
    steps = {
        cls.name: functions(cls).keys()
        for cls in ast.walk(modules()["config_flow.py"])
        if isinstance(cls, ast.ClassDef)
    }
    assert {
        "async_step_reauth",
        "async_step_reauth_confirm",
        "async_step_reconfigure",
    } <= steps["PiggyConfigFlow"]
    assert "async_step_reconfigure" in steps["ScreenFlow"]


@checks("diagnostics", "repair-issues")
def test_modules_that_help() -> None:
    """Diagnostics are of an account and of a device, and an issue can be fixed."""
    found = modules()
    assert {
        "async_get_config_entry_diagnostics",
        "async_get_device_diagnostics",
    } <= functions(found["diagnostics.py"]).keys()
    assert "async_create_fix_flow" in functions(found["repairs.py"])
    assert "async_create_issue" in names_called(found["issues.py"])


@checks("async-dependency", "inject-websession")
def test_client_is_asynchronous() -> None:
    """The client waits for nothing, and its session is Home Assistant's."""
    blocking = {"http", "requests", "socket", "time", "urllib3"}
    for name, tree in modules().items():
        assert "ClientSession" not in names_called(tree), name
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not {alias.name for alias in node.names} & blocking, name
    assert "async_get_clientsession" in names_called(modules()["account.py"])


@checks("strict-typing")
def test_typed() -> None:
    """The package says that it is typed, and mypy checks it strictly."""
    assert (PACKAGE / "py.typed").is_file()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"][
        "strict"
    ]
    for path in Path(PACKAGE).rglob("*.py"):
        assert "type: ignore" not in path.read_text(), path.name
