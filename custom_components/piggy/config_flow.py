"""Config flow of the Piggy integration."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow, section
from homeassistant.helpers.selector import selector

from .account import client_for, shops_of
from .address import normalized
from .api.errors import PiggyError
from .api.http import DEFAULT_URL
from .api.models import Shop
from .const import CONF_ADVANCED, DOMAIN, LOGGER, SUBENTRY_TYPE_SCREEN
from .coordinator import PiggyConfigEntry
from .screen_form import ScreenFlow, async_get_shops, async_read_form, screen_schema

API_KEY_SELECTOR: Final = selector(
    {"text": {"type": "password", "autocomplete": "current-password"}}
)
URL_SELECTOR: Final = selector({"text": {"type": "url", "autocomplete": "url"}})


def _account_schema(api_key: vol.Marker, errors: Mapping[str, str]) -> vol.Schema:
    """Return the account's form. The section is expanded if its address is invalid.

    A default of the section itself would hide the default of the field in it.
    """
    advanced = section(
        vol.Schema({vol.Required(CONF_URL, default=DEFAULT_URL): URL_SELECTOR}),
        {"collapsed": "invalid_url" not in errors.values()},
    )
    return vol.Schema(
        {api_key: API_KEY_SELECTOR, vol.Optional(CONF_ADVANCED): advanced}
    )


class PiggyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add an account with its first screen, or change its key or address."""

    VERSION = 1

    _company: str | None
    _uuid: str | None
    _data: dict[str, Any]
    _shops: Sequence[Shop]

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: PiggyConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_TYPE_SCREEN: ScreenFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the API key."""
        errors = await self._async_validate(user_input, {CONF_URL: DEFAULT_URL})
        if errors is None:
            # Another flow for the account may have been left open elsewhere.
            await self.async_set_unique_id(self._uuid, raise_on_progress=False)
            self._abort_if_configured()
            return await self.async_step_screen()
        schema = _account_schema(vol.Required(CONF_API_KEY), errors)
        return self._show_form("user", schema, user_input, errors)

    async def async_step_screen(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the first screen."""
        errors: dict[str, str] = {}
        if user_input is not None:
            title, data, errors = await async_read_form(
                self.hass, user_input, self._shops
            )
            if not errors:
                return self._create_entry(title, data)
        schema = screen_schema(self._shops)
        return self._show_form("screen", schema, user_input, errors)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Start a re-authentication."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new API key."""
        entry = self._get_reauth_entry()
        errors = await self._async_validate(user_input, entry.data)
        if errors is None:
            return self._update(entry)
        schema = vol.Schema({vol.Required(CONF_API_KEY): API_KEY_SELECTOR})
        return self._show_form("reauth_confirm", schema, None, errors)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another API key or address."""
        entry = self._get_reconfigure_entry()
        errors = await self._async_validate(user_input, entry.data)
        if errors is None:
            return self._update(entry)
        schema = _account_schema(vol.Optional(CONF_API_KEY), errors)
        filled = user_input or {CONF_ADVANCED: {CONF_URL: entry.data[CONF_URL]}}
        return self._show_form("reconfigure", schema, filled, errors, name=entry.title)

    def _show_form(
        self,
        step_id: str,
        schema: vol.Schema,
        filled: Mapping[str, Any] | None,
        errors: dict[str, str],
        **placeholders: str,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, filled),
            errors=errors,
            description_placeholders={"default_url": DEFAULT_URL, **placeholders},
        )

    async def _async_validate(
        self, user_input: Mapping[str, Any] | None, current: Mapping[str, Any]
    ) -> dict[str, str] | None:
        """Ask Piggy for the account and shops of the entered key.

        What was not entered is taken from `current`. Returns the errors of the form to
        show, or None if the input is valid.
        """
        if user_input is None:
            return {}
        url = user_input.get(CONF_ADVANCED, current)[CONF_URL]
        if (base := normalized(url)) is None:
            return {"base": "invalid_url"}
        api_key = user_input.get(CONF_API_KEY) or current.get(CONF_API_KEY, "")
        self._data = {CONF_API_KEY: api_key.strip(), CONF_URL: base}
        self._shops, error = await async_get_shops(self.hass, self._data)
        if error:
            return {"base": error}
        try:
            client = client_for(self.hass, self._data)
            self._company, self._uuid = await client.get_account()
        except PiggyError as err:
            LOGGER.debug("Piggy's health check failed: %s", err)
            self._company = self._uuid = None
        return None

    def _abort_if_configured(self) -> None:
        """Abort if an entry has the account's UUID, its key or one of its shops."""
        self._abort_if_unique_id_configured()
        self._async_abort_entries_match({CONF_API_KEY: self._data[CONF_API_KEY]})
        uuids = {shop.uuid for shop in self._shops}
        if any(uuids & shops_of(entry) for entry in self._async_current_entries()):
            raise AbortFlow("already_configured")

    def _create_entry(self, title: str, data: dict[str, Any]) -> ConfigFlowResult:
        self._abort_if_configured()
        screen = ConfigSubentryData(
            subentry_type=SUBENTRY_TYPE_SCREEN, title=title, data=data, unique_id=None
        )
        return self.async_create_entry(
            title=self._company or "Piggy", data=self._data, subentries=[screen]
        )

    def _update(self, entry: PiggyConfigEntry) -> ConfigFlowResult:
        """Store the validated key and address, unless they are another account's."""
        if not self._is_same_account(entry):
            return self.async_abort(reason="wrong_account")
        finish = (
            self.async_update_and_abort
            if entry.update_listeners
            else self.async_update_reload_and_abort
        )
        if entry.state is ConfigEntryState.LOADED:  # the same key reloads nothing
            entry.runtime_data.account.async_set_refused(is_refused=False)
        # Without a reason, newer releases of the core show a text of their own.
        reason = f"{self.source}_successful"
        return finish(entry, data_updates=self._data, reason=reason)

    def _is_same_account(self, entry: PiggyConfigEntry) -> bool:
        """Return whether the key is of the entry's account.

        The same UUID decides. Piggy may omit it, then the screens' shops decide.
        """
        if self._uuid and self._uuid == entry.unique_id:
            return True
        if shops := shops_of(entry):
            return shops <= {shop.uuid for shop in self._shops}
        return not (self._uuid and entry.unique_id)
