"""Button platform of the Piggy integration."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription

from .api.session_types import SessionType
from .entity import PiggyEntity, platform_setup
from .options import ATTR_AMOUNT_IN_CENTS, WITH_AMOUNT
from .services import async_check_pin

PARALLEL_UPDATES = 0  # pressing needs no order, and the coordinator brakes

CLEAR_SESSION: Final = "clear_session"
# A portal accepts an amount, but has no use for it [page].
USES_AMOUNT: Final = WITH_AMOUNT - {SessionType.PORTAL}
# Disabled by default: few shops have prepaid balances, or buttons to view rewards.
RARE: Final = {SessionType.PORTAL, SessionType.PAY_PREPAID, SessionType.TOP_UP_PREPAID}
BUTTONS: Final = tuple(
    ButtonEntityDescription(key=key, entity_registry_enabled_default=key not in RARE)
    for key in (*SessionType, CLEAR_SESSION)
)


class PiggyButton(PiggyEntity, ButtonEntity):
    """Starts a session on a screen, or clears the screen."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the button can work: Piggy must accept the key."""
        is_clear = self.entity_description.key == CLEAR_SESSION
        return is_clear or not self.coordinator.account.is_refused

    @override
    async def async_press(self) -> None:
        """Press the button; raises the same errors as the action of the same name."""
        if self.entity_description.key == CLEAR_SESSION:
            await self.coordinator.async_clear_session(self._context)
            return
        session_type = SessionType(self.entity_description.key)
        await async_check_pin(self.coordinator, session_type, self._context)
        known = self.coordinator.data.purchase_amount_in_cents
        amount = known if session_type in USES_AMOUNT else None
        parameters = {} if amount is None else {ATTR_AMOUNT_IN_CENTS: amount}
        await self.coordinator.async_create_session(
            session_type, parameters, self._context, is_person=True
        )
        # An amount is for one purchase; one that was set meanwhile is for the next.
        if amount and amount == self.coordinator.data.purchase_amount_in_cents:
            await self.coordinator.async_set_purchase_amount(None)


async_setup_entry = platform_setup(PiggyButton, BUTTONS)
