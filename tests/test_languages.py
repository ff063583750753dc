"""What the integration says, in every language it speaks."""

import ast
from collections.abc import Iterator
import json
import re
from typing import Any, Final, get_args

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol
import yaml

from custom_components.piggy.api import (
    PiggyApiError,
    PiggyAuthError,
    PiggyConnectionError,
    PiggyError,
    PiggyInterruptedError,
    PiggyMaintenanceError,
    PiggyRateLimitError,
    PiggyResponseError,
    PiggyTimeoutError,
    SessionType,
)
from custom_components.piggy.api.errors import ErrorCode
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.exceptions import FORM_ERRORS, translated
from custom_components.piggy.lifecycle import TOLD, ScreenEventType, SessionStatus
from custom_components.piggy.logo import Problem
from custom_components.piggy.screen_form import DEFAULTS_SCHEMA, screen_schema
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import SelectSelector
from homeassistant.helpers.translation import async_get_translations

from .conftest import ROOT

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
FILES: Final = {path.stem: path for path in (PACKAGE / "translations").glob("*.json")}
OTHERS: Final = ("de", "es", "fr", "nl")

# Words that are the same in English and in the other language.
SAME: Final = {
    "de": {"Logo", "Name", "Portal", "Status", "UUID"},
    "es": {"Portal", "UUID"},
    "fr": {"Logo", "Contact", "Options", "Session", "UUID"},
    "nl": {"Logo", "Accounts", "Camera", "Contact", "Status", "UUID", "Voucher"},
}
# How each language addresses the user in Home Assistant, and how it does not.
OTHER_ADDRESS: Final = {
    "de": r"\b(Ihr|Ihre[mnrs]?|Ihnen|Geben Sie|Sie können)\b",
    "es": r"\b(usted|introduzca|compruebe|inténtelo|elija|su cuenta)\b",
    "fr": r"\b(tu|ton|ta|tes|saisis|vérifie|réessaie)\b",
    "nl": r"\b(u|uw)\b",
}


def strings(language: str) -> Any:
    """Return what a language says."""
    return json.loads(FILES[language].read_text(encoding="utf-8"))


def flat(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with its path."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from flat(value, f"{path}.{key}" if path else key)
    else:
        yield path, tree


def texts(language: str) -> dict[str, str]:
    """Return a language's texts by path."""
    return dict(flat(strings(language)))


def placeholders(text: str) -> list[str]:
    """Return the names that a text leaves open."""
    return sorted(re.findall(r"\{(\w+)\}", text))


def module(name: str) -> ast.Module:
    """Return the code of a module."""
    return ast.parse((PACKAGE / name).read_text())


def constants(name: str, function: str, keyword: str | None = None) -> set[str]:
    """Return the texts that a module hands to a function."""
    found = set()
    for node in ast.walk(module(name)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if (called.attr if isinstance(called, ast.Attribute) else "") != function and (
            called.id if isinstance(called, ast.Name) else ""
        ) != function:
            continue
        given = (
            node.args[:1]
            if keyword is None
            else [item.value for item in node.keywords if item.arg == keyword]
        )
        found |= {
            value.value
            for value in given
            if isinstance(value, ast.Constant) and isinstance(value.value, str)
        }
    return found


def base_errors(name: str) -> set[str]:
    """Return the form errors that a module names itself."""
    in_dicts = {
        value.value
        for node in ast.walk(module(name))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and key.value == "base"
        and isinstance(value, ast.Constant)
    }
    assigned = {
        node.value.value
        for node in ast.walk(module(name))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and ast.unparse(node.targets[0]) == "errors['base']"
    }
    return {str(error) for error in in_dicts | assigned}


ANY_API_ERROR: Final = {*FORM_ERRORS.values(), "unknown"}


def test_languages() -> None:
    """These are the languages."""
    assert set(FILES) == {"en", *OTHERS}


@pytest.mark.parametrize("language", OTHERS)
def test_complete(language: str) -> None:
    """A language says all that English says, in the same order, and nothing else."""
    assert list(texts(language)) == list(texts("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_same_placeholders(language: str) -> None:
    """A text leaves the same names open, and has the same paragraphs."""
    english = texts("en")
    for path, text in texts(language).items():
        assert placeholders(text) == placeholders(english[path]), path
        assert text.count("\n\n") == english[path].count("\n\n"), path


@pytest.mark.parametrize("language", OTHERS)
def test_translated(language: str) -> None:
    """No text is English still, but for words that are the same."""
    english = texts("en")
    same = {text for path, text in texts(language).items() if text == english[path]}
    assert same == SAME[language]


@pytest.mark.parametrize("language", OTHERS)
def test_address(language: str) -> None:
    """The user is addressed as elsewhere in Home Assistant."""
    for path, text in texts(language).items():
        assert not re.search(OTHER_ADDRESS[language], text), path


@pytest.mark.parametrize("language", FILES)
def test_well_formed(language: str) -> None:
    """A text is what Home Assistant accepts: no markup, no addresses, no stray ends."""
    for path, text in texts(language).items():
        assert text, path
        assert text == text.strip(), path
        assert not re.search(r"<[^>]+>|\[%|https?://\w|www\.|'\{\w+\}'", text), path
        assert "  " not in text, path
        for part in re.split(r"\{\w+\}", text):
            assert not {"{", "}"} & set(part), path


@pytest.mark.parametrize("language", FILES)
async def test_home_assistant_reads_it(
    hass: HomeAssistant, entry: MockConfigEntry, language: str
) -> None:
    """Home Assistant finds every text in the language."""
    for category in ("config", "entity", "exceptions", "issues", "services"):
        found = await async_get_translations(hass, language, category, {DOMAIN})
        expected = {
            f"component.{DOMAIN}.{path}": text
            for path, text in texts(language).items()
            if path.split(".")[0] == category
        }
        assert expected.items() <= found.items()


ERRORS: Final[list[PiggyError]] = [
    PiggyAuthError("details"),
    PiggyConnectionError("details"),
    PiggyInterruptedError("details"),
    PiggyMaintenanceError("details"),
    PiggyRateLimitError(None),
    PiggyResponseError("details"),
    PiggyTimeoutError("details"),
    PiggyApiError(99, "Message", {}),
    *(PiggyApiError(code, "Message", {}) for code in ErrorCode),
]


def test_exceptions() -> None:
    """Every error has a message, every message an error, and no name stays open."""
    messages = strings("en")["exceptions"]
    used = set()
    for name in ("button.py", "coordinator.py", "number.py", "services.py"):
        used |= constants(name, "invalid")
    for key in used:
        assert placeholders(messages[key]["message"]) == []
    for error in ERRORS:
        raised = translated(error)
        assert raised.translation_key is not None
        used.add(raised.translation_key)
        given = raised.translation_placeholders or {}
        message = messages[raised.translation_key]["message"]
        assert set(placeholders(message)) <= given.keys(), raised.translation_key
    assert used == messages.keys()


def test_config_flow() -> None:
    """Every step, error and end of the flows has its text, and no text is left over."""
    english = strings("en")
    config, screens = english["config"], english["config_subentries"]["screen"]
    steps = constants("config_flow.py", "async_show_form", "step_id")
    assert config["step"].keys() == steps
    assert screens["step"].keys() == {"screen"}
    errors = ANY_API_ERROR | base_errors("config_flow.py")
    logo_errors = set(get_args(Problem.__value__))
    assert config["error"].keys() == errors | logo_errors
    assert screens["error"].keys() == logo_errors
    aborts = constants("config_flow.py", "async_abort", "reason")
    ends = constants("config_flow.py", "AbortFlow")
    # The last two are Home Assistant's own words for a flow that did its work.
    assert config["abort"].keys() == (
        (aborts - {"no_shops"}) | ends | {"reauth_successful", "reconfigure_successful"}
    )
    assert screens["abort"].keys() == (
        ANY_API_ERROR | {"no_shops", "reconfigure_successful"}
    )
    assert screens["initiate_flow"].keys() == {"user", "reconfigure"}


def fields(schema: vol.Schema) -> tuple[set[str], dict[str, set[str]]]:
    """Return a form's fields, and those of its sections."""
    plain, sections = set(), {}
    for key, value in schema.schema.items():
        if isinstance(value, section):
            sections[str(key)] = {str(inner) for inner in value.schema.schema}
        else:
            plain.add(str(key))
    return plain, sections


def test_screen_form() -> None:
    """Every field of a screen's form has its text, and so has every choice."""
    english = strings("en")
    plain, sections = fields(screen_schema([]))
    for flow in (english["config"], english["config_subentries"]["screen"]):
        form = flow["step"]["screen"]
        assert form["data"].keys() == plain
        assert {
            name: set(part["data"]) for name, part in form["sections"].items()
        } == sections
    choices = {
        selector.config["translation_key"]: set(selector.config["options"])
        for selector in DEFAULTS_SCHEMA.schema.values()
        if isinstance(selector, SelectSelector)
    }
    assert {
        key: set(value["options"]) for key, value in english["selector"].items()
    } == choices


def test_issues() -> None:
    """Every step, error and end of a repair has its text."""
    issue = strings("en")["issues"]["shop_missing"]
    flow = issue["fix_flow"]
    assert flow["step"].keys() == {"init", "shop", "remove"}
    assert flow["step"]["init"]["menu_options"].keys() == {"shop", "remove"}
    assert flow["error"].keys() == ANY_API_ERROR | base_errors("repairs.py")
    assert flow["abort"].keys() == constants("repairs.py", "AbortFlow")
    for _, text in flat(issue):
        assert set(placeholders(text)) <= {"account", "screen"}


def test_actions() -> None:
    """Every action, field and section has its text."""
    described = yaml.safe_load((PACKAGE / "services.yaml").read_text())
    said = strings("en")["services"]
    assert said.keys() == described.keys()
    for action, description in described.items():
        sections = {
            name: set(field["fields"])
            for name, field in description["fields"].items()
            if "fields" in field
        }
        plain = description["fields"].keys() - sections.keys()
        assert said[action]["fields"].keys() == plain.union(*sections.values())
        assert said[action].get("sections", {}).keys() == sections.keys()


def test_states() -> None:
    """Every state and attribute that an entity can have has its text."""
    entity = strings("en")["entity"]
    session = entity["event"]["session"]["state_attributes"]
    assert session["event_type"]["state"].keys() == set(ScreenEventType)
    assert session.keys() == {"event_type", "session_type", "status"}.union(
        *TOLD.values()
    )
    assert entity["sensor"]["session_status"]["state"].keys() == set(SessionStatus)
    assert entity["sensor"]["session_type"]["state"].keys() == set(SessionType)


def test_system_health() -> None:
    """Everything that the system health page shows has its text."""
    keys = {
        key.value
        for node in ast.walk(module("system_health.py"))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert strings("en")["system_health"]["info"].keys() == keys
