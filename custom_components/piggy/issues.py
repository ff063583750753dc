"""The repair issues of the integration.

An issue survives a reload, so that it stays ignored where the user ignored it.
"""

from collections.abc import Container
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util.yaml import dump

from .const import CONF_SHOP, DOMAIN

PIN_LOCKED: Final = "pin_locked"
SHOP_MISSING: Final = "shop_missing"
URLS_RECORDED: Final = "urls_recorded"
# The data of these events have what an action was called with, and a card's number.
EVENTS: Final = ("call_service", "tag_scanned")


def screen_names(entry: ConfigEntry, subentry: ConfigSubentry) -> dict[str, str]:
    """Return the names of an account and its screen as translation placeholders."""
    return {"account": entry.title, "screen": subentry.title}


@callback
def async_check_shop(
    hass: HomeAssistant, entry: ConfigEntry, uuid: str, *, is_known: bool
) -> None:
    """Delete the issue of every screen that uses a known shop, raise it otherwise."""
    for subentry in entry.subentries.values():
        if subentry.data[CONF_SHOP] == uuid and is_known:
            ir.async_delete_issue(
                hass, DOMAIN, f"{SHOP_MISSING}_{subentry.subentry_id}"
            )
        elif subentry.data[CONF_SHOP] == uuid:
            async_raise_issue(hass, entry, subentry, SHOP_MISSING)


@callback
def async_raise_issue(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry, key: str
) -> None:
    """Raise an issue of a screen. A locked PIN is still to be seen after a restart."""
    is_error = key == SHOP_MISSING
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{key}_{subentry.subentry_id}",
        data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id},
        is_fixable=True,
        is_persistent=not is_error,
        severity=ir.IssueSeverity.ERROR if is_error else ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders=screen_names(entry, subentry),
    )


@callback
def async_delete_issues(
    hass: HomeAssistant, entry: ConfigEntry, keep: Container[str] = ()
) -> None:
    """Delete an account's issues except those of the screens to keep."""
    for issue in list(ir.async_get(hass).issues.values()):
        if (
            issue.domain == DOMAIN
            and issue.data
            and issue.data["entry_id"] == entry.entry_id
            and issue.data["subentry_id"] not in keep
        ):
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


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
    """Raise an issue if the recorder keeps sessions' URLs, delete it otherwise."""
    if not (entities := async_recorded_urls(hass)):
        ir.async_delete_issue(hass, DOMAIN, URLS_RECORDED)
        return
    excluded = {"entities": entities, "event_types": list(EVENTS)}
    ir.async_create_issue(
        hass,
        DOMAIN,
        URLS_RECORDED,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=URLS_RECORDED,
        translation_placeholders={
            "entities": ", ".join(f"`{entity}`" for entity in entities),
            "yaml": dump({"recorder": {"exclude": excluded}}).strip(),
        },
    )
