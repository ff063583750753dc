"""The documentation agrees with the integration."""

import json
import re
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from custom_components.piggy.api.errors import ErrorCode
from custom_components.piggy.api.session_types import FOR_STAFF, SessionType
from custom_components.piggy.card import FOLDER
from custom_components.piggy.const import DOMAIN
from custom_components.piggy.events import EVENT_TYPES
from custom_components.piggy.options import OPTIONS
from custom_components.piggy.session import SessionStatus
from custom_components.piggy.settings import NUMBER_DEFAULTS, NUMBER_SETTINGS
from custom_components.piggy.transactions import DETAILS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .conftest import CREATE_ACTIONS, ROOT, act, device_id
from .documentation import examples, in_code, keys, page

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
TEXTS: Final[dict[str, Any]] = json.loads(
    (PACKAGE / "translations/en.json").read_text(encoding="utf-8")
)
STARTED: Final = page("docs/getting-started.md")
SCREENS: Final = page("docs/screens.md")
AUTOMATIONS: Final = page("docs/automations.md")
ACTIONS: Final = page("docs/actions.md")
SENTENCES: Final = "Triggers and conditions"
DASHBOARDS: Final = page("docs/dashboards.md")
TROUBLESHOOTING: Final = page("docs/troubleshooting.md")


# ------------------------------------------------------------------------- tables


def test_account_settings() -> None:
    """Every field of the account's form has its row."""
    step = TEXTS["config"]["step"]["user"]
    advanced = step["sections"]["advanced"]
    rows = STARTED.table("Account settings")
    assert [row[0] for row in rows] == [
        *step["data"].values(),
        *advanced["data"].values(),
    ]
    assert advanced["name"] in rows[-1][1]


def test_screen_settings() -> None:
    """Every field of the screen's form has its row, and the defaults are right."""
    step = TEXTS["config"]["step"]["screen"]
    screen, defaults = SCREENS.tables("Screen settings")
    assert {row[0] for row in screen} == set(step["data"].values())
    assert {in_code(row[1])[0]: row[0] for row in defaults} == (
        step["sections"]["defaults"]["data"]
    )
    told = {name: (meaning, default) for name, meaning, default in screen}
    for field, number in NUMBER_SETTINGS.items():
        meaning, told_default = told[step["data"][str(field)]]
        assert told_default == str(NUMBER_DEFAULTS[str(field)])
        assert str(int(number.config["max"])) in meaning


async def test_entities(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Every entity of a screen has its row, by its id and name."""
    told = {
        entity.strip("`"): (name, "Disabled by default" in what)
        for entity, name, what in SCREENS.table("Entities")
    }
    found = {
        entity.entity_id: (entity.original_name, entity.disabled)
        for entity in er.async_get(hass).entities.values()
        if "till_1" in entity.entity_id
    }
    assert told == found


def test_states() -> None:
    """Every state of the sensors with fixed states is listed."""
    told = {row[0].strip("`"): in_code(row[2]) for row in SCREENS.table("Entities")}
    assert told["sensor.till_1_session_status"] == list(SessionStatus)
    assert told["sensor.till_1_session_type"] == list(SessionType)
    assert keys(SCREENS.table("Session status")) == list(SessionStatus)


def test_events() -> None:
    """Every event and every attribute has its row."""
    events, attributes = SCREENS.tables("Events")
    assert sorted(keys(events)) == sorted(EVENT_TYPES)
    texts = TEXTS["entity"]["event"]["session"]["state_attributes"]
    assert {"event_type", *keys(attributes)} == texts.keys()
    of = {row[0].strip("`"): in_code(row[1]) or row[1] for row in attributes}
    for detail in filter(None, DETAILS.values()):
        kinds = [kind for kind, other in DETAILS.items() if other is detail]
        assert of[detail.attribute] == kinds
    status = TEXTS["entity"]["sensor"]["session_status"]["state_attributes"]
    assert set(in_code(SCREENS.section("Session status"))) >= status.keys()


async def test_actions(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Every action has its row, by its name."""
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert {row[0].strip("`"): row[1] for row in ACTIONS.table("Actions")} == {
        f"{DOMAIN}.{action}": TEXTS["services"][action]["name"] for action in registered
    }


@pytest.mark.parametrize("kind", ["trigger", "condition"])
def test_triggers_and_conditions(kind: str) -> None:
    """Every trigger and every condition has its row, by its name."""
    tables = dict(
        zip(("trigger", "condition"), AUTOMATIONS.tables(SENTENCES), strict=True)
    )
    assert {row[0].strip("`"): row[1] for row in tables[kind]} == {
        f"{DOMAIN}.{key}": text["name"] for key, text in TEXTS[f"{kind}s"].items()
    }


def test_fields() -> None:
    """Every field of an action has its row, and says which actions take it."""
    fields = {
        action: set(description["fields"])
        for action, description in TEXTS["services"].items()
    }
    groups = {
        "all": set(fields),
        "those that start a session": set(CREATE_ACTIONS),
        "those with a purchase amount": {
            action for action in fields if "amount_in_cents" in fields[action]
        },
        "redeem giftcard": {"create_redeem_giftcard_session"},
        "those for staff": {f"create_{kind}_session" for kind in FOR_STAFF},
        "get session": {"get_portal_session"},
    }
    told: dict[str, set[str]] = {action: set() for action in fields}
    rows, amounts = ACTIONS.tables("Fields")
    for name, actions, _ in rows:
        for action in groups[actions]:
            told[action].add(name.strip("`"))
    for action in CREATE_ACTIONS:
        told[action] |= {option.name for option in OPTIONS if option.is_default}
    assert told == fields
    expected = {f"{DOMAIN}.{name}" for name in groups["those with a purchase amount"]}
    assert set(keys(amounts)) == expected


async def test_response(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Every key of an answer has its row."""
    answer = await act(hass, "create_voucher_session", device_id(hass, entry))
    assert keys(ACTIONS.table("Response")) == list(answer)


def test_examples_use_actions() -> None:
    """Every action of ours in an example exists, and examples are under its name."""
    used = {
        action["action"]
        for example in examples().values()
        for action in example["actions"]
    }
    ours = {action for action in used if action.startswith(f"{DOMAIN}.")}
    assert ours <= {f"{DOMAIN}.{action}" for action in TEXTS["services"]}
    headings = set(re.findall(r"^### (.+)$", ACTIONS.text, re.MULTILINE))
    names = {text["name"] for text in TEXTS["services"].values()}
    assert headings == names


def test_blueprints() -> None:
    """Every blueprint has its row, with a button that imports it."""
    folder = "blueprints/automation/piggy"
    manifest = json.loads((PACKAGE / "manifest.json").read_text())
    rows = AUTOMATIONS.table("Blueprints")
    told = [re.findall(r"\]\(../(blueprints/[^)]+)\)", row[0])[0] for row in rows]
    assert sorted(told) == [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / folder).glob("*.yaml"))
    ]
    for path, row in zip(told, rows, strict=True):
        source = f"{manifest['documentation']}/blob/main/{path}"
        quoted = source.replace(":", "%3A").replace("/", "%2F")
        assert f"/redirect/blueprint_import/?blueprint_url={quoted})" in row[-1]
        assert f"source_url: {source}" in (ROOT / path).read_text()


def test_card() -> None:
    """Every key of the card's configuration has its row, and is in the example."""
    words = json.loads((FOLDER / "words" / "en.json").read_bytes())
    labels = [key for key in words if key.startswith("label_")]
    known = ["type", *(key.removeprefix("label_") for key in labels)]
    *pictures, told = DASHBOARDS.tables("The card")
    assert [len(rows) for rows in pictures] == [1] * len(pictures)
    assert sorted(row[0].strip("`") for row in told) == sorted(known)
    example = yaml.safe_load(DASHBOARDS.fenced("yaml")[0])
    assert sorted(example) == sorted(known)
    assert set(example["session_types"]) <= set(SessionType)


def test_dashboards() -> None:
    """Every dashboard to copy has its row."""
    rows = DASHBOARDS.table("Whole dashboards")
    told = {match for row in rows for match in re.findall(r"\]\(([^)]+)\)", row[0])}
    found = (ROOT / "docs/dashboards").glob("*.yaml")
    assert told == {f"dashboards/{path.name}" for path in found}


def test_no_tap_opens_a_dialog() -> None:
    """No card of core-cards.yaml opens a dialog, which would show the history."""
    config = yaml.safe_load((ROOT / "docs/dashboards/core-cards.yaml").read_text())
    cards = [
        card
        for section in config["views"][0]["sections"]
        for outer in section["cards"]
        for card in outer.get("entities", [outer])
        if "entity" in card
    ]
    assert cards
    for card in cards:
        assert card["tap_action"]["action"] in ("none", "perform-action"), card
        assert card["hold_action"]["action"] == "none", card


# ------------------------------------------------------------------- troubleshooting


def matching(told: str, texts: dict[str, str]) -> list[str]:
    """Return the keys of the texts that a user reads as they are told."""
    return [
        key
        for key, text in texts.items()
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)), told)
    ]


def test_messages_of_forms() -> None:
    """Every error of a form is listed word by word."""
    screen = TEXTS["config_subentries"]["screen"]
    done = {"reauth_successful", "reconfigure_successful"}
    texts = {
        key: text
        for forms in (
            TEXTS["config"],
            screen,
            TEXTS["issues"]["shop_missing"]["fix_flow"],
        )
        for group in ("error", "abort")
        for key, text in forms[group].items()
        if key not in done
    }
    told = [row[0] for row in TROUBLESHOOTING.table("While setting up")]
    assert sorted(key for text in told for key in matching(text, texts)) == sorted(
        texts
    )
    assert len(told) == len(texts)


def test_messages_of_actions() -> None:
    """Every error of an action is listed word by word, with its own number."""
    texts = {key: text["message"] for key, text in TEXTS["exceptions"].items()}
    told = [row[0] for row in TROUBLESHOOTING.table("When a session is started")]
    found: list[str] = []
    for text in told:
        (key,) = matching(text, texts)
        found.append(key)
        if (code := re.search(r"\(error (\d+)", text)) is not None:
            assert ErrorCode(int(code[1])).name.lower() == key
    assert sorted(found) == sorted(texts)


def test_message_of_repairs() -> None:
    """The title of every issue is quoted word by word."""
    sections = {
        "shop_missing": "The shop is missing",
        "pin_locked": "Wrong PINs were entered",
        "urls_recorded": "The history keeps URLs",
    }
    assert sections.keys() == TEXTS["issues"].keys()
    for key, section in sections.items():
        title = TEXTS["issues"][key]["title"].format(screen="Till 1")
        quoted = TROUBLESHOOTING.section(section).replace("\n", " ")
        assert f"*{title}*" in quoted
