"""The texts for users, in every language."""

from collections.abc import Iterator
import json
import re
from typing import Any, Final, get_args

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.piggy.api.errors import (
    ErrorCode,
    PiggyApiError,
    PiggyError,
    PiggyRateLimitError,
)
from custom_components.piggy.const import CONF_DEFAULTS, DOMAIN
from custom_components.piggy.errors import error_translation, form_error
from custom_components.piggy.events import EVENT_TYPES
from custom_components.piggy.issues import PIN_LOCKED, SHOP_MISSING, URLS_RECORDED
from custom_components.piggy.qr import LogoProblem
from custom_components.piggy.screen import REASON_UNKNOWN
from custom_components.piggy.screen_form import screen_schema
from custom_components.piggy.session import SessionStatus
from custom_components.piggy.transactions import DETAILS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .conftest import ROOT

PACKAGE: Final = ROOT / "custom_components" / DOMAIN
FILES: Final = {path.stem: path for path in (PACKAGE / "translations").glob("*.json")}
AMOUNTS: Final = {
    "purchase_amount_in_cents",
    "paid_in_cents",
    "remaining_in_cents",
}
# Words that are the same in English and in the other language.
SAME: Final = {
    "de": {"Logo", "Name", "Status"},
    "es": set(),
    "fr": {"Logo", "Options", "Session"},
    "nl": {"Logo", "Accounts", "Camera", "Status", "Voucher"},
}
OTHERS: Final = tuple(SAME)
# How each language addresses the user in Home Assistant, and how it does not.
OTHER_ADDRESS: Final = {
    "de": r"\b(Ihr|Ihre[mnrs]?|Ihnen|Geben Sie|Sie können)\b",
    "es": r"\b(usted|introduzca|compruebe|inténtelo|elija|su cuenta)\b",
    "fr": r"\b(tu|ton|ta|tes|saisis|vérifie|réessaie)\b",
    "nl": r"\b(u|uw)\b",
}


def strings(language: str) -> Any:
    """Return the texts of a language as Home Assistant reads them."""
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
    """Return the placeholders of a text."""
    return sorted(re.findall(r"\{(\w+)\}", text))


def in_code(pattern: str, *modules: str) -> set[str]:
    """Return what a pattern finds in modules of the integration, by default in all."""
    paths = [PACKAGE / name for name in modules] or PACKAGE.glob("*.py")
    return {
        found
        for path in paths
        for found in re.findall(pattern, path.read_text("utf-8"))
    }


def test_languages() -> None:
    """The languages are those of the strings and of the card."""
    assert set(FILES) == {"en", *OTHERS}


@pytest.mark.parametrize("language", OTHERS)
def test_translated(language: str) -> None:
    """Every text is translated, except for words that are the same."""
    english = texts("en")
    same = {text for path, text in texts(language).items() if text == english[path]}
    assert same == SAME[language]


@pytest.mark.parametrize("language", OTHERS)
def test_address(language: str) -> None:
    """The user is addressed as in Home Assistant's own translations."""
    for path, text in texts(language).items():
        assert not re.search(OTHER_ADDRESS[language], text), path


@pytest.mark.parametrize("language", FILES)
def test_well_formed(language: str) -> None:
    """Texts have no HTML, no URLs, and no spaces at the ends."""
    for path, text in texts(language).items():
        assert text, path
        assert text == text.strip(), path
        # A quote before a brace would start a literal of the frontend's.
        assert not re.search(r"<[^>]+>|https?://\w|www\.|'[{}]", text), path
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


def every_error() -> list[PiggyError]:
    """Return an error of every kind and of every code."""
    kinds = set(PiggyError.__subclasses__()) - {PiggyApiError, PiggyRateLimitError}
    return [
        *(kind("details") for kind in kinds),
        PiggyRateLimitError(None),
        *(PiggyApiError(code, "Message") for code in (99, *ErrorCode)),
    ]


def test_exceptions() -> None:
    """Every error has a message, every message an error; placeholders are filled."""
    messages = strings("en")["exceptions"]
    used = in_code(r'validation_error\(\s*"(\w+)"')
    for key in used:
        given = in_code(rf'validation_error\(\s*"{key}", (\w+)=')
        assert set(placeholders(messages[key]["message"])) == given
    for error in every_error():
        found = error_translation(error)
        used.add(key := found["translation_key"])
        given = found["translation_placeholders"].keys()
        assert set(placeholders(messages[key]["message"])) <= given, key
    assert used == messages.keys()


def test_flows() -> None:
    """Every step, error and end of the flows has its text, and no text is left over."""
    english = strings("en")
    config, screens = english["config"], english["config_subentries"]["screen"]
    repair = english["issues"]["shop_missing"]["fix_flow"]
    any_error = {"no_shops", *map(form_error, every_error())}
    field_errors = {"invalid_pin", *get_args(LogoProblem.__value__)}
    # The successes are Home Assistant's own words for a flow that did its work.
    for flow, module, steps, errors, aborts in (
        (
            config,
            "config_flow.py",
            set(),
            any_error | field_errors,
            {"reauth_successful", "reconfigure_successful"},
        ),
        (screens, "screen_form.py", set(), field_errors, any_error),
        (repair, "repairs.py", {"shop"}, any_error, set()),
    ):
        assert flow["step"].keys() == steps | in_code(
            r'(?:step_id=|_show_form\()"(\w+)"', module
        )
        named = in_code(r'(?:"base"|CONF_SHOP)(?:\] =|:) "(\w+)"', module)
        assert flow["error"].keys() == errors | named
        ends = in_code(r'(?:reason=|AbortFlow\()"(\w+)"', module)
        assert flow["abort"].keys() == aborts | ends
    assert screens["initiate_flow"].keys() == {"user", "reconfigure"}
    options = in_code(r'menu_options=\[("\w+", "\w+")\]', "repairs.py")
    assert {json.dumps([*repair["step"]["init"]["menu_options"]])[1:-1]} == options
    assert english["issues"].keys() == {PIN_LOCKED, SHOP_MISSING, URLS_RECORDED}
    for path, text in flat(english["issues"]):
        given = {"entities", "yaml"} if URLS_RECORDED in path else {"account", "screen"}
        assert set(placeholders(text)) <= given


def test_fields() -> None:
    """Every field of a form is named and explained, and so is every section."""
    english = strings("en")
    screen = dict(screen_schema([]).schema)
    defaults = screen.pop(CONF_DEFAULTS)
    for flow in (english["config"], english["config_subentries"]["screen"]):
        form = flow["step"]["screen"]
        assert form["data"].keys() == {str(key) for key in screen}
        section = form["sections"]["defaults"]
        assert section["data"].keys() == {str(key) for key in defaults.schema.schema}
        for step in flow["step"].values():
            for part in (step, *step.get("sections", {}).values()):
                explained = part.get("data_description", {}).keys()
                assert part.get("data", {}).keys() == explained


def test_states() -> None:
    """Every state and attribute that an entity can have has its text."""
    entity = strings("en")["entity"]
    event = entity["event"]["session"]["state_attributes"]
    assert event["event_type"]["state"].keys() == set(EVENT_TYPES)
    details = {detail.attribute for detail in DETAILS.values() if detail}
    common = {"session_type", "session_id", "reference", "on_screen"}
    left = {"status", "followed", "reason"}
    transaction = {"event_id", "created_at", "completes_session", *details}
    assert event.keys() == {"event_type", *common, *left, *transaction, *AMOUNTS}
    assert event["reason"]["state"].keys() == {REASON_UNKNOWN}
    status = entity["sensor"]["session_status"]
    assert status["state"].keys() == set(SessionStatus)
    assert status["state_attributes"].keys() == {
        "session_id",
        "reference",
        "outcome",
        *AMOUNTS,
    }


def test_icons() -> None:
    """Everything that can have an icon has one, and its states have a text."""
    own, named = json.loads((PACKAGE / "icons.json").read_text("utf-8")), strings("en")
    for kind in ("trigger", "condition"):
        assert own[f"{kind}s"].keys() == named[f"{kind}s"].keys()
        assert all(i[kind].startswith("mdi:") for i in own[f"{kind}s"].values())
    icons, texts = own["entity"], named["entity"]
    assert icons.keys() == texts.keys()
    for platform, entities in icons.items():
        assert entities.keys() == texts[platform].keys()
        for key, icon in entities.items():
            assert icon["default"].startswith("mdi:")
            states = texts[platform][key].get("state", {})
            assert icon.get("state", {}).keys() <= states.keys()
