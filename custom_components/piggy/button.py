"""Button platform of the Piggy integration."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import SessionType
from .const import ATTR_AMOUNT_IN_CENTS
from .coordinator import PiggyConfigEntry, ScreenCoordinator
from .entity import PiggyEntity, async_add_screen_entities
from .exceptions import invalid

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PiggyButtonEntityDescription(ButtonEntityDescription):
    """Describes a button of a screen."""

    press_fn: Callable[[ScreenCoordinator], Awaitable[Any]]


async def _redeem_giftcard(coordinator: ScreenCoordinator) -> None:
    """Start a session for the amount that the number entity holds."""
    if (amount := coordinator.purchase_amount_in_cents) is None:
        raise invalid("no_purchase_amount")
    await coordinator.async_create_session(
        SessionType.REDEEM_GIFTCARD, {ATTR_AMOUNT_IN_CENTS: amount}
    )


def _session_button(session_type: SessionType) -> PiggyButtonEntityDescription:
    """Return the button of a session type that needs no input."""
    return PiggyButtonEntityDescription(
        key=session_type,
        translation_key=session_type,
        press_fn=lambda coordinator: coordinator.async_create_session(session_type, {}),
    )


BUTTONS: Final = (
    *(
        _session_button(session_type)
        for session_type in SessionType
        if session_type is not SessionType.REDEEM_GIFTCARD
    ),
    PiggyButtonEntityDescription(
        key=SessionType.REDEEM_GIFTCARD,
        translation_key=SessionType.REDEEM_GIFTCARD,
        press_fn=_redeem_giftcard,
    ),
    PiggyButtonEntityDescription(
        key="clear_session",
        translation_key="clear_session",
        press_fn=ScreenCoordinator.async_clear_session,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PiggyConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of every screen."""
    async_add_screen_entities(entry, async_add_entities, PiggyButton, BUTTONS)


class PiggyButton(PiggyEntity, ButtonEntity):
    """Starts a session on a screen, or takes it off."""

    entity_description: PiggyButtonEntityDescription

    @override
    async def async_press(self) -> None:
        """Press the button; its errors are those of the action."""
        await self.entity_description.press_fn(self.coordinator)
