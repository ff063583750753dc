"""Actions and entities are described where Home Assistant looks for it, and alike."""

import ast
from collections.abc import Iterator
import json
import re
from typing import Any, Final

import pytest
import voluptuous as vol
import yaml

from custom_components.piggy.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from .conftest import ROOT

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
DESCRIBED: Final[dict[str, Any]] = yaml.safe_load(
    (PACKAGE / "services.yaml").read_text("utf-8")
)
ICONS: Final[dict[str, Any]] = json.loads((PACKAGE / "icons.json").read_text("utf-8"))
LANGUAGES: Final[dict[str, dict[str, Any]]] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((PACKAGE / "translations").glob("*.json"))
}
GOOD: Final[dict[str, Any]] = {"device_id": "1", "amount_in_cents": 1}


def fields(action: str) -> dict[str, dict[str, Any]]:
    """Return an action's fields as its form shows them, sections taken apart."""
    flat: dict[str, dict[str, Any]] = {}
    for name, field in DESCRIBED[action]["fields"].items():
        flat.update(field.get("fields", {name: field}))
    return flat


@pytest.fixture
async def schemas(hass: HomeAssistant) -> dict[str, vol.Schema]:
    """Return what the registered actions take."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    found = {}
    for action, service in registered.items():
        assert isinstance(service.schema, vol.Schema)
        found[action] = service.schema
    return found


def test_languages() -> None:
    """English is there, and something to compare it with."""
    assert len(LANGUAGES) > 1
    assert "en" in LANGUAGES


def test_fields(schemas: dict[str, vol.Schema]) -> None:
    """What an action takes, what its form shows and what is said of it are the same."""
    assert schemas.keys() == DESCRIBED.keys() == ICONS["services"].keys()
    for action, schema in schemas.items():
        markers = {str(marker): marker for marker in schema.schema}
        shown = fields(action)
        assert shown.keys() == markers.keys(), action
        for name, field in shown.items():
            required = isinstance(markers[name], vol.Required)
            assert field.get("required", False) is required, (action, name)
        for language, texts in LANGUAGES.items():
            said = texts["services"][action]
            assert said["name"], (language, action)
            assert said["description"], (language, action)
            assert said["fields"].keys() == shown.keys(), (language, action)
            for name, text in said["fields"].items():
                assert text["name"], (language, action, name)
                assert text["description"], (language, action, name)


def values(selector: dict[str, Any]) -> Iterator[tuple[Any, bool]]:
    """Yield what a form lets a user choose, and what lies just beyond."""
    ((kind, config),) = selector.items()
    config = config or {}
    if kind == "select":
        yield from ((option, True) for option in config["options"])
        yield "something_else", False
    elif kind == "number":
        yield from ((config["min"], True), (config["max"], True))
        yield config["min"] - 1, False
    elif kind == "boolean":
        yield from ((True, True), (False, True), ("perhaps", False))
    elif kind == "device":
        assert config == {"integration": DOMAIN}
        yield "0123", True
    else:
        assert kind == "text"
        yield from (("anything", True), (" ", False))


def test_choices(schemas: dict[str, vol.Schema]) -> None:
    """What a form offers is accepted; what it does not offer is not."""
    for action, schema in schemas.items():
        base = {name: GOOD[name] for name in GOOD.keys() & fields(action).keys()}
        for name, field in fields(action).items():
            for value, good in values(field["selector"]):
                given = {**base, name: value}
                if good:
                    assert schema(given)[name] == value
                    continue
                with pytest.raises(vol.Invalid):
                    schema(given)


def test_options_are_named() -> None:
    """Every option of every form has its words in every language."""
    for action in DESCRIBED:
        for field in fields(action).values():
            if (select := field["selector"].get("select")) is None:
                continue
            for language, texts in LANGUAGES.items():
                named = texts["selector"][select["translation_key"]]["options"]
                assert set(named) == set(select["options"]), (language, action)


def calls(function: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call of a function in the package, with its module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else ""
                if function in (name, getattr(called, "id", None)):
                    yield path.name, node


def test_exceptions_exist() -> None:
    """Every error that the code names is one that every language has words for."""
    keys = {
        node.args[0].value
        for _, node in calls("invalid")
        if isinstance(node.args[0], ast.Constant)
    }
    keys |= {
        keyword.value.value
        for function in ("HomeAssistantError", "ServiceValidationError", "UpdateFailed")
        for _, node in calls(function)
        for keyword in node.keywords
        if keyword.arg == "translation_key" and isinstance(keyword.value, ast.Constant)
    }
    assert {"no_screen", "no_purchase_amount", "api_error"} <= keys
    for language, texts in LANGUAGES.items():
        assert keys <= texts["exceptions"].keys(), language


def test_entities_exist() -> None:
    """Every entity that the code describes has a name and an icon, and a key of both.

    A key that is no literal is one of the session types, which are all buttons.
    """
    described = {
        (module.removesuffix(".py"), keyword.value.value)
        for module, node in (
            *calls("PiggySensorEntityDescription"),
            *calls("PiggyButtonEntityDescription"),
            *calls("ImageEntityDescription"),
            *calls("EventEntityDescription"),
            *calls("NumberEntityDescription"),
        )
        for keyword in node.keywords
        if keyword.arg == "translation_key" and isinstance(keyword.value, ast.Constant)
    }
    assert len(described) >= 8
    for platform, key in described:
        assert ICONS["entity"][platform][key]["default"].startswith("mdi:")
        for language, texts in LANGUAGES.items():
            assert texts["entity"][platform][key]["name"], language


def test_icons_of_states() -> None:
    """A state that has an icon of its own is one that has words."""
    for platform, entities in ICONS["entity"].items():
        for key, icon in entities.items():
            states = icon.get("state", {})
            texts = LANGUAGES["en"]["entity"][platform][key].get("state", {})
            assert states.keys() <= texts.keys(), (platform, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_can_be_filled(language: str) -> None:
    """A text is good for Home Assistant's own formatting and for the frontend's.

    The frontend reads a quote before a brace as the start of a literal.
    """

    def texts(tree: Any) -> Iterator[str]:
        if isinstance(tree, dict):
            for value in tree.values():
                yield from texts(value)
        else:
            yield tree

    for text in texts(LANGUAGES[language]):
        names = re.findall(r"\{(\w+)\}", text)
        assert "{" not in text.format(**dict.fromkeys(names, "x"))
        assert not re.search(r"'[{}]", text), text
