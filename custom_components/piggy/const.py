"""Constants of the Piggy integration."""

import logging
from typing import Final

DOMAIN: Final = "piggy"
LOGGER: Final = logging.getLogger(__package__)

SUBENTRY_TYPE_SCREEN: Final = "screen"

CONF_ADVANCED: Final = "advanced"
CONF_DEFAULTS: Final = "defaults"
CONF_LOGO: Final = "logo"
CONF_SHOP: Final = "shop"
CONF_STAFF_PIN: Final = "staff_pin"

ATTR_UUID: Final = "uuid"
