"""The repair issues of an account: one for every screen whose shop is missing.

An issue outlives a reload, so that it stays ignored where the user ignored it.
"""

from collections.abc import Container

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_SHOP, DOMAIN, ISSUE_SHOP_MISSING


@callback
def async_shop_missing(
    hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry
) -> None:
    """Raise the issue of a screen whose shop the key does not see."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(subentry.subentry_id),
        data={"entry_id": entry.entry_id, "subentry_id": subentry.subentry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=ISSUE_SHOP_MISSING,
        translation_placeholders={"account": entry.title, "screen": subentry.title},
    )


@callback
def async_shop_found(hass: HomeAssistant, subentry_id: str) -> None:
    """Delete the issue of a screen whose shop the key sees."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(subentry_id))


@callback
def async_check_shops(
    hass: HomeAssistant, entry: ConfigEntry, shops: Container[str]
) -> None:
    """Raise or delete the issues of an account by the shops that its key sees."""
    for subentry_id, subentry in entry.subentries.items():
        if subentry.data[CONF_SHOP] in shops:
            async_shop_found(hass, subentry_id)
        else:
            async_shop_missing(hass, entry, subentry)


@callback
def async_delete_issues(
    hass: HomeAssistant, entry: ConfigEntry, keep: Container[str] = ()
) -> None:
    """Delete an account's issues but those of the screens to keep."""
    for domain, issue_id in [
        key
        for key, issue in ir.async_get(hass).issues.items()
        if issue.domain == DOMAIN
        and issue.data
        and issue.data["entry_id"] == entry.entry_id
        and issue.data["subentry_id"] not in keep
    ]:
        ir.async_delete_issue(hass, domain, issue_id)


@callback
def is_shop_missing(hass: HomeAssistant, subentry_id: str) -> bool:
    """Return whether a screen's shop was missing when Piggy was last asked.

    An issue that is known from before a restart counts, raised again or not.
    """
    issue = ir.async_get(hass).async_get_issue(DOMAIN, _issue_id(subentry_id))
    return issue is not None


def _issue_id(subentry_id: str) -> str:
    """Return the id of a screen's issue."""
    return f"{ISSUE_SHOP_MISSING}_{subentry_id}"
