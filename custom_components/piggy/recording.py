"""Check whether the recorder keeps session URLs, and raise an issue if it does."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util.yaml import dump

from .const import DOMAIN

ISSUE: Final = "urls_recorded"
# The data of these events have what an action was called with, and a card's number.
EVENTS: Final = ("call_service", "tag_scanned")


@callback
def async_recorded_urls(hass: HomeAssistant) -> list[str]:
    """Return the entities whose state is a session's URL that the recorder keeps."""
    if "recorder" not in hass.config.components:
        return []
    # Loaded here, since it comes with a database that not every Home Assistant has.
    from homeassistant.components.recorder import entity_options  # noqa: PLC0415

    registry = er.async_get(hass)
    return sorted(
        entity.entity_id
        for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.unique_id.endswith("_session_url")
        and entity.disabled_by is None
        and entity_options.is_entity_recorded(hass, entity.entity_id)
    )


@callback
def async_check_recorder(hass: HomeAssistant) -> None:
    """Raise the issue if the recorder keeps URLs, delete it otherwise."""
    if not (entities := async_recorded_urls(hass)):
        ir.async_delete_issue(hass, DOMAIN, ISSUE)
        return
    excluded = {"entities": entities, "event_types": list(EVENTS)}
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE,
        translation_placeholders={
            "entities": ", ".join(f"`{entity}`" for entity in entities),
            "yaml": dump({"recorder": {"exclude": excluded}}).strip(),
        },
    )
