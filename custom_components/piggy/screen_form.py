"""Form and flow that add or change a screen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import Selector, selector

from .account import client_for
from .api.errors import PiggyError
from .api.models import Shop
from .const import CONF_DEFAULTS, CONF_LOGO, CONF_SHOP, CONF_STAFF_PIN
from .coordinator import PiggyConfigEntry
from .errors import form_error
from .logo_source import LogoSource
from .options import DEFAULTS_SCHEMA, PIN_SELECTOR, TEXT_SELECTOR
from .settings import NUMBER_SETTINGS
from .staff_pin import UNCHANGED, read_pin

LOGO_SELECTOR: Final = selector({"media": {"accept": ["image/*"]}})
# An option of the frontend that the oldest supported core does not know.
LOGO_SELECTOR.config["image_upload"] = True


async def async_get_shops(
    hass: HomeAssistant, account: Mapping[str, Any]
) -> tuple[Sequence[Shop], str | None]:
    """Return an account's shops, and a form error if the list is empty."""
    try:
        shops = await client_for(hass, account).get_shops()
    except PiggyError as err:
        return [], form_error(err)
    return shops, None if shops else "no_shops"


def shop_field(shops: Sequence[Shop]) -> dict[vol.Marker, Selector[Any]]:
    """Return the form's field for a shop. The only one is selected already."""
    names = Counter(shop.name for shop in shops)
    only = shops[0].uuid if len(shops) == 1 else vol.UNDEFINED
    options = [
        {"value": shop.uuid, "label": _label(shop, names[shop.name])} for shop in shops
    ]
    field = selector({"select": {"options": options, "mode": "dropdown"}})
    return {vol.Required(CONF_SHOP, default=only): field}


def screen_schema(shops: Sequence[Shop]) -> vol.Schema:
    """Return the form's fields."""
    return vol.Schema(
        {
            **shop_field(shops),
            vol.Optional(CONF_NAME): TEXT_SELECTOR,
            **NUMBER_SETTINGS,
            vol.Optional(CONF_LOGO): LOGO_SELECTOR,
            vol.Optional(CONF_STAFF_PIN): PIN_SELECTOR,
            vol.Optional(CONF_DEFAULTS): section(DEFAULTS_SCHEMA, {"collapsed": True}),
        }
    )


async def async_read_form(
    hass: HomeAssistant,
    user_input: Mapping[str, Any],
    shops: Sequence[Shop],
    stored: Mapping[str, Any] | None = None,
) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return a screen's title, its data and the errors of the entered form.

    A screen without a name is named after its shop. `stored` is its data so far.
    """
    data = {CONF_DEFAULTS: {}, **user_input}
    title = data.pop(CONF_NAME, "").strip()
    if not title:
        shop = next(shop for shop in shops if shop.uuid == data[CONF_SHOP])
        title = shop.name or shop.uuid
    errors = {}
    if error := read_pin(data, stored):
        errors[CONF_STAFF_PIN] = error
    if logo := data.get(CONF_LOGO):
        checked = await hass.async_add_executor_job(LogoSource(hass, logo).load)
        if isinstance(checked, str):
            errors[CONF_LOGO] = checked
    return title, data, errors


def _label(shop: Shop, namesakes: int) -> str:
    """Return a shop's name, made distinct from the same name of other shops."""
    if shop.name and namesakes > 1:
        return f"{shop.name} ({shop.reference or shop.uuid})"
    return shop.name or shop.uuid


class ScreenFlow(ConfigSubentryFlow):
    """Add a screen, or change one."""

    _shops: Sequence[Shop]

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Start to add a screen."""
        self._shops, error = await async_get_shops(self.hass, self._get_entry().data)
        if error:
            return self.async_abort(reason=error)
        return self._show_form({})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Start to change a screen. Without Piggy, all but its shop can be changed."""
        subentry = self._get_reconfigure_subentry()
        filled = {**subentry.data, CONF_NAME: subentry.title}
        if CONF_STAFF_PIN in filled:
            filled[CONF_STAFF_PIN] = UNCHANGED
        if isinstance(path := filled.get(CONF_LOGO), str):
            filled[CONF_LOGO] = {"media_content_id": path, "media_content_type": ""}
        self._shops, error = await async_get_shops(self.hass, self._get_entry().data)
        if error:
            entry: PiggyConfigEntry = self._get_entry()
            shop = Shop(subentry.data[CONF_SHOP], None)
            if entry.state is ConfigEntryState.LOADED:  # its name is known
                shop = entry.runtime_data.screens[subentry.subentry_id].shop
            self._shops = [shop]
            return self._show_form(filled, {CONF_SHOP: "shops_unavailable"})
        return self._show_form(filled)

    async def async_step_screen(self, user_input: dict[str, Any]) -> SubentryFlowResult:
        """Add or change the screen as entered."""
        is_new = self.source == SOURCE_USER
        stored = None if is_new else self._get_reconfigure_subentry().data
        title, data, errors = await async_read_form(
            self.hass, user_input, self._shops, stored
        )
        if errors:
            return self._show_form(user_input, errors)
        if is_new:
            return self.async_create_entry(title=title, data=data)
        self.hass.config_entries.async_update_subentry(
            self._get_entry(), self._get_reconfigure_subentry(), title=title, data=data
        )
        # Newer releases of the core show a text of their own after
        # `async_update_and_abort`; in the oldest one it takes no reason.
        return self.async_abort(reason="reconfigure_successful")

    def _show_form(
        self, filled: Mapping[str, Any], errors: dict[str, str] | None = None
    ) -> SubentryFlowResult:
        schema = self.add_suggested_values_to_schema(screen_schema(self._shops), filled)
        return self.async_show_form(step_id="screen", data_schema=schema, errors=errors)
