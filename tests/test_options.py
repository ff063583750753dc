"""The tables of parameters and session types, and all that is derived from them."""

import json
import re
from typing import Any, Final

import pytest
import voluptuous as vol
import yaml

from custom_components.piggy.api.session_types import (
    SESSION_TYPES,
    SessionType,
)
from custom_components.piggy.button import USES_AMOUNT
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.options import (
    DEFAULTS_SCHEMA,
    OPTIONS,
    WholeNumberSelector,
    create_schema,
    known_defaults,
    request_body,
)
from custom_components.piggy.transactions import DETAILS
from homeassistant.core import HomeAssistant, SupportsResponse
from homeassistant.helpers.selector import Selector, selector
from homeassistant.setup import async_setup_component
from sandbox.session_types import SESSION_TYPES as PIGGYS_TYPES

from .conftest import CREATE_ACTIONS, ROOT, values_of

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
DESCRIBED: Final[dict[str, Any]] = yaml.safe_load(
    (PACKAGE / "services.yaml").read_text("utf-8")
)
ICONS: Final[dict[str, Any]] = json.loads((PACKAGE / "icons.json").read_text("utf-8"))
TEXTS: Final[dict[str, Any]] = json.loads(
    (PACKAGE / "translations/en.json").read_text("utf-8")
)
FORM: Final = TEXTS["config"]["step"]["screen"]["sections"]["defaults"]

VALUES: Final = {option.name: values_of(option)[-1] for option in OPTIONS}
# All other actions respond on request.
RESPONDS: Final = {
    "get_portal_session": SupportsResponse.ONLY,
    "clear_session": SupportsResponse.NONE,
}


def fields(action: str) -> dict[str, dict[str, Any]]:
    """Return the fields of an action's form, with those of its sections."""
    flat: dict[str, dict[str, Any]] = {}
    for name, field in DESCRIBED[action]["fields"].items():
        flat.update(field.get("fields", {name: field}))
    return flat


def test_session_types() -> None:
    """Path, purchase amount and parameters of a type are those that Piggy takes."""
    assert len(VALUES) == len(OPTIONS)
    assert [kind.name for kind in PIGGYS_TYPES] == list(SESSION_TYPES)
    for kind in PIGGYS_TYPES:
        session_type = SessionType(kind.name)
        info = SESSION_TYPES[session_type]
        assert (info.path, info.purchase_amount) == (
            kind.path,
            kind.purchase_amount.value,
        )
        body = request_body(session_type, VALUES)
        assert {"shop_uuid", *body} == {str(key) for key in kind.schema()}
        assert vol.Schema(kind.schema())({"shop_uuid": "1", **body})


@pytest.mark.parametrize("session_type", SessionType)
def test_actions(session_type: SessionType) -> None:
    """The form of an action shows what its schema takes."""
    action = f"create_{session_type}_session"
    assert CREATE_ACTIONS[action] is session_type
    shown = fields(action)
    del shown["device_id"]
    options = {
        option.name: option
        for option in OPTIONS
        if session_type in option.session_types
    }
    schema = {str(marker): marker for marker in create_schema(session_type)}
    assert shown.keys() == options.keys() == schema.keys()
    for name, option in options.items():
        required = session_type in option.required_by
        assert required is (
            name == "amount_in_cents"
            and SESSION_TYPES[session_type].purchase_amount == "required"
        )
        assert isinstance(schema[name], vol.Required) is required
        assert shown[name].get("required", False) is required
        assert as_json(selector(shown[name]["selector"])) == as_json(option.selector)
        assert option.validator(VALUES[name]) == VALUES[name]
        if example := shown[name].get("example"):
            assert option.validator(example)


def as_json(of: Selector[Any]) -> Any:
    """Return a selector as the frontend gets it."""
    return of.serialize()


def test_every_action_is_described() -> None:
    """Every action has its form, its icon and its texts, down to each field."""
    others = {"get_portal_session", "clear_session"}
    assert DESCRIBED.keys() == CREATE_ACTIONS.keys() | others
    assert ICONS["services"].keys() == TEXTS["services"].keys() == DESCRIBED.keys()
    for action, description in DESCRIBED.items():
        shown = fields(action)
        assert shown["device_id"] == {
            "required": True,
            "selector": {"device": {"filter": [{"integration": DOMAIN}]}},
        }
        said = TEXTS["services"][action]
        assert said["name"]
        assert said["description"]
        assert said["fields"].keys() == shown.keys()
        for text in said["fields"].values():
            assert text["name"]
            assert text["description"]
        sections = {
            name for name, field in description["fields"].items() if "fields" in field
        }
        assert said.get("sections", {}).keys() == sections
        icons = ICONS["services"][action]
        assert icons["service"].startswith("mdi:")
        assert icons.get("sections", {}).keys() == sections


async def test_registered_actions(hass: HomeAssistant) -> None:
    """Schemas have the fields that the forms show; creates respond on request."""
    assert await async_setup_component(hass, DOMAIN, {})
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert registered.keys() == DESCRIBED.keys()
    for action, service in registered.items():
        assert isinstance(service.schema, vol.Schema)
        assert {str(marker) for marker in service.schema.schema} == set(fields(action))
        responds = RESPONDS.get(action, SupportsResponse.OPTIONAL)
        assert service.supports_response is responds


def test_form() -> None:
    """The form of a screen has every parameter that can have a default."""
    schema = DEFAULTS_SCHEMA.schema
    defaults = [option for option in OPTIONS if option.is_default]
    assert [str(marker) for marker in schema] == [option.name for option in defaults]
    assert list(schema.values()) == [option.selector for option in defaults]
    assert FORM["data"].keys() == FORM["data_description"].keys() == set(schema)
    assert not any(option.is_default and not option.is_sent for option in OPTIONS)


def test_choices_are_named() -> None:
    """Every choice of a select has its text, and no text is left over."""
    choices = {
        config["translation_key"]: set(config["options"])
        for option in OPTIONS
        if (config := as_json(option.selector)["selector"].get("select"))
    }
    named = {key: set(value["options"]) for key, value in TEXTS["selector"].items()}
    assert named == choices


def test_unknown_defaults() -> None:
    """Keys that this release does not know, or that have no default, are dropped."""
    stored = {**VALUES, "unknown": 1}
    kept = {option.name for option in OPTIONS if option.is_default}
    assert known_defaults(stored).keys() == kept


def test_entities() -> None:
    """Every type has its button, icon and state; its action has the same icon."""
    entity = TEXTS["entity"]
    assert entity["button"].keys() == ICONS["entity"]["button"].keys()
    for action, session_type in CREATE_ACTIONS.items():
        icon = ICONS["entity"]["button"][session_type]["default"]
        assert ICONS["services"][action]["service"] == icon
    assert entity["button"].keys() == {*SessionType, "clear_session"}
    assert entity["sensor"]["session_type"]["state"].keys() == set(SessionType)


@pytest.mark.parametrize("name", ["start_session", "scan_card"])
def test_blueprints_of_sessions(name: str) -> None:
    """The blueprint offers every type, and gives an amount to those that use one."""
    text, offered = blueprint(name)
    buttons = TEXTS["entity"]["button"]
    assert offered == [(buttons[key]["name"], key) for key in SessionType]
    (listed,) = re.findall(r"session_type in \[([^\]]+)\]", text)
    assert set(re.findall(r"\w+", listed)) == USES_AMOUNT


def test_blueprint_of_thanks() -> None:
    """The blueprint thanks for every kind of transaction, unless told otherwise."""
    text, offered = blueprint("thank_customer")
    states = TEXTS["entity"]["event"]["session"]["state_attributes"]["event_type"]
    kinds = [kind for _, kind in offered]
    assert sorted(kinds) == sorted(DETAILS)
    assert [label for label, _ in offered] == [states["state"][kind] for kind in kinds]
    assert set(re.findall(r"^        - (\w+)$", text, re.MULTILINE)) == set(kinds)


def blueprint(name: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a blueprint's text, and the label and value of each of its choices."""
    path = ROOT / f"blueprints/automation/piggy/{name}.yaml"
    text = path.read_text("utf-8")
    return text, re.findall(r" label: (.+)\n +value: (\w+)\n", text)


@pytest.mark.parametrize("value", [-1, 10081, 1.5, "many"])
def test_errors_tell_the_limits(value: object) -> None:
    """A number that a form cannot take is rejected with what it can take."""
    with pytest.raises(vol.Invalid, match="a whole number from 0 to 10080"):
        WholeNumberSelector(0, 10080)(value)
