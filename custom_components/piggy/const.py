"""Constants of the Piggy integration."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "piggy"
LOGGER: Final = logging.getLogger(__package__)

SUBENTRY_TYPE_SCREEN: Final = "screen"

ISSUE_SHOP_MISSING: Final = "shop_missing"

CONF_ADVANCED: Final = "advanced"
CONF_COMPLETED_LIFETIME: Final = "completed_lifetime"
CONF_DEFAULTS: Final = "defaults"
CONF_LOGO: Final = "logo"
CONF_SESSION_LIFETIME: Final = "session_lifetime"
CONF_SHOP: Final = "shop"

ATTR_ALLOW_MULTIPLE_GIFTCARDS: Final = "allow_multiple_giftcards"
ATTR_AMOUNT_IN_CENTS: Final = "amount_in_cents"
ATTR_CAMERA_SERVICE: Final = "camera_service"
ATTR_CONTACT_EMAIL: Final = "contact_email"
ATTR_CONTACT_IDENTIFIER: Final = "contact_identifier"
ATTR_CONTACT_UUID: Final = "contact_uuid"
ATTR_ENABLE_EMAIL_IDENTIFICATION: Final = "enable_email_identification"
ATTR_ENABLE_ON_SCREEN_KEYBOARD: Final = "enable_on_screen_keyboard"
ATTR_ENABLE_REGISTRATION: Final = "enable_registration"
ATTR_FACING_MODE: Final = "facing_mode"
ATTR_PRIMARY_IDENTIFICATION_METHOD: Final = "primary_identification_method"
ATTR_SCANNER_TYPE: Final = "scanner_type"
ATTR_UUID: Final = "uuid"

CAMERA_SERVICES: Final = (1, 2, 3)
FACING_MODES: Final = ("user", "environment")
IDENTIFICATION_METHODS: Final = ("email", "identifier")
SCANNER_TYPES: Final = ("camera", "hand_scanner")

DEFAULT_SESSION_LIFETIME: Final = 5  # minutes
DEFAULT_COMPLETED_LIFETIME: Final = 15  # seconds

POLL_INTERVAL: Final = timedelta(seconds=5)
POLL_INTERVAL_MAX: Final = timedelta(minutes=1)
RETRY_AFTER_MAX: Final = timedelta(hours=1)
