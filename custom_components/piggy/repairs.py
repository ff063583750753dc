"""Repairs of the Piggy integration."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.components import repairs
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow

from .const import CONF_SHOP
from .coordinator import PiggyConfigEntry
from .issues import PIN_LOCKED, screen_names
from .screen_form import async_get_shops, shop_field


class ShopMissingFlow(repairs.RepairsFlow):
    """Move a screen to another shop, or remove it."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> repairs.RepairsFlowResult:
        """Ask how to repair the screen."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["shop", "remove"],
            description_placeholders=screen_names(*self._screen()),
        )

    async def async_step_shop(
        self, user_input: dict[str, Any] | None = None
    ) -> repairs.RepairsFlowResult:
        """Move the screen to one of the account's shops.

        If Piggy does not answer, the form shows the error only. Submitting it retries.
        """
        entry, subentry = self._screen()
        if user_input:
            changed = self.hass.config_entries.async_update_subentry(
                entry, subentry, data={**subentry.data, **user_input}
            )
            if not (changed and entry.update_listeners):
                self.hass.config_entries.async_schedule_reload(entry.entry_id)
            return self.async_create_entry(data={})
        shops, error = await async_get_shops(self.hass, entry.data)
        return self.async_show_form(
            step_id=CONF_SHOP,
            data_schema=vol.Schema(shop_field(shops) if shops else {}),
            errors={"base": error} if error else {},
            description_placeholders=screen_names(*self._screen()),
        )

    async def async_step_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> repairs.RepairsFlowResult:
        """Remove the screen."""
        entry, subentry = self._screen()
        if user_input is None:
            return self.async_show_form(
                step_id="remove",
                data_schema=vol.Schema({}),
                description_placeholders=screen_names(*self._screen()),
            )
        self.hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
        return self.async_create_entry(data={})

    def _screen(self) -> tuple[PiggyConfigEntry, ConfigSubentry]:
        """Return the account and the screen. Aborts the flow if they were removed."""
        ids: Mapping[str, Any] = self.data or {}
        entry = self.hass.config_entries.async_get_entry(ids["entry_id"])
        if entry is None or ids["subentry_id"] not in entry.subentries:
            raise AbortFlow("screen_removed")
        return entry, entry.subentries[ids["subentry_id"]]


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any]
) -> repairs.RepairsFlow:
    """Return the flow of an issue, which gets the issue's data."""
    is_locked = issue_id.startswith(PIN_LOCKED)
    return repairs.ConfirmRepairFlow() if is_locked else ShopMissingFlow()
