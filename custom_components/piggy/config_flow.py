"""Config flow of the Piggy integration."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_API_KEY, CONF_NAME, CONF_URL
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow, section
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .account import client_for, shops_of
from .address import normalized
from .api import (
    DEFAULT_URL,
    Account,
    PiggyClient,
    PiggyError,
    Shop,
)
from .const import CONF_ADVANCED, CONF_SHOP, DOMAIN, LOGGER, SUBENTRY_TYPE_SCREEN
from .exceptions import form_error
from .issues import is_shop_missing
from .screen_form import (
    async_screen_errors,
    screen_data,
    screen_input,
    screen_schema,
    screen_title,
)

API_KEY_SELECTOR: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
ADDRESS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_URL, default=DEFAULT_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
        )
    }
)
REAUTH_SCHEMA: Final = vol.Schema({vol.Required(CONF_API_KEY): API_KEY_SELECTOR})


def _account_schema(api_key: vol.Marker, errors: Mapping[str, str]) -> vol.Schema:
    """Return the form of an account; an address that will not do is not hidden."""
    return vol.Schema(
        {
            api_key: API_KEY_SELECTOR,
            vol.Optional(CONF_ADVANCED): section(
                ADDRESS_SCHEMA, {"collapsed": "invalid_url" not in errors.values()}
            ),
        }
    )


class PiggyConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up an account with its first screen, and mends it later."""

    VERSION = 1
    MINOR_VERSION = 1

    _account: Account
    _data: dict[str, Any]
    _shops: Sequence[Shop]

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the kinds of subentries."""
        return {SUBENTRY_TYPE_SCREEN: ScreenFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the key."""
        errors: dict[str, str] = {}
        if user_input is not None and not (
            errors := await self._async_check(
                user_input[CONF_API_KEY], _url(user_input, DEFAULT_URL)
            )
        ):
            if self._account.uuid:
                # A flow that was left open in another window is in nobody's way.
                await self.async_set_unique_id(
                    self._account.uuid, raise_on_progress=False
                )
                self._abort_if_unique_id_configured()
            self._abort_if_configured()
            return await self.async_step_screen()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                _account_schema(vol.Required(CONF_API_KEY), errors), user_input
            ),
            errors=errors,
            description_placeholders={"default_url": DEFAULT_URL},
        )

    async def async_step_screen(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the first screen."""
        errors: dict[str, str] = {}
        data = screen_data(user_input or {})
        if user_input is None or (errors := await async_screen_errors(self.hass, data)):
            return self.async_show_form(
                step_id="screen",
                data_schema=self.add_suggested_values_to_schema(
                    screen_schema(self._shops), user_input
                ),
                errors=errors,
            )
        self._abort_if_configured()
        return self.async_create_entry(
            title=self._account.name or "Piggy",
            data=self._data,
            subentries=[
                ConfigSubentryData(
                    subentry_type=SUBENTRY_TYPE_SCREEN,
                    title=screen_title(user_input, self._shops),
                    data=data,
                    unique_id=None,
                )
            ],
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin to ask for a new key."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new key."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None and not (
            errors := await self._async_check(
                user_input[CONF_API_KEY], entry.data[CONF_URL]
            )
        ):
            return self._async_finish(entry)
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=REAUTH_SCHEMA,
            errors=errors,
            description_placeholders={CONF_NAME: entry.title},
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another key or address."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None and not (
            errors := await self._async_check(
                user_input.get(CONF_API_KEY) or entry.data[CONF_API_KEY],
                _url(user_input, entry.data[CONF_URL]),
            )
        ):
            return self._async_finish(entry)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                _account_schema(vol.Optional(CONF_API_KEY), errors),
                user_input or {CONF_ADVANCED: {CONF_URL: entry.data[CONF_URL]}},
            ),
            errors=errors,
            description_placeholders={
                CONF_NAME: entry.title,
                "default_url": DEFAULT_URL,
            },
        )

    async def _async_check(self, api_key: str, url: str) -> dict[str, str]:
        """Try the key; keep what it opens, or return the form's errors."""
        if (base := normalized(url)) is None:
            return {"base": "invalid_url"}
        self._data = {CONF_API_KEY: api_key.strip(), CONF_URL: base}
        client = client_for(self.hass, self._data)
        try:
            self._shops = await client.get_shops()
            self._account = await _account(client)
        except PiggyError as err:
            return {"base": form_error(err)}
        return {} if self._shops else {"base": "no_shops"}

    def _abort_if_configured(self) -> None:
        """Abort for an account that is known by its key or a shop.

        Its uuid may be untold.
        """
        self._async_abort_entries_match({CONF_API_KEY: self._data[CONF_API_KEY]})
        seen = {shop.uuid for shop in self._shops}
        if any(
            shops_of(entry) & seen
            for entry in self._async_current_entries(include_ignore=False)
        ):
            raise AbortFlow("already_configured")

    def _async_finish(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Take a key or address that was checked into use."""
        unseen = self._needed_shops(entry) - {shop.uuid for shop in self._shops}
        if unseen or self._is_of_another_account(entry):
            return self.async_abort(reason="wrong_account")
        return self.async_update_reload_and_abort(entry, data_updates=self._data)

    def _is_of_another_account(self, entry: ConfigEntry) -> bool:
        """Return whether the key is another account's: screens tell better, if any."""
        uuids = {self._account.uuid, entry.unique_id} - {None}
        return not entry.subentries and len(uuids) > 1

    def _needed_shops(self, entry: ConfigEntry) -> set[str]:
        """Return the shops that a key of the entry's account sees.

        A shop that is known to be missing is not asked of a key that is known to be of
        the same account.
        """
        if not self._account.uuid or self._account.uuid != entry.unique_id:
            return shops_of(entry)
        return {
            subentry.data[CONF_SHOP]
            for subentry_id, subentry in entry.subentries.items()
            if not is_shop_missing(self.hass, subentry_id)
        }


class ScreenFlow(ConfigSubentryFlow):
    """Adds a screen, or changes one."""

    _shops: Sequence[Shop]

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a screen."""
        return await self._async_begin(None)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a screen."""
        return await self._async_begin(screen_input(self._get_reconfigure_subentry()))

    async def async_step_screen(self, user_input: dict[str, Any]) -> SubentryFlowResult:
        """Take a filled form into use."""
        title, data = screen_title(user_input, self._shops), screen_data(user_input)
        if errors := await async_screen_errors(self.hass, data):
            return self._show(user_input, errors)
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=title, data=data)
        return self.async_update_reload_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            title=title,
            data=data,
        )

    async def _async_begin(self, filled: dict[str, Any] | None) -> SubentryFlowResult:
        """Show the form with the shops as they are now."""
        try:
            self._shops = await client_for(
                self.hass, self._get_entry().data
            ).get_shops()
        except PiggyError as err:
            return self.async_abort(reason=form_error(err))
        if not self._shops:
            return self.async_abort(reason="no_shops")
        return self._show(filled)

    def _show(
        self, filled: dict[str, Any] | None, errors: dict[str, str] | None = None
    ) -> SubentryFlowResult:
        """Show the form as it was filled."""
        return self.async_show_form(
            step_id="screen",
            data_schema=self.add_suggested_values_to_schema(
                screen_schema(self._shops), filled
            ),
            errors=errors,
        )


def _url(user_input: Mapping[str, Any], default: str) -> str:
    """Return a form's address; a default of the section would hide the field's own."""
    url: str = user_input.get(CONF_ADVANCED, {}).get(CONF_URL, default)
    return url


async def _account(client: PiggyClient) -> Account:
    """Return the key's account as far as Piggy tells: the shops are what counts."""
    try:
        return await client.get_account()
    except PiggyError as err:
        LOGGER.debug("Piggy's health check told nothing: %s", err)
        return Account(None, None)
