"""The form by which a screen is added or changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import voluptuous as vol

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .api import Shop
from .const import (
    ATTR_CAMERA_SERVICE,
    ATTR_ENABLE_EMAIL_IDENTIFICATION,
    ATTR_ENABLE_ON_SCREEN_KEYBOARD,
    ATTR_ENABLE_REGISTRATION,
    ATTR_FACING_MODE,
    ATTR_PRIMARY_IDENTIFICATION_METHOD,
    ATTR_SCANNER_TYPE,
    CAMERA_SERVICES,
    CONF_COMPLETED_LIFETIME,
    CONF_DEFAULTS,
    CONF_LOGO,
    CONF_SESSION_LIFETIME,
    CONF_SHOP,
    DEFAULT_COMPLETED_LIFETIME,
    DEFAULT_SESSION_LIFETIME,
    FACING_MODES,
    IDENTIFICATION_METHODS,
    SCANNER_TYPES,
)
from .logo import LogoError
from .logo_file import async_check_logo

MAX_SESSION_LIFETIME: Final = 7 * 24 * 60  # minutes
MAX_COMPLETED_LIFETIME: Final = 60 * 60  # seconds


def _choice(key: str, options: Sequence[str]) -> SelectSelector:
    """Return a dropdown of translated options."""
    return SelectSelector(
        SelectSelectorConfig(
            options=list(options),
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=key,
        )
    )


class WholeNumberSelector(NumberSelector):
    """A number whose step is more than a hint: half a minute is no lifetime."""

    @override
    def __call__(self, data: Any) -> int:
        """Validate a whole number."""
        value = super().__call__(data)
        if not value.is_integer():
            msg = "expected a whole number"
            raise vol.Invalid(msg)
        return int(value)


def _whole(minimum: int, maximum: int, unit: str | None = None) -> NumberSelector:
    """Return a box for a whole number."""
    config = NumberSelectorConfig(
        min=minimum, max=maximum, step=1, mode=NumberSelectorMode.BOX
    )
    if unit:
        config["unit_of_measurement"] = unit
    return WholeNumberSelector(config)


DEFAULTS_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_SCANNER_TYPE): _choice(ATTR_SCANNER_TYPE, SCANNER_TYPES),
        vol.Optional(ATTR_CAMERA_SERVICE): _whole(
            CAMERA_SERVICES[0], CAMERA_SERVICES[-1]
        ),
        vol.Optional(ATTR_FACING_MODE): _choice(ATTR_FACING_MODE, FACING_MODES),
        vol.Optional(ATTR_PRIMARY_IDENTIFICATION_METHOD): _choice(
            ATTR_PRIMARY_IDENTIFICATION_METHOD, IDENTIFICATION_METHODS
        ),
        vol.Optional(ATTR_ENABLE_EMAIL_IDENTIFICATION): BooleanSelector(),
        vol.Optional(ATTR_ENABLE_REGISTRATION): BooleanSelector(),
        vol.Optional(ATTR_ENABLE_ON_SCREEN_KEYBOARD): BooleanSelector(),
    }
)


def shop_field(shops: Sequence[Shop]) -> dict[vol.Marker, SelectSelector]:
    """Return the form's field for a shop; the only one is selected already."""
    names = Counter(shop.name for shop in shops)
    only = shops[0].uuid if len(shops) == 1 else vol.UNDEFINED
    return {
        vol.Required(CONF_SHOP, default=only): SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(
                        value=shop.uuid, label=_label(shop, names[shop.name])
                    )
                    for shop in shops
                ],
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
    }


def screen_schema(shops: Sequence[Shop]) -> vol.Schema:
    """Return the form's fields."""
    return vol.Schema(
        {
            **shop_field(shops),
            vol.Optional(CONF_NAME): TextSelector(),
            vol.Optional(
                CONF_SESSION_LIFETIME, default=DEFAULT_SESSION_LIFETIME
            ): _whole(0, MAX_SESSION_LIFETIME, "min"),
            vol.Optional(
                CONF_COMPLETED_LIFETIME, default=DEFAULT_COMPLETED_LIFETIME
            ): _whole(0, MAX_COMPLETED_LIFETIME, "s"),
            vol.Optional(CONF_LOGO): TextSelector(),
            vol.Optional(CONF_DEFAULTS): section(DEFAULTS_SCHEMA, {"collapsed": True}),
        }
    )


def screen_title(user_input: Mapping[str, Any], shops: Sequence[Shop]) -> str:
    """Return the screen's name: the shop's where none was given."""
    if name := str(user_input.get(CONF_NAME, "")).strip():
        return name
    uuid: str = user_input[CONF_SHOP]
    return next((shop.name for shop in shops if shop.uuid == uuid), None) or uuid


def screen_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a filled form; what was left empty is left out."""
    data = {key: value for key, value in user_input.items() if key != CONF_NAME}
    data.setdefault(CONF_DEFAULTS, {})
    logo = data.pop(CONF_LOGO, "").strip()
    return {**data, CONF_LOGO: logo} if logo else data


async def async_screen_errors(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> dict[str, str]:
    """Return what is wrong with a filled form, by field."""
    if logo := data.get(CONF_LOGO):
        try:
            await async_check_logo(hass, logo)
        except LogoError as err:
            return {CONF_LOGO: err.key}
    return {}


def screen_input(subentry: ConfigSubentry) -> dict[str, Any]:
    """Return a screen as the form was filled for it."""
    return {**subentry.data, CONF_NAME: subentry.title}


def _label(shop: Shop, namesakes: int) -> str:
    """Return a shop's name, told apart from its namesakes."""
    if not shop.name:
        return shop.uuid
    if namesakes == 1:
        return shop.name
    return f"{shop.name} ({shop.reference or shop.uuid})"
