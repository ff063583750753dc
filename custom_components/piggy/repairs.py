"""Repairs of the Piggy integration."""

from typing import Any

import voluptuous as vol

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow

from .account import client_for
from .api import PiggyError, Shop
from .const import CONF_SHOP
from .exceptions import form_error
from .screen_form import shop_field


class ShopMissingFlow(RepairsFlow):
    """Gives a screen another shop, or removes it."""

    def __init__(self, entry_id: str, subentry_id: str) -> None:
        """Keep which screen is to be mended."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask how to mend it."""
        return self.async_show_menu(
            step_id="init",
            menu_options=["shop", "remove"],
            description_placeholders=self._names(),
        )

    async def async_step_shop(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Give the screen one of the shops as they are now.

        Without an answer of Piggy's the form is empty but for the error, and sending
        it asks again.
        """
        entry, subentry = self._screen()
        if user_input:
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data={**subentry.data, **user_input}
            )
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
            return self.async_create_entry(data={})
        errors: dict[str, str] = {}
        shops: list[Shop] = []
        try:
            shops = await client_for(self.hass, entry.data).get_shops()
        except PiggyError as err:
            errors["base"] = form_error(err)
        else:
            if not shops:
                errors["base"] = "no_shops"
        return self.async_show_form(
            step_id=CONF_SHOP,
            data_schema=vol.Schema(shop_field(shops) if shops else {}),
            errors=errors,
            description_placeholders=self._names(),
        )

    async def async_step_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove the screen."""
        entry, subentry = self._screen()
        if user_input is None:
            return self.async_show_form(
                step_id="remove",
                data_schema=vol.Schema({}),
                description_placeholders=self._names(),
            )
        self.hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
        return self.async_create_entry(data={})

    def _screen(self) -> tuple[ConfigEntry, ConfigSubentry]:
        """Return the account and the screen; ends the flow if they are gone."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or self._subentry_id not in entry.subentries:
            raise AbortFlow("screen_removed")
        return entry, entry.subentries[self._subentry_id]

    def _names(self) -> dict[str, str]:
        """Return what the account and the screen are called."""
        entry, subentry = self._screen()
        return {"account": entry.title, "screen": subentry.title}


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, Any],
) -> RepairsFlow:
    """Return the flow that mends an issue; `data` is what the issue was raised with."""
    return ShopMissingFlow(data["entry_id"], data["subentry_id"])
