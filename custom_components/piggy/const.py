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

ATTR_ALLOW_MULTIPLE_GIFTCARDS: Final = "allow_multiple_giftcards"
ATTR_AMOUNT_IN_CENTS: Final = "amount_in_cents"
ATTR_CONTACT_EMAIL: Final = "contact_email"
ATTR_CONTACT_IDENTIFIER: Final = "contact_identifier"
ATTR_CONTACT_UUID: Final = "contact_uuid"
ATTR_PIN: Final = "pin"
ATTR_REFERENCE: Final = "reference"
ATTR_UUID: Final = "uuid"
