"""The configuration, the editor and the picker."""

from typing import Any

from playwright.sync_api import Page, expect
import pytest

from .page import Show

pytestmark = pytest.mark.browser


def test_another_configuration_while_it_runs(page: Page, put: Show) -> None:
    """The visual editor changes a card that is shown."""
    put()
    page.evaluate(
        "hub.card.setConfig({ device_id: 'till', title: 'Bar', session_types: [] })"
    )
    expect(page.get_by_role("heading", name="Bar")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "device_id is missing"),
        ({"device_id": 1}, "device_id must be text"),
        ({"device_id": "a", "title": []}, "title must be text"),
        ({"device_id": "a", "show_link": "yes"}, "show_link must be true or false"),
        ({"device_id": "a", "session_types": "portal"}, "must be a list of"),
        ({"device_id": "a", "session_types": ["toString"]}, "must be a list of"),
    ],
)
def test_wrong_configurations(page: Page, config: dict[str, Any], message: str) -> None:
    """A wrong configuration is refused with the reason."""
    said = page.evaluate(
        """(config) => {
          try {
            document.createElement("piggy-screen-card").setConfig(config);
            return "";
          } catch (error) {
            return error.message;
          }
        }""",
        config,
    )
    assert message in said


def test_picker_and_editor(page: Page) -> None:
    """A new card shows the first screen; the card picker and the editor have texts."""
    made = page.evaluate("""async () => {
      const card = customElements.get("piggy-screen-card");
      const hass = hub.hass({});
      const [entry] = window.customCards;
      const form = await card.getConfigForm();
      return {
        stub: card.getStubConfig(hass),
        empty: card.getStubConfig({ entities: {}, devices: {} }),
        entry: { ...entry },
        suggested: entry.getEntitySuggestion(hass, "image.any_name_qr_code").config,
        other: entry.getEntitySuggestion(hass, "light.kitchen"),
        names: form.schema.map(({ name }) => name),
        labels: form.schema.map(form.computeLabel),
        helpers: form.schema.map(form.computeHelper),
        media: form.schema.filter(({ selector }) => selector.media?.image_upload)
          .map(({ name }) => name),
        entries: window.customCards.length,
      };
    }""")
    assert made["stub"]["device_id"] == "till"
    assert made["empty"]["device_id"] == ""
    assert made["entries"] == 1
    assert made["entry"]["type"] == "piggy-screen-card"
    assert made["entry"]["preview"] is True
    assert made["entry"]["name"] == "Piggy screen"
    assert made["suggested"] == {"type": "custom:piggy-screen-card", **made["stub"]}
    assert made["other"] is None
    assert made["names"] == [
        *("device_id", "title", "message", "images", "logo", "color", "background"),
        *("session_types", "ask_amount", "scan"),
        *("language", "languages", "show", "show_link", "hide_name", "hide_cancel"),
        *("kiosk", "dim_after"),
    ]
    assert made["labels"][:3] == ["Screen", "Title", "Message"]
    assert all(made["labels"])
    assert all(made["helpers"][1:])
    assert made["media"] == ["images", "logo", "background"]


def test_a_module_that_is_loaded_twice(page: Page) -> None:
    """A newer version can be loaded while the page is open."""
    page.evaluate("import('/card/piggy-screen-card.js?v=newer')")
    assert page.evaluate("window.customCards.length") == 1
