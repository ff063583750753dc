"""The repair issues of an account and its screens.

An issue survives a reload, so that it stays ignored where the user ignored it.
"""

from collections.abc import Container

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_SHOP, DOMAIN


def screen_names(entry: ConfigEntry, subentry: ConfigSubentry) -> dict[str, str]:
    """Return the names of an account and its screen as translation placeholders."""
    return {"account": entry.title, "screen": subentry.title}


@callback
def async_check_shop(
    hass: HomeAssistant, entry: ConfigEntry, uuid: str, *, is_known: bool
) -> None:
    """Delete the issue of every screen that uses a known shop, raise it otherwise."""
    for subentry_id, subentry in entry.subentries.items():
        issue_id = f"shop_missing_{subentry_id}"
        if subentry.data[CONF_SHOP] != uuid:
            continue
        if is_known:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data={"entry_id": entry.entry_id, "subentry_id": subentry_id},
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key="shop_missing",
            translation_placeholders=screen_names(entry, subentry),
        )


@callback
def async_report_locked_pin(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry
) -> None:
    """Raise the issue that wrong PINs were entered at a screen."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"pin_locked_{subentry.subentry_id}",
        data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="pin_locked",
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
